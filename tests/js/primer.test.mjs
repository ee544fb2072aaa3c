// The primer's numbers: against torch.distributions, sums over the line and closed forms; then its words and keys.
import assert from "node:assert/strict";
import test from "node:test";
import { claimOf as claimOfBayes, placesOf, sumAt } from "../../dashboard/primer/scenes/bayes.js";
import { threeOf } from "../../dashboard/primer/scenes/bayes_charts.js";
import { areaBetween, areasBetween, areasOf, claimOf as claimOfKl, integrands, sumOf } from "../../dashboard/primer/scenes/divergence.js";
import { claimOf as claimOfEntropy, entropyOfShares, normalised, withShare } from "../../dashboard/primer/scenes/entropy.js";
import { claimOf as claimOfInformation, informationOf, sumOfTwo } from "../../dashboard/primer/scenes/information.js";
import { sceneOfKey } from "../../dashboard/primer/scenes/keys.js";
import { between, distanceOf, ring } from "../../dashboard/primer/scenes/prior.js";
import { unitOf } from "../../dashboard/primer/scenes/sliders.js";
import { crossEntropyOf, entropyOf, klOfTwo, normals } from "../../dashboard/shared/js/gaussian.js";

const close = (a, b, far = 1e-9) => assert.ok(Math.abs(a - b) <= far, `${a} is not ${b}`);
const NATS = unitOf(false), BITS = unitOf(true);
const numbersIn = (text) => text.replaceAll("−", "-").match(/-?\d+\.\d+/g).map(Number);

test("a fair coin tells one bit, certainty nothing, and information adds", () => {
  close(BITS.value(informationOf(0.5)), 1, 1e-12);
  assert.equal(informationOf(1), 0);
  close(informationOf(0.3 * 0.2), informationOf(0.3) + informationOf(0.2), 1e-12);
});

test("what is shown of a sum adds up", () => {
  for (const [a, b] of [[0.105, 0.105], [2.3049, 0.0051], [0.004, 1.006], [0, 3.3333]]) {
    const [first, second, sum] = sumOfTwo(a, b).map(Number);
    close(first + second, sum, 1e-12);
    close(first, a, 0.0101);
    close(second, b, 0.0101);
  }
});

// torch.distributions.Categorical(p).entropy() in float64
const SHARES = [0.5, 0.2, 0.1, 0.1, 0.05, 0.03, 0.01, 0.005, 0.003, 0.002];

test("the entropy of classes is torch's, and lies between nothing and log K", () => {
  close(entropyOfShares(SHARES), 1.4863614758233084);
  close(entropyOfShares(normalised(new Array(10).fill(7))), Math.log(10));
  assert.equal(entropyOfShares([1, 0, 0]), 0);
});

test("a bar that is dragged leaves the ratios of the others, and shares stay shares", () => {
  const next = withShare(SHARES, 2, 0.55);
  close(next.reduce((a, b) => a + b, 0), 1);
  close(next[0] / next[1], SHARES[0] / SHARES[1]);
  close(next[2], 0.55);
  const back = withShare(withShare(SHARES, 0, 1), 0, 0.1);
  close(back.reduce((a, b) => a + b, 0), 1);
  close(back[4], 0.1);
  assert.deepEqual(withShare([1], 0, 0.3), [1], "one class is certain");
});

// torch.distributions: kl_divergence, Normal.entropy
const KNOWN = [
  [[1.2, 0.5, 0, 1], 1.0381471805599451, 0.7257913526447274],
  [[-0.7, 0.3, 0.4, 2], 1.5596199848858814, 0.21496572887873655],
  [[2, 1.5, -1, 0.4], 33.334494160017684, 1.824403641312837],
];

for (const [four, kl, entropy] of KNOWN) {
  test(`the area that is drawn for ${four} is the KL, torch's and the closed form's`, () => {
    close(klOfTwo(...four), kl, 1e-9);
    close(entropyOf(four[1]), entropy, 1e-9);
    const line = Array.from({ length: 6001 }, (_, k) => -15 + k / 200), parts = integrands(...four, line);
    close(areaBetween(parts, 1 / 200), kl, 1e-6);
    close(parts.cross.reduce((a, b) => a + b, 0) / 200, crossEntropyOf(...four), 1e-6);
    close(parts.entropy.reduce((a, b) => a + b, 0) / 200, entropy, 1e-6);
  });
}

test("the drawing of the usual Gaussians holds the whole area, both ways round", () => {
  close(areaBetween(integrands(1.2, 0.5, 0, 1)), klOfTwo(1.2, 0.5, 0, 1), 1e-4);
  close(areaBetween(integrands(0, 1, 1.2, 0.5)), klOfTwo(0, 1, 1.2, 0.5), 1e-4);
});

test("what counts for the KL and what against it differ by the KL, and so do their shown digits", () => {
  const parts = integrands(1.2, 1, 0, 1), [above, below] = areasBetween(parts);
  close(above - below, klOfTwo(1.2, 1, 0, 1), 1e-3);
  assert.ok(below > 0.1, "the dashed curve is the higher one for much of q");
  for (const unit of [NATS, BITS]) {
    const [plus, minus, , , sum] = numbersIn(areasOf(parts, unit).replaceAll(/<[^>]*>/g, " ").replaceAll("−", " "));
    close(plus - minus, sum, 1e-9);
  }
  assert.deepEqual(areasBetween(integrands(0, 1, 0, 1)), [0, 0]);
});

