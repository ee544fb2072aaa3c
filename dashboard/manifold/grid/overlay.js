// What lies over the tiles: the regions of the classes, or the codes of the test images.
import { cumulative } from "../../shared/js/gaussian.js";
import { nameOf, shortNames } from "../../shared/js/classes.js";
import { css } from "../../shared/js/canvas.js";

export const NOBODY = -1; // the class of a hole, which is hatched
export const REACH = 3; // equal steps go from -3 to 3, as far as the plane of Explore shows the prior

// Where a value of z lies along the grid, 0 to 1; an equal step of probability is an equal step on the screen.
export const along = (z, spacing) => (spacing === "linear" ? (z + REACH) / (2 * REACH) : cumulative(z));

// The regions belong to one grid: while n moves under the hand they are not drawn.
export function shownRegions({ over, n, spacing, data: { regions, classes } }) {
  if (over !== "classes" || regions?.n !== n || regions.spacing !== spacing) return null;
  return { ...regions, names: shortNames(classes) };
}

// The layer that is chosen, over the tiles; `plain` is the colour of codes without a class.
export function drawOverlay(pen, layer, grid, { colours, ink, paper, plain, scale, size }) {
  const { over, codes, spacing } = grid, regions = shownRegions(grid);
  if (regions) drawRegions(pen, layer, regions, colours, ink, paper, scale);
  if (over === "codes" && codes) drawCodes(pen, layer, codes, spacing, colours, plain, size);
}

// Connected tiles of one class, each with the tile that lies deepest inside it.
export function regionsOf(labels, n, dims) {
  const neighbours = (k) => {
    if (dims === 1) return [k - 1, k + 1].filter((j) => j >= 0 && j < n * n);
    const column = k % n;
    return [column > 0 ? k - 1 : -1, column < n - 1 ? k + 1 : -1, k - n, k + n < n * n ? k + n : -1].filter((j) => j >= 0);
  };
  const inside = (k) => neighbours(k).filter((j) => labels[j] === labels[k]);
  const depth = new Int32Array(n * n).fill(-1);
  let queue = [...labels.keys()].filter((k) => inside(k).length < (dims === 1 ? 2 : 4));
  queue.forEach((k) => { depth[k] = 0; });
  while (queue.length) {
    queue = queue.flatMap((k) => inside(k).filter((j) => depth[j] < 0 && (depth[j] = depth[k] + 1)));
  }
  const seen = new Uint8Array(n * n), found = [];
  for (let first = 0; first < n * n; first++) {
    if (seen[first]) continue;
    const tiles = [first];
    seen[first] = 1;
    for (const k of tiles) for (const j of inside(k)) if (!seen[j]) { seen[j] = 1; tiles.push(j); }
    const deepest = tiles.reduce((best, k) => (depth[k] > depth[best] ? k : best));
    const middle = (pick) => tiles.reduce((sum, k) => sum + pick(k), 0) / tiles.length;
    const [x, y] = [middle((k) => k % n), middle((k) => Math.floor(k / n))];
    const off = (k) => Math.hypot((k % n) - x, Math.floor(k / n) - y);
    const at = tiles.filter((k) => depth[k] === depth[deepest]).reduce((best, k) => (off(k) < off(best) ? k : best));
    found.push({ label: labels[first], size: tiles.length, at });
  }
  return found;
}

// Tints, borders between classes, and one digit (or short name) per region; holes are hatched. `scale` is 1 on a screen.
export function drawRegions(pen, { n, wide, tall, dims }, { labels, names }, colours, ink, paper, scale = 1) {
  for (let k = 0; k < n * n; k++) {
    const x = (k % n) * wide, y = Math.floor(k / n) * tall;
    if (labels[k] === NOBODY) continue;
    pen.fillStyle = css(colours.dots[labels[k] % 10], 0.26);
    pen.fillRect(x, y, wide, tall);
  }
  hatch(pen, { n, wide, tall }, labels, css(ink, 0.6), css(paper, 0.55), scale);
  pen.beginPath();
  for (let k = 0; k < n * n; k++) {
    const column = k % n, row = Math.floor(k / n), x = (column + 1) * wide, y = (row + 1) * tall;
    if (column < n - 1 && labels[k] !== labels[k + 1]) { pen.moveTo(x, y - tall); pen.lineTo(x, y); }
    if (dims > 1 && row < n - 1 && labels[k] !== labels[k + n]) { pen.moveTo(x - wide, y); pen.lineTo(x, y); }
  }
  pen.lineCap = "square";
  for (const [style, width] of [[css(paper, 0.9), 4], [css(ink, 0.9), 1.5]]) {
    pen.strokeStyle = style;
    pen.lineWidth = width * scale;
    pen.stroke();
  }
  const size = Math.max(20 * scale, Math.min(34 * scale, 0.9 * tall));
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  for (const { label, size: tiles, at } of regionsOf(labels, n, dims)) {
    if (label === NOBODY || tiles < Math.max(2, (n * n) / 130)) continue;
    const x = ((at % n) + 0.5) * wide, y = (Math.floor(at / n) + 0.53) * tall;
    const name = nameOf(names, label), smaller = size * Math.min(1, 2.5 / [...name].length);
    pen.font = `700 ${smaller}px "Source Sans", sans-serif`;
    pen.strokeStyle = css(paper, 0.95);
    pen.lineWidth = smaller / 3.2;
    pen.strokeText(name, x, y);
    pen.fillStyle = css(colours.glyphs[label % 10]);
    pen.fillText(name, x, y);
  }
}

function hatch(pen, { n, wide, tall }, labels, style, veil, scale) {
  pen.save();
  pen.beginPath();
  labels.forEach((label, k) => { if (label === NOBODY) pen.rect((k % n) * wide, Math.floor(k / n) * tall, wide, tall); });
  pen.clip();
  pen.fillStyle = veil;
  pen.fillRect(0, 0, n * wide, n * tall);
  pen.strokeStyle = style;
  pen.lineWidth = scale;
  pen.beginPath();
  for (let at = -n * tall; at < n * wide; at += 8 * scale) {
    pen.moveTo(at, n * tall);
    pen.lineTo(at + n * tall, 0);
  }
  pen.stroke();
  pen.restore();
}

// Every code where its z lies on the grid. A line of tiles is read like a text: codes are spread over a row's height.
export function drawCodes(pen, { n, wide, tall, dims }, { mean, labels, count }, spacing, colours, plain, size = 2) {
  for (let i = 0; i < count; i++) {
    let x, y;
    if (dims === 1) {
      const row = Math.min(n - 1, Math.floor(along(mean[i], spacing) * n));
      [x, y] = [(along(mean[i], spacing) * n - row) * n * wide, (row + 0.12 + 0.76 * ((i * 0.618034) % 1)) * tall];
    } else {
      [x, y] = [along(mean[2 * i], spacing) * n * wide, (1 - along(mean[2 * i + 1], spacing)) * n * tall];
    }
    pen.fillStyle = css(labels ? colours.dots[labels[i] % 10] : plain, 0.9);
    pen.fillRect(x - size / 2, y - size / 2, size, size);
  }
}
