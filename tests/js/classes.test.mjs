// Names of classes where there is little room: told apart, cut between characters, never markup.
import assert from "node:assert/strict";
import test from "node:test";
import { colourOf, cut, htmlOf, nameOf, shortNames, stretch } from "../../dashboard/shared/js/classes.js";
import { glyphPlaces, inSight, tiny } from "../../dashboard/explore/plane/backdrop.js";
import { drawRegions } from "../../dashboard/manifold/grid/overlay.js";
import { drawAxes } from "../../dashboard/elbo/test_set/dots.js";
import { vectorPlane } from "../../dashboard/explore/plane/vector.js";

test("a label has its class's name; one without a name is its number", () => {
  assert.deepEqual([0, 2].map((label) => nameOf(["5", "7", "9"], label)), ["5", "9"]);
  assert.equal(nameOf(["5"], 3), "3");
  assert.equal(nameOf(undefined, 3), "3");
});

test("ten colours, which repeat", () => {
  assert.equal(colourOf(3), colourOf(13));
  assert.equal(colourOf(25), "var(--glyph5)");
});

test("short names are whole where they can be, and those that begin alike keep their ends", () => {
  assert.deepEqual(shortNames(["5", "größe", "Straßenbahn"]), ["5", "größe", "Stra…"]);
  assert.deepEqual(shortNames(["class_01", "class_02"]), ["cl…01", "cl…02"]);
  assert.deepEqual(shortNames(["🙂🙂🙂🙂🙂🙂"]), ["🙂🙂🙂🙂…"]);
  const many = Array.from({ length: 256 }, (_, k) => `class_${String(k).padStart(3, "0")}`);
  assert.ok(shortNames(many).every((name) => [...name].length <= 5));
});

test("what is cut says so, and is never longer than asked for", () => {
  assert.equal(cut("größe", 5), "größe");
  assert.equal(cut("größer", 5), "größ…");
  assert.equal(cut("abc", 1), "a");
});

test("a name is text, never markup", () => {
  assert.equal(htmlOf('<b title="x">&amp;</b>'), "&#60;b title=&#34;x&#34;&#62;&#38;amp;&#60;/b&#62;");
});

test("digits stand as close as ever, words farther apart", () => {
  assert.equal(stretch(["0", "9"]), 1);
  assert.equal(stretch([]), 1);
  assert.ok(stretch(["größe"]) > 1.5);
  const mean = Float32Array.from({ length: 600 }, (_, k) => (k % 2 ? 250 : 5 + k));
  const scene = (names) => ({ codes: { mean, labels: new Uint8Array(300), count: 300 }, side: 640, toX: (x) => x, toY: (y) => y, without: new Set(), names });
  assert.deepEqual(glyphPlaces(scene(["0"])), glyphPlaces(scene([])));
  assert.ok(glyphPlaces(scene(["0"])).length > glyphPlaces(scene(["größe"])).length);
  assert.ok(tiny(scene(["a", "10"])) && !tiny(scene(["a", "ten"])));
  assert.equal(inSight({ ...scene(["größe"]), dims: 2 }).length, 300);
});

const pen = () => {
  const texts = [];
  return new Proxy({ texts }, { get: (all, name) => (name === "texts" ? texts : name === "fillText" ? (text) => texts.push(text) : () => {}), set: () => true });
};
const ten = Array.from({ length: 10 }, () => [1, 2, 3]);

test("regions are written by their names", () => {
  const on = pen(), labels = [0, 0, 12, 12, 0, 0, 12, 12, 0, 0, 12, 12, 0, 0, 12, 12];
  const names = Array.from("abcdefghijklmnopqrstuvwxyz");
  drawRegions(on, { n: 4, wide: 20, tall: 20, dims: 2 }, { labels, names }, { dots: ten, glyphs: ten }, [0, 0, 0], [9, 9, 9]);
  assert.deepEqual(on.texts.sort(), ["a", "m"]);
});

test("the columns of all images have names, cut to their width, and whole as a title", () => {
  const svg = { innerHTML: "" };
  const columns = [0, 1].map((kind) => ({ kind, middle: 50 + 40 * kind, median: 10 }));
  drawAxes(svg, { ticks: [], columns, wide: 40, width: 200, height: 100, x: [], y: [] }, ["<i>a long one", "9"], { chosen: null, under: null });
  assert.match(svg.innerHTML, /<title>&#60;i&#62;a long one<\/title>&#60;i&#62;…<\/text>/);
  assert.match(svg.innerHTML, /<title>9<\/title>9<\/text>/);
  const crowd = Array.from({ length: 256 }, (_, kind) => ({ kind, middle: kind, median: NaN }));
  drawAxes(svg, { ticks: [], columns: crowd, wide: 2, width: 600, height: 100, x: [], y: [] }, [], { chosen: null, under: null });
  assert.equal(svg.innerHTML.match(/<\/title>[^<]+<\/text>/g).length, 43); // every sixth
});

test("the plane as SVG writes names, escaped", () => {
  const grey = [90, 90, 90], names = ["ground", "panel", "ink", "ink2", "rule", "hair", "noise", "mu", "sigma", "z", "paper"];
  const colours = { ...Object.fromEntries(names.map((name) => [name, grey])), dots: ten.map(() => "rgb(1 2 3)"), glyphs: ten.map(() => "rgb(4 5 6)"), plain: "rgb(7 8 9)" };
  const codes = { mean: new Float32Array([0, 0]), labels: new Uint8Array([11]), count: 1 };
  const classes = Array.from({ length: 12 }, (_, k) => `<${k}>`);
  const svg = vectorPlane({ side: 400, view: { x: [-2, 2], y: [-2, 2] }, dims: 2, axes: [0, 1], colours, phone: false, without: new Set(), pins: {}, q: null,
    toX: (x) => 100 * (x + 2), toY: (y) => 100 * (2 - y), codes, names: shortNames(classes) }, "codes", [0, 0]);
  assert.match(svg, />&#60;11&#62;<\/text>/);
});
