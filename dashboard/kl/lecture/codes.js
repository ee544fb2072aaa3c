// Codes of test images: each posterior an ellipse at two sigma in its class's colour, a digit in each neighbourhood.
import { css } from "../../shared/js/canvas.js";
import { drawPrior } from "./prior.js";

const APART = 34; // pixels between two digits
const COVERING = 80; // ellipses under the pointer that are drawn

// Draws them and the prior. While they move only the ellipses are filled; `settled` adds lines, digits and what covers the
// pointer. Returns how many do, as text.
export function drawCodes(pen, square, codes, settled, pointer) {
  const { side, colours } = square, { each, count } = ellipsesOf(codes, square);
  pen.fillStyle = css(colours.panel);
  pen.fillRect(0, 0, side, side);
  const area = each.reduce((sum, { rx, ry }) => sum + rx * ry, 0) / Math.max(1, each.length);
  const strength = Math.min(0.5, Math.max(0.008, 22 / (area + 40)));
  for (const ellipse of each) {
    outline(pen, ellipse);
    pen.fillStyle = css(colours.dots[ellipse.label], strength);
    pen.fill();
  }
  let covering = "";
  if (settled) {
    const signs = signsOf(each, side);
    drawLines(pen, each, signs, strength, colours);
    drawDigits(pen, signs, square);
    if (pointer) covering = `${drawCovering(pen, each, pointer, square)} ellipses of ${count}`;
  }
  drawPrior(pen, square);
  return covering;
}

// The codes on their way from one model to another.
export function codesBetween(from, to, share) {
  const between = (name) => to[name].map((value, k) => from[name][k] + share * (value - from[name][k]));
  return { mean: between("mean"), logvar: between("logvar"), labels: to.labels };
}

// In pixels, those that are seen; of wide ellipses a few show as much.
function ellipsesOf({ mean, logvar, labels }, { side, edge, x, y }) {
  const unit = side / (2 * edge), variance = logvar.reduce((sum, value) => sum + Math.exp(value), 0) / logvar.length;
  const count = Math.round(Math.min(labels.length, Math.max(280, 60 / variance)));
  const radius = (logvar) => Math.max(1.6, 2 * unit * Math.exp(logvar / 2));
  const all = Array.from(labels.subarray(0, count), (label, i) => ({
    x: x(mean[2 * i]), y: y(mean[2 * i + 1]), rx: radius(logvar[2 * i]), ry: radius(logvar[2 * i + 1]), label: label % 10,
  }));
  return { count, each: all.filter(({ x, y, rx, ry }) => x > -rx && y > -ry && x < side + rx && y < side + ry) };
}

function outline(pen, { x, y, rx, ry }) {
  pen.beginPath();
  pen.ellipse(x, y, rx, ry, 0, 0, 7);
}

// One code per neighbourhood, of a class that prevails there; its digit is written.
function signsOf(each, side) {
  const written = [], apart = Math.max(APART, digitSize(side) * 1.9), reach = side / 24;
  const near = (a, b, far) => (a.x - b.x) ** 2 + (a.y - b.y) ** 2 <= far * far;
  for (const one of each) {
    if (one.x < 12 || one.y < 14 || one.x > side - 12 || one.y > side - 14) continue;
    if (written.some((other) => near(other, one, apart))) continue;
    let same = 0, all = 0;
    for (const other of each) {
      if (!near(other, one, reach)) continue;
      all++;
      if (other.label === one.label) same++;
    }
    if (2 * same >= all) written.push(one);
  }
  return written;
}

const digitSize = (side) => Math.max(17, side * 0.034);

// Outlines of all ellipses while they are small, of some that have a digit once they overlap.
function drawLines(pen, each, signs, strength, colours) {
  const all = strength > 0.2;
  pen.lineWidth = 1.25;
  for (const ellipse of all ? each : signs.slice(0, strength < 0.02 ? 18 : 60)) {
    outline(pen, ellipse);
    pen.strokeStyle = css(colours.dots[ellipse.label], all ? 0.5 : 0.75);
    pen.stroke();
  }
}

function drawDigits(pen, signs, { side, colours }) {
  const font = `700 ${digitSize(side)}px "Source Sans", sans-serif`;
  Object.assign(pen, { textAlign: "center", textBaseline: "middle", lineWidth: 4, lineJoin: "round", font });
  pen.strokeStyle = css(colours.panel, 0.9);
  for (const { x, y, label } of signs) {
    pen.strokeText(label, x, y);
    pen.fillStyle = css(colours.glyphs[label]);
    pen.fillText(label, x, y);
  }
}

// The ellipses under the pointer; returns how many there are.
function drawCovering(pen, each, pointer, square) {
  const px = square.x(pointer[0]), py = square.y(pointer[1]);
  const under = each.filter(({ x, y, rx, ry }) => ((x - px) / rx) ** 2 + ((y - py) / ry) ** 2 < 1);
  pen.lineWidth = 2;
  for (const ellipse of under.slice(0, COVERING)) {
    outline(pen, ellipse);
    pen.strokeStyle = css(square.colours.glyphs[ellipse.label]);
    pen.stroke();
  }
  return under.length;
}
