// Where the tiles lie among the codes: a line through each row and column. Hatched is what lies outside of equal steps;
// equal shares have no end, and hatched is what lies farther out than any image.
import { REACH } from "./overlay.js";
import { classColours, colour, css, sharpen } from "../../shared/js/canvas.js";

const BARS = 60;

export const inView = ([low, high], value, size) => ((value - low) / (high - low)) * size;

export function drawInset(canvas, root, { view, dims }, codes, along, spacing) {
  const size = canvas.parentElement.clientWidth;
  if (!size) return;
  const pen = sharpen(canvas, size, size), ink = colour(root, "ink"), plain = colour(root, "mu");
  const x = (value) => inView(view.x, value, size), y = (value) => size - inView(view.y, value, size);
  const edge = spacing === "linear" ? REACH : along.at(-1);
  const [left, right] = [x(-edge), x(edge)];
  const [top, bottom] = dims === 1 ? [0, size] : [y(edge), y(-edge)];
  if (codes && dims === 1) bars(pen, size, view.x, y, codes, css(plain, 0.5));
  if (codes && dims > 1) dots(pen, x, y, codes, classColours(root).dots, plain);
  hatchOutside(pen, size, [left, top, right - left, bottom - top], css(ink, 0.2));
  if (dims === 1) return;
  pen.strokeStyle = css(ink, along.length > 25 ? 0.3 : 0.45);
  pen.lineWidth = 0.75;
  pen.beginPath();
  for (const value of along) {
    pen.moveTo(x(value), top);
    pen.lineTo(x(value), bottom);
    pen.moveTo(left, y(value));
    pen.lineTo(right, y(value));
  }
  pen.stroke();
}

// Every other code: the picture is small.
function dots(pen, x, y, { mean, labels, count }, colours, plain) {
  for (let i = 0; i < count; i += 2) {
    pen.fillStyle = css(labels ? colours[labels[i] % 10] : plain, 0.5);
    pen.fillRect(x(mean[2 * i]) - 0.7, y(mean[2 * i + 1]) - 0.7, 1.4, 1.4);
  }
}

// D = 1: how densely the codes lie where.
function bars(pen, size, [low, high], y, { mean, count }, style) {
  const density = new Float64Array(BARS), wide = (high - low) / BARS;
  for (const value of mean) density[Math.floor((value - low) / wide)] += 1 / (count * wide);
  pen.fillStyle = style;
  density.forEach((value, k) => pen.fillRect((k * size) / BARS, y(value), size / BARS, size));
}

function hatchOutside(pen, size, box, style) {
  pen.save();
  pen.beginPath();
  pen.rect(0, 0, size, size);
  pen.rect(...box);
  pen.clip("evenodd");
  pen.strokeStyle = style;
  pen.beginPath();
  for (let at = -size; at < size; at += 8) {
    pen.moveTo(at, size);
    pen.lineTo(at + size, 0);
  }
  pen.stroke();
  pen.restore();
}
