// The numbers that the ELBO and Gradients pages compute in the browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { axesOf, contour, drawGuesses, gripAt, projection, refined } from "../../dashboard/elbo/bound/posterior.js";
import { bayesAt, bayesInWords, cellAt } from "../../dashboard/elbo/bound/bayes.js";
import { unsummed } from "../../dashboard/elbo/draws/derivation.js";
import { klOf, reconstructionOf } from "../../dashboard/elbo/bound/live.js";
import { billInWords, partOf, placeInWords } from "../../dashboard/elbo/bound/bill.js";
import { losses, pixelWords, worst } from "../../dashboard/elbo/bound/pixels.js";
import { roundTicks } from "../../dashboard/shared/js/ticks.js";
import { range, summary, valuesInWords } from "../../dashboard/elbo/draws/charts.js";
import { few, times } from "../../dashboard/gradients/ratios.js";
import { csv, fileName } from "../../dashboard/shared/js/files.js";
import { plusMinus, rounded } from "../../dashboard/shared/js/canvas.js";
import { tabled } from "../../dashboard/elbo/bound/bound.js";
import { familyOf, traceOf } from "../../dashboard/elbo/bound/terms.js";
import { progressInWords, summary as summaryOfAll } from "../../dashboard/elbo/test_set/table.js";

test("a refined field passes through a quadratic's values and its contour is a circle", () => {
  const n = 20, field = Float32Array.from({ length: n * n }, (_, k) => -0.5 * (((k % n) - 9.5) ** 2 + (Math.floor(k / n) - 9.5) ** 2) / 16);
  const fine = refined(field, n, n, 4);
  assert.equal(fine.nx, 80);
  const segments = contour(fine, -0.5);
  assert.ok(segments.length > 40);
  for (const [x, y] of segments) assert.ok(Math.abs(Math.hypot(x / 4 - 10, y / 4 - 10) - 4) < 0.05);
});

test("the axes of a Gaussian with a covariance are those of its Cholesky factor's product", () => {
  const factor = [[2, 0], [0.6, 0.5]], { long, short, turn } = axesOf(factor);
  const [c, s] = [Math.cos(turn), Math.sin(turn)], covariance = [[4, 1.2], [1.2, 0.61]];
  const along = (u, v) => u * u * covariance[0][0] + 2 * u * v * covariance[0][1] + v * v * covariance[1][1];
  assert.ok(Math.abs(along(c, s) - long ** 2) < 1e-9 && Math.abs(along(-s, c) - short ** 2) < 1e-9);
  assert.ok(long > short && Math.abs(long * short - 2 * 0.5) < 1e-9, "the determinant stays");
  assert.equal(axesOf([[1, 0], [0, 3]]).long, 3);
});

test("a contour above the peak is empty", () => {
  assert.equal(contour({ values: new Float32Array(25), nx: 5, ny: 5 }, 1).length, 0);
});

test("both axes have one scale and there is a way back", () => {
  const to = projection([[-1, 1], [0, 4]], 500, 300);
  assert.equal(to.x(1) - to.x(0), to.y(0) - to.y(1));
  const [a, b] = to.back(to.x(0.3), to.y(2.2));
  assert.ok(Math.abs(a - 0.3) < 1e-12 && Math.abs(b - 2.2) < 1e-12);
});

test("no word lies on what a hand takes hold of", () => {
  const to = projection([[-2, 2], [-1.2, 1.2]], 508, 302), svg = {};
  for (let k = 0; k < 200; k++) {
    const at = (seed, reach) => reach * Math.sin(12.9898 * (k + 1) * seed), size = (seed) => 0.05 + 0.3 * Math.abs(at(seed, 1));
    const q = [at(1, 1.6), at(2, 0.9), size(3), size(4)], best = [q[0] + at(5, 0.4), q[1] + at(6, 0.3), size(7), size(8)];
    const held = [to.x(best[0]) - 60, to.y(best[1]) - 60, 120, 120];
    drawGuesses(svg, to, { q, best, path: null, name: "encoder", contours: held });
    const grips = [[to.x(q[0]) + gripAt(to, q[2]), to.y(q[1])], [to.x(q[0]), to.y(q[1]) - gripAt(to, q[3])], [to.x(q[0]), to.y(q[1])]];
    for (const [, x, y, word] of svg.innerHTML.matchAll(/<text x="([-\d.]+)" y="([-\d.]+)" fill[^>]*>(.*?)<\/text>/g)) {
      const wide = word === "best Gaussian" ? 98 : 90;
      for (const [a, b] of grips) assert.ok(a + 5 < x || a - 5 > Number(x) + wide || b + 5 < y - 14 || b - 5 > Number(y) + 4, `${k}: ${word}`);
    }
  }
});

