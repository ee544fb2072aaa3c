// Numbers as text, beside each other: large ones as powers of ten, differences and sums of numbers as they are shown.
import { number } from "./canvas.js";

const HUGE = 1e6; // from here on a number is written as a power of ten
const raised = (ten) => [...String(ten)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("");

// 12,000
export const whole = (count) => count.toLocaleString("en");

// A number as it is shown with so many digits.
export const toDigits = (value, digits) => Number(value.toFixed(digits)) + 0;

// As compare/metric_table.py writes it; null: not a finite number.
export function readable(value, digits) {
  if (value === null || !Number.isFinite(value)) return "not finite";
  if (Math.abs(value) < HUGE) return number(value, digits);
  const [front, ten] = value.toExponential(1).split("e+");
  return `${front.replace("-", "\u2212")} × 10${raised(ten)}`;
}

// The difference of two numbers as they are shown: a reader who subtracts finds the same. "" where there is none.
export function apart(value, other, digits) {
  if (![value, other].every((v) => v !== null && Number.isFinite(v))) return "";
  const huge = Math.max(Math.abs(value), Math.abs(other)) >= HUGE;
  const by = huge ? value - other : toDigits(value, digits) - toDigits(other, digits);
  return `${by >= 0.5 * 10 ** -digits ? "+" : ""}${readable(by, digits)}`;
}

// Terms of a sum with as few digits as give the sum that is shown with `digits` of them.
export function adding(terms, weights, digits) {
  const sum = toDigits(terms.reduce((all, term, k) => all + weights[k] * term, 0), digits), close = 0.499 * 10 ** -digits;
  for (let more = digits; ; more++) {
    const shown = terms.reduce((all, term, k) => all + weights[k] * toDigits(term, more), 0);
    if (Math.abs(shown - sum) < close || more > digits + 4) return terms.map((term) => number(term, more));
  }
}
