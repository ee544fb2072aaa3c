import assert from "node:assert/strict";
import test from "node:test";

import { bins } from "../../dashboard/components/duel/duel.js";
import { apart, numberRows, readable } from "../../dashboard/components/compare/rows.js";

test("a histogram counts every difference, and 0 is the edge of a bin", () => {
  const differences = Array.from({ length: 1000 }, (_, k) => Math.sin(k) * 30 + 5);
  const { first, width, heights } = bins(differences);
  assert.equal(heights.reduce((sum, n) => sum + n, 0), 1000);
  const negative = heights.slice(0, -first).reduce((sum, n) => sum + n, 0);
  assert.equal(negative, differences.filter((d) => d < 0).length);
  assert.ok(width > 0);
});

test("a histogram of equal differences is no division by zero", () => {
  const { heights } = bins([0, 0, 0]);
  assert.equal(heights.reduce((sum, n) => sum + n, 0), 3);
});

test("a difference is that of the numbers as they are shown", () => {
  assert.equal(apart(-130.46, -157.04, 1), "+26.5"); // −130.5 − (−157.0), not 26.58
  assert.equal(apart(1.02, 0.98, 1), "0.0");
  assert.equal(apart(1, null, 1), "");
});

test("what is too large to read is a power of ten", () => {
  assert.equal(readable(-999999, 0), "\u2212999999");
  assert.equal(readable(-1.26e30, 2), "\u22121.3 × 10³⁰");
  assert.equal(readable(Infinity, 2), "not finite");
  assert.equal(apart(-1.26e30, 4, 1), "\u22121.3 × 10³⁰");
});

test("a row has a label and one cell per model", () => {
  globalThis.document = { createElement: () => ({ dataset: {} }) };
  const row = { name: "KL", symbol: "kl", says: "nats", cells: [{ text: "7.4" }, { why: "no q(z|x)" }, { text: "3", difference: "−4.4" }] };
  const [label, ...cells] = numberRows([row], 3);
  assert.match(label.innerHTML, /KL/);
  assert.equal(cells.length, 3);
  assert.match(cells[1].innerHTML, /no q\(z\|x\)/);
  assert.match(cells[2].innerHTML, /difference">−4.4/);
});
