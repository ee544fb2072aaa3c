// Small pictures made of text: scales, ticks, lines and labels of an SVG whose unit is the screen's pixel.
import { number } from "../../shared/js/canvas.js";

export const scale = (from, to, low, high) => (value) => low + ((value - from) / (to - from)) * (high - low);
export const path = (points) => points.map(([x, y], k) => `${k ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
export const line = (points, more = "") => `<path d="${path(points)}" fill="none" ${more}/>`;
export const text = (x, y, words, more = "") => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${words}</text>`;
export const rule = (x1, y1, x2, y2, more = "") => `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" ${more}/>`;
export const dot = (x, y, r, more = "") => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r}" ${more}/>`;

// Round numbers inside [low, high]
export function ticksOf(low, high, about = 4) {
  const raw = (high - low) / about, ten = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * ten).find((s) => s >= raw * 0.999);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) ticks.push(k * step + 0);
  return ticks; // + 0: no minus zero
}

export const tickText = (value) => number(value, Math.abs(value - Math.round(value)) < 1e-9 ? 0 : Math.abs(value * 10 - Math.round(value * 10)) < 1e-9 ? 1 : 2);

// One quantity over the family: a curve with a dot where we are. `log` bends what runs over decades.
export function sparkline(values, here, width, height, { log = false, floor = 1e-3 } = {}) {
  const bent = values.map((value) => (log ? Math.log(Math.max(value, floor)) : value));
  const low = Math.min(...bent), high = Math.max(...bent);
  const x = scale(0, values.length - 1, 8, width - 8), y = scale(low, high > low ? high : low + 1, height - 8, 8);
  const at = bent.map((value, k) => [x(k), y(value)]);
  return line(at, 'class="curve"') + dot(...at[here], 6, 'class="here"');
}
