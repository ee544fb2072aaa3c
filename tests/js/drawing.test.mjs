// A drawing as grey levels and a picture as PNG: both from numbers, without a canvas.
import assert from "node:assert/strict";
import test from "node:test";
import { inflateSync } from "node:zlib";
import { levelsOf } from "../../dashboard/shared/image_picker/sketch.js";
import { png } from "../../dashboard/shared/js/png.js";

const SIDE = 112, NIB = 0.088, FINE = 6; // points to a side of a pixel, of which the share inside the stroke is counted

// The distance from a point to a stroke, by walking along it in small steps.
function distance(stroke, x, y) {
  let least = Infinity;
  stroke.forEach(([x1, y1], k) => {
    const [x0, y0] = stroke[Math.max(0, k - 1)], steps = 1 + Math.ceil(200 * Math.hypot(x1 - x0, y1 - y0));
    for (let i = 0; i <= steps; i++) least = Math.min(least, Math.hypot(x0 + ((x1 - x0) * i) / steps - x, y0 + ((y1 - y0) * i) / steps - y));
  });
  return least;
}

function counted(strokes) {
  return Array.from({ length: SIDE * SIDE }, (_, k) => {
    let inside = 0;
    for (let i = 0; i < FINE * FINE; i++) {
      const x = ((k % SIDE) + ((i % FINE) + 0.5) / FINE) / SIDE, y = (Math.floor(k / SIDE) + (Math.floor(i / FINE) + 0.5) / FINE) / SIDE;
      if (strokes.some((stroke) => distance(stroke, x, y) <= NIB / 2)) inside++;
    }
    return (255 * inside) / FINE ** 2;
  });
}

const far = (levels, expected) => Math.max(...expected.map((level, k) => Math.abs(level - levels[k])));

test("a stroke covers the share of each pixel that its nib covers", () => {
  const cases = { dot: [[[0.503, 0.41]]], line: [[[0.2, 0.3], [0.81, 0.66]]], corner: [[[0.2, 0.2], [0.7, 0.25], [0.45, 0.8]]] };
  for (const [name, strokes] of Object.entries(cases)) {
    const levels = levelsOf(strokes, SIDE, NIB), expected = counted(strokes), sum = (all) => all.reduce((a, b) => a + b, 0);
    assert.ok(far(levels, expected) < 32, `${name}: ${far(levels, expected)}`); // the rim is straight within a pixel
    assert.ok(Math.abs(sum([...levels]) / sum(expected) - 1) < 0.01, name);
  }
});

test("strokes lie over each other, and the order of points does not matter", () => {
  const one = [[0.2, 0.5], [0.8, 0.5]], other = [[0.5, 0.2], [0.5, 0.8]];
  const both = levelsOf([one, other], SIDE, NIB), [first, second] = [one, other].map((stroke) => levelsOf([stroke], SIDE, NIB));
  assert.deepEqual([...both], [...first].map((level, k) => Math.max(level, second[k])));
  assert.deepEqual([...levelsOf([one.toReversed()], SIDE, NIB)], [...first]);
  assert.ok(levelsOf([], SIDE, NIB).every((level) => level === 0));
});

test("a stroke that leaves the sheet is cut at its border", () => {
  const levels = levelsOf([[[-0.4, 0.5], [1.6, 0.5]]], SIDE, NIB), row = (y) => [...levels.subarray(y * SIDE, (y + 1) * SIDE)];
  assert.ok(row(SIDE / 2).every((level) => level === 255));
  assert.ok(row(0).every((level) => level === 0));
  assert.ok(levelsOf([[[2, 2], [3, 3]]], SIDE, NIB).every((level) => level === 0));
});

test("a PNG holds the pixels, each as a square", async () => {
  const data = Uint8ClampedArray.from({ length: 2 * 3 * 4 }, (_, k) => (k * 37) % 256), times = 3;
  const bytes = Buffer.from(await (await png({ data, width: 2, height: 3 }, times)).arrayBuffer());
  assert.equal(bytes.subarray(0, 8).toString("hex"), "89504e470d0a1a0a");
  assert.equal(bytes.subarray(-12).toString("hex"), "0000000049454e44ae426082"); // IEND and its known checksum
  const length = bytes.readUInt32BE(33), rows = inflateSync(bytes.subarray(41, 41 + length)), wide = 1 + 4 * 2 * times;
  assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20), rows.length], [6, 9, 9 * wide]);
  for (let y = 0; y < 9; y++) {
    assert.equal(rows[y * wide], 0);
    for (let x = 0; x < 6; x++) {
      const k = 4 * (Math.floor(y / times) * 2 + Math.floor(x / times)), at = y * wide + 1 + 4 * x;
      assert.deepEqual([...rows.subarray(at, at + 4)], [...data.subarray(k, k + 4)]);
    }
  }
});
