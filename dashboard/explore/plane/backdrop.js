// What lies behind the point: codes, their density, decoded tiles, or draws from the prior; and the prior's circles.
import { decodeMany } from "../../shared/js/decoder.js";
import { density, normals } from "../../shared/js/gaussian.js";
import { nameOf, stretch } from "../../shared/js/classes.js";
import { css, inkInto, spread } from "../../shared/js/canvas.js";
import { aggregate } from "./density.js";

const GLYPH_APART = 30; // pixels between two digits written on the plane
const SEEN_NEAR = 0.03 / 64; // squared radius, as a share of the plane's squared width, in which a digit must prevail

const backdrops = { codes, density: cloud, tiles, holes, prior };
const NARROW = 440; // pixels to a side
const CELL = 4; // pixels to a cell of the density
const FEW = 350; // codes in sight: each is written as its digit
const TINY = 2; // characters of a name that takes the place of a dot
const HOLE = Math.log(0.05); // of the prior's density
const FINE = 2; // pixels to a cell of the hatching

// What one is looking at, in a few words; where the plane is small there is room for the layer's name alone, in its button.
export function caption(name, { dims, codes: known, hatch, side }) {
  if (side < NARROW) return "";
  const many = known?.count.toLocaleString("en") ?? "";
  return {
    codes: dims === 1 ? `density of ${many} codes` : dims > 2 ? "test codes" : `${many} test codes`,
    holes: dims > 2 ? "holes of the marginal" : `few ${hatch && !hatch.training ? "test" : "training"} codes`,
    density: dims > 2 ? "marginal of q(z)" : "q(z) of the test codes",
    tiles: "each point decoded",
    prior: "random codes",
  }[name];
}

// Draws everything; returns a function that stops what is still being drawn. scene.ready() hears when all is there.
export function drawBackdrop(pen, scene, name) {
  const { side, colours } = scene;
  pen.fillStyle = css(name === "tiles" ? colours.ground : colours.panel);
  pen.fillRect(0, 0, side, side);
  const flat = scene.dims === 1;
  const over = () => (!flat ? circles(pen, scene, name === "tiles") : scene.points || bell(pen, scene));
  if (name !== "tiles") lines(pen, scene);
  if (flat && name !== "tiles") {
    if (name === "codes") layers(pen, scene);
    over();
    scene.ready?.();
    return () => {};
  }
  const stop = backdrops[name](pen, scene, over);
  over();
  if (!stop) scene.ready?.();
  return stop ?? (() => {});
}

const STEPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50];
const stepOf = ([low, high]) => STEPS.find((s) => (high - low) / s <= 9) ?? 100;

// Up to nine numbers a side, and none at an end, where it would be cut: more than roundTicks of a chart gives.
export function tickValues([low, high]) {
  const step = stepOf([low, high]);
  const first = Math.ceil((low + 1e-9) / step);
  return Array.from({ length: Math.floor((high - 1e-9) / step) - first + 1 }, (_, i) => (first + i) * step);
}

export const tickDigits = (range) => Math.max(0, Math.ceil(-Math.log10(stepOf(range)) - 1e-9));

export function lines(pen, { side, view, colours, toX, toY, dims }) {
  pen.lineWidth = 1;
  const line = (value, x0, y0, x1, y1) => {
    pen.strokeStyle = css(value === 0 ? colours.rule : colours.hair);
    pen.beginPath();
    pen.moveTo(x0, y0);
    pen.lineTo(x1, y1);
    pen.stroke();
  };
  for (const x of tickValues(view.x)) line(x, toX(x), 0, toX(x), side);
  if (dims > 1) for (const y of tickValues(view.y)) line(y, 0, toY(y), side, toY(y));
}

export const dotSize = (count, phone) => (count < 1000 ? 5 : phone ? 3 : 2.6);

// The codes that the plane draws: [x, y, number] each.
export function inSight({ codes: { mean, labels, count }, toX, toY, phone, side, dims, without }) {
  const most = Math.min(count, phone ? 2500 : 10000), seen = [];
  for (let i = 0; i < count && seen.length < most; i++) {
    if (labels && without.has(labels[i])) continue;
    const x = toX(mean[dims > 1 ? 2 * i : i]), y = dims > 1 ? toY(mean[2 * i + 1]) : side - 14;
    if (x > -8 && y > -8 && x < side + 8 && y < side + 8) seen.push([x, y, i]);
  }
  return seen;
}

