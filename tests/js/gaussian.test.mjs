// The KL to the prior and the ticks of an axis, against sums and by their definition.
import assert from "node:assert/strict";
import test from "node:test";
import { density, klToStandardNormal } from "../../dashboard/shared/js/gaussian.js";
import { roundTicks, tickText } from "../../dashboard/shared/js/ticks.js";

// The trapezoidal rule converges faster than any power of the step on what falls off like a Gaussian.
function klBySum(mean, sigma) {
  const step = sigma / 50;
  let sum = 0;
  for (let z = mean - 12 * sigma; z <= mean + 12 * sigma; z += step) {
    const e = (z - mean) / sigma, logRatio = -0.5 * e * e - Math.log(sigma) + 0.5 * z * z;
    sum += ((density(e) * logRatio) / sigma) * step;
  }
  return sum;
}

test("the KL to the prior is the integral that defines it", () => {
  for (const [mean, sigma] of [[0, 1], [1.5, 0.1], [-2, 3], [0.01, 0.999], [0, 1e-3]]) {
    const { ofMean, ofSigma } = klToStandardNormal(mean, sigma);
    assert.ok(Math.abs(ofMean + ofSigma - klBySum(mean, sigma)) < 1e-9, `${mean}, ${sigma}`);
    assert.ok(ofMean >= 0 && ofSigma >= 0);
  }
  assert.deepEqual(klToStandardNormal(0, 1), { ofMean: 0, ofSigma: 0 });
});

test("ticks are whole steps inside the range, both ends among them where they are round", () => {
  assert.deepEqual(roundTicks(0, 1).map(tickText), ["0", "0.5", "1"]);
  assert.deepEqual(roundTicks(-0.3, 0.3, 6).map(tickText), ["−0.3", "−0.2", "−0.1", "0", "0.1", "0.2", "0.3"]);
  assert.ok(roundTicks(-1, 1).every((tick) => !Object.is(tick, -0)));
  for (const [low, high] of [[-250, -90], [0.0001, 0.0009], [3, 7777]]) {
    const ticks = roundTicks(low, high), step = ticks[1] - ticks[0], digits = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
    assert.ok(ticks.length >= 2 && ticks.length <= 6 && ticks[0] >= low && ticks.at(-1) <= high);
    assert.ok([1, 2, 5, 10].some((round) => Math.abs(digits - round) < 1e-6), `${step}`);
  }
});

test("a tick has the decimals that it needs", () => {
  assert.deepEqual([12, 0.5, 0.25, -3.1].map(tickText), ["12", "0.5", "0.25", "−3.1"]);
});