test("a KL's line adds up as it is shown", () => {
  for (const [four, kl, entropy] of KNOWN) {
    const [difference, cross, second] = numbersIn(sumOf("a", "b", kl, crossEntropyOf(...four), entropy, BITS));
    close(cross - second, difference, 1e-9);
  }
  assert.match(sumOf("a", "b", 1, 0.5, -0.5, NATS), /= 0\.50 − \(−0\.50\) nats/);
});

test("prior times likelihood is the posterior of the closed form, where there is one", () => {
  const c = 0.3, x = 1.4; // x = z + noise of variance c: z|x ~ N(x / (1 + c), c / (1 + c)), x ~ N(0, 1 + c)
  const normal = (v, m, s2) => -0.5 * ((v - m) ** 2 / s2 + Math.log(2 * Math.PI * s2));
  const logs = (from, to, count) => Float64Array.from({ length: count }, (_, k) => normal(x, from + (k * (to - from)) / (count - 1), c));
  const curves = placesOf({ wide: { from: -6, to: 6, logs: logs(-6, 6, 601) }, close: { from: 0.5, to: 1.5, logs: logs(0.5, 1.5, 301) } });
  assert.equal(curves.wide.length, 902);
  assert.ok(curves.wide.every(([z], k) => !k || z >= curves.wide[k - 1][0]), "in the order of the line");
  const [prior, likelihood, posterior] = threeOf(curves.wide, normal(x, 0, 1 + c));
  for (const [k, [z]] of curves.wide.entries()) {
    close(prior[k][1], Math.exp(normal(z, 0, 1)), 1e-12);
    close(posterior[k][1], Math.exp(normal(z, x / (1 + c), c / (1 + c))), 1e-12);
  }
  close(Math.max(...likelihood.map(([, v]) => v)), 1);
});

test("Bayes' theorem in logarithms adds up as it is shown", () => {
  for (const [z, likelihood, logPx] of [[-0.386, -119.391, -123.904], [2.2222, -301.0049, -200.4951], [0, 12.344, 11.111]]) {
    const [, prior, like, evidence, posterior] = numbersIn(sumAt(z, likelihood, logPx).replaceAll(/<[^>]*>/g, ""));
    close(prior + like - evidence, posterior, 1e-9);
    close(like, likelihood, 0.0151);
  }
});

test("the ring is Doersch's, and its distances are those of the closed form", () => {
  assert.deepEqual(ring([3, 4]).map((v) => Math.round(1e9 * v) / 1e9), [0.9, 1.2]);
  assert.deepEqual(ring([0, 0]), [0, 0], "a draw at 0 stays");
  const draw = normals(4), count = 40000, points = Array.from({ length: count }, () => [draw(), draw()]);
  for (const t of [0, 0.4, 1]) {
    const far = points.map((z) => Math.hypot(...between(z, ring(z), t))), mean = far.reduce((a, b) => a + b, 0) / count;
    const stddev = Math.sqrt(far.reduce((a, b) => a + (b - mean) ** 2, 0) / count);
    close(mean, distanceOf(t).mean, 0.015);
    close(stddev, distanceOf(t).stddev, 0.015);
  }
});

test("a claim has the number in it and changes with the state", () => {
  const bayes = { mean: -0.386, stddev: 0.012, logPx: -123.9, model: "MNIST, <1> dimension" };
  assert.match(claimOfBayes(bayes, true)[1], /So this scene has <b>MNIST, &#60;1&#62; dimension<\/b> in place of the model chosen above/);
  assert.doesNotMatch(claimOfBayes(bayes, false)[1], /chosen above/);
  assert.match(claimOfInformation([0.5, 0.2], ["0.69", "1.61", "2.30"], NATS)[0], /0\.50 tells you 0\.69 nats/);
  assert.match(claimOfEntropy(SHARES, 0.1, { names: SHARES }, BITS)[0], /2\.14 bits/);
  assert.match(claimOfEntropy(SHARES, 0.1, { names: SHARES }, NATS)[1], /−0\.88 nats: <em>below 0/);
  assert.match(claimOfEntropy([1, 0], 1, { names: [0, 1] }, NATS)[0], /certain/);
  assert.match(claimOfKl(0, 0, NATS)[0], /the KL is 0/);
  assert.match(claimOfKl(1.038, 3.693, NATS)[0], /1\.04 nats; the other way round 3\.69/);
});

const key = (name, path = [], more = {}) => ({ key: name, composedPath: () => path, ...more });
const taking = { matches: () => true };

test("digits, arrows and a clicker lead to scenes, unless something else wants the key", () => {
  assert.equal(sceneOfKey(key("3"), 1, 5), 3);
  assert.equal(sceneOfKey(key("9"), 1, 5), 1);
  assert.equal(sceneOfKey(key("3", [taking]), 1, 5), 1);
  assert.equal(sceneOfKey(key("ArrowRight"), 2, 5), 3);
  assert.equal(sceneOfKey(key("ArrowRight", [taking]), 2, 5), 2);
  assert.equal(sceneOfKey(key("PageDown", [taking]), 4, 5), 5);
  assert.equal(sceneOfKey(key("PageDown"), 5, 5), 5);
  assert.equal(sceneOfKey(key("PageUp"), 1, 5), 1);
  assert.equal(sceneOfKey(key("2", [], { ctrlKey: true }), 1, 5), 1);
});
