// Bayes' rule at any code: p(x|z) p(z) / p(z|x) is p(x), whichever z is taken.
import { parameters } from "../../shared/js/decoder.js";
import { logPrior } from "../../shared/js/gaussian.js";
import { logLikelihood } from "../../shared/js/likelihood.js";
import { number } from "../../shared/js/canvas.js";

// The cell of the exact posterior that holds a code; null: none does. `known.field` has log p(x, z) at the cells' middles.
export function cellAt(z, { field, box }) {
  const side = box.length === 1 ? field.length : Math.sqrt(field.length);
  const along = box.map(([low, high], d) => Math.floor(((z[d] - low) / (high - low)) * side));
  if (along.some((k) => k < 0 || k >= side)) return null;
  const middle = box.map(([low, high], d) => low + ((along[d] + 0.5) / side) * (high - low));
  return { middle, logJoint: field[along.reduceRight((sum, k) => sum * side + k, 0)] };
}

// The three logarithms at the middle of z's cell: the browser's decoder, the prior, and the posterior that Python summed.
export function bayesAt(z, { known, data }, decoder, x) {
  const cell = known?.field && decoder && x ? cellAt(z, known) : null;
  if (!cell) return null;
  const likelihood = logLikelihood(decoder, parameters(decoder, cell.middle), x, data.variance);
  return { z: cell.middle, likelihood, prior: logPrior(cell.middle), posterior: cell.logJoint - data.logPx };
}

export function bayesInWords({ z, likelihood, prior, posterior }) {
  const signed = (value) => `${value < 0 ? "−" : "+"} ${number(Math.abs(value))}`;
  const place = z.map((value) => number(value)).join(", "), p = '<i class="symbol">p</i>';
  return `At z = ${place}: log ${p}(x|z) + log ${p}(z) − log ${p}(z|x) = ${number(likelihood)} ${signed(prior)} ${signed(-posterior)} =
    <b>${number(likelihood + prior - posterior)}</b> = log ${p}(x), whichever z you click.`;
}
