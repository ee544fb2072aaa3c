// What the handout says beside the pictures: the words and formulas of the lecture, and the point of each scene with its numbers.
import { safe } from "../hall/ballot.js";
import { html } from "../../shared/js/html.js";
import { number } from "../../shared/js/canvas.js";
import { klToStandardNormal } from "../../shared/js/gaussian.js";
import { sentencesOf } from "./closing.js";
import { codeOf, toldLink } from "./follow.js";
import { saysOfFactors } from "./factors.js";
import { claimBeyond } from "./humps.js";
import { effectiveBeta } from "./loss.js";
import { meansOf, saysOf } from "./remedies.js";
import { beta, claimOf, foretold } from "./words.js";

const P = "<i>p</i>", Q = "<i>q</i>";
const TERMS = [
  ["image <i>x</i>, code <i>z</i>", "a picture, and the few numbers that stand for it."],
  [`encoder ${Q}(<i>z</i>|<i>x</i>)`, "says where the code of an image may lie: a Gaussian with mean μ and width σ in each dimension."],
  [`decoder ${P}(<i>x</i>|<i>z</i>)`, "says how likely each image is, given a code; it draws the mean."],
  [`prior ${P}(<i>z</i>)`, "the standard Gaussian N(0, I): where codes are drawn from when the model invents images."],
  ["reconstruction", "the mean log-probability of the image, given a code drawn by its encoder. Distortion is minus that."],
  ["Kullback–Leibler divergence (KL), rate", "how much the encoder’s Gaussian differs from the prior: what a code costs."],
  ["evidence lower bound (ELBO)", "reconstruction minus KL; never above log <i>p</i>(<i>x</i>)."],
  ["β", "the weight of the KL in the loss. At β = 1 the loss is minus the ELBO."],
  ["nat", "the unit of all of these: 1 nat is 1.44 bits."],
  ["hole", "a part of the prior that almost no training code reaches."],
  ["posterior collapse", "a dimension whose code is the prior for every image, so that it says nothing. Others are active."],
];
const FORMULAS = [
  `KL(${Q}‖${P}) = E<sub>${Q}</sub>[log ${Q}(<i>z</i>) − log ${P}(<i>z</i>)] ≥ 0`,
  "KL(N(μ, σ²)‖N(0, 1)) = ½ (μ² + σ² − 1 − ln σ²), added up over the dimensions",
  `ELBO = E<sub>${Q}(<i>z</i>|<i>x</i>)</sub>[log ${P}(<i>x</i>|<i>z</i>)] − KL(${Q}(<i>z</i>|<i>x</i>)‖${P}(<i>z</i>))`,
  `log ${P}(<i>x</i>) = ELBO + KL(${Q}(<i>z</i>|<i>x</i>)‖${P}(<i>z</i>|<i>x</i>))`,
  "loss = −reconstruction + β KL",
  `mean over images of KL(${Q}(<i>z</i>|<i>x</i>)‖${P}(<i>z</i>)) = information about the image + KL(${Q}(<i>z</i>)‖${P}(<i>z</i>))`,
];

// The first sheet: what it is, where it is, in words and as a QR code, and what its words mean.
export const firstSheet = (codes) => html`
  <section class="sheet first">
    <div class="title">
      ${codeOf("vae", codes)}
      <h1>The KL regularizer</h1>
      <p>A lecture on variational autoencoders (VAEs)${where()}</p>
    </div>
    <h2>Words</h2>
    <dl>${TERMS.map(([term, meaning]) => `<dt>${term}</dt><dd>${meaning}</dd>`)}</dl>
  </section>`;

export const formulas = html`
  <section class="sheet formulas">
    <h2>Formulas</h2>
    <ul>${FORMULAS.map((formula) => `<li>${formula}</li>`)}</ul>
  </section>`;

function where() {
  const link = toldLink("vae");
  return link ? `. Try all of it yourself: ${link}` : "";
}

// The answer to a scene's question, as the vote shows it; "" for who is not told it, and where none is known.
export function answerOf({ kind, choices, right, told }) {
  if (!told) return "";
  return html`<p class="answer"><b>Answer${kind === "choice" ? `: ${safe(choices[right])}` : ""}.</b> ${safe(told)}</p>`;
}

export const notesOf = (lines) => `<div class="notes">Notes${"<i></i>".repeat(lines)}</div>`;

// What a scene comes to, with its numbers; "" where the picture says it already.
export function pointOf(scene, { models, spectrum, bounds, trials, factors }) {
  const at = (value) => models.find((m) => m.beta === value) ?? models[0];
  const [holes, dead] = sentencesOf(models, spectrum.pixels).map(([, proof]) => proof);
  const points = {
    vae: () => "Both terms are added over all images, and both networks are trained on the sum.",
    beta: () => `${holes} ${dead}`,
    cost: () => `One σ off-centre costs ${number(klToStandardNormal(1, 1).ofMean)} nats, `
      + `half as wide ${number(klToStandardNormal(0, 0.5).ofSigma)}.`,
    humps: () => claimBeyond().join(". "),
    numbers: () => claimOf("numbers", at(1), models).join(". "),
    plane: () => claimOf("plane", models.reduce((a, b) => (b.elbo > a.elbo ? b : a)), models, { bounds }).join(". "),
    collapse: () => foretold(models, spectrum.correlation)[1],
    remedies: () => remedyOf(trials, at),
    factors: () => saysOfFactors(factors.tried).slice(1).map((said) => said.join(". ")).join(" "),
    really: () => reallyOf(spectrum.pixels, models[0].mean_sigma.length),
  };
  return points[scene]?.() ?? "";
}

function remedyOf(trials, at) {
  const group = (method) => trials.filter((t) => t.beta === 8 && t.method === method), [plain, warm] = ["plain", "warm-up"].map(group);
  if (!plain.length || !warm.length) return "";
  return saysOf(meansOf(warm), meansOf(plain), at(8)).join(". ");
}

function reallyOf(pixels, dims) {
  const priceOf = (over) => beta({ beta: effectiveBeta({ error: "bce", pixels: over, dims: "sum", weight: "1" }, pixels, dims) });
  return `A loss that averages over the pixels and sums the KL has β = ${priceOf("mean")}; one that sums both has β = ${priceOf("sum")}.`;
}
