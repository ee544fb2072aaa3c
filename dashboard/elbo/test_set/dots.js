// One dot per image, by class, each as far from its column's middle as its neighbours need: the columns' shape is the distribution.
import { colourOf, cut, htmlOf, nameOf } from "../../shared/js/classes.js";
import { classColours, colour, css, number, sharpen } from "../../shared/js/canvas.js";
import { roundTicks } from "../../shared/js/ticks.js";

const LEFT = 48, BELOW = 26, BINS = 48;
// The ticks of an axis that is even near 0 and logarithmic far from it
const SQUEEZED = [0, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5];

export function median(values) {
  const s = Float32Array.from(values).sort();
  return s.length ? (s[(s.length - 1) >> 1] + s[s.length >> 1]) / 2 : NaN;
}

export function mean(values) {
  let sum = 0;
  for (const v of values) sum += v;
  return sum / values.length;
}

// Where everything lies: values (N,) or NaN, labels (N,) or null, the images' numbers (N,) -> the columns, the axis and a place per image.
export function placed(values, labels, images, squeezed, width, height) {
  const kinds = labels ? [...new Set(labels)].sort((a, b) => a - b) : [null], wide = (width - LEFT) / kinds.length;
  const column = new Map(kinds.map((kind, c) => [kind, c])), of = (k) => column.get(labels ? labels[k] : null);
  const { low, high, y, bin } = axis(values, squeezed, height - BELOW);
  const counted = kinds.map(() => new Float32Array(BINS));
  values.forEach((v, k) => { if (Number.isFinite(v)) counted[of(k)][bin(v)]++; });
  const x = new Float32Array(values.length), at = new Float32Array(values.length);
  values.forEach((v, k) => {
    const mine = counted[of(k)], share = Math.min(1, mine[bin(v)] / Math.max(6, Math.max(...mine)));
    x[k] = LEFT + (of(k) + 0.5 + 0.84 * share * (((images[k] * 0.618034) % 1) - 0.5)) * wide;
    at[k] = y(v);
  });
  const columns = kinds.map((kind, c) => {
    const mine = values.filter((v, k) => of(k) === c && Number.isFinite(v));
    return { kind, middle: LEFT + (c + 0.5) * wide, median: y(median(mine)) };
  });
  const ticks = squeezed ? squeezedTicks(high, y) : roundTicks(low, high);
  return { x, y: at, ticks: ticks.map((t) => ({ t, y: y(t) })), columns, wide, width, height };
}

// The axis upwards: where a value lies, and in which bin.
function axis(values, squeezed, floor) {
  let low = Infinity, high = -Infinity;
  for (const v of values) if (Number.isFinite(v)) { low = Math.min(low, v); high = Math.max(high, v); }
  const room = 0.04 * (high - low) || 1, shape = (v) => (squeezed ? Math.log1p(2 * Math.max(0, v)) : v);
  const [from, to] = [shape(squeezed ? 0 : low - room), shape(high + room)];
  const y = (v) => floor - ((shape(v) - from) / (to - from)) * (floor - 8);
  const bin = (v) => Math.max(0, Math.min(BINS - 1, Math.floor(((floor - y(v)) / floor) * BINS)));
  return { low, high, y, bin };
}

// Those that do not touch each other
function squeezedTicks(high, y) {
  const near = (a, b) => Math.abs(y(a) - y(b)) < 20;
  return SQUEEZED.filter((t) => t <= high).reduce((kept, t) => (kept.some((k) => near(k, t)) ? kept : [...kept, t]), []);
}

export function drawDots(canvas, root, place, labels) {
  const pen = sharpen(canvas, place.width, place.height), { dots } = classColours(root), plain = colour(root, "ink2");
  canvas.style.width = canvas.style.height = "";
  const many = place.x.length > 1500, size = many ? 1.4 : place.x.length > 400 ? 2 : 3;
  for (let k = 0; k < place.x.length; k++) {
    if (!Number.isFinite(place.y[k])) continue;
    pen.fillStyle = css(labels ? dots[labels[k] % 10] : plain, many ? 0.6 : 0.75);
    pen.beginPath();
    pen.arc(place.x[k], place.y[k], size, 0, 7);
    pen.fill();
  }
}

// The lines, names and medians, and rings around the chosen dot and the one under the hand
export function drawAxes(svg, place, classes, rings) {
  const lines = place.ticks.map(({ t, y }) => `<path d="M${LEFT} ${y}H${place.width}" stroke="var(--rule)" stroke-opacity=".6"/>
    <text x="${LEFT - 8}" y="${y + 5}" text-anchor="end">${number(t, t % 1 ? 1 : 0)}</text>`);
  const each = Math.ceil(12 / place.wide); // so many columns that only every second, third... has its name
  const columns = place.columns.map(({ kind, middle, median: m }, c) => {
    const name = kind === null ? "all" : nameOf(classes, kind);
    const short = c % each ? "" : cut(name, Math.max(1, Math.floor((each * place.wide) / 9)));
    return `${medianBar(middle, m, place.wide)}<text class="digit" x="${middle}" y="${place.height - 4}" text-anchor="middle"
      style="fill: ${kind === null ? "var(--ink2)" : colourOf(kind)}"><title>${htmlOf(name)}</title>${htmlOf(short)}</text>`;
  });
  svg.innerHTML = lines.join("") + columns.join("") + ring(place, rings.chosen, 7, 2) + ring(place, rings.under, 5, 1.5);
}

function medianBar(middle, y, wide) {
  if (!Number.isFinite(y)) return "";
  const line = (name, width) =>
    `<path d="M${middle - 0.42 * wide} ${y}H${middle + 0.42 * wide}" stroke="var(--${name})" stroke-width="${width}"/>`;
  return line("paper", 4) + line("ink", 2);
}

function ring({ x, y }, k, r, wide) {
  if (k === null || !Number.isFinite(y[k])) return "";
  const circle = (radius, name, width) =>
    `<circle cx="${x[k]}" cy="${y[k]}" r="${radius}" fill="none" stroke="var(--${name})" stroke-width="${width}"/>`;
  return circle(r + 1.5, "paper", 2) + circle(r, "ink", wide);
}

// The image whose dot is nearest to a place, within 20 pixels; null: none
export function nearest(place, px, py) {
  let best = null, least = 20 ** 2;
  for (let k = 0; k < place.x.length; k++) {
    const far = (place.x[k] - px) ** 2 + (place.y[k] - py) ** 2;
    if (far < least) { least = far; best = k; }
  }
  return best;
}
