// Codes of the test images as Python would count them: along other axes, their density, those that are nearest.
import { onShelf, put } from "../js/blobs.js";

// The key of the codes along some axes, laid on the shelf; "" as long as no codes are there.
export function codesAlong({ codes: whole }, axes) {
  const all = onShelf(whole);
  if (!all) return whole;
  const key = `${whole} along ${axes}`;
  if (onShelf(key)) return key;
  const { count, dims, mean, logvar, labels } = all;
  const along = (values) => {
    const some = new Float32Array(count * axes.length);
    for (let i = 0, k = 0; i < count; i++) for (const d of axes) some[k++] = values[i * dims + d];
    return some;
  };
  put(key, { count, dims: axes.length, mean: along(mean), logvar: along(logvar), labels });
  return key;
}

// Two ranges of the same length, so that a circle is a circle: model_view.view.
export function viewOf({ spans, view, axes: recorded }, axes) {
  if (axes.length < 2 || String(axes) === String(recorded)) return view;
  const [[left, right], [low, high]] = axes.map((d) => spans[d]), half = Math.max(right - left, high - low) / 2;
  const [across, up] = [(left + right) / 2, (low + high) / 2];
  return { x: [across - half, across + half], y: [up - half, up + half] };
}

// log q(z), the mean over all codes of N(mean, sigma^2), in nats: aggregate_posterior.log_density.
export function logAggregate({ mean, logvar, count, dims }, z) {
  const terms = new Float64Array(count);
  let peak = -Infinity;
  for (let i = 0; i < count; i++) {
    let sum = -0.5 * dims * Math.log(2 * Math.PI);
    for (let d = 0, k = i * dims; d < dims; d++, k++) sum -= 0.5 * (logvar[k] + (z[d] - mean[k]) ** 2 * Math.exp(-logvar[k]));
    terms[i] = sum;
    peak = Math.max(peak, sum);
  }
  return peak + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - peak), 0) / count);
}

export function nearest({ mean, count, dims }, z) {
  let best = 0, least = Infinity;
  for (let i = 0; i < count; i++) {
    let far = 0;
    for (let d = 0, k = i * dims; d < dims; d++, k++) far += (mean[k] - z[d]) ** 2;
    if (far < least) [best, least] = [i, far];
  }
  return best;
}

// How many of the `most` codes nearest to z are of each class: grid.votes of the page Manifold.
export function votes({ mean, labels, count, dims }, z, most, classes) {
  const among = Math.min(most, count), closest = new Float64Array(among).fill(Infinity), whose = new Int32Array(among);
  for (let i = 0; i < count; i++) {
    let far = 0;
    for (let d = 0, k = i * dims; d < dims; d++, k++) far += (mean[k] - z[d]) ** 2;
    if (far >= closest[among - 1]) continue;
    let k = among - 1;
    for (; k > 0 && closest[k - 1] > far; k--) { closest[k] = closest[k - 1]; whose[k] = whose[k - 1]; }
    closest[k] = far;
    whose[k] = i;
  }
  const found = new Int32Array(classes);
  for (const i of whose) found[labels[i]]++;
  return found;
}
