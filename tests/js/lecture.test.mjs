// The lecture's own numbers: closed forms, the price of a loss, and the words around them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { scale, ticksOf } from "../../dashboard/shared/js/chart.js";
import { partsOf } from "../../dashboard/kl/lecture/cost.js";
import { crossEntropyOf, entropyOf, klOfTwo } from "../../dashboard/shared/js/gaussian.js";
import { sentencesOf } from "../../dashboard/kl/lecture/closing.js";
import { saysOfFactors } from "../../dashboard/kl/lecture/factors.js";
import { codeOf, toldLink } from "../../dashboard/kl/lecture/follow.js";
import { firstSheet } from "../../dashboard/kl/lecture/handout_words.js";
import { effectiveBeta } from "../../dashboard/kl/lecture/loss.js";
import { csvOf } from "../../dashboard/kl/lecture/handout.js";
import { html } from "../../dashboard/shared/js/html.js";
import { adding } from "../../dashboard/shared/js/numbers.js";
import { arrowStep } from "../../dashboard/kl/lecture/keys.js";
import { claimOf, holesOf, cheapestOther, foretold, lowerKl, split, survivors } from "../../dashboard/kl/lecture/words.js";

const close = (a, b, far = 1e-9) => assert.ok(Math.abs(a - b) <= far, `${a} is not ${b}`);

// Values of vae_core.model.gaussians (float64): kl_normal, entropy_normal, cross_entropy_normal.
const KNOWN = [
  [[1.2, 0.5, 0, 1], 1.0381471805599451, 0.7257913526447274, 1.7639385332046728],
  [[-0.7, 0.3, 0.4, 2.0], 1.5596199848858814, 0.21496572887873655, 1.7745857137646182],
];

for (const [four, kl, entropy, cross] of KNOWN) {
  test(`KL, entropy and cross-entropy of ${four} are those of the core`, () => {
    close(klOfTwo(...four), kl);
    close(entropyOf(four[1]), entropy);
    close(crossEntropyOf(...four), cross);
    close(crossEntropyOf(...four) - entropyOf(four[1]), klOfTwo(...four));
    const { place, width } = partsOf(...four);
    close(place + width, klOfTwo(...four));
  });
}

test("a KL is the sum of q ln(q/p) over the line", () => {
  const [m1, s1, m2, s2] = [0.3, 0.8, -0.5, 1.7], h = 0.001;
  const log = (v, m, s) => -0.5 * ((v - m) / s) ** 2 - Math.log(s);
  let sum = 0;
  for (let v = -9; v < 9; v += h) sum += ((Math.exp(log(v, m1, s1)) * (log(v, m1, s1) - log(v, m2, s2))) / Math.sqrt(2 * Math.PI)) * h;
  close(sum, klOfTwo(m1, s1, m2, s2), 1e-6);
});

test("one Gaussian costs nothing against itself, and the two directions differ", () => {
  close(klOfTwo(0.4, 0.7, 0.4, 0.7), 0);
  assert.ok(Math.abs(klOfTwo(0, 0.5, 0, 1) - klOfTwo(0, 1, 0, 0.5)) > 0.4);
});

test("the price of a loss is the core's", () => {
  const loss = { error: "bce", pixels: "mean", dims: "sum", weight: "1" };
  assert.equal(effectiveBeta(loss, 784, 2), 784);
  assert.equal(effectiveBeta({ ...loss, pixels: "sum" }, 784, 2), 1);
  close(effectiveBeta({ ...loss, dims: "mean", weight: "0.00025" }, 784, 2), 0.098);
  close(effectiveBeta({ ...loss, error: "mse" }, 784, 2, 392), 1);
});

const member = (beta, kl, distortion, more = {}) => ({
  beta, kl, reconstruction: -distortion, elbo: -distortion - kl, objective: distortion + beta * kl,
  holes: 0.3, holes_codes: 55000, holes_held_out: 0.012,
  active_units: 2, mean_sigma: [0.1, 0.1], information: kl, mismatch: 0, beyond: 0.25, ...more,
});
const models = [member(0.1, 13, 144), member(1, 6, 148), member(4, 4, 153), member(40, 0, 206, { active_units: 0, holes: 0 })];

test("a claim has the number in it and changes with the state", () => {
  assert.match(claimOf("beta", models[0], models)[0], /A low price leaves holes: codes miss 30 %/);
  assert.match(claimOf("beta", models[0], models)[1], /^1.2 % of the test codes lie in one\. 25 % of the codes lie beyond/);
  assert.match(claimOf("beta", { ...models[0], holes_codes: 365, holes_held_out: null }, models)[1], /^25 % of the codes lie beyond/);
  assert.deepEqual([models[0], { holes_codes: 365, holes_held_out: null }].map(holesOf), ["55,000 training codes", "365 test codes"]);
  assert.match(claimOf("beta", models[3], models)[0], /every code draws the same image/);
  assert.match(claimOf("plane", models[1], models)[0], /β = 1 reaches the highest bound/);
  const collapse = (model) => claimOf("collapse", model, models, { correlation: [32.4, 23.1] })[1];
  assert.match(collapse(models[1]), /black and white pixels. β = 1 lies below both; both dimensions are active/);
  assert.match(collapse(models[3]), /β = 40 lies above both; no dimension is active/);
});

