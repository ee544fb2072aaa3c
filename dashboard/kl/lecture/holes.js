// Where the prior has mass and the training codes have hardly any, as a map; and q(z) along each axis, against the prior.
import { density } from "../../shared/js/gaussian.js";
import { css } from "../../shared/js/canvas.js";

const RIM = 3; // sigmas; further out nobody would draw
const HOLE = Math.log(0.05); // of q(z) / p(z)
const MORE = 210, LESS = 52; // alpha of the blue where q is above p, and below it: two steps that a projector keeps apart
const STRIPES = 11; // pixels from one to the next

// Hatched over the holes, blue elsewhere: two levels, q above p and q below p. On a canvas of its own.
export function holeMap(square, { levels, cells }) {
  const { side, edge, ratio, colours } = square, size = Math.round(side * ratio), rim = (RIM / edge) * (size / 2);
  const paint = () => new OffscreenCanvas(size, size).getContext("2d");
  const filled = paint(), empty = paint(), all = paint();
  const blue = filled.createImageData(size, size), mask = empty.createImageData(size, size);
  fillMap(blue.data, mask.data, { size, rim, mu: colours.mu, logRatio: logRatioOf(levels, cells, size, square) });
  filled.putImageData(blue, 0, 0);
  empty.putImageData(mask, 0, 0);
  empty.globalCompositeOperation = "source-in";
  empty.drawImage(stripes(paint(), size, ratio, colours), 0, 0);
  all.fillStyle = css(colours.panel);
  all.fillRect(0, 0, size, size);
  all.drawImage(filled.canvas, 0, 0);
  all.drawImage(empty.canvas, 0, 0);
  all.strokeStyle = css(colours.ink, 0.8);
  all.lineWidth = 1.25 * ratio;
  all.beginPath();
  all.arc(size / 2, size / 2, rim, 0, 7);
  all.stroke();
  return all.canvas;
}

// ln q(z)/p(z) along a row of pixels: bilinear between the cells, so that the edge of a hole is a curve; needles stay specks.
function logRatioOf(level, cells, size, { levels, faint }) {
  const per = cells / size, last = cells - 1.001;
  const place = (pixel) => Math.min(last, Math.max(0, (pixel + 0.5) * per - 0.5));
  return (y) => {
    const v = place(y), row = Math.floor(v), fy = v - row;
    return (x) => {
      const u = place(x), column = Math.floor(u), fx = u - column, i = row * cells + column;
      const value = (1 - fy) * ((1 - fx) * level[i] + fx * level[i + 1])
        + fy * ((1 - fx) * level[i + cells] + fx * level[i + cells + 1]);
      return (value / 255) * levels - faint;
    };
  };
}

// RGBA of what is reached, and the alpha of what is not, for each pixel within the rim.
function fillMap(reached, veiled, { size, rim, mu: [r, g, b], logRatio }) {
  for (let y = 0, k = 0; y < size; y++) {
    const logRatioAt = logRatio(y);
    for (let x = 0; x < size; x++, k++) {
      if ((x + 0.5 - size / 2) ** 2 + (y + 0.5 - size / 2) ** 2 > rim * rim) continue;
      const log = logRatioAt(x), hole = Math.min(1, Math.max(0, (HOLE - log) / 0.35 + 0.5));
      reached[4 * k] = r;
      reached[4 * k + 1] = g;
      reached[4 * k + 2] = b;
      reached[4 * k + 3] = (1 - hole) * (log > 0 ? MORE : LESS + Math.max(0, (MORE - LESS) * (1 + 2 * log)));
      veiled[4 * k + 3] = 255 * hole;
    }
  }
}

function stripes(pen, size, ratio, { ink }) {
  pen.strokeStyle = css(ink, 0.88);
  pen.lineWidth = 3.4 * ratio;
  for (let c = -size; c < 2 * size; c += STRIPES * ratio) {
    pen.beginPath();
    pen.moveTo(c, size);
    pen.lineTo(c + size, 0);
    pen.stroke();
  }
  return pen.canvas;
}

// What all codes together look like along each axis, against the prior (dashed), at the edges of the square.
export function drawMarginals(pen, { side, edge, colours }, codes) {
  const steps = Math.floor(side / 3), tall = side * 0.3, unit = (2 * edge) / steps;
  for (const axis of [0, 1]) {
    const q = marginalOf(codes, axis, { edge, steps, unit });
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
    pen.lineTo(axis ? 0 : side, axis ? 0 : side);
    pen.lineTo(0, side);
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

// The mean density of the posteriors along an axis, at `steps` + 1 places; none is narrower than a step.
function marginalOf({ mean, logvar, count }, axis, { edge, steps, unit }) {
  const q = new Float64Array(steps + 1);
  for (let i = 0; i < count; i++) {
    const sd = Math.max(Math.exp(logvar[2 * i + axis] / 2), unit), m = mean[2 * i + axis];
    const low = Math.max(0, Math.floor((m - 4 * sd + edge) / unit)), high = Math.min(steps, Math.ceil((m + 4 * sd + edge) / unit));
    for (let k = low; k <= high; k++) q[k] += density((k * unit - edge - m) / sd) / sd / count;
  }
  return q;
}