function codes(pen, scene) {
  const { codes: { labels }, colours, phone } = scene, seen = inSight(scene);
  if (labels && seen.length <= FEW && tiny(scene)) return digits(pen, scene, seen);
  const size = dotSize(seen.length, phone);
  for (const [x, y, i] of seen) {
    pen.fillStyle = labels ? colours.dots[labels[i] % 10] : colours.plain;
    pen.beginPath();
    pen.arc(x, y, size / 2, 0, 7);
    pen.fill();
  }
  if (labels) glyphs(pen, scene);
}

// Whether all names of classes are short enough to stand for a code: `names` are the scene's short ones.
export const tiny = ({ names = [] }) => names.every((name) => [...name].length <= TINY);

// Few codes in sight: each is its digit, or its class's short name.
function digits(pen, { codes: { labels }, colours, names }, seen) {
  pen.font = '600 14px "Source Sans", sans-serif';
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (const [x, y, i] of seen) {
    pen.fillStyle = colours.glyphs[labels[i] % 10];
    pen.fillText(nameOf(names, labels[i]), x, y);
  }
}

// One digit (or short name) per neighbourhood, where at least half of the codes close by are of its class: [x, y, label] each.
export function glyphPlaces({ codes: { mean, labels, count }, side, toX, toY, without, names = [] }) {
  const wider = stretch(names);
  const reach = Math.sqrt(SEEN_NEAR) * side;
  const bins = new Map();
  const bin = (x, y) => Math.floor(x / reach) * 4096 + Math.floor(y / reach);
  const at = Array.from({ length: count }, (_, i) => [toX(mean[2 * i]), toY(mean[2 * i + 1])]);
  at.forEach(([x, y], i) => {
    if (x < -reach || y < -reach || x > side + reach || y > side + reach || without.has(labels[i])) return;
    (bins.get(bin(x, y)) ?? bins.set(bin(x, y), []).get(bin(x, y))).push(i);
  });
  const prevails = ([x, y], label) => {
    let same = 0, all = 0;
    for (let dx = -1; dx <= 1; dx++) {
      for (let dy = -1; dy <= 1; dy++) {
        for (const j of bins.get(bin(x + dx * reach, y + dy * reach)) ?? []) {
          if ((at[j][0] - x) ** 2 + (at[j][1] - y) ** 2 > reach * reach) continue;
          all++;
          if (labels[j] === label) same++;
        }
      }
    }
    return 2 * same >= all;
  };
  const written = [];
  at.forEach(([x, y], i) => {
    if (x < 10 * wider || y < 10 || x > side - 10 * wider || y > side - 10 || without.has(labels[i])) return;
    if (written.some(([u, v]) => ((u - x) / wider) ** 2 + (v - y) ** 2 < GLYPH_APART ** 2)) return;
    if (!prevails([x, y], labels[i])) return;
    written.push([x, y, labels[i]]);
  });
  return written;
}

function glyphs(pen, scene) {
  const { colours, names } = scene;
  pen.font = '700 15px "Source Sans", sans-serif';
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineWidth = 3;
  pen.lineJoin = "round";
  pen.strokeStyle = css(colours.panel);
  for (const [x, y, label] of glyphPlaces(scene)) {
    pen.strokeText(nameOf(names, label), x, y);
    pen.fillStyle = colours.glyphs[label % 10];
    pen.fillText(nameOf(names, label), x, y);
  }
}

// As many draws from N(0, I) as there are codes: what the plane would look like if q(z) were the prior.
export function priorDraws({ toX, toY, phone, codes: known }) {
  const draw = normals(0);
  return Array.from({ length: Math.min(known?.count ?? 5000, phone ? 2500 : 10000) }, () => [toX(draw()), toY(draw())]);
}

function prior(pen, scene) {
  const drawn = priorDraws(scene), size = dotSize(drawn.length, scene.phone);
  pen.fillStyle = css(scene.colours.noise, 0.5);
  for (const [x, y] of drawn) {
    pen.beginPath();
    pen.arc(x, y, size / 2, 0, 7);
    pen.fill();
  }
}

// q(z) in the colour of q: the stronger, the denser, half strong where it is as dense as the prior is at its centre.
function cloud(pen, scene, over) {
  const { side, codes: known, view, colours } = scene;
  const cells = Math.round(side / CELL);
  const sheet = new OffscreenCanvas(cells, cells);
  const ink = sheet.getContext("2d");
  const picture = ink.createImageData(cells, cells);
  const [r, g, b] = colours.mu;
  function* steps() {
    const q = yield* aggregate(known, view, cells);
    q.forEach((value, k) => picture.data.set([r, g, b, 255 * (1 - 2 ** (-value / density(0) ** 2))], 4 * k));
    ink.putImageData(picture, 0, 0);
    pen.fillStyle = css(colours.panel);
    pen.fillRect(0, 0, side, side);
    lines(pen, scene);
    pen.drawImage(sheet, 0, 0, side, side);
    over();
  }
  return spread(steps(), 10, (done) => done && scene.ready?.());
}

