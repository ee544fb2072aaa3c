// A network as a trapezoid, wide at the image and narrow at the code, with the units of its first hidden layer in it: each
// is a cell, the darker the stronger it answers.
import { css, sharpen } from "../../shared/js/canvas.js";

const NARROW = 0.44; // of the wide end
const LARGEST = 12, SMALLEST = 2, FINER = 0.25; // pixels to a side of a cell
const MARGIN = 0.06; // of its length, between the cells and the outline
const SHADES = 16;
const PROBE = 2.5; // deviations of the prior, along each dimension: between its extremes there lie all shades

// How many cells each band of a trapezoid gets, and how large they are, so that `count` fill it: bands run along it, from
// the end that is the share `from` of `tall` to the one that is the share `to`.
export function bandsOf(count, long, tall, from, to) {
  for (let size = LARGEST; size >= SMALLEST; size -= FINER) {
    const bands = Math.floor(long / size), room = Array.from({ length: bands }, (_, k) => {
      const share = from + ((to - from) * (k + 0.5)) / bands;
      return Math.floor((share * tall) / size);
    });
    const all = room.reduce((sum, cells) => sum + cells, 0);
    if (all >= count) return { size, counts: shared(room, all, count) };
  }
  return { size: SMALLEST, counts: [] }; // no room
}

// As many as there are, in proportion to the room.
function shared(room, all, count) {
  let before = 0, taken = 0;
  return room.map((cells) => {
    before += cells;
    const until = Math.round((before / all) * count), here = until - taken;
    taken = until;
    return here;
  });
}

// Which unit stands in which cell: units that answer to the right stand at the right, those that answer to what is above
// stand above. `columns`: bands are columns, from the left; else rows, from above.
export function orderOf({ across, up }, counts, columns) {
  const [along, aside] = columns ? [(u) => across[u], (u) => -up[u]] : [(u) => -up[u], (u) => across[u]];
  const units = Array.from(across, (_, unit) => unit).sort((a, b) => along(a) - along(b));
  let from = 0;
  return counts.flatMap((cells) => units.slice(from, (from += cells)).sort((a, b) => aside(a) - aside(b)));
}

// The first hidden layer of a decoder as cells: where each unit's weights point to in the plane, and the range of what it
// can say. null: there is none, the decoder is linear.
export function hiddenOf({ layers }, axes) {
  if (layers.length < 2) return null;
  const [{ inputs, outputs, weight, bias, activate }] = layers, range = [Infinity, -Infinity];
  for (let probe = 0; probe <= 2 * inputs; probe++) {
    const d = probe >> 1, z = probe === 2 * inputs ? 0 : probe % 2 ? PROBE : -PROBE;
    const h = bias.map((b, unit) => b + (d < inputs ? weight[unit * inputs + d] * z : 0));
    activate(h);
    for (const value of h) [range[0], range[1]] = [Math.min(range[0], value), Math.max(range[1], value)];
  }
  const towards = (d, unit) => (d === undefined ? bias[unit] : weight[unit * inputs + d]);
  const all = (d) => Float32Array.from({ length: outputs }, (_, unit) => towards(d, unit));
  return { across: all(axes[0]), up: all(axes[1]), range, values: layers[0].one };
}

export function createNetwork(box) {
  const canvas = box.querySelector("canvas");
  let pen = null, cells = [], tints = [], shades = null;

  // Lays out the trapezoid for some units, an object with across and up, or none; `wide` says which end of it is wide:
  // "left", "right" or "above".
  function lay(units, wide, colours) {
    const { clientWidth: width, clientHeight: height } = box;
    if (!width || !height) return;
    pen = sharpen(canvas, width, height);
    frame(pen, trapezoid(width, height, wide), colours);
    tints = Array.from({ length: SHADES + 1 }, (_, k) => css(mixed(colours.panel, colours.ink, 0.06 + (0.84 * k) / SHADES)));
    cells = units ? places(units, width, height, wide) : [];
    shades = new Int8Array(cells.length).fill(-1);
  }

  // The units' values, of which `range` is the lightest and the darkest; without any, all are light.
  function show(values, range) {
    if (!pen) return;
    const [low, high] = range ?? [0, 1], scale = SHADES / (high - low || 1);
    cells.forEach(({ x, y, size, unit }, k) => {
      const shade = values ? Math.max(0, Math.min(SHADES, Math.round((values[unit] - low) * scale))) : 0;
      if (shade === shades[k]) return;
      shades[k] = shade;
      pen.fillStyle = tints[shade];
      pen.fillRect(x, y, size, size);
    });
  }

  return { lay, show };
}

const mixed = (from, to, share) => from.map((value, k) => Math.round(value + share * (to[k] - value)));

function frame(pen, corners, { panel, rule }) {
  pen.beginPath();
  corners.forEach(([x, y]) => pen.lineTo(x, y));
  pen.closePath();
  pen.fillStyle = css(panel);
  pen.fill();
  pen.strokeStyle = css(rule);
  pen.stroke();
}

// The four corners.
function trapezoid(width, height, wide) {
  const [left, right] = wide === "right" ? [NARROW, 1] : [1, NARROW];
  if (wide === "above") {
    const inset = ((1 - NARROW) / 2) * width;
    return [[0.5, 0.5], [width - 0.5, 0.5], [width - inset, height - 0.5], [inset, height - 0.5]];
  }
  const at = (x, share, sign) => [x, height / 2 + sign * (share * height / 2 - 0.5)];
  return [at(0.5, left, -1), at(width - 0.5, right, -1), at(width - 0.5, right, 1), at(0.5, left, 1)];
}

function places(units, width, height, wide) {
  const columns = wide !== "above", [long, tall] = columns ? [width, height] : [height, width];
  const [from, to] = wide === "right" ? [NARROW, 1] : [1, NARROW], rim = MARGIN * long;
  const { size, counts } = bandsOf(units.across.length, long - 2 * rim, tall - 4 * rim, from, to);
  const order = orderOf(units, counts, columns), found = [];
  const pitch = counts.length ? (long - 2 * rim) / counts.length : 0; // bands fill the length
  counts.forEach((cells, band) => {
    for (let k = 0; k < cells; k++) {
      const along = rim + (band + 0.5) * pitch, aside = tall / 2 + (k - (cells - 1) / 2) * size;
      const [x, y] = (columns ? [along, aside] : [aside, along]).map((middle) => Math.round(middle - size / 2));
      found.push({ x, y, size: Math.max(1, Math.floor(size - (size > 4 ? 1 : 0.5))), unit: order[found.length] });
    }
  });
  return found;
}
