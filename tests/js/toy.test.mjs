// The toy world's numbers in the browser: densities against sums over z, and words that add up.
import assert from "node:assert/strict";
import test from "node:test";
import { linear, logarithmic, nearestTo } from "../../dashboard/toy/axes.js";
import { DECODERS, gaussian, logJoint, posterior } from "../../dashboard/toy/vanishing/posterior.js";
import { CURVES, PLACES, inWords, verdicts } from "../../dashboard/toy/world/words.js";

const STEP = 0.002, LINE = Array.from({ length: 8001 }, (_, k) => -8 + k * STEP);
const sum = (read) => LINE.reduce((total, z) => total + read(z) * STEP, 0);

for (const [name, f] of Object.entries(DECODERS)) {
  test(`the posterior of a ${name} decoder sums to 1`, () => {
    for (const sigma of [0.05, 0.3, 2]) {
      const evidence = Math.log(sum((z) => Math.exp(logJoint(f, z, 1.5, sigma))));
      assert.ok(Math.abs(sum(posterior(f, 1.5, sigma, evidence)) - 1) < 1e-9);
      assert.ok(Math.abs(sum(gaussian(0.3, sigma)) - 1) < 1e-3);
    }
  });
}

test("the joint density is a product of two Gaussians", () => { // torch: Normal(f(z), .3).log_prob(1.5) + Normal(0, 1).log_prob(z) at z = .7
  assert.ok(Math.abs(logJoint(DECODERS.bent, 0.7, 1.5, 0.3) - -1.58516096) < 1e-8);
  assert.ok(Math.abs(logJoint(DECODERS.folded, 0.7, 1.5, 0.3) - -6.54612648) < 1e-8);
});

test("scales lead from one end to the other, and a pixel to the nearest value", () => {
  assert.equal(linear(0, 10, 100, 200)(5), 150);
  assert.ok(Math.abs(logarithmic(1, 100, 0, 200)(10) - 100) < 1e-9);
  assert.equal(nearestTo([5, 30, 10_000], logarithmic(5, 10_000, 0, 300), 80), 1);
});

const fit = (count, own, fresh) => ({ count, own, truthOnOwn: own - 0.5, new: fresh, variance: 0.2, angles: [1, 2] });
const data = { shown: true, entropy: 18.74, variance: 0.25, fits: [fit(5, -11, -70), fit(14, -17, -20), fit(1000, -18.7, -18.8)] };

test("a guess is right or wrong only when the truth is there", () => {
  assert.deepEqual(verdicts({ ...data, shown: false }, { curve: CURVES[0], place: PLACES[0] }), ["", ""]);
  const [curve, place] = verdicts(data, { curve: CURVES[0], place: PLACES[0] });
  assert.match(curve, /^Right, the upper one/);
  assert.match(place, /^No, between them/);
});

test("what is lost is the difference of the two numbers that are shown", () => {
  assert.match(inWords(data, data.fits[1]), /New images get −20\.00, which is 1\.26 nats below the best there is, −18\.74/);
  assert.doesNotMatch(inWords({ ...data, shown: false }, data.fits[1]), /18\.74|θ\*/);
});