test("what the models cannot tell of a prediction is said with it", () => {
  const dense = [...models.slice(0, 3), member(20, 2, 170), member(28, 1, 180, { active_units: 1 }), models[3]];
  assert.equal(foretold(dense, [32.4, 23.1, 21])[1], "The prediction holds for all 2 models with a β above an eigenvalue; below both it says nothing; "
    + "between 20 and 28 and between 28 and 40 no model was trained.");
  assert.match(foretold([...dense.slice(0, 5), member(40, 1, 190, { active_units: 1 })], [32.4, 23.1])[1], /holds for 1 of 2/);
});

test("a model that lies above another's line is said to", () => {
  const late = [member(4, 4, 153), member(8, 3, 156.5)];
  assert.equal(cheapestOther(late[0], late).margin, -0.5);
  assert.match(claimOf("plane", late[0], late)[0], /β = 8 has the lower loss, by 0.50 nats/);
});

test("dimensions survive while their eigenvalue is above the price", () => {
  assert.deepEqual([0, 25, 40].map((price) => survivors([32.4, 23.1, 21], price, 2)), [2, 1, 0]);
});

const read = (text) => Number(text.replace("−", "-"));

test("the terms of a sum have as many digits as give the sum that is shown", () => {
  for (const beta of [0, 0.01, 0.1, 0.5, 1, 2, 4, 8, 16, 20, 28, 40, 64]) {
    const manifest = new URL(`../../assets/models/mnist-beta-${beta}/manifest.json`, import.meta.url);
    const { reconstruction, kl } = JSON.parse(readFileSync(manifest)).report;
    const [error, rate] = adding([-reconstruction, kl], [1, beta], 1);
    const shown = read(error) + beta * read(rate), sum = beta * kl - reconstruction;
    assert.equal(shown.toFixed(1), sum.toFixed(1), `β = ${beta}: ${error} + ${beta} × ${rate}`);
  }
  const [cross, entropy] = adding([1.7639385, 0.7257914], [1, -1], 2);
  assert.equal((read(cross) - read(entropy)).toFixed(2), "1.04");
});

test("no part of the KL is shown larger than the whole, and both give it", () => {
  const measured = [[0.1113, 0.1153, 0.0013], [5.6808, 5.1959, 0.4927], [74.5899, 9.2099, 65.38], [0.0005, 0.0002, -0.0001]];
  for (const [kl, information, mismatch] of measured) {
    const parts = split({ kl, information, mismatch });
    close(parts.information + parts.mismatch, parts.kl);
    assert.ok(parts.information >= 0 && parts.mismatch >= 0);
    close(parts.information, information, 0.011);
  }
  const nearlyCollapsed = member(28, 0.1113, 202.5, { information: 0.1153, mismatch: 0.0013 });
  assert.equal(claimOf("numbers", nearlyCollapsed, models)[0], "All of 0.11 nats are information");
});

test("where the information is all that 10,000 images allow, the ceiling is said", () => {
  const says = (information) => claimOf("numbers", member(0, 40, 144, { information, mismatch: 40 - information }), models)[1];
  assert.match(says(9.21), /ln 10,000 = 9.21, the most that 10,000 images allow/);
  assert.match(says(8.88), /about 7,200 kinds of image apart; the ceiling for 10,000 images is ln 10,000 = 9.21/);
  assert.match(says(7.57), /about 1,900 kinds of image apart\.$/);
});

test("without a price what is said of the codes is counted", () => {
  const free = member(0, 74, 144, { holes: 0.99, beyond: 0.837 });
  assert.match(claimOf("beta", free, models)[1], /84 % of the codes lie beyond 3σ, where the prior has 1 %/);
});

test("a lower KL is not a better model, with the numbers", () => {
  const said = lowerKl(models);
  assert.match(said, /From β = 0.1 to 1 the KL falls from 13.0 to 6.00 nats and the bound rises from −157.0 to −154.0; at β = 40/);
  assert.match(said, /; at β = 40 the KL is 0.00 and the bound −206.0/);
});

