// The decoder of the pages against nets small enough to compute by hand.
import assert from "node:assert/strict";
import test from "node:test";
import { decode, decodeMany, givenClass, readDecoder } from "../../dashboard/shared/js/decoder.js";
import { cumulative, furtherOut, logPrior, normals, quantile } from "../../dashboard/shared/js/gaussian.js";
import { aggregate } from "../../dashboard/explore/plane/density.js";
import { steps, tilePoints } from "../../dashboard/manifold/grid/grid.js";
import { number, percent, quantised, subscript } from "../../dashboard/shared/js/canvas.js";

// The blob of a decoder: weights are lists of [W, b], W row by row.
function blob(header, weights) {
  let text = JSON.stringify(header);
  while ((4 + text.length) % 4) text += " ";
  const numbers = new Float32Array(weights.flat(2));
  const bytes = new Uint8Array(4 + text.length + numbers.byteLength);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(new TextEncoder().encode(text), 4);
  bytes.set(new Uint8Array(numbers.buffer), 4 + text.length);
  return bytes;
}

const close = (a, b, far = 1e-6) => assert.ok(Math.abs(a - b) <= far, `${a} is not ${b}`);
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

const hidden = {
  relu: (h) => Math.max(0, h),
  tanh: Math.tanh,
  silu: (h) => h * sigmoid(h),
  softplus: (h) => Math.log(1 + Math.exp(h)),
};

for (const [name, act] of Object.entries(hidden)) {
  test(`a 2-3-2 net with ${name} gives the numbers of its formula`, () => {
    const W1 = [1, -2, 0.5, 3, -1, 1], b1 = [0.1, -0.2, 0.3], W2 = [1, 2, -1, -0.5, 1, 0.25], b2 = [0.5, -1];
    const decoder = readDecoder(blob(
      { layers: [[2, 3, name], [3, 2, "identity"]], likelihood: "bernoulli", squash: "sigmoid", shape: [1, 2], latent_dim: 2, sha256: "x" },
      [[W1, b1], [W2, b2]],
    ));
    const z = [0.7, -0.4];
    const h = b1.map((b, j) => act(W1[2 * j] * z[0] + W1[2 * j + 1] * z[1] + b));
    const expected = b2.map((b, j) => sigmoid(b + h.reduce((sum, value, i) => sum + W2[3 * j + i] * value, 0)));
    decode(decoder, z).forEach((value, j) => close(value, expected[j]));
  });
}

test("a conditional decoder given a class adds that class's weights to its first bias, of one layer or of two", () => {
  const w = [[0.5, -1, 2], [-0.25, 0.75, 0]], W1 = [1, -2, 0.5, 3, -1, 1], b1 = [0.1, -0.2, 0.3], z = [0.7, -0.4];
  const W2 = [1, 2, -1, -0.5, 1, 0.25], b2 = [0.5, -1];
  const two = readDecoder(blob(
    { layers: [[2, 3, "tanh"], [3, 2, "identity"]], classes: 2, likelihood: "bernoulli", squash: "sigmoid", shape: [1, 2], latent_dim: 2, sha256: "x" },
    [w, [W1, b1], [W2, b2]],
  ));
  const one = readDecoder(blob(
    { layers: [[2, 3, "identity"]], classes: 2, likelihood: "fixed_gaussian", squash: "identity", shape: [1, 3], latent_dim: 2, sha256: "x" },
    [w, [W1, b1]],
  ));
  for (const y of [0, 1, 0]) {
    const first = b1.map((b, j) => b + w[y][j] + W1[2 * j] * z[0] + W1[2 * j + 1] * z[1]), h = first.map(Math.tanh);
    const expected = b2.map((b, j) => sigmoid(b + h.reduce((sum, value, i) => sum + W2[3 * j + i] * value, 0)));
    decode(givenClass(two, y), z).forEach((value, j) => close(value, expected[j]));
    decode(givenClass(one, y), z).forEach((value, j) => close(value, first[j]));
    const steps = decodeMany(givenClass(two, y), [z, z], (_, image) => image.forEach((value, j) => close(value, expected[j])));
    while (!steps.next().done);
  }
  assert.equal(givenClass(two, 2), undefined);
  assert.equal(givenClass(two, 1), givenClass(two, 1));
});

test("a Gaussian decoder shows the sigmoid of its first outputs; log variances are not computed", () => {
  const decoder = readDecoder(blob(
    { layers: [[1, 4, "identity"]], likelihood: "gaussian", squash: "sigmoid", shape: [2, 1], latent_dim: 1, sha256: "x" },
    [[[1, 2, 100, 100], [0, -1, 0, 0]]],
  ));
  const image = decode(decoder, [0.5]);
  assert.equal(image.length, 2);
  close(image[0], sigmoid(0.5));
  close(image[1], sigmoid(0));
});

test("an identity mean stays as it is", () => {
  const header = { layers: [[1, 1, "identity"]], likelihood: "fixed_gaussian", squash: "identity", shape: [1, 1], latent_dim: 1, sha256: "x" };
  close(decode(readDecoder(blob(header, [[[2], [0.25]]])), [0.5])[0], 1.25);
});

