// Ratios of variances as text.
import { readable } from "../shared/js/numbers.js";

const three = (ratio) => Number(ratio.toPrecision(3));

// What was estimated from draws, to three digits
export function times(ratio) {
  if (ratio < 10) return ratio.toFixed(ratio < 0.1 ? 3 : 2);
  return ratio < 1e6 ? three(ratio).toLocaleString("en") : readable(three(ratio), 0);
}

// Ratios of such numbers, to two
export const few = (ratio) => times(ratio < 10 ? ratio : Number(ratio.toPrecision(2)));
