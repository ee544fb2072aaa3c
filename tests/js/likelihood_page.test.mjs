// The Likelihood page's own numbers: pixels' densities against integrals and closed forms, the family's sums, the curves.
import assert from "node:assert/strict";
import test from "node:test";
import { drawDensity, pixelInWords } from "../../dashboard/likelihood/density.js";
import { factsOf } from "../../dashboard/likelihood/grey/grey.js";
import { unpacked } from "../../dashboard/likelihood/pixel/pixel.js";
import { boundAt, curveWords, identity, lossWords, sumRows, varianceOf } from "../../dashboard/likelihood/variance/words.js";
import { drawAxes, drawBounds, drawErrors } from "../../dashboard/likelihood/variance/charts.js";
import { langevin, readerOf } from "../../dashboard/shared/js/decoder.js";
import {
  continuousMean, continuousQuantile, deviationOf, logLikelihood, logNormaliser, logPartition, logPixel, samplePixels,
} from "../../dashboard/shared/js/likelihood.js";

const close = (a, b, error = 1e-9) => assert.ok(Math.abs(a - b) <= error * Math.max(1, Math.abs(b)), `${a} is not ${b}`);
// Simpson's rule over [0, 1].
function integral(f, steps = 4000) {
  let sum = f(0) + f(1);
  for (let k = 1; k < steps; k++) sum += (k % 2 ? 4 : 2) * f(k / steps);
  return sum / (3 * steps);
}
const LOGITS = [-20, -3, -0.2, -1e-4, 0, 1e-9, 0.04, 0.06, 0.1001, 2, 9];

test("a continuous Bernoulli has area 1, and the mean and deviation of its integrals", () => {
  for (const l of LOGITS) {
    const p = (x) => Math.exp(x * l - logPartition(l)), reader = readerOf({ likelihood: "continuous_bernoulli", squash: "langevin", pixels: 1 });
    close(integral(p), 1, 1e-8);
    const mean = integral((x) => x * p(x));
    close(continuousMean(l), mean, 1e-8);
    close(deviationOf(reader, [l])(0), Math.sqrt(integral((x) => (x - mean) ** 2 * p(x))), 1e-6);
    close(integral((x) => p(x) * Math.exp(-logNormaliser(l))), factsOf(l).area, 1e-8);
    close(logLikelihood(reader, [l], [0.3]), Math.log(p(0.3)));
  }
  assert.equal(factsOf(0).area, 0.5);
});

test("its quantiles leave the share that they should, and samples lie in [0, 1]", () => {
  for (const l of [-30, -1, -1e-6, 0, 0.5, 30]) {
    for (const u of [0.001, 0.3, 0.999]) {
      const x = continuousQuantile(l, u), below = Math.abs(l) < 1e-9 ? x : Math.expm1(x * l) / Math.expm1(l);
      close(below, u, 1e-6);
    }
  }
  const reader = readerOf({ likelihood: "continuous_bernoulli", squash: "langevin", pixels: 3 });
  const drawn = samplePixels(reader, Float32Array.of(-50, 0, 50), [0.5, 0.5, 0.5], 1, new Float32Array(3));
  assert.ok(drawn[0] < 0.05 && Math.abs(drawn[1] - 0.5) < 1e-6 && drawn[2] > 0.95);
});

test("the Langevin function does not jump where its series ends", () => {
  close(langevin(0.05 - 1e-12), langevin(0.05 + 1e-12), 1e-9);
  close(langevin(1e-6), 1e-6 / 3);
  assert.equal(langevin(0), 0);
});

test("the sum over the pixels is the likelihood, for each of them", () => {
  for (const [likelihood, squash, output] of [
    ["bernoulli", "sigmoid", [0.3, -2]], ["gaussian", "sigmoid", [0.3, -2, 0.1, 1]], ["fixed_gaussian", "identity", [0.3, 0.9]],
  ]) {
    const reader = readerOf({ likelihood, squash, pixels: 2 }), out = Float32Array.from(output), x = [1, 0];
    const log = logPixel(reader, out, 0.25);
    close(log(0, 1) + log(1, 0), logLikelihood(reader, out, x, 0.25));
  }
});

const floats = (values) => Buffer.from(Float32Array.from(values).buffer).toString("base64");

test("what Python sends becomes mean, sigma and log density", () => {
  const p = unpacked({ output: floats([0, 2, 0, 0]), observed: floats([0.5, 1]), likelihood: "gaussian", squash: "sigmoid", pixels: 2, variance: 1 });
  close(p.mean[0], 0.5);
  close(p.sigma[0], 0.1, 1e-6); // half way between 0.01 and 1 in the logarithm
  close(p.log(0, 0.5), -0.5 * Math.log(2 * Math.PI) - Math.log(0.1), 1e-6);
  assert.deepEqual([...p.x], [0.5, 1]);
});