test("an unknown activation is an error that names it", () => {
  const header = { layers: [[1, 1, "gelu"]], likelihood: "bernoulli", squash: "sigmoid", shape: [1, 1], latent_dim: 1, sha256: "x" };
  assert.throws(() => readDecoder(blob(header, [[[1], [0]]])), /gelu/);
});

test("many points at once give the same images as one by one, for every remainder", () => {
  const random = normals(3);
  const fill = (n) => Array.from({ length: n }, random);
  const decoder = readDecoder(blob(
    { layers: [[3, 7, "tanh"], [7, 6, "identity"]], likelihood: "bernoulli", squash: "sigmoid", shape: [2, 3], latent_dim: 3, sha256: "x" },
    [[fill(21), fill(7)], [fill(42), fill(6)]],
  ));
  for (const count of [1, 3, 4, 5, 9]) {
    const points = Array.from({ length: count }, () => fill(3));
    const seen = [];
    for (const done of decodeMany(decoder, points, (k, image) => { seen[k] = [...image]; })) assert.ok(done <= count);
    assert.equal(seen.length, count);
    points.forEach((z, k) => decode(decoder, z).forEach((value, i) => close(seen[k][i], value)));
  }
});

test("log p(z) and the share of the prior further out", () => {
  close(logPrior([0.9, -1.35]), -Math.log(2 * Math.PI) - (0.81 + 1.8225) / 2, 1e-12);
  close(furtherOut(2.6325, 2), Math.exp(-2.6325 / 2), 1e-12);
  close(furtherOut(3.841458820694124, 1), 0.05); // quantiles of chi-square, from tables
  close(furtherOut(7.814727903251179, 3), 0.05);
  close(furtherOut(11.070497693516351, 5), 0.05);
  close(furtherOut(18.307038053275146, 10), 0.05, 1e-12);
  close(furtherOut(31.410432844230918, 20), 0.05, 1e-12);
  assert.equal(furtherOut(0, 7), 1);
});

test("quantile and cumulative are each other's inverse", () => {
  close(quantile(0.975), 1.959963984540054, 1e-8);
  close(quantile(0.001), -3.090232306167813, 1e-8);
  assert.equal(quantile(0.5), 0);
  for (const u of [0.0003, 0.02, 0.1, 0.5, 0.77, 0.99]) close(cumulative(quantile(u)), u, 1e-6);
});

test("the same seed draws the same normal numbers, with mean 0 and variance 1", () => {
  const draw = normals(5), again = normals(5);
  const x = Array.from({ length: 20000 }, draw);
  assert.deepEqual(x.slice(0, 5), Array.from({ length: 5 }, again));
  const mean = x.reduce((a, b) => a + b) / x.length;
  close(mean, 0, 0.03);
  close(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length, 1, 0.05);
});

test("the grid's row 0 is the largest z2 and its columns grow with z1", () => {
  const points = tilePoints(5, "inverse CDF", 3, [2, 0], [0, 0, 0]);
  assert.equal(points.length, 25);
  assert.deepEqual(points[12], [0, 0, 0]);
  close(points[0][0], quantile(0.9), 1e-12);
  close(points[0][2], quantile(0.1), 1e-12);
  assert.ok(points.every((z) => z[1] === 0));
});

test("linear steps are equally far apart, one dimension runs through all rows", () => {
  const apart = steps(6, "linear");
  apart.slice(1).forEach((value, i) => close(value - apart[i], 1, 1e-12));
  const line = tilePoints(3, "inverse CDF", 1, [0], [0]).map(([z]) => z);
  assert.equal(line.length, 9);
  assert.deepEqual(line, [...line].sort((a, b) => a - b));
});

test("numbers are written with a true minus, without a negative zero, and percent says small shares", () => {
  assert.equal(number(-1.349), "\u22121.35");
  assert.equal(number(-0.001), "0.00");
  assert.equal(percent(0.268), "27 %");
  assert.equal(percent(0.0004), "0.04 %");
  assert.equal(percent(1e-9), "< 0.01 %");
  assert.equal(subscript(18), "\u2081\u2088");
  assert.deepEqual(quantised([0.12345, -1.9999]), [0.123, -2]);
});

test("the density of codes integrates to their share inside the plane", () => {
  const codes = { count: 2, mean: Float32Array.of(0.5, 0.5, 9, 9), logvar: Float32Array.of(-2, -6, -6, -6) };
  const steps = aggregate(codes, { x: [-4, 4], y: [-4, 4] }, 100);
  let step;
  do step = steps.next(); while (!step.done);
  close(step.value.reduce((sum, q) => sum + q * 0.08 ** 2, 0), 0.5, 1e-4);
  const top = step.value.indexOf(Math.max(...step.value));
  assert.equal(Math.floor(top / 100), 43); // z2 = 0.5 lies 3.5 below the top, in the 44th row of 0.08
});
