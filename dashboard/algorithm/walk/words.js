// What each line of algorithm 1 says, in symbols, in words, and in the numbers of this iteration.
import { number, sizeOf, subscript } from "../../shared/js/canvas.js";
import { term } from "../../shared/js/html.js";
import { readable } from "../../shared/js/numbers.js";
import { symbol } from "../../shared/js/symbols.js";

const S = (letter, name) => `<i class="symbol ${name}">${letter}</i>`;
const THETA = S("θ", "ink"), PHI = S("φ", "mu"), X = symbol("x", "x"), Z = symbol("z", "z"), EPS = symbol("ε", "noise");
const MU = symbol("μ", "mu"), SIGMA = symbol("σ", "sigma"), Q = symbol("q", "q", "mu");
const BOUND = '<span class="asks" data-symbol="elbo">the bound</span>';

// The six lines; as the graph stands there is no noise, and z itself is drawn.
export const linesOf = ({ graph, graphs }) => [
  `draw M images ${X} at random`,
  graph === graphs[0] ? `draw noise ${EPS} ~ N(0, I) for each` : `draw ${Z} ~ ${Q}(z|x) for each`,
  graph === graphs[0] ? `estimate ${BOUND} with ${Z} = ${MU} + ${SIGMA} ${EPS}` : `estimate ${BOUND} with ${Z}`,
  `its gradients in ${THETA} and ${PHI}`,
  `update ${THETA} and ${PHI}`,
  "repeat until the bound no longer rises",
];
export const LINES = 6;

export const symbols = ({ parts, M, N, dims }) => [
  [THETA, `the decoder’s ${whole(parts.decoder.count)} weights`], [PHI, `the encoder’s ${whole(parts.encoder.count)} weights`],
  [S("M", "ink"), `images in a batch: ${M}`], [S("N", "ink"), `images in all: ${whole(N)}`],
  [S("L", "ink"), "draws of ε for each image: 1"], [S("D", "ink"), `dimensions of z: ${dims}`],
  ["◇", "computed"], ["○", "random"], ["┄", "the gradient’s way back; in the figure on the right, the encoder"],
];
const whole = (count) => count.toLocaleString("en");

export const digits = (value) => number(value, Math.abs(value) < 10 ? 2 : Math.abs(value) < 1000 ? 1 : 0);
const times = (ratio) => {
  if (ratio === null) return "far more than";
  return `${ratio < 1e6 && ratio >= 1000 ? whole(Math.round(ratio)) : readable(ratio, ratio < 10 ? 1 : 0)} times`;
};
const vector = (values) => (values.length > 1 ? `(${values.map((v) => number(v)).join(", ")})` : number(values[0]));

// The sentence under the graph.
export function inWords(data, { line, example }) {
  const random = data.graph !== data.graphs[0], k = example, { flows } = data;
  switch (line) {
    case 1:
      return `${data.M} of ${data.N.toLocaleString("en")} ${data.whose}, each as likely as any other. ` +
        "Their mean stands for the mean over all, so an iteration costs the same however large N is.";
    case 2:
      return random
        ? `${Z} = ${vector(data.z[k])} is drawn at random from q(z|x). The code draws it as before and cuts the connection ` +
          `(detach): a number, no longer a function of ${PHI}.`
        : `${EPS} = ${vector(data.noise[k])} for this image. It knows nothing of ${THETA} or ${PHI}: ` +
          "all that is random comes from outside.";
    case 3:
      return `The encoder says ${MU} = ${vector(data.mean[k])} and ${SIGMA} = ${vector(data.sigma[k])}, ` +
        `${random ? "and a draw is" : "so"} ${Z} = ${vector(data.z[k])}. ` +
        (data.binary && data.weights === data.starts[0] && data.count === 1
          ? `The untrained decoder says about ½ for each of the ${sizeOf(data.shape)} pixels: ${coins(data.shape)}.`
          : "log p(x|z) adds up how likely the decoder finds each pixel there; the KL of two Gaussians has a formula and needs no draw.");
    case 4:
      return random
        ? `A random ${Z} passes no gradient on to ${PHI}. The ${term("score function")} goes round it: it makes ` +
          "draws with a high log p(x|z) more likely. Right on average, but it scatters: " +
          `${times(data.ratio)} the variance of z = μ + σ ε, for this batch. The KL sends its gradient as before.`
        : `Dashed: the gradient on its way back. At ${Z} it has the length ${digits(flows.z[k])}; ` +
          `∂z/∂μ = 1 passes it on as it is, ∂z/∂σ = ε makes it ${digits(flows.sigma[k])}. ` +
          "The KL adds its own pull towards the prior.";
    case 5:
      return `${data.optimizer} moves every weight along its gradient${STEPS[data.optimizer] ?? ""}; the learning rate is ${data.rate}. ` +
        "For this batch and noise the bound goes from " +
        `${number(data.reconstructionMean - data.klMean, 2)} to ${number(data.after, 2)} nats.`;
    default:
      return "Back to line 1, with other images and other noise. The paper goes on until the weights have converged; " +
        "here it is the bound on held-out images that must stop rising. " +
        (data.count === 1 ? "This was the first iteration." : `${data.count.toLocaleString("en")} iterations are done.`);
  }
}

