// What the small panels and the large one share: the columns of an axis, and how values become places.
import { number } from "../../shared/js/canvas.js";

export const AXES = { images: "images_seen", updates: "weight_updates", seconds: "seconds" };
export const AXIS_NAMES = { images: "images seen", updates: "weight updates", seconds: "seconds" };

const WARM = 30_000; // images seen, before which a curve may begin below the frame

export const logScale = (from, to, low, high) => (value) =>
  low + (Math.log(value / from) / Math.log(to / from)) * (high - low);
export const linearScale = (from, to, low, high) => (value) => low + ((value - from) / (to - from)) * (high - low);

// The least and the largest of an axis over lines.
export function reach(lines, axis) {
  const values = lines.flatMap((line) => line[AXES[axis]]).filter((value) => value > 0);
  return values.length ? [Math.min(...values), Math.max(...values) * 1.0001] : [1, 10];
}

// The nats of a frame: all values after the first few thousand images.
export function span(lines) {
  const warm = (line) => (_, k) => line.images_seen[k] >= WARM;
  const values = lines.flatMap((line) => [...line.train.filter(warm(line)), ...line.test.filter(warm(line))]);
  const all = values.length ? values : lines.flatMap((line) => [...line.train, ...line.test]);
  if (!all.length) return [-1, 0];
  const low = Math.min(...all), high = Math.max(...all), room = Math.max(1, (high - low) * 0.06);
  return [low - room, high + room];
}

export const points = (line, axis, part, x, y) =>
  line[AXES[axis]].map((value, k) => [x(value), y(line[part][k])]).filter(([at]) => Number.isFinite(at));

export const polyline = (places, kind) =>
  places.length > 1 ? `<polyline points="${places.map((at) => at.map((v) => v.toFixed(1)).join(",")).join(" ")}" class="${kind}"/>` : "";

export const kindOf = (line) =>
  `${line.algorithm}${line.trial ? " trial" : ""}${line.key ? " live" : ""}${!line.key && line.seed ? " second" : ""}`;

// 30,000 -> "30,000", 3,000,000 -> "3 million"
export const inShort = (value) =>
  value >= 1e6 ? `${number(value / 1e6, value % 1e6 ? 1 : 0)} million` : value.toLocaleString("en");