test("the KL of a Gaussian against the prior, by hand", () => {
  const { kl, klMu, klSigma } = klOf([1, 0, 0.5, 1], 2);
  assert.deepEqual(klMu, [0.5, 0]);
  assert.ok(Math.abs(klSigma[0] - ((0.25 - 1) / 2 - Math.log(0.5))) < 1e-12);
  assert.equal(klSigma[1], 0);
  assert.ok(Math.abs(kl - klMu[0] - klSigma[0]) < 1e-12);
});

test("the KL by trace and determinant is the sum over the dimensions", () => {
  const q = [1, -0.4, 0.2, 0.5, 1.3, 0.02], { trace, logdet, square, kl } = traceOf(q, 3);
  assert.ok(Math.abs(kl - klOf(q, 3).kl) < 1e-12);
  assert.ok(Math.abs(trace - 1.9404) < 1e-12 && Math.abs(square - 1.2) < 1e-12);
  assert.ok(Math.abs(logdet - Math.log((0.5 * 1.3 * 0.02) ** 2)) < 1e-12);
});

test("the reconstruction of a linear Gaussian decoder has its closed form", () => {
  // x = w z + noise of variance 1: E_q log p = -log(2 pi) / 2 - ((x - w m)^2 + w^2 s^2) / 2 per pixel
  const layer = { inputs: 1, outputs: 2, weight: Float32Array.of(1, -2), bias: new Float32Array(2), activate: () => {}, one: new Float32Array(2) };
  const decoder = { layers: [layer], pixels: 2, likelihood: "fixed_gaussian", mean: new Float32Array(2), squash: () => {} };
  const [m, s] = [0.3, 0.7], x = Float32Array.of(1, 0.5);
  const expected = [[1, 1], [-2, 0.5]].reduce((sum, [w, v]) => sum - 0.5 * Math.log(2 * Math.PI) - 0.5 * ((v - w * m) ** 2 + w * w * s * s), 0);
  assert.ok(Math.abs(reconstructionOf(decoder, x, [m, s], 1, 1) - expected) < 1e-4);
});

test("what draws have estimated is not written to eight digits", () => {
  assert.deepEqual([53111199, 10661, 193.4, 1.64, 0.0887].map(times), ["5.3 × 10⁷", "10,700", "193", "1.64", "0.089"]);
  assert.deepEqual([53111199, 10661, 193.4, 1.64].map(few), ["5.3 × 10⁷", "11,000", "190", "1.64"]);
});

test("a table has plain minus signs, its errors in a column of their own, and no formulas", () => {
  const numbers = { reconstruction: -77.5, kl: 1.5, elbo: -79, gap: 2, klMu: [0.5], klSigma: [1] };
  const rows = tabled({ numbers, logPx: -77, errors: { reconstruction: 0.25, gap: 0.3, logPx: 1e-7 }, exact: true, dims: 1, q: [1, 0.5], name: "encoder" });
  assert.ok(rows.every((row) => row.length === 3));
  const text = csv(rows);
  assert.match(text, /^quantity,value,error\r\nq,encoder,\r\nreconstruction,-77.5,0.25\r\nKL,1.5,0\r\n/);
  assert.match(text, /gap,2,0.3\r\nlog p\(x\),-77,1e-7\r\n/);
  assert.equal(csv([["=1+1", "a,b", null, NaN]]), "'=1+1,\"a,b\",,\r\n");
  assert.equal(fileName("mnist-2d", "test 0", "elbo"), "mnist-2d-test-0-elbo");
});

test("a number has the decimals that its error leaves", () => {
  assert.deepEqual([[14.447, 0.23], [14.447, 0.014], [14.447, 0], [-26868.3, 1.8], [-73.449, 26], [1.005, 1e-6]].map(([v, e]) => rounded(v, e)), ["14.4", "14.45", "14.45", "−26868", "−73", "1.00"]);
  assert.deepEqual([0.23, 0.014, 1.8, 26, 0.004, 0].map(plusMinus), ["± 0.2", "± 0.01", "± 2", "± 26", "", ""]);
});