const STEPS = {
  Adam: ", in steps whose size it takes from that weight’s past gradients",
  Adagrad: ", in steps that shrink as that weight’s gradients add up",
};

const coins = (shape) => `log p(x|z) is near −${sizeOf(shape)} ln 2 = ${number(-Math.LN2 * sizeOf(shape), 0)} ${term("nat", "nats")}`;

// Before and after, with as many decimals as show the difference.
function apart({ before, after }) {
  const places = Math.min(7, Math.max(3, 1 - Math.floor(Math.log10(Math.abs(after - before) || 1))));
  return `${number(before, places)} → ${number(after, places)}`;
}

const row = (name, value, kind = "") => {
  const shows = kind ? `data-symbol="${kind}"` : "";
  return `<dt><span class="asks" ${shows}>${name}</span></dt><dd class="${kind}" ${shows}>${value}</dd>`;
};

// The table beside the graph: as far as the lines have come.
export function sums(data, { line, example }) {
  const k = example, price = data.beta === 1 ? "" : `${number(data.beta, data.beta % 1 ? 2 : 0)} · `;
  const rows = [];
  if (line >= 3) {
    const mean = data.reconstructionMean - data.beta * data.klMean;
    const bound = (reconstruction, kl) => number(reconstruction - data.beta * kl, 1);
    rows.push(
      row("this image: log p(x|z)", digits(data.reconstruction[k]), "reconstruction"),
      row(`− ${price}KL(q(z|x) ‖ p(z))`, `− ${digits(data.beta * data.kl[k])}`, "kl"),
      row(`its ${data.beta === 1 ? "estimate of the bound" : "objective"}`, bound(data.reconstruction[k], data.kl[k]), "elbo"),
      row(`mean of the ${data.M}`, bound(data.reconstructionMean, data.klMean), "elbo"),
      row(`× N = ${data.N.toLocaleString("en")}: all images`, thousands(data.N * mean), "elbo"),
    );
  }
  const { encoder, decoder } = data.parts;
  if (line >= 4) {
    rows.push(
      row(`gradient in ${PHI}: its length`, digits(encoder.gradient)),
      row(`gradient in ${THETA}: its length`, digits(decoder.gradient)),
    );
  }
  if (line >= 5) {
    for (const [symbol, part] of [[PHI, encoder], [THETA, decoder]]) {
      rows.push(
        row(`${symbol} moved, of its length`, `${part.moved.toPrecision(2)} of ${number(part.norm, 1)}`),
        row("the weight that moved most", apart(part)),
      );
    }
  }
  return rows.length ? `<dl>${rows.join("")}</dl>` : `<p>${data.axes.length < 2 ? "" : shownOf(data)}</p>`;
}

const shownOf = ({ axes }) => (axes.some((d, k) => d !== k)
  ? `Shown of the code: z${subscript(axes[0] + 1)} and z${subscript(axes[1] + 1)}, where this batch’s KL is largest.` : "");
const thousands = (value) => Math.round(value).toLocaleString("en").replace("-", "−");
