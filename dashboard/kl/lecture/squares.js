// Three squares on one range: codes with their ellipses, what the decoder draws there, and where hardly a training code reaches.
import { decodeMany } from "../../shared/js/decoder.js";
import { density, normals } from "../../shared/js/gaussian.js";
import { classColours, colour, css, inkInto, shades, sharpen } from "../../shared/js/canvas.js";
import { onShelf } from "../../shared/js/blobs.js";

const TILES = 13; // to a side
const APART = 34; // pixels between two digits
const RIM = 3; // sigmas; further out nobody would draw
const HOLE = Math.log(0.05);
const MORPH = 380; // ms

// The decoder of a member, which its codes name; undefined as long as either is not on the shelf.
export const decoderOf = (model) => onShelf(onShelf(model.codes)?.decoder);

export function createSquares(root, settings) {
  const canvases = [...root.querySelectorAll(".square canvas")];
  const { edge, faint, levels, shape } = settings;
  let side = 0, ratio = 1, colours, table, sheets = new Map(), maps = new Map(), shown = null, film = null, pointer = null, laid = "";
  const look = { draws: false, marginals: false };

  const at = (value) => ((value + edge) / (2 * edge)) * side;
  const up = (value) => side - at(value);

  // A new size or theme: everything is drawn anew.
  function lay(size) {
    side = size;
    ratio = globalThis.devicePixelRatio || 1;
    const names = ["ink", "ink2", "panel", "ground", "mu", "paper"];
    const now = `${size} ${ratio} ${colour(root, "paper")}`;
    if (now === laid) return;
    laid = now;
    colours = { ...Object.fromEntries(names.map((name) => [name, colour(root, name)])), ...classColours(root) };
    table = shades(root, false);
    sheets = new Map();
    maps = new Map();
    shown = null;
  }

  // Draws a member; the codes walk there from the member before. False: it is not on the shelf yet.
  function show(model, calm) {
    const codes = onShelf(model.codes), decoder = decoderOf(model);
    cancelAnimationFrame(film);
    if (!codes || !decoder || !side) return false;
    const from = shown && onShelf(shown.codes);
    const changed = shown && shown.name !== model.name;
    shown = model;
    tiles(decoder);
    holes(codes, model.codes);
    if (from && changed && !calm) walk(from, codes);
    else ellipses(codes.mean, codes.logvar, codes.labels, true);
    return true;
  }

  function walk(from, to) {
    const start = performance.now(), mean = new Float32Array(to.mean.length), logvar = new Float32Array(mean.length);
    const step = (now) => {
      const t = Math.min(1, Math.max(0, (now - start) / MORPH)), eased = t * t * (3 - 2 * t);
      for (let k = 0; k < mean.length; k++) {
        mean[k] = from.mean[k] + eased * (to.mean[k] - from.mean[k]);
        logvar[k] = from.logvar[k] + eased * (to.logvar[k] - from.logvar[k]);
      }
      ellipses(mean, logvar, to.labels, t === 1);
      if (t < 1) film = requestAnimationFrame(step);
    };
    step(start);
  }

  // -- codes -----------------------------------------------------------------------------------------------------------
  function ellipses(mean, logvar, labels, settled) {
    const pen = sharpen(canvases[0], side, side), unit = side / (2 * edge);
    pen.fillStyle = css(colours.panel);
    pen.fillRect(0, 0, side, side);
    const wide = logvar.reduce((sum, value) => sum + Math.exp(value), 0) / logvar.length; // the mean variance
    const count = Math.round(Math.min(labels.length, Math.max(280, 60 / wide))); // wide ellipses: a few show as much
    const each = Array.from(labels.subarray(0, count), (label, i) => {
      const rx = Math.max(1.6, 2 * unit * Math.exp(logvar[2 * i] / 2)), ry = Math.max(1.6, 2 * unit * Math.exp(logvar[2 * i + 1] / 2));
      return { x: at(mean[2 * i]), y: up(mean[2 * i + 1]), rx, ry, label: label % 10 };
    }).filter(({ x, y, rx, ry }) => x > -rx && y > -ry && x < side + rx && y < side + ry);
    const area = each.reduce((sum, { rx, ry }) => sum + rx * ry, 0) / Math.max(1, each.length);
    const strength = Math.min(0.5, Math.max(0.008, 22 / (area + 40)));
    for (const { x, y, rx, ry, label } of each) {
      pen.beginPath();
      pen.ellipse(x, y, rx, ry, 0, 0, 7);
      pen.fillStyle = css(colours.dots[label], strength);
      pen.fill();
    }
    if (settled) {
      const signs = glyphs(each);
      const lined = strength > 0.2 ? each : signs.slice(0, strength < 0.02 ? 18 : 60);
      pen.lineWidth = 1.25;
      for (const { x, y, rx, ry, label } of lined) {
        pen.beginPath();
        pen.ellipse(x, y, rx, ry, 0, 0, 7);
        pen.strokeStyle = css(colours.dots[label], lined === each ? 0.5 : 0.75);
        pen.stroke();
      }
      digits(pen, signs);
      root.dataset.covering = pointer ? `${covering(pen, each)} ellipses of ${count}` : "";
    }
    circles(pen, colours.ink);
  }

  // One digit per neighbourhood, of a class that prevails there.
  function glyphs(each) {
    const written = [], size = Math.max(17, side * 0.034), apart = Math.max(APART, size * 1.9), reach = side / 24;
    for (const one of each) {
      if (one.x < 12 || one.y < 14 || one.x > side - 12 || one.y > side - 14) continue;
      if (written.some(({ x, y }) => (x - one.x) ** 2 + (y - one.y) ** 2 < apart * apart)) continue;
      let same = 0, all = 0;
      for (const { x, y, label } of each) {
        if ((x - one.x) ** 2 + (y - one.y) ** 2 > reach * reach) continue;
        all++;
        if (label === one.label) same++;
      }
      if (2 * same >= all) written.push(one);
    }
    return written;
  }

  function digits(pen, signs) {
    Object.assign(pen, { textAlign: "center", textBaseline: "middle", lineWidth: 4, lineJoin: "round", font: `700 ${Math.max(17, side * 0.034)}px "Source Sans", sans-serif`, strokeStyle: css(colours.panel, 0.9) });
    for (const { x, y, label } of signs) {
      pen.strokeText(label, x, y);
      pen.fillStyle = css(colours.glyphs[label]);
      pen.fillText(label, x, y);
    }
  }

  // The ellipses under the pointer; returns how many there are.
  function covering(pen, each) {
    const [px, py] = [at(pointer[0]), up(pointer[1])];
    const under = each.filter(({ x, y, rx, ry }) => ((x - px) / rx) ** 2 + ((y - py) / ry) ** 2 < 1);
    pen.lineWidth = 2;
    for (const { x, y, rx, ry, label } of under.slice(0, 80)) {
      pen.beginPath();
      pen.ellipse(x, y, rx, ry, 0, 0, 7);
      pen.strokeStyle = css(colours.glyphs[label]);
      pen.stroke();
    }
    return under.length;
  }

  // -- decoder ---------------------------------------------------------------------------------------------------------
  function sheetOf(decoder, draws = false) {
    const key = decoder.sha256 + draws;
    if (sheets.has(key)) return sheets.get(key);
    const [rows, columns] = shape, sheet = new OffscreenCanvas(TILES * columns, TILES * rows), ink = sheet.getContext("2d");
    const picture = ink.createImageData(TILES * columns, TILES * rows);
    const place = (k) => edge * ((2 * k + 1) / TILES - 1);
    const normal = normals(1); // the same draws for every member
    const points = Array.from({ length: TILES * TILES }, (_, k) => (draws ? [normal(), normal()] : [place(k % TILES), -place(Math.floor(k / TILES))]));
    for (const _ of decodeMany(decoder, points, (k, image) => inkInto(picture, image, shape, table, (k % TILES) * columns, Math.floor(k / TILES) * rows)));
    ink.putImageData(picture, 0, 0);
    sheets.set(key, sheet);
    return sheet;
  }

  function tiles(decoder, canvas = canvases[1], size = side, round = true) {
    const pen = sharpen(canvas, size, size);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(sheetOf(decoder, round && look.draws), 0, 0, size, size);
    if (round && !look.draws) circles(pen, colours.ink, true);
  }

  // -- holes -----------------------------------------------------------------------------------------------------------
  function holes(codes, key) {
    const pen = sharpen(canvases[2], side, side);
    if (!maps.has(key)) maps.set(key, holeMap(codes));
    pen.drawImage(maps.get(key), 0, 0, side, side);
    circles(pen, colours.ink);
    if (look.marginals) marginals(pen, codes);
  }

  // What all codes together look like along each axis, against the prior (dashed), at the edges of the square.
  function marginals(pen, { mean, logvar, count }) {
    const steps = Math.floor(side / 3), tall = side * 0.3, unit = (2 * edge) / steps;
    for (const axis of [0, 1]) {
      const q = new Float64Array(steps + 1);
      for (let i = 0; i < count; i++) {
        const sd = Math.max(Math.exp(logvar[2 * i + axis] / 2), unit), m = mean[2 * i + axis];
        const low = Math.max(0, Math.floor((m - 4 * sd + edge) / unit)), high = Math.min(steps, Math.ceil((m + 4 * sd + edge) / unit));
        for (let k = low; k <= high; k++) q[k] += density((k * unit - edge - m) / sd) / sd / count;
      }
      const curve = (read) => {
        pen.beginPath();
        for (let k = 0; k <= steps; k++) {
          const along = (k * side) / steps, out = Math.min(side * 0.45, read(k) * tall * 2.2);
          if (axis) pen.lineTo(out, side - along);
          else pen.lineTo(along, side - out);
        }
      };
      curve((k) => q[k]);
      pen.lineWidth = 3;
      pen.strokeStyle = css(colours.mu);
      pen.stroke();
      if (axis) pen.lineTo(0, 0), pen.lineTo(0, side);
      else pen.lineTo(side, side), pen.lineTo(0, side);
      pen.fillStyle = css(colours.panel, 0.55);
      pen.fill();
      curve((k) => density(k * unit - edge));
      pen.setLineDash([7, 5]);
      pen.lineWidth = 2.4;
      pen.strokeStyle = css(colours.ink);
      pen.stroke();
      pen.setLineDash([]);
    }
  }

  // Bilinear between the cells, so that the edge of a hole is a curve; needles stay specks.
  function holeMap({ levels: level, cells }) {
    const size = Math.round(side * ratio), paint = () => new OffscreenCanvas(size, size);
    const filled = paint(), empty = paint(), pen = filled.getContext("2d"), veil = empty.getContext("2d");
    const blue = pen.createImageData(size, size), mask = veil.createImageData(size, size);
    const [r, g, b] = colours.mu, solid = blue.data, veiled = mask.data, per = cells / size, rim = (RIM / edge) * (size / 2);
    for (let y = 0, k = 0; y < size; y++) {
      const v = Math.min(cells - 1.001, Math.max(0, (y + 0.5) * per - 0.5)), row = Math.floor(v), fy = v - row;
      for (let x = 0; x < size; x++, k++) {
        if ((x + 0.5 - size / 2) ** 2 + (y + 0.5 - size / 2) ** 2 > rim * rim) continue;
        const u = Math.min(cells - 1.001, Math.max(0, (x + 0.5) * per - 0.5)), column = Math.floor(u), fx = u - column, i = row * cells + column;
        const value = (1 - fy) * ((1 - fx) * level[i] + fx * level[i + 1]) + fy * ((1 - fx) * level[i + cells] + fx * level[i + cells + 1]);
        const log = (value / 255) * levels - faint;
        const hole = Math.min(1, Math.max(0, (HOLE - log) / 0.35 + 0.5));
        solid[4 * k] = r;
        solid[4 * k + 1] = g;
        solid[4 * k + 2] = b;
        solid[4 * k + 3] = (1 - hole) * (log > 0 ? 150 : 88 + Math.max(0, 62 + 124 * log)); // two levels: q above p, below p
        veiled[4 * k + 3] = 255 * hole;
      }
    }
    pen.putImageData(blue, 0, 0);
    veil.putImageData(mask, 0, 0);
    veil.globalCompositeOperation = "source-in";
    const lines = paint(), strokes = lines.getContext("2d"), gap = 11 * ratio;
    strokes.strokeStyle = css(colours.ink, 0.88);
    strokes.lineWidth = 3.4 * ratio;
    for (let c = -size; c < 2 * size; c += gap) {
      strokes.beginPath();
      strokes.moveTo(c, size);
      strokes.lineTo(c + size, 0);
      strokes.stroke();
    }
    veil.drawImage(lines, 0, 0);
    const all = paint(), over = all.getContext("2d");
    over.fillStyle = css(colours.panel);
    over.fillRect(0, 0, size, size);
    over.drawImage(filled, 0, 0);
    over.drawImage(empty, 0, 0);
    over.strokeStyle = css(colours.ink, 0.8);
    over.lineWidth = 1.25 * ratio;
    over.beginPath();
    over.arc(size / 2, size / 2, rim, 0, 7);
    over.stroke();
    return all;
  }

  // -- the prior -------------------------------------------------------------------------------------------------------
  function circles(pen, ink, onTiles = false) {
    const size = Math.max(14, side * 0.0335);
    Object.assign(pen, { textAlign: "center", textBaseline: "middle", font: `600 ${size}px "Source Sans", sans-serif` });
    for (const sigmas of [1, 2]) {
      Object.assign(pen, { strokeStyle: css(ink, onTiles ? 0.8 : 0.7), lineWidth: 1.6 });
      pen.setLineDash([7, 5]);
      pen.beginPath();
      pen.arc(at(0), up(0), (sigmas * side) / (2 * edge), 0, 7);
      pen.stroke();
      pen.setLineDash([]);
      const x = at(sigmas * Math.SQRT1_2), y = up(sigmas * Math.SQRT1_2), words = `${sigmas}σ`, wide = pen.measureText(words).width + size * 0.7;
      pen.fillStyle = css(colours.panel, 0.92);
      pen.beginPath();
      pen.roundRect(x - wide / 2, y - size * 0.72, wide, size * 1.44, size * 0.72);
      pen.fill();
      pen.fillStyle = css(colours.ink2);
      pen.fillText(words, x, y + 1);
    }
  }

  // The point under the pointer in all three squares; null: none.
  function point(z) {
    pointer = z;
    if (!shown) return;
    const codes = onShelf(shown.codes);
    if (codes) { cancelAnimationFrame(film); ellipses(codes.mean, codes.logvar, codes.labels, true); }
  }

  // While nothing else is to be done: what the neighbours will need.
  function prepare(model) {
    const codes = onShelf(model.codes), decoder = decoderOf(model);
    if (!codes || !decoder || !side) return;
    sheetOf(decoder);
    if (!maps.has(model.codes)) maps.set(model.codes, holeMap(codes));
  }

  return { lay, show, prepare, tiles, point, look, stop: () => cancelAnimationFrame(film) };
}
