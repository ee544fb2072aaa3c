// Small charts made of text: scales, ticks, lines and labels of an SVG whose unit is the screen's pixel.
import { number } from "./canvas.js";
import { html } from "./html.js";

export const scale = (from, to, low, high) => (value) => low + ((value - from) / (to - from)) * (high - low);

// `count` + 1 numbers from `from` to `to`, at equal distances
export const grid = (from, to, count) => Array.from({ length: count + 1 }, (_, k) => from + (k * (to - from)) / count);

export const path = (points) => points.map(([x, y], k) => `${k ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
export const line = (points, more = "") => `<path d="${path(points)}" fill="none" ${more}/>`;
export const text = (x, y, words, more = "") => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${words}</text>`;
export const dot = (x, y, r, more = "") => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r}" ${more}/>`;

export function rule(x1, y1, x2, y2, more = "") {
  const [left, top, right, bottom] = [x1, y1, x2, y2].map((value) => value.toFixed(1));
  return `<line x1="${left}" y1="${top}" x2="${right}" y2="${bottom}" ${more}/>`;
}

// The outline of what lies between a curve and a horizontal line.
export const area = (points, base) => `${path(points)}L${points.at(-1)[0]} ${base}L${points[0][0]} ${base}Z`;

// A picture as large as its box, or a group where parts of it can be chosen.
export const svgOf = (box, inside, label) => html`
  <svg viewBox="0 0 ${box.clientWidth} ${box.clientHeight}" role="${inside.includes("tabindex") ? "group" : "img"}" aria-label="${label}">
    ${inside}
  </svg>`;

// How much smaller than on a hall's screen things are here; not below `least`.
export const shrinkage = (box, least) => Math.max(least, Number(getComputedStyle(box).getPropertyValue("--s")) || 1);

// Round numbers inside [low, high]
export function ticksOf(low, high, about = 4) {
  const raw = (high - low) / about, ten = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * ten).find((s) => s >= raw * 0.999);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) ticks.push(k * step + 0);
  return ticks; // + 0: no minus zero
}

const whole = (value) => Math.abs(value - Math.round(value)) < 1e-9;
export const tickText = (value) => number(value, whole(value) ? 0 : whole(value * 10) ? 1 : 2);

// Ticks of the vertical axis: a hairline for each, its number left of it.
export const hairlines = (ticks, y, left, right, gap = 12) => ticks.map((value) =>
  rule(left, y(value), right, y(value), 'class="hair"') + text(left - gap, y(value) + 8, tickText(value), 'class="small end"')).join("");

// Ticks of the horizontal axis: their numbers side by side at the height `y`.
export const numbersBelow = (ticks, x, y) => ticks.map((value) => text(x(value), y, tickText(value), 'class="small middle"')).join("");

// One quantity over the family: a curve with a dot where we are. `log` bends what runs over decades.
export function sparkline(values, here, width, height, { log = false, floor = 1e-3 } = {}) {
  const bent = values.map((value) => (log ? Math.log(Math.max(value, floor)) : value));
  const low = Math.min(...bent), high = Math.max(...bent);
  const x = scale(0, values.length - 1, 8, width - 8), y = scale(low, high > low ? high : low + 1, height - 8, 8);
  const at = bent.map((value, k) => [x(k), y(value)]);
  return line(at, 'class="curve"') + dot(...at[here], 6, 'class="here"');
}
