// What the numbers of the family say, in symbols and in words.
import { decimals, number, rounded } from "../../shared/js/canvas.js";
import { adding } from "../../shared/js/numbers.js";

const C = '<i class="symbol">c</i>', BETA = '<i class="symbol">β</i>', SIGMA = '<i class="symbol sigma">σ</i>';

// A learned c to two digits, the others as they are.
export const cText = ({ variance, learned }) => (learned ? Number(variance.toPrecision(2)) : variance).toString();

// −X/2 ln(2πc) − E/(2c) − KL: what the bound would be if this decoder had another c.
export const boundAt = ({ expectedResidual, kl }, c, pixels) =>
  -(pixels / 2) * Math.log(2 * Math.PI * c) - expectedResidual / (2 * c) - kl;

const row = (name, value, kind = "", of = "", shows = kind.split(" ")[0]) => {
  const asks = shows ? ` data-symbol="${shows}"` : "";
  return `<dt class="${of}"><span class="asks"${asks}>${name}</span></dt><dd class="${kind}"${asks}>${value}</dd>`;
};
const few = (value) => number(value, value >= 10 ? 1 : value >= 1 ? 2 : 3);

// The bound of this image in its three parts, which add up as they are shown.
export function sumRows({ rows, image }, at) {
  const { variance: c, constant, residual } = rows[at], here = image[at];
  const [any, error, kl] = adding([constant, -here.expected_residual / (2 * c), -here.kl], [1, 1, 1], decimals(here.elbo_error));
  return [
    row(`−X/2 ln(2π${C}), for any image`, `${constant >= 0 ? "+" : ""}${any}`),
    row(`− squared error / (2${C})`, error, "reconstruction"),
    row("− KL(q(z|x) ‖ p(z)), Kullback–Leibler", kl, "kl"),
    row("= evidence lower bound (ELBO)", rounded(here.elbo, here.elbo_error), "elbo total"),
    row(`${SIGMA} = √${C}, of every pixel`, few(Math.sqrt(c)), "", "first"),
    row("α = 1/(2c), weight of the error", few(1 / (2 * c))),
    row("squared error of the mean", few(here.residual)),
    row("mean over the test images", residual === null ? "not measured" : few(residual)),
  ].join("");
}

// beta = 1 with c is beta = c with variance 1, in this image's numbers.
export function identity({ rows, image }, at) {
  const c = rows[at].variance, { expected_residual: error, kl } = image[at], text = String(Number(c.toPrecision(3)));
  if (c === 1) {
    return `With ${C} = 1 the objective is −½ error − KL = ${number(-error / 2, 1)} − ${number(kl, 1)}. ` +
      `Any other ${C} is the ${BETA} of a β-VAE: only ${BETA} × ${C} moves the optimum.`;
  }
  return `${BETA} = 1 at ${C} = ${text} is ${BETA} = ${text} at ${C} = 1: ${number(-error / (2 * c), 1)} − ${number(kl, 1)} = ` +
    `1/${text} × (${number(-error / 2, 2)} − ${text} × ${number(kl, 1)}). A factor in front moves no optimum: ` +
    `the variance is ${BETA} in disguise.`;
}

export function curveWords({ rows, pixels }, at) {
  const best = rows[at].expectedResidual / pixels, learned = rows.find((r) => r.learned);
  return `Dots are models. The line scores the model at the dial as if its ${C} were another: it is highest at ` +
    `${C} = error per pixel = ${Number(best.toPrecision(2))}.` +
    (learned ? ` A model that learns ${C} settles near that by itself: ${Number(learned.variance.toPrecision(2))} (ring).` : "") +
    " Above 0: these are logarithms of densities, and a density may exceed 1.";
}

export function errorWords({ rows }) {
  const alive = rows.filter((r) => r.active_units > 0 && r.residual !== null);
  const low = alive.reduce((a, b) => (b.variance < a.variance ? b : a)), high = alive.filter((r) => r.active_units === low.active_units)
    .reduce((a, b) => (b.variance > a.variance ? b : a));
  const [before, after] = [high, low].map((r) => number(r.residual, 1));
  const error = before === after ? `stays at ${after}` : `goes from ${before} to ${after}`;
  return `From ${C} = ${cText(high)} to ${cText(low)} the squared error ${error}, and the bound goes ` +
    `from ${number(high.elbo, 0)} to ${number(low.elbo, 0)}. ` +
    "A higher ELBO does not mean better pictures: compare bounds of one likelihood only.";
}

export function axesWords({ rows, eigenvalues, images, dims }, at) {
  const { active_units: used, predicted } = rows[at];
  const of = predicted === 1 ? "1 axis" : `${predicted} axes`;
  return `A linear variational autoencoder (VAE) keeps an axis while its eigenvalue is above ${C}: <b>${of}</b> of ${dims} here. ` +
    `This network, which is not linear, uses <b>${used}</b>. Eigenvalues of ${images.toLocaleString("en")} training images; ` +
    `the largest is ${number(eigenvalues[0])}.`;
}

// weight * error + KL is a Gaussian's −log p + KL with c = X / (2 weight) for a mean over X pixels, 1 / (2 weight) for a sum.
export const varianceOf = (weight, over, pixels) => (over === "mean" ? pixels : 1) / (2 * weight);

export function lossWords(weight, over, { pixels, eigenvalues, dims }) {
  if (!(weight > 0) || !Number.isFinite(weight)) return "The weight must be a number above 0.";
  const c = varianceOf(weight, over, pixels), kept = Math.min(dims, eigenvalues.filter((value) => value > c).length);
  const why = over === "mean" ? `${pixels} / (2 × ${weight})` : `1 / (2 × ${weight})`;
  const fate = kept === 0 ? "no axis of MNIST is worth its KL: the codes collapse"
    : `${kept === dims ? "all" : kept} of ${dims} axes of MNIST are worth their KL`;
  const deviation = Number(Math.sqrt(c).toPrecision(2)), lecture = `kl?scene=really&loss=mse,${over},sum,1`;
  return `${C} = ${why} = <b>${Number(c.toPrecision(3))}</b>: each pixel is taken to be off by ${SIGMA} = ${deviation}, and ${fate}. ` +
    `Other ways to write a loss: <a href="${lecture}" target="_self">“What β is it really?”</a>, a scene of the lecture.`;
}
