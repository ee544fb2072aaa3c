// The search of the list of models: which card stays, and which of a series' models it shows.
import assert from "node:assert/strict";
import test from "node:test";
import { fits } from "../../dashboard/shared/model_gallery.js";

const stops = [["a", "β = 1", ""], ["b", "β = 4", ""], ["c", "β = 64", "posterior collapse"]]
  .map(([key, name, also]) => ({ key, name, result: "-150 nats", also }));
const series = { title: "One network, many β", stops };

test("a series is found by what one of its models is known for, and shows that one", () => {
  assert.equal(fits(series, "Series", "collapse"), 2);
  assert.equal(fits(series, "Series", "network collapse"), 2, "words may stand above it");
  assert.equal(fits(series, "Series", "faces"), -1);
});

test("what is shown stays where it fits", () => {
  assert.equal(fits(series, "Series", "β", 1), 1);
  assert.equal(fits(series, "Series", "", 1), 1);
  assert.equal(fits(series, "Series", "64", 1), 2);
});