test("numbers for a spreadsheet are unrounded, with a plain minus and an empty cell for what is not there", () => {
  const more = { kl_per_dimension: [1.25, 2], mean_square: [1, 1], continuity: null };
  const [heads, row] = csvOf([member(1, 6, 148.123456, more)]).trim().split("\n").map((line) => line.split(","));
  const cell = (name) => row[heads.indexOf(name)];
  assert.deepEqual(["reconstruction", "kl_per_dimension_1", "continuity"].map(cell), ["-148.123456", "1.25", ""]);
  assert.equal(row.length, heads.length);
});

test("ticks are round and inside", () => {
  assert.deepEqual(ticksOf(0, 15, 3), [0, 5, 10, 15]);
  assert.equal(scale(0, 10, 100, 200)(5), 150);
});

test("a template over several lines is the text in one line, and a list in it has no commas", () => {
  const parts = ["a", "b"].map((name) => html`<b>${name}</b>`);
  assert.equal(html`
    <p class="x"
      title="y">
      two words
      and ${1}<i>more</i>
      ${parts}
    </p>`, '<p class="x" title="y">two words and 1<i>more</i><b>a</b><b>b</b></p>');
  assert.equal(html`<pre>${"kept\n  as it is"}</pre>`, "<pre>kept\n  as it is</pre>");
});

test("an arrow key moves by its step, any other key and a shortcut not at all", () => {
  const step = (key, more) => arrowStep({ key, ...more }, 0.05);
  assert.deepEqual([step("ArrowUp"), step("ArrowLeft"), step("x"), step("ArrowUp", { ctrlKey: true })], [0.05, -0.05, 0, 0]);
});

test("what to take home has the family's own numbers", () => {
  const member = (beta, holes, active, kl, elbo) => ({ beta, holes, active_units: active, kl, elbo });
  const family = [member(0, 0.9972, 2, 20, -160), member(1, 0.0021, 2, 6, -148.3), member(40, 0, 0, 0, -205)];
  const told = sentencesOf(family, 49).flat().join(" ");
  for (const part of ["99.72 %", "0.21 %", "From β = 40 on", "−148.3 nats, is at β = 1", "49 pixels"]) assert.ok(told.includes(part), part);
  const alive = sentencesOf(family.slice(0, 2), 784).flat().join(" ");
  assert.ok(alive.includes("At β = 1 their KL is 6.00 nats"), "a family without collapse claims none");
});

test("a room gets a code to photograph where others can reach the page, else the address, and a file has none", () => {
  const codes = { vae: { side: 29, path: "M3 4.5h1" } }, at = (protocol, hostname) => {
    globalThis.location = { protocol, hostname, origin: `${protocol}//${hostname}`, pathname: "/kl" };
    return [codeOf("vae", codes).includes("M3 4.5h1"), toldLink("vae")];
  };
  assert.deepEqual(at("https:", "lab.example.org"), [true, "<b>lab.example.org/kl?scene=vae</b>"]);
  assert.match(firstSheet(codes), /M3 4\.5h1.*lab\.example\.org\/kl\?scene=vae/s);
  assert.equal(codeOf("vae", null), "");
  assert.deepEqual(at("http:", "localhost"), [false, "<b>localhost/kl?scene=vae</b> (on this computer only)"]);
  assert.deepEqual(at("file:", ""), [false, ""]);
  assert.match(firstSheet(codes), /variational autoencoders \(VAEs\)<\/p>/);
  delete globalThis.location;
});

test("whether a larger beta untangles is said of its seeds, and what turning loses of the score", () => {
  const objective = (beta, price, mig, turned) => ({ beta, total_correlation: price, mig, turned, elbo: 100 - beta });
  const priced = objective(1, 60, [0.3, 0.4], [0.1, 0.1]);
  const claims = (large, one = priced) => saysOfFactors([objective(60, 0, large, [0]), objective(1, 0, [0.1, 0.2], [0]), one]);
  assert.match(claims([0.3, 0.5])[0][0], /in every training$/);
  const [[claim, proof], [what, costs], [turn, equal]] = claims([0.15, 0.25]);
  assert.equal(claim, "A larger β untangles some trainings and not others");
  assert.match(proof, /0\.15 ± 0\.07 at β = 1 and 0\.20 ± 0\.07 at β = 60, in single trainings from 0\.15 to 0\.25: 2 seeds each/);
  assert.match(what, /^What untangles more .*: MIG 0\.35 ± 0\.07$/);
  assert.match(costs, /ELBO 99, 99 at β = 1, 40 at β = 60/);
  assert.match(turn, /lower at an equal ELBO/);
  assert.match(equal, /MIG is then 0\.10, not 0\.35/);
  assert.match(claims([0.05, 0.1])[0][0], /no training$/);
  assert.match(claims([0.5, 0.9])[1][0], /untangles no more: MIG 0\.35/);
  assert.match(claims([0.5], objective(1, 60, [0.1], [0.2]))[2][0], /no lower/);
  assert.match(saysOfFactors([])[0][0], /No models of shapes/);
});
