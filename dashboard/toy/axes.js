// Axes of the page's charts as SVG text: linear and logarithmic scales, and curves that are cut off at the frame.
import { number } from "../shared/js/canvas.js";
import { roundTicks, tickText } from "../shared/js/ticks.js";

export const linear = (from, to, low, high) => (value) => low + ((value - from) / (to - from)) * (high - low);
export const logarithmic = (from, to, low, high) => {
  const along = linear(Math.log(from), Math.log(to), low, high);
  return (value) => along(Math.log(value));
};

// The beginning of a chart that keeps its height, with what is said of it.
export const opened = (width, height, said) =>
  `<svg viewBox="0 0 ${width} ${height}" height="${height}" role="img" aria-label="${said}">`;

export const polyline = (points, more) =>
  `<polyline points="${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")}" fill="none" ${more}/>`;

// Hairlines across, each with its number at the left.
export const rows = (low, high, y, { left, right, about = 4 }) => roundTicks(low, high, about).map((value) =>
  `<path d="M${left} ${y(value).toFixed(1)}H${right}" stroke="var(--hair)"/>
  <text x="${left - 8}" y="${(y(value) + 5).toFixed(1)}" text-anchor="end">${tickText(value)}</text>`).join("");

export const under = (values, x, y, said = (value) => number(value, 0)) => values.map((value) =>
  `<text x="${x(value).toFixed(1)}" y="${y}" text-anchor="middle">${said(value)}</text>`).join("");

// The place in a list whose value is nearest to a pixel; a hand on a chart chooses it.
export const nearestTo = (values, x, pixel) =>
  values.reduce((best, value, k) => (Math.abs(x(value) - pixel) < Math.abs(x(values[best]) - pixel) ? k : best), 0);