// Hatched: where the prior puts twenty times as much as the codes do, so that the decoder was hardly trained there. The
// server has counted that, for the training codes; over the test codes, which are drawn faintly. Nothing is hatched
// before it is here.
function holes(pen, scene) {
  const { side, view, colours, hatch } = scene;
  codes(pen, { ...scene, colours: { ...colours, dots: colours.faint } });
  if (!hatch) return;
  const cells = Math.round(side / FINE), width = (view.x[1] - view.x[0]) / cells;
  const sheet = new OffscreenCanvas(cells, cells), ink = sheet.getContext("2d"), mask = ink.createImageData(cells, cells);
  for (let k = 0; k < cells * cells; k++) {
    const x = view.x[0] + ((k % cells) + 0.5) * width, y = view.y[1] - (Math.floor(k / cells) + 0.5) * width;
    if (isHole(hatch, x, y)) mask.data[4 * k + 3] = 255;
  }
  ink.putImageData(mask, 0, 0);
  const hatched = hatching(side, css(colours.ink, 0.62)), within = hatched.getContext("2d");
  within.globalCompositeOperation = "destination-in";
  within.imageSmoothingEnabled = false;
  within.drawImage(sheet, 0, 0, hatched.width, hatched.height);
  pen.drawImage(hatched, 0, 0, side, side);
}

// Whether q(z) < 0.05 p(z), bilinear between the cells of the square that the server sent; beyond its circle: no.
export function isHole({ cells, edge, faint, levels, ratio }, x, y) {
  if (x * x + y * y >= edge * edge) return false;
  const inside = (value) => Math.min(cells - 1, Math.max(0, ((value + edge) / (2 * edge)) * cells - 0.5));
  const u = inside(x), v = cells - 1 - inside(y), left = Math.min(cells - 2, Math.floor(u)), top = Math.min(cells - 2, Math.floor(v));
  const [fx, fy, at] = [u - left, v - top, top * cells + left];
  const upper = (1 - fx) * ratio[at] + fx * ratio[at + 1], lower = (1 - fx) * ratio[at + cells] + fx * ratio[at + cells + 1];
  return (((1 - fy) * upper + fy * lower) / 255) * levels - faint < HOLE;
}

// Lines at 45 degrees all over a sheet: something is missing here.
function hatching(side, colour) {
  const ratio = globalThis.devicePixelRatio || 1;
  const sheet = new OffscreenCanvas(Math.round(side * ratio), Math.round(side * ratio));
  const pen = sheet.getContext("2d");
  pen.scale(ratio, ratio);
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let at = -side; at < side; at += 6) {
    pen.moveTo(at, side);
    pen.lineTo(at + side, 0);
  }
  pen.stroke();
  return sheet;
}

// The decoder's images all over the plane, each drawn where its z lies; the centre of the tile is its z. `slice`: ms of a
// frame that it may take.
export function tiles(pen, scene, over, slice = 10) {
  const { side, shape, view, z, axes, decoder, table, dims } = scene;
  const [height, width] = shape;
  const columns = Math.round(side / width), rows = dims === 1 ? 1 : Math.round(side / height);
  const sheet = new OffscreenCanvas(columns * width, rows * height);
  const ink = sheet.getContext("2d");
  const tile = ink.createImageData(width, height);
  const points = Array.from({ length: columns * rows }, (_, k) => {
    const point = z.slice();
    point[axes[0]] = view.x[0] + ((view.x[1] - view.x[0]) * ((k % columns) + 0.5)) / columns;
    if (dims > 1) point[axes[1]] = view.y[1] - ((view.y[1] - view.y[0]) * (Math.floor(k / columns) + 0.5)) / rows;
    return point;
  });
  const steps = decodeMany(decoder, points, (k, image) => {
    inkInto(tile, image, shape, table);
    ink.putImageData(tile, (k % columns) * width, Math.floor(k / columns) * height);
  });
  const tall = dims === 1 ? (side / columns) * (height / width) : side;
  return spread(steps, slice, (done) => {
    pen.imageSmoothingQuality = "high";
    pen.drawImage(sheet, 0, dims === 1 ? (side - tall) / 2 : 0, side, tall);
    over();
    if (done) scene.ready?.();
  });
}