test("a part of the test set says how well the mean over all of it is known, and no duration", () => {
  const said = (count, means, paused = false) => progressInWords({ count, of: 10000, paused }, "ELBO", means);
  assert.equal(said(512, [-130.42, 1.13]), "512 of 10,000 images. Mean ELBO of the test set: <b>−130</b> nats, accurate to <b>± 1</b> now");
  assert.match(said(4096, [-130.42, 0.34], true), /^4,096 of 10,000 images, paused\. .*<b>−130\.4<\/b> nats, accurate to <b>± 0\.3<\/b> now$/);
  assert.equal(said(1, [-130.42, null]), "1 of 10,000 images");
  assert.equal(said(10000, [-130.42, 0]), "all 10,000 images, nats");
});

test("the first sentence has the equation's numbers, whatever their sign", () => {
  const said = (reconstruction, kl, error = 0) =>
    billInWords({ reconstruction, kl, elbo: reconstruction - kl }, error).replace(/<[^>]*>/g, "");
  assert.equal(said(-77.52, 9.45), "Of 86.97 nats, 77.52 are the reconstruction of the pixels and 9.45 the KL of the code.");
  assert.equal(said(-70.13, 4.2, 0.26), "Of 74.3 nats, 70.1 are the reconstruction of the pixels and 4.20 the KL of the code.");
  assert.equal(said(-205.8, 0.001), "Of 205.80 nats, 205.80 are the reconstruction of the pixels and none the KL of the code, which says nothing.");
  assert.equal(said(838.05, 7.43), "The reconstruction of the pixels is worth 838.05 nats (a density may exceed 1) and the KL of the code costs 7.43: 830.62 are left.");
  assert.match(said(3, 7.5), /: −4\.50 are left/);
});

test("the second sentence names the part of the figure that costs most, with what it costs", () => {
  const shape = [12, 9], at = (r, c) => r * shape[1] + c, nats = new Float32Array(12 * 9);
  const plain = (text) => text.replace(/<[^>]*>/g, ""), said = (binary) => {
    const best = binary ? 0 : Math.max(...nats), loss = nats.map((v) => best - v);
    return plain(placeInWords({ nats, loss, binary, shape }));
  };
  for (let r = 3; r < 9; r++) for (let c = 0; c < 9; c++) nats[at(r, c)] = -0.1; // the figure, not the whole image
  assert.match(said(true), /^What it costs is spread evenly over the figure/);
  for (let c = 0; c < 9; c++) nats[at(3, c)] = -2;
  assert.deepEqual(partOf(nats.map((v) => -v), shape, true).rows, [3, 5]);
  assert.equal(said(true), "Most of the reconstruction, 18.9 nats, lies at the top.");
  nats.fill(1.5);
  for (let r = 8; r < 12; r++) for (let c = 6; c < 9; c++) nats[at(r, c)] = -1;
  assert.equal(said(false), "The picture fits worst at the bottom right: 0.25 nats per pixel there, 1.50 elsewhere.");
  nats.fill(-0.5);
  assert.match(said(false), /^No part of the picture fits much worse/);
});

test("of one dimension no Gaussian is called diagonal", () => {
  assert.deepEqual([1, 2, 10].map(familyOf), ["Gaussian", "diagonal Gaussian", "diagonal Gaussian"]);
});

test("two estimators that differ within their error are about equal", () => {
  const a = Float32Array.from({ length: 200 }, (_, k) => Math.sin(k)), wide = a.map((v) => 3 * v);
  assert.match(valuesInWords({ a, b: a.map((v) => 1.03 * v) }, 200), /about equal/);
  assert.match(valuesInWords({ a, b: wide }, 200), /Here A is 3.0 times tighter/);
});

test("ticks are round and inside", () => {
  assert.deepEqual(roundTicks(-226.4, -217.1), [-225, -220]);
  for (const [low, high] of [[-1, 1], [0.001, 0.0042], [-3000, 12000]]) {
    const ticks = roundTicks(low, high);
    assert.ok(ticks.length >= 2 && ticks.length <= 6, String(ticks));
    assert.ok(ticks.every((t) => t >= low && t <= high));
  }
});

