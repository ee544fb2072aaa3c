// The grid's points, and what lies over its tiles.
import assert from "node:assert/strict";
import test from "node:test";
import { steps, tilePoints } from "../../dashboard/manifold/grid/grid.js";
import { NOBODY, along, drawCodes, regionsOf } from "../../dashboard/manifold/grid/overlay.js";

test("dimensions that the grid does not show stay at the base", () => {
  const points = tilePoints(5, "inverse CDF", 4, [2, 0], [9, 0.5, 9, -1.25]);
  assert.ok(points.every((z) => z[1] === 0.5 && z[3] === -1.25));
  assert.ok(Math.abs(points[12][0]) < 1e-12 && Math.abs(points[12][2]) < 1e-12);
});

test("the centre of every tile lies where its z lies along the grid", () => {
  for (const spacing of ["inverse CDF", "linear"]) {
    steps(8, spacing).forEach((z, i) => assert.ok(Math.abs(along(z, spacing) - (i + 0.5) / 8) < 1e-6));
  }
});

test("connected tiles of one class are one region, marked in its depth", () => {
  const labels = [
    1, 1, 1, 2, 2,
    1, 1, 1, 2, 2,
    1, 1, 1, 3, 2,
    4, 4, 4, 4, 2,
    4, 4, 4, 1, 1,
  ];
  const found = regionsOf(labels, 5, 2);
  assert.deepEqual(found.map(({ label, size }) => [label, size]), [[1, 9], [2, 6], [3, 1], [4, 7], [1, 2]]);
  assert.equal(found[0].at, 6); // the middle of the three by three
  assert.ok(found.every(({ label, at }) => labels[at] === label));
});

test("a line of tiles is one row: what touches above and below is no neighbour", () => {
  const found = regionsOf([1, 1, 2, 2, 2, 1, 1, 1, 1], 3, 1);
  assert.deepEqual(found.map(({ label, size }) => [label, size]), [[1, 2], [2, 3], [1, 4]]);
  assert.equal(found[1].at, 3);
});

test("a grid of one class, or of nobody, is one region", () => {
  for (const label of [7, NOBODY]) {
    const [only, ...more] = regionsOf(new Array(49).fill(label), 7, 2);
    assert.deepEqual([only.label, only.size, only.at, more.length], [label, 49, 24, 0]);
  }
});

test("codes lie on the tile that decodes them, the largest z2 on top", () => {
  const dots = [];
  const pen = { fillRect: (x, y, wide, tall) => dots.push([x + wide / 2, y + tall / 2]) };
  const grid = { n: 4, wide: 10, tall: 10, dims: 2 }, colours = { dots: [[0, 0, 0]] };
  drawCodes(pen, grid, { mean: Float32Array.of(0, 0, -9, 9, 0.6745, 0), count: 3 }, "inverse CDF", colours, [0, 0, 0]);
  const near = (a, b) => a.forEach((value, k) => assert.ok(Math.abs(value - b[k]) < 0.01, `${a} is not ${b}`));
  near(dots[0], [20, 20]);
  near(dots[1], [0, 0]); // far out: the outmost corner of the outmost tile
  near(dots[2], [30, 20]);
});
