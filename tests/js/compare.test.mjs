import assert from "node:assert/strict";
import test from "node:test";

import { bins } from "../../dashboard/compare/paired_bounds.js";
import { tabled } from "../../dashboard/compare/columns/columns.js";
import { apart, readable } from "../../dashboard/shared/js/numbers.js";
import { numberRows } from "../../dashboard/compare/columns/rows.js";

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

test("the table has a row per number and model, and none where there is no number", () => {
  const columns = [{ key: "a", here: { values: [-1, 2, -3], error: 0.1 } }, { key: "b", here: { values: [-2], error: 0 } }];
  const rows = [{ name: "KL", cells: [{ value: 7.4, deviation: 0.2, text: "7.40" }, { why: "no q(z|x)" }] }, { name: "x", cells: [{ words: "grey" }, { words: "grey" }] }];
  assert.deepEqual(tabled({ columns, rows, chosenName: "test 3" }), [
    ["quantity", "model", "value", "error"], ["reconstruction of test 3", "a", -1, 0.1], ["reconstruction of test 3", "b", -2, 0],
    ["KL of test 3", "a", 2, 0], ["ELBO of test 3", "a", -3, 0.1], ["KL", "a", 7.4, 0.2], ["x", "a", "grey", undefined], ["x", "b", "grey", undefined],
  ]);
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

test("between two models a bar points to the better one, in its own column and words", () => {
  globalThis.document = { createElement: () => ({ dataset: {} }) };
  const judged = { difference: "−3.00", by: "3.00", verdict: "worse", opposite: "better", bar: -0.5 };
  const row = { name: "ELBO", symbol: "elbo", says: "", unit: " nats", cells: [{ text: "−1.00" }, { text: "−4.00", ...judged }] };
  const [, , first, second] = numberRows([row], 2, true);
  assert.match(first.innerHTML, /width:30.0%.*better by 3.00 nats/);
  assert.doesNotMatch(second.innerHTML, /better|worse|width/);
  const [, , , own] = numberRows([row], 2);
  assert.match(own.innerHTML, /class="less" style="width:25.0%".*worse by 3.00 nats/);
});

test("what is the same for all models is said once", () => {
  globalThis.document = { createElement: () => ({ dataset: {} }) };
  const row = { name: "steps", symbol: "", says: "", cells: [{ words: "8,000" }, { words: "8,000" }, { words: "8,000" }] };
  const [, ...cells] = numberRows([row], 3);
  assert.equal(cells.length, 1);
  assert.match(cells[0].innerHTML, /8,000.*all/);
  assert.equal(numberRows([{ ...row, cells: [...row.cells.slice(1), { words: "9" }] }], 3).length, 4);
});
