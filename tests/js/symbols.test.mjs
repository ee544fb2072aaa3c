// Which marks of a figure answer a symbol that is asked for, and which step back.
import assert from "node:assert/strict";
import test from "node:test";
import { statesOf } from "../../dashboard/shared/js/symbols.js";

const mark = (symbol, ...inside) => {
  const node = { dataset: { symbol }, inside, contains: (other) => other === node || inside.some((part) => part.contains(other)) };
  return node;
};

test("what shows the quantity is lit, the rest steps back, and what holds a lit mark stays as it is", () => {
  const ellipse = mark("q kl"), ring = mark("p kl"), point = mark("z"), plane = mark("", ellipse, ring, point), image = mark("x");
  const all = [plane, ellipse, ring, point, image];
  assert.deepEqual(statesOf(all, "kl"), ["", "lit", "lit", "dim", "dim"]);
  assert.deepEqual(statesOf(all, "x"), ["dim", "dim", "dim", "dim", "lit"]);
  assert.deepEqual(statesOf(all, "x z"), ["", "dim", "dim", "lit", "lit"]);
});

test("what lies in a lit mark stays as it is", () => {
  const number = mark("mu"), column = mark("q", number);
  assert.deepEqual(statesOf([column, number], "q"), ["lit", ""]);
  assert.deepEqual(statesOf([column, number], "mu"), ["", "lit"]);
});

test("nothing is lit or dim when nobody asks, and all is dim where nothing shows what is asked for", () => {
  const all = [mark("x"), mark("")];
  assert.deepEqual(statesOf(all, ""), ["", ""]);
  assert.deepEqual(statesOf(all, "elbo"), ["dim", "dim"]);
});
