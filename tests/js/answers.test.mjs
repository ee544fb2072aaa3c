// What the browser answers in Python's place on a saved page, against numbers that are known by hand.
import assert from "node:assert/strict";
import test from "node:test";
import { put } from "../../dashboard/shared/js/blobs.js";
import { logPrior } from "../../dashboard/shared/js/gaussian.js";
import { codesAlong, logAggregate, viewOf, votes } from "../../dashboard/shared/saved_pages/codes.js";
import { onShelf } from "../../dashboard/shared/js/blobs.js";
import { placesOf } from "../../dashboard/explore/answers/first_layer.js";
import { createPictures } from "../../dashboard/explore/answers/pictures.js";
import { wayBetween } from "../../dashboard/explore/answers/ways.js";
import createLecture from "../../dashboard/kl/answers/answers.js";
import { askedOf as lectureAsked } from "../../dashboard/kl/answers/address.js";
import { askedOf as gridAsked, regionsOf } from "../../dashboard/manifold/answers/answers.js";
import createPaper from "../../dashboard/paper/answers/answers.js";

const close = (a, b, far = 1e-9) => assert.ok(Math.abs(a - b) <= far, `${a} is not ${b}`);
const codesOf = (rows, labels) => ({
  count: rows.length, dims: rows[0].length, mean: Float32Array.from(rows.flat()), logvar: new Float32Array(rows.flat().length),
  labels: Uint8Array.from(labels),
});

test("pictures in colour have three numbers a pixel", () => {
  const shape = [2, 3, 3], levels = Uint8Array.from({ length: 36 }, (_, k) => k);
  put("tests", { count: 2, shape, levels });
  const host = { facts: { images: "tests", codes: "", binary: false, pixels: "grey", knows: 0 } };
  const pictures = createPictures(host, { shape, variance: 1, model: "" }, { y: null, z: [0] });
  assert.equal(pictures.pixels, 18);
  const second = pictures.test(1, 0);
  assert.deepEqual([...second.grey], [...levels.subarray(18)]);
  close(second.x[17], 35 / 255, 1e-7);
  assert.equal(pictures.prior(1), null, "nothing here decodes");
});

test("a straight way has even steps, a spherical one keeps its length while it turns", () => {
  const codes = codesOf([[1, 0], [0, 1]], [4, 7]), facts = { stochastic: true };
  const straight = wayBetween([1, 0], [0, 1], "straight", codes, facts), round = wayBetween([1, 0], [0, 1], "spherical", codes, facts);
  assert.deepEqual(straight.points[30], [0.5, 0.5]);
  for (const [x, y] of round.points) close(Math.hypot(x, y), 1);
  close(round.points[20][1], Math.sin(Math.PI / 6));
  assert.deepEqual([straight.labels[0], straight.labels[60]], [4, 7]);
  close(straight.logPrior[0], -0.5 - Math.log(2 * Math.PI));
  const opposite = wayBetween([2, 0], [-1, 0], "spherical", codes, facts).points[30];
  close(Math.abs(opposite[1]), 1.5, 1e-6);
});

test("one standard normal code has the prior's density, two a mean of two", () => {
  close(logAggregate(codesOf([[0, 0]], [0]), [0.3, -1]), logPrior([0.3, -1]));
  const apart = codesOf([[0, 0], [40, 0]], [0, 1]);
  close(logAggregate(apart, [0, 0]), logPrior([0, 0]) - Math.log(2));
});

test("the nearest codes vote, and far tiles belong to nobody", () => {
  const codes = codesOf([[0, 0], [0.1, 0], [5, 5]], [1, 1, 2]);
  assert.deepEqual([...votes(codes, [0, 0], 2, 3)], [0, 2, 0]);
  assert.deepEqual([...votes(codes, [0, 0], 15, 3)], [0, 2, 1]);
  put("some", codes);
  const page = { n: 5, spacing: "linear", axes: [0, 1] };
  const found = regionsOf({ codes: "some", stochastic: true }, { dims: 2, classes: ["0", "1", "2"], base: [0, 0] }, page);
  assert.equal(found.labels[12], 1); // the middle
  assert.equal(found.votes[12], 2);
});

