// The bound of a q on its way, with the browser's own decoder: Gauss-Hermite nodes, closed-form KL. Python confirms it.
import { parameters } from "../../shared/js/decoder.js";
import { klToStandardNormal } from "../../shared/js/gaussian.js";
import { logLikelihood } from "../../shared/js/likelihood.js";

// Five nodes integrate polynomials up to degree nine exactly.
const NODES = [[-2.8569700138728, 0.0112574113277207], [-1.3556261799742, 0.222075922005613], [0, 0.533333333333333],
  [1.3556261799742, 0.222075922005613], [2.8569700138728, 0.0112574113277207]];

export function klOf(q, dims) {
  const parts = q.slice(0, dims).map((mean, d) => klToStandardNormal(mean, q[dims + d]));
  const mu = parts.map(({ ofMean }) => ofMean), sigma = parts.map(({ ofSigma }) => ofSigma);
  return { klMu: mu, klSigma: sigma, kl: [...mu, ...sigma].reduce((a, b) => a + b, 0) };
}

// E_q log p(x|z), for one or two dimensions
export function reconstructionOf(decoder, x, q, dims, variance) {
  const grid = dims === 1 ? NODES.map(([e, w]) => [[e], w]) : NODES.flatMap(([a, v]) => NODES.map(([b, w]) => [[a, b], v * w]));
  let sum = 0, total = 0;
  for (const [eps, weight] of grid) {
    if (weight < 1e-3) continue; // the corners, which cost as much as any other node
    const output = parameters(decoder, eps.map((e, d) => q[d] + q[dims + d] * e));
    sum += weight * logLikelihood(decoder, output, x, variance);
    total += weight;
  }
  return sum / total;
}
