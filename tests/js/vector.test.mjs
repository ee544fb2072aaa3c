// The plane as SVG: what is drawn, how often, and that it is well formed. The label of q, where it is free.
import assert from "node:assert/strict";
import test from "node:test";
import { freeSide } from "../../dashboard/explore/plane/posterior.js";
import { vectorPlane } from "../../dashboard/explore/plane/vector.js";

const SIDE = 500, HALF = 2;
const grey = [90, 90, 90], ten = (text) => Array.from({ length: 10 }, () => text);
const names = ["ground", "panel", "ink", "ink2", "rule", "hair", "noise", "mu", "sigma", "z", "paper"];
const colours = { ...Object.fromEntries(names.map((name) => [name, grey])), dots: ten("rgb(1 2 3 / 0.5)"), glyphs: ten("rgb(4 5 6 / 1)"), plain: "rgb(7 8 9 / 0.4)" };

function scene(more = {}) {
  const mean = Float32Array.from({ length: 2000 }, (_, k) => 3 * Math.sin(k * k)), labels = Uint8Array.from({ length: 1000 }, (_, i) => i % 2);
  return {
    side: SIDE, view: { x: [-HALF, HALF], y: [-HALF, HALF] }, dims: 2, axes: [0, 1], colours, phone: false, without: new Set(), pins: {},
    toX: (x) => ((x + HALF) / (2 * HALF)) * SIDE, toY: (y) => ((HALF - y) / (2 * HALF)) * SIDE,
    q: { mean: [0.5, 0.5], sigma: [0.1, 0.2] }, codes: { mean, labels, count: 1000 }, ...more,
  };
}

// Every tag is closed in its turn, every attribute quoted, no & or < left over.
function parsed(svg) {
  const open = [], rest = svg.replace(/<(\/?)(\w+)((?: [\w:-]+="[^"<&]*")*)(\/?)>/g, (_, closing, name, attributes, alone) => {
    if (closing) assert.equal(open.pop(), name);
    else if (!alone) open.push(name);
    return "";
  });
  assert.deepEqual(open, []);
  assert.doesNotMatch(rest, /[<>&]/);
  assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
}

const group = (svg, name) => svg.match(new RegExp(`<g class="${name}"[^>]*>(.*?)</g>`, "s"))[1];
const circles = (text) => text.split("<circle").length - 1;

test("as many circles as codes in view, for every backdrop with codes", () => {
  const { codes: { mean }, toX, toY } = scene();
  let inView = 0;
  for (let i = 0; i < 1000; i++) {
    const x = toX(mean[2 * i]), y = toY(mean[2 * i + 1]);
    if (x > -8 && y > -8 && x < SIDE + 8 && y < SIDE + 8) inView++;
  }
  assert.ok(inView > 100 && inView < 1000);
  for (const name of ["codes", "tiles", "density", "holes"]) {
    const svg = vectorPlane(scene(), name, [0.5, -0.5]);
    parsed(svg);
    assert.equal(circles(group(svg, "codes")), inView);
    assert.match(group(svg, "glyphs"), /<text/);
  }
});

test("classes switched off are not drawn; without codes, on a line and for the prior it is whole, too", () => {
  const all = circles(group(vectorPlane(scene(), "codes", [0, 0]), "codes"));
  const some = circles(group(vectorPlane(scene({ without: new Set([1]) }), "codes", [0, 0]), "codes"));
  assert.ok(some > 0 && some < all);
  const prior = vectorPlane(scene(), "prior", [0, 0]);
  parsed(prior);
  assert.equal(circles(group(prior, "draws")), 1000);
  parsed(vectorPlane(scene({ codes: null, q: null }), "tiles", [0, 0]));
  const codes = { mean: new Float32Array([0, 1]), labels: null, count: 2 };
  const line = vectorPlane(scene({ dims: 1, axes: [0], codes, q: { mean: [0], sigma: [0.1] } }), "codes", [0]);
  parsed(line);
  assert.equal(circles(group(line, "codes")), 2);
});

test("the label of q keeps off pins and off the tags of the circles, and inside the plane", () => {
  const at = (more, x, y) => freeSide(scene(more), { x, y, apart: 20, up: 10, wide: 50 });
  assert.equal(at({}, 350, 100).right, true);
  assert.equal(at({}, SIDE - 30, 100).right, false);
  const beside = { pins: { A: [(390 / SIDE) * 4 - 2, 2 - (100 / SIDE) * 4] } };
  assert.notDeepEqual(at(beside, 350, 100), at({}, 350, 100));
  const crowd = Object.fromEntries(Array.from({ length: 400 }, (_, k) => [k, [(k % 20) / 5 - 2, Math.floor(k / 20) / 5 - 2]]));
  assert.equal(at({ pins: crowd }, 250, 250), undefined);
});
