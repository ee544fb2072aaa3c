// The picture of a VAE: where hidden units stand in a trapezoid, which dot the mouse means, which dots may fly.
import assert from "node:assert/strict";
import test from "node:test";
import { dotAt } from "../../dashboard/explore/plane/dots.js";
import { sameImages } from "../../dashboard/explore/plane/morph.js";
import { bandsOf, hiddenOf, orderOf } from "../../dashboard/explore/plane/network.js";

test("every unit has a cell, the cells fit into the trapezoid, and there are more where it is wide", () => {
  for (const count of [3, 64, 500, 1000]) {
    const { size, counts } = bandsOf(count, 100, 240, 0.44, 1);
    assert.equal(counts.reduce((sum, cells) => sum + cells, 0), count);
    assert.ok(counts.length * size <= 100);
    counts.forEach((cells, k) => assert.ok(cells * size <= 240 * (0.44 + (0.56 * (k + 0.5)) / counts.length) + size, `${count}: band ${k}`));
    if (count >= 64) assert.ok(counts.at(-1) > counts[0]);
  }
  assert.deepEqual(bandsOf(1e6, 100, 240, 1, 0.44).counts, [], "no room");
});

test("units stand where in the plane they answer", () => {
  const units = { across: [1, -1, 1, -1], up: [-1, -1, 1, 1] }; // right below, left below, right above, left above
  assert.deepEqual(orderOf(units, [2, 2], true), [3, 1, 2, 0]); // the left column from above, then the right one
  assert.deepEqual(orderOf(units, [2, 2], false), [3, 2, 1, 0]); // the upper row from the left, then the lower one
});

test("a hidden layer is read where the decoder leaves it, with the range of what it can say", () => {
  const tanh = (h) => h.forEach((value, i) => { h[i] = Math.tanh(value); }), one = new Float32Array(2);
  const first = { inputs: 2, outputs: 2, weight: Float32Array.of(9, 0, 0, -9), bias: Float32Array.of(0, 0.5), activate: tanh, one };
  const { across, up, range, values } = hiddenOf({ layers: [first, {}] }, [0, 1]);
  assert.deepEqual([[...across], [...up], values === one], [[9, 0], [0, -9], true]);
  range.forEach((end, k) => assert.ok(Math.abs(end - [-1, 1][k]) < 1e-6));
  assert.deepEqual([...hiddenOf({ layers: [first, {}] }, [1, 0]).across], [0, -9]);
  assert.equal(hiddenOf({ layers: [first] }, [0, 1]), null, "a linear decoder has none");
});

const scene = (more = {}) => ({
  codes: { mean: Float32Array.of(0, 0, 1, 0, 1, 0.02), labels: Uint8Array.of(3, 4, 5), count: 3 }, dims: 2, without: new Set(),
  toX: (x) => 100 + 100 * x, toY: (y) => 100 - 100 * y, ...more,
});

test("the dot that is meant is the nearest one that is seen, within a few pixels", () => {
  assert.equal(dotAt(scene(), 101, 103), 0);
  assert.equal(dotAt(scene(), 200, 101), 1);
  assert.equal(dotAt(scene(), 200, 97), 2);
  assert.equal(dotAt(scene({ without: new Set([5]) }), 200, 97), 1, "a class that is switched off has no dots");
  assert.equal(dotAt(scene(), 150, 100), -1);
  assert.equal(dotAt(scene({ dims: 1 }), 100, 100), -1, "on a line there are none");
  assert.equal(dotAt(scene({ codes: null }), 100, 100), -1);
});

test("dots fly only where they are of the same images", () => {
  const dots = (labels, count = labels?.length ?? 2) => ({ labels: labels && Uint8Array.from(labels), x: new Float32Array(count) });
  assert.equal(sameImages(dots([1, 2]), dots([1, 2])), true);
  assert.equal(sameImages(dots([1, 2]), dots([2, 1])), false);
  assert.equal(sameImages(dots([1, 2]), dots([1, 2, 3])), false);
  assert.equal(sameImages(dots(null), dots(null)), true);
  assert.equal(sameImages(dots(null), dots([1, 2])), false);
});
