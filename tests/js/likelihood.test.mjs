// A new likelihood is one entry of the table; one that is not there is named.
import assert from "node:assert/strict";
import test from "node:test";
import { LIKELIHOODS, logLikelihood, samplePixels } from "../../dashboard/shared/js/likelihood.js";

const decoder = (likelihood) => ({ likelihood, pixels: 2, mean: new Float32Array(2), squash: () => {} });

test("a Laplace likelihood that is added is used by its name", () => {
  const width = 0.5;
  LIKELIHOODS.laplace = {
    log: (_, output) => (k, value) => -Math.log(2 * width) - Math.abs(value - output[k]) / width,
    sample: (_, output, u, variance, into) => {
      for (let k = 0; k < into.length; k++) into[k] = output[k] - width * Math.sign(u[k] - 0.5) * Math.log(1 - 2 * Math.abs(u[k] - 0.5));
    },
  };
  const output = Float32Array.of(0.25, 1), x = Float32Array.of(0.75, 1);
  assert.ok(Math.abs(logLikelihood(decoder("laplace"), output, x, 1) - (-2 * Math.log(1) - 1)) < 1e-6);
  const drawn = samplePixels(decoder("laplace"), output, [0.5, 0.75], 1, new Float32Array(2));
  assert.ok(Math.abs(drawn[0] - 0.25) < 1e-6 && Math.abs(drawn[1] - (1 + width * Math.log(2))) < 1e-6);
  delete LIKELIHOODS.laplace;
});

test("one that the pages do not know is named", () => {
  assert.throws(() => logLikelihood(decoder("laplace"), [0, 0], [0, 0], 1), /no likelihood called laplace/);
});