const row = (variance, more = {}) => ({
  variance, learned: false, constant: -392 * Math.log(2 * Math.PI * variance), expectedResidual: 20, kl: 15, elbo: 50, residual: 18,
  active_units: 10, predicted: 10, ...more,
});
const data = {
  rows: [row(0.02), row(0.0234, { learned: true }), row(0.1), row(5, { elbo: -1300, active_units: 0, predicted: 1, residual: 50 })],
  image: [0.02, 0.0234, 0.1, 5].map((c) => ({ expected_residual: 10, kl: 20, elbo: -392 * Math.log(2 * Math.PI * c) - 10 / (2 * c) - 20, elbo_error: 0.1, residual: 9 })),
  eigenvalues: [5.1, 3.7, 1.2, 0.5], dims: 10, images: 55000, pixels: 784,
};
const numberIn = (text) => Number(text.replace("−", "-"));

test("the parts of an image's bound add up as they are shown", () => {
  for (let at = 0; at < data.rows.length; at++) {
    const shown = [...sumRows(data, at).matchAll(/<dd[^>]*>([^<]*)<\/dd>/g)].map(([, text]) => numberIn(text));
    assert.equal((shown[0] + shown[1] + shown[2]).toFixed(1), shown[3].toFixed(1), `${shown}`);
  }
  const tie = { rows: [row(0.1, { constant: 182.173 })], image: [{ ...data.image[2], expected_residual: 10.404, kl: 19.904, elbo: 110.249 }] };
  assert.match(sumRows(tie, 0), /\+182\.173.*−52\.020.*−19\.904.*110\.2/s); // 182.17 − 52.02 − 19.90 = 110.25 leaves it open
  const rounding = { rows: [row(0.1, { constant: 182.17 })], image: [{ ...data.image[2], expected_residual: 10.398, kl: 19.94, elbo: 110.24 }] };
  const [any, error, kl, elbo] = [...sumRows(rounding, 0).matchAll(/<dd[^>]*>([^<]*)<\/dd>/g)].map(([, text]) => text);
  assert.deepEqual([any, error, kl, elbo], ["+182.17", "−51.99", "−19.94", "110.2"]); // 182.2 − 52.0 − 19.9 would be 110.3
});

test("the line is highest where c is the error per pixel, and passes through its own model", () => {
  const one = row(0.1), best = one.expectedResidual / 784;
  const at = (c) => boundAt(one, c, 784);
  assert.ok(at(best) > at(best * 1.01) && at(best) > at(best * 0.99));
  close(at(0.1), one.constant - 20 / 0.2 - 15);
  assert.match(curveWords(data, 2), /error per pixel = 0\.026/);
});

test("the identity holds in the numbers that are shown", () => {
  const [, a, b, c, e, f, k] = identity(data, 2).replaceAll("−", "-").match(/: (\S+) - (\S+) = 1\/(\S+) × \((\S+) - (\S+) × (\S+)\)/).map(Number);
  close(a - b, (1 / c) * (e - f * k), 0.01);
  assert.match(identity({ rows: [row(1)], image: [data.image[0]] }, 0), /is the <i class="symbol">β<\/i> of a β-VAE/);
});

test("a loss has the variance that its weight says", () => {
  assert.equal(varianceOf(1, "mean", 784), 392);
  assert.equal(varianceOf(1, "sum", 784), 0.5);
  assert.match(lossWords(1, "mean", data), /392<\/b>.*no axis.*collapse/);
  assert.match(lossWords(0.5, "sum", data), /<b>1<\/b>.*3 of 10 axes/);
  for (const nonsense of [0, -1, NaN, Infinity]) assert.match(lossWords(nonsense, "sum", data), /must be a number above 0/);
});

test("charts have no number that is none, whatever the width", () => {
  for (const width of [60, 300, 900]) {
    for (let at = 0; at < data.rows.length; at++) {
      for (const chart of [drawBounds, drawErrors, drawAxes]) assert.doesNotMatch(chart(data, at, width), /NaN|undefined|Infinity/);
    }
  }
});

test("a pixel's words are its density; a Bernoulli's are a probability", () => {
  const one = { log: () => Math.log(1.5), binary: false, mean: 0.7, sigma: 0.3, observed: 0.874 };
  assert.match(pixelInWords(29, 28, one), /Row 2, column 2 is 0\.874; the decoder says 0\.700 ± 0\.30\. Density <b>1\.50<\/b>.*0\.41/);
  assert.match(pixelInWords(0, 28, { ...one, observed: null }), /Row 1, column 1: the decoder says/);
  assert.match(pixelInWords(0, 28, { ...one, log: () => Math.log(0.9), binary: true, observed: 1 }), /is black.*Probability <b>0\.90/);
  assert.match(pixelInWords(0, 28, { ...one, log: () => -30 }), /Density <b>below 0\.0001/);
  const bars = drawDensity({ ...one, log: (v) => Math.log(v ? 0.9 : 0.1), binary: true }, 300, 190);
  assert.equal(bars.match(/<rect/g).length, 2);
  assert.doesNotMatch(drawDensity(one, 300, 190) + bars, /NaN|undefined/);
});
