// Round ticks of an axis, and the hatching of what no model reaches.
import { number } from "./canvas.js";

export function hatching(id) {
  const line = '<path class="hatch" d="M0 0V6"/>';
  return `<pattern id="${id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">${line}</pattern>`;
}

// Round numbers inside [low, high], `about` so many steps apart; neither end is lost to rounding.
export function roundTicks(low, high, about = 4) {
  const raw = (high - low) / about, ten = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * ten).find((s) => s >= raw * 0.999);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) ticks.push(k * step + 0); // + 0: no minus zero
  return ticks;
}

// A tick as text, with the decimals that it needs, two at most.
export function tickText(value) {
  const digits = [0, 1].find((n) => Math.abs(value * 10 ** n - Math.round(value * 10 ** n)) < 1e-9) ?? 2;
  return number(value, digits);
}