test("losses are counted from certainty for bits and from the best pixel for densities", () => {
  assert.deepEqual([...losses(Float32Array.of(-1, 0), true)], [1, 0]);
  assert.deepEqual([...losses(Float32Array.of(3, 1), false)], [0, 2]);
  assert.equal(worst([0, 2, 1]), 1);
});

test("a pixel's words hold its formula", () => {
  const words = pixelWords(1, { x: [0, 1], pixels: [-0.1, -0.7], image: [0.1, 0.5], shape: [1, 2], binary: true });
  assert.match(words, /row 1, column 2: <b>−0.70<\/b> nats/);
  assert.match(words, /= y = 0.500/);
});

test("mean, spread and standard error of the first draws", () => {
  const { mean, spread, error } = summary(Float32Array.of(1, 3, 100), 2);
  assert.equal(mean, 2);
  assert.ok(Math.abs(spread - Math.SQRT2) < 1e-12 && Math.abs(error - 1) < 1e-12);
  const [low, high] = range(Float32Array.of(0, 1), Float32Array.of(2, 3));
  assert.ok(low < 0 && high > 3);
});

// A linear Gaussian decoder in one dimension, x = 2 z + noise of variance .25: the evidence and the posterior are Gaussian.
test("the likelihood times the prior over the posterior is the evidence at every code that is clicked", () => {
  const layer = { inputs: 1, outputs: 1, weight: Float32Array.of(2), bias: new Float32Array(1), activate: () => {}, one: new Float32Array(1) };
  const decoder = { likelihood: "fixed_gaussian", layers: [layer], pixels: 1, mean: new Float32Array(1), squash: () => {} };
  const x = 1.2, normal = (v, mean, variance) => -0.5 * (Math.log(2 * Math.PI * variance) + (v - mean) ** 2 / variance);
  const evidence = normal(x, 0, 4.25), box = [[-1, 2]];
  const field = Float32Array.from({ length: 300 }, (_, k) => normal(x, 2 * (-1 + (k + 0.5) / 100), 0.25) + normal(-1 + (k + 0.5) / 100, 0, 1));
  for (const z of [-0.7, 0.3, 1.99]) {
    const found = bayesAt([z], { known: { field, box }, data: { logPx: evidence, variance: 0.25 } }, decoder, Float32Array.of(x));
    assert.ok(Math.abs(found.z[0] - z) <= 0.005 + 1e-9);
    assert.ok(Math.abs(found.posterior - normal(found.z[0], (2 * x) / 4.25, 0.25 / 4.25)) < 1e-4);
    assert.ok(Math.abs(found.likelihood + found.prior - found.posterior - evidence) < 1e-4);
    assert.match(bayesInWords(found), new RegExp(evidence.toFixed(2).replace("-", "−")));
  }
  assert.equal(bayesAt([2.5], { known: { field, box }, data: { logPx: evidence } }, decoder, Float32Array.of(x)), null);
});

test("a code of the plane finds its own cell: rows go upwards, columns to the right", () => {
  const known = { field: Float32Array.from({ length: 16 }, (_, k) => k), box: [[0, 4], [10, 14]] };
  assert.deepEqual(cellAt([2.2, 13.9], known), { middle: [2.5, 13.5], logJoint: 14 });
  assert.equal(cellAt([4.2, 12], known), null);
});

test("log p of a data set is the sum over its images", () => {
  const said = (name) => summaryOfAll(Float32Array.of(-100.25, -50, NaN, -1000), name, { count: 4, of: 4, sentence: "" });
  assert.match(said("log p(x)"), /Their sum is <b>−1,150<\/b> nats, which is log p of all 3 images together/);
  assert.match(said("ELBO"), /−1,150<\/b> nats, a lower bound on log p of all 3 images/);
  assert.doesNotMatch(said("gap"), /sum/);
});

test("how rarely a draw from the prior explains an image is told only where enough draws count", () => {
  const said = (priorGuess) => unsummed({ points: "10⁵", twin: "two", priorGuess }, 10);
  assert.match(said({ tries: 1.2e7, draws: 4000, effective: 262.1 }), /about once in <b>10<sup>7<\/sup><\/b> tries.*4,000 weighted draws, of which 262 count/);
  assert.match(said({ tries: null, draws: 4000, effective: 1.2 }), /cannot be told from 4,000 weighted draws, of which 1\.2 count/);
});