test("codes along other axes and their view", () => {
  put("three", codesOf([[1, 2, 3], [4, 5, 6]], [0, 1]));
  const key = codesAlong({ codes: "three" }, [2, 0]), along = onShelf(key);
  assert.deepEqual([...along.mean], [3, 1, 6, 4]);
  assert.equal(along.dims, 2);
  const recorded = { spans: [[-1, 1], [-9, 9], [0, 4]], view: "its own", axes: [0, 1] };
  assert.equal(viewOf(recorded, [0, 1]), "its own");
  assert.deepEqual(viewOf(recorded, [0, 2]), { x: [-2, 2], y: [0, 4] });
});

test("each unit stands where in the image its weights are", () => {
  const weight = Float32Array.from([9, 0, 0, 0, 0, 0, 0, 9]); // one looks at the left top of 2 x 2 pixels, one at the right bottom
  const { across, up } = placesOf({ layers: [{ inputs: 4, outputs: 2, weight }], shape: [2, 2] });
  const levels = (text) => [...Buffer.from(text, "base64")];
  assert.deepEqual(levels(across), [0, 255]);
  assert.deepEqual(levels(up), [255, 0]);
});

test("the paper's title is that of the panel and the axis which were chosen, in any order", () => {
  const claims = Object.fromEntries(["a", "b"].map((at) => [at, Object.fromEntries(["images", "seconds"].map((axis) => [axis, [at, axis]]))]));
  const h1 = {}, p = {}, main = { querySelector: () => ({ querySelector: (name) => ({ h1, p })[name] }) }, shown = { at: "a", axis: "images" };
  const page = { known: { claims }, main, data: () => shown, update: (_, part) => Object.assign(shown, part), go() {} };
  const { figures } = createPaper({ ...page, address: {} });
  figures.axis("seconds");
  assert.deepEqual([h1.innerHTML, p.innerHTML], ["a", "seconds"]);
  figures.panel("b");
  assert.deepEqual([h1.innerHTML, p.innerHTML], ["b", "seconds"]);
  assert.deepEqual(shown, { at: "b", axis: "seconds" });
  createPaper({ ...page, address: { panel: "a", axis: "none" } });
  assert.deepEqual([shown, h1.innerHTML], [{ at: "a", axis: "seconds" }, "a"]);
});

test("the lecture's own address begins its scenes, and what makes no sense begins nothing", () => {
  const data = { trials: [{ beta: 8, method: "warm-up" }] };
  assert.deepEqual(lectureAsked({ g: "1,0.5,0,2", d: "7.5", try: "8,warm-up", loss: "mse,sum,mean,4" }, data), {
    gaussians: [1, 0.5, 0, 2], distance: 7.5, tried: [8, "warm-up"], loss: { error: "mse", pixels: "sum", dims: "mean", weight: "4" },
  });
  for (const address of [{}, { g: "1,0,0,2", d: "9", try: "8,none", loss: "mse,sum" }, { g: "1,1,x,1", d: "-1", loss: "a,b,c,d" }, { g: "", d: "", loss: "" }]) {
    assert.deepEqual(lectureAsked(address, data), {});
  }
});

test("the lecture says which beta it has instead", () => {
  const said = [], models = [0, 1, 2, 4].map((beta) => ({ beta }));
  const begun = (address) => createLecture({
    address, data: () => ({ models, trials: [], scene: "beta", at: 1 }), update() {}, say: (text) => said.push(text),
  });
  globalThis.location = { search: "?beta=3.1" };
  begun({ beta: "3.1" });
  begun({ beta: "2" });
  begun({ beta: "none" });
  begun({});
  assert.deepEqual(said, ["There is no model of β = 3.1: the 4 models have β from 0 to 4, the nearest is β = 4."]);
});

test("a grid's own address chooses among what was recorded", () => {
  const known = { claims: { "inverse CDF": { 5: [], 20: [] }, linear: { 5: [], 20: [] } }, captions: { linear: { nothing: {}, classes: {} } } };
  assert.deepEqual(gridAsked({ n: "5", spacing: "linear", over: "classes" }, known), { n: 5, spacing: "linear", over: "classes" });
  assert.deepEqual(gridAsked({ n: "4", spacing: "round", over: "all" }, known), {});
  assert.deepEqual(gridAsked({}, known), {});
});
