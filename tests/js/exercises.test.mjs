// What the browser keeps of the exercises.
import assert from "node:assert/strict";
import test from "node:test";
import keep from "../../dashboard/exercises/kept.js";

const stored = new Map();
globalThis.localStorage = { getItem: (key) => stored.get(key) ?? null, setItem: (key, text) => stored.set(key, text) };
const drawn = (data) => {
  const told = [];
  keep({ data: [data], setStateValue: (name, value) => told.push(value) });
  return told;
};

test("what was answered here is kept by sheet, the last one at the end, and told to a session that asks", () => {
  assert.deepEqual(drawn({ title: "A", answers: "", given: false, asks: true }), [], "nothing is kept yet");
  drawn({ title: "A", answers: "1", given: true, asks: false });
  drawn({ title: "B", answers: "2", given: true, asks: false });
  drawn({ title: "A", answers: "3", given: true, asks: false });
  drawn({ title: "B", answers: "a link's", given: false, asks: false });
  const [kept] = drawn({ title: "C", answers: "", given: false, asks: true });
  assert.deepEqual(Object.entries(kept), [["B", "2"], ["A", "3"]]);
  assert.deepEqual(drawn({ title: "A", answers: "3", given: false, asks: false }), []);
});

test("what cannot be read is nothing, and storage that is forbidden no error", () => {
  stored.set("vae-lab-answers", "{");
  assert.deepEqual(drawn({ title: "A", answers: "", given: false, asks: true }), []);
  globalThis.localStorage = { getItem() { throw new Error("forbidden"); }, setItem() { throw new Error("forbidden"); } };
  assert.deepEqual(drawn({ title: "A", answers: "1", given: true, asks: true }), []);
});
