// The numbers of the Explore page: likelihoods, sampled pixels, the part of the plane that is seen.
import assert from "node:assert/strict";
import test from "node:test";
import { meanOf, parameters, readDecoder } from "../../dashboard/shared/js/decoder.js";
import { uniforms } from "../../dashboard/shared/js/gaussian.js";
import { logLikelihood, samplePixels } from "../../dashboard/shared/js/likelihood.js";
import { caption, isHole, tickDigits, tickValues } from "../../dashboard/explore/plane/backdrop.js";
import { within } from "../../dashboard/explore/plane/readouts.js";
import { asNumbers, containing, fromNumbers, panned, zoomed } from "../../dashboard/explore/plane/zoom.js";

const close = (a, b, far = 1e-5) => assert.ok(Math.abs(a - b) <= far, `${a} is not ${b}`);

function linear(likelihood, W, b, pixels) {
  const squash = likelihood.endsWith("_gaussian") ? "identity" : "sigmoid";
  let head = JSON.stringify({ layers: [[1, b.length, "identity"]], likelihood, squash, shape: [1, pixels], latent_dim: 1, sha256: "x" });
  while ((4 + head.length) % 4) head += " ";
  const numbers = new Float32Array([...W, ...b]), bytes = new Uint8Array(4 + head.length + numbers.byteLength);
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(new TextEncoder().encode(head), 4);
  bytes.set(new Uint8Array(numbers.buffer), 4 + head.length);
  return readDecoder(bytes);
}

test("a share of the prior is never said to be 0 or 1", () => {
  assert.deepEqual([0.08, 0.5, 0.9987, 0.99996, 0.003, 1e-9].map(within), ["0.08", "0.50", "0.999", "> 0.9999", "0.003", "< 0.0001"]);
});

test("Bernoulli pixels: the log-likelihood is the sum of x l - log(1 + exp l), also far from 0", () => {
  const decoder = linear("bernoulli", [2, -1], [0.5, 80], 2);
  const l = [2 * 0.3 + 0.5, -0.3 + 80];
  const expected = l[0] - Math.log(1 + Math.exp(l[0])) - l[1]; // x = 1, 0; log(1 + exp 80) = 80
  close(logLikelihood(decoder, parameters(decoder, [0.3]), [1, 0], 1), expected, 1e-4);
});

test("Gaussian pixels: learned variances lie between 0.01 and 1, a fixed one is as given", () => {
  const learned = linear("gaussian", [0, 0, 0, 0], [0, 0, 50, -50], 2);
  const log = (x, m, s) => -0.5 * Math.log(2 * Math.PI) - Math.log(s) - 0.5 * ((x - m) / s) ** 2;
  close(logLikelihood(learned, parameters(learned, [0]), [0.7, 0.51], 1), log(0.7, 0.5, 1) + log(0.51, 0.5, 0.01), 1e-3);
  const fixed = linear("fixed_gaussian", [1], [0], 1);
  close(logLikelihood(fixed, parameters(fixed, [0.25]), [0.75], 0.16), log(0.75, 0.25, 0.4));
});

test("sampled Bernoulli pixels are black as often as their mean says", () => {
  const decoder = linear("bernoulli", [0], [Math.log(3)], 1), draw = uniforms(4), into = new Float32Array(1);
  let black = 0;
  for (let k = 0; k < 4000; k++) black += samplePixels(decoder, parameters(decoder, [0]), [draw()], 1, into)[0];
  close(black / 4000, 0.75, 0.03);
  close(meanOf(decoder, parameters(decoder, [0]))[0], 0.75);
});

const home = { x: [-4, 4], y: [-4, 4] };

test("zooming keeps the point under the hand, and never leaves home", () => {
  const near = zoomed(home, 0.5, [0.75, 0.25], home);
  close(near.x[0] + 0.75 * (near.x[1] - near.x[0]), 2);
  close(near.y[1] - 0.25 * (near.y[1] - near.y[0]), 2);
  const all = zoomed(near, Infinity, [0.1, 0.9], home);
  [...all.x, ...all.y].forEach((v, k) => close(v, [-4, 4, -4, 4][k]));
  assert.deepEqual(panned(home, 5, -5, home), home);
  const moved = panned(near, 0.25, 0, home);
  close(moved.x[0], near.x[0] - 1);
});

test("a view is its numbers in the address, and nonsense there is brought home", () => {
  const view = zoomed(home, 0.1, [0.3, 0.3], home);
  const again = fromNumbers(asNumbers(view), home);
  again.x.forEach((v, k) => close(v, view.x[k]));
  assert.deepEqual(fromNumbers([1e9, -1e9, 1e9], home), home);
  const speck = fromNumbers([0, 0, 1e-300], home);
  assert.ok(speck.x[1] > speck.x[0]);
});

test("a point outside the view moves the view, one inside does not", () => {
  const view = { x: [0, 1], y: [0, 1] };
  assert.equal(containing(view, 0.5, 0.5, home), view);
  const moved = containing(view, 3, -2, home);
  assert.deepEqual(moved, { x: [2.5, 3.5], y: [-2.5, -1.5] });
});

test("ticks become finer with the view and say so", () => {
  assert.deepEqual(tickValues([-3.5, 3.5]), [-3, -2, -1, 0, 1, 2, 3]);
  assert.equal(tickDigits([-3.5, 3.5]), 0);
  assert.equal(tickDigits([0.1, 0.15]), 2);
  tickValues([0.1, 0.15]).forEach((v) => assert.ok(v > 0.1 && v < 0.15));
});

test("a hole is where the server's picture says q < p / 20, read like a plot, and nothing beyond its circle", () => {
  const cells = 64, edge = 3, faint = 6, levels = 8, ratio = new Uint8Array(cells * cells);
  const half = 0.7, at = (k) => ((k + 0.5) * 2 * edge) / cells - edge; // log q / p = log 0.05 on the line y = half
  for (let row = 0; row < cells; row++) for (let column = 0; column < cells; column++) ratio[row * cells + column] = Math.round(255 * Math.min(1, Math.max(0, (faint + Math.log(0.05) + 2 * (half - at(cells - 1 - row))) / levels)));
  const picture = { cells, edge, faint, levels, ratio };
  for (const x of [-1.5, 0, 1.5]) {
    assert.equal(isHole(picture, x, half + 0.05), true);
    assert.equal(isHole(picture, x, half - 0.05), false);
  }
  assert.equal(isHole(picture, 0, 2.99), true);
  assert.equal(isHole(picture, 2.2, 2.2), false);
  assert.equal(isHole(picture, -2.99, 0.1), false);
});

test("the caption of holes names the codes that it is about", () => {
  assert.equal(caption("holes", { dims: 2, side: 600, hatch: { training: true } }), "few training codes");
  assert.equal(caption("holes", { dims: 2, side: 600, hatch: { training: false } }), "few test codes");
  assert.equal(caption("holes", { dims: 3, side: 600 }), "holes of the marginal");
});