// Circles that hold 39 % and 86 % of the prior, labelled at the lower left, where codes are sparse. Where codes are
// points there is no prior.
export function tagsOfPrior({ toX, toY, phone, dims, points }) {
  if (points) return [];
  const unit = toX(1) - toX(0), legible = dims > 1 && unit >= 24 && unit <= 400; // not too small, and no mere line
  return [[1, "39\u2009%"], [2, "86\u2009%"]].map(([sigmas, share]) => ({
    sigmas, legible, r: sigmas * unit, text: phone ? `${sigmas}\u03c3` : `${sigmas}\u03c3  ${share}`,
    x: toX(-sigmas * Math.SQRT1_2), y: toY(-sigmas * Math.SQRT1_2),
  }));
}

export function circles(pen, scene, onTiles) {
  const { colours, toX, toY } = scene;
  pen.font = '600 14px "Source Sans", sans-serif';
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (const { r, text, x, y, legible } of tagsOfPrior(scene)) {
    pen.strokeStyle = css(colours.ink, onTiles ? 0.8 : 0.6);
    pen.lineWidth = 1.25;
    pen.setLineDash([5, 4]);
    pen.beginPath();
    pen.arc(toX(0), toY(0), r, 0, 7);
    pen.stroke();
    pen.setLineDash([]);
    if (!legible) continue;
    const wide = pen.measureText(text).width + 12;
    pen.fillStyle = css(colours.panel, 0.86);
    pen.beginPath();
    pen.roundRect(x - wide / 2, y - 10, wide, 20, 10);
    pen.fill();
    pen.fillStyle = css(colours.ink2);
    pen.fillText(text, x, y + 0.5);
  }
}

// D = 1: q(z) of the codes of each class, in so many bins over the view.
function densities({ mean, logvar, labels, count }, view, bins) {
  const width = (view.x[1] - view.x[0]) / bins;
  const classes = labels ? 1 + labels.reduce((most, label) => Math.max(most, label), 0) : 1;
  const per = Array.from({ length: classes }, () => new Float64Array(bins));
  for (let i = 0; i < count; i++) {
    const sd = Math.max(Math.exp(logvar[i] / 2), width); // at least one bin wide, else the sum is all spikes
    const layer = per[labels ? labels[i] : 0];
    const first = Math.max(0, Math.floor((mean[i] - 4 * sd - view.x[0]) / width));
    const last = Math.min(bins - 1, Math.ceil((mean[i] + 4 * sd - view.x[0]) / width));
    for (let b = first; b <= last; b++) {
      layer[b] += density((view.x[0] + (b + 0.5) * width - mean[i]) / sd) / sd / count;
    }
  }
  return per;
}

// D = 1: the density of the codes, one layer per class, each with its name where it is thickest.
function layers(pen, scene) {
  const { side, codes: { labels }, colours, toY, names } = scene;
  const bins = Math.floor(side / 3), floor = new Float64Array(bins), written = [];
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.font = '700 15px "Source Sans", sans-serif';
  densities(scene.codes, scene.view, bins).forEach((layer, label) => {
    const peak = layer.indexOf(Math.max(...layer));
    const x = (b) => ((b + 0.5) * side) / bins;
    pen.fillStyle = labels ? colours.fills[label % 10] : css(colours.mu, 0.5);
    pen.beginPath();
    for (let b = 0; b < bins; b++) pen.lineTo(x(b), toY(floor[b] + layer[b]));
    for (let b = bins - 1; b >= 0; b--) pen.lineTo(x(b), toY(floor[b]));
    pen.fill();
    const middle = toY(floor[peak] + layer[peak] / 2);
    if (labels && toY(0) - toY(layer[peak]) > 16) written.push([label, x(peak), middle]);
    layer.forEach((value, b) => (floor[b] += value));
  });
  pen.lineWidth = 3;
  pen.strokeStyle = css(colours.panel);
  for (const [label, x, y] of written) {
    pen.strokeText(nameOf(names, label), x, y);
    pen.fillStyle = colours.glyphs[label % 10];
    pen.fillText(nameOf(names, label), x, y);
  }
}

// D = 1: the prior's own density, dashed.
function bell(pen, { side, view, colours, toY }) {
  pen.strokeStyle = css(colours.ink, 0.7);
  pen.lineWidth = 1.25;
  pen.setLineDash([5, 4]);
  pen.beginPath();
  for (let x = 0; x <= side; x += 3) pen.lineTo(x, toY(density(view.x[0] + ((view.x[1] - view.x[0]) * x) / side)));
  pen.stroke();
  pen.setLineDash([]);
  pen.font = 'italic 600 17px "Source Serif", serif';
  pen.fillStyle = css(colours.ink2);
  pen.textAlign = "left";
  pen.fillText("p(z)", side * 0.5 + 8, toY(density(0)) - 14);
}
