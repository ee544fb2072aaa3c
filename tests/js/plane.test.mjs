// The look of the plane, which the address keeps, and a pointer along a film.
import assert from "node:assert/strict";
import test from "node:test";
import { central, placeOn } from "../../dashboard/explore/plane/arrival.js";
import { createLook } from "../../dashboard/explore/plane/look.js";
import { dragAlong, tilesIn } from "../../dashboard/explore/film.js";

const home = { x: [-4, 4], y: [-4, 4] };
const data = (more = {}, look = {}) => ({
  name: "two", model: "key", axes: [0, 1], view: home, backdrops: ["codes", "tiles"], ...more,
  look: { nonce: 1, zoom: [1, 0, 2], back: "tiles", pixels: "mean", draw: 3, hide: [7, 2], ...look },
});

test("a look is taken from the address once, and sent back as it came", () => {
  const look = createLook(), first = data();
  assert.equal(look.adopt(first, null), false);
  assert.deepEqual(look.view, { x: [-1, 3], y: [-2, 2] });
  assert.deepEqual(look.asSent(first), { back: "tiles", pixels: "mean", draw: 3, hide: [2, 7], zoom: [1, 0, 2] });
  look.backdrop = "codes";
  assert.equal(look.adopt(data(), first), true);
  assert.equal(look.backdrop, "codes", "an answer of Python does not undo what a visitor has chosen meanwhile");
});

test("other axes show the whole plane and keep the rest; the browser's Back brings all of it", () => {
  const look = createLook(), first = data();
  look.adopt(first, null);
  const turned = data({ axes: [1, 0] }, { back: "codes" });
  look.adopt(turned, first);
  assert.deepEqual([look.view, look.backdrop, look.asSent(turned).zoom], [home, "tiles", null]);
  assert.equal(look.adopt(data({ axes: [1, 0] }, { nonce: 2, back: "codes", hide: [] }), turned), false);
  assert.deepEqual([look.backdrop, look.without.size], ["codes", 0]);
});

test("a backdrop that a model lacks gives way to its first", () => {
  const look = createLook(), one = data({ backdrops: ["codes"] });
  look.adopt(one, null);
  assert.equal(look.shown(one), "codes");
});

test("a pointer along a film is heard only while it is held, and never beyond its ends", () => {
  const heard = [], track = { getBoundingClientRect: () => ({ left: 100, width: 200 }) };
  let lost = 0;
  const held = dragAlong(track, (share, done) => heard.push([share, done, held()]), () => lost++);
  track.onpointermove({ clientX: 150 });
  track.onpointerdown({ clientX: 150, pointerId: 1 });
  track.onpointermove({ clientX: 900 });
  track.onpointerup({ clientX: 0 });
  track.onpointerup({ clientX: 0 });
  assert.deepEqual(heard, [[0.25, false, true], [1, false, true], [0, true, true]]);
  track.onpointerdown({ clientX: 150, pointerId: 1 });
  track.onpointercancel();
  assert.deepEqual([lost, held()], [1, false]);
});

test("a film has as many tiles as stay as wide as they are tall, five at least", () => {
  assert.deepEqual([tilesIn(500, [28, 28]), tilesIn(60, [28, 28]), tilesIn(500, [28, 56])], [10, 5, 5]);
});

test("the way of the travelling point passes through its stops and closes", () => {
  const way = [[0, 0], [1, 2], [3, 1], [2, -2]];
  way.forEach((stop, k) => assert.deepEqual(placeOn(way, k), stop));
  const [first, last] = [placeOn(way, 1e-9), placeOn(way, 4 - 1e-9)];
  first.forEach((value, k) => assert.ok(Math.abs(value - last[k]) < 1e-6));
});

test("a visit that does not travel begins in the middle of the class nearest to the centre", () => {
  const group = (x, y) => [[x, y], [x + 0.3, y], [x - 0.3, y], [x, y + 0.3], [x, y - 0.3]];
  const mean = Float32Array.from([...group(-2, 2), ...group(1, -0.5), ...group(2, 2)].flat()), labels = Uint8Array.from("000001111122222");
  const view = { x: [-4, 4], y: [-4, 4] }, toX = (x) => 80 * (x + 4), toY = (y) => 80 * (4 - y);
  const scene = { codes: { mean, labels, count: 15 }, side: 640, view, toX, toY, without: new Set() };
  assert.equal(central(scene), 5);
  assert.equal(central({ ...scene, codes: { mean: [], labels: [], count: 0 } }), null);
});
