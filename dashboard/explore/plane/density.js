// The aggregate posterior q(z): the mean of the codes' Gaussians, averaged exactly over small cells of the plane.
import { cumulative } from "../../shared/js/gaussian.js";

const TOGETHER = 50; // codes between two looks at the clock
const FAR = 4; // standard deviations beyond which a code is not felt

// Adds up the share of every code in each cell; a generator that yields while there is more to do.
// Returns q(z) per cell, row 0 being the top, in 1 / (unit of z)^2.
export function* aggregate({ mean, logvar, count }, view, cells) {
  const q = new Float64Array(cells * cells);
  const width = (view.x[1] - view.x[0]) / cells;
  const across = new Float64Array(cells), up = new Float64Array(cells);
  for (let i = 0; i < count; i++) {
    const [left, right] = shares(mean[2 * i], Math.exp(logvar[2 * i] / 2), view.x[0], width, across);
    const [low, high] = shares(mean[2 * i + 1], Math.exp(logvar[2 * i + 1] / 2), view.y[0], width, up);
    for (let y = low; y <= high; y++) {
      const row = (cells - 1 - y) * cells;
      for (let x = left; x <= right; x++) q[row + x] += across[x] * up[y];
    }
    if (i % TOGETHER === 0) yield;
  }
  const scale = 1 / (count * width * width);
  for (let k = 0; k < q.length; k++) q[k] *= scale;
  return q;
}

// P(z in cell) for each cell that N(mean, sd^2) reaches; returns the first and the last of them.
function shares(mean, sd, start, width, into) {
  const cell = (value) => Math.min(into.length - 1, Math.max(0, Math.floor((value - start) / width)));
  const first = cell(mean - FAR * sd), last = cell(mean + FAR * sd);
  let below = cumulative((start + first * width - mean) / sd);
  for (let k = first; k <= last; k++) {
    const above = cumulative((start + (k + 1) * width - mean) / sd);
    into[k] = above - below;
    below = above;
  }
  return [first, last];
}
