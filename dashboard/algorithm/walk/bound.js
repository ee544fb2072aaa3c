// The bound of held-out images over the iterations, as an SVG.
import { number } from "../../shared/js/canvas.js";
import { roundTicks } from "../../shared/js/ticks.js";

const HEIGHT = 112, LEFT = 54, FLOOR = HEIGHT - 22;

// `zoom`: how much larger than on a desk.
export function drawBound(bounds, shownWidth, zoom = 1) {
  const width = shownWidth / zoom;
  const values = bounds.map(([, bound]) => bound), low = Math.min(...values), high = Math.max(...values);
  const room = Math.max(0.5, 0.1 * (high - low)), most = Math.max(1, bounds.at(-1)[0]);
  const x = (count) => LEFT + (count / most) * (width - LEFT - 12);
  const y = (value) => FLOOR - ((value - low + room) / (high - low + 2 * room)) * (FLOOR - 6);
  const ticks = roundTicks(low - room, high + room, 3).map((t) => `<path d="M${LEFT} ${y(t)}H${width - 12}" stroke="var(--hair)"/>
    <text x="${LEFT - 8}" y="${y(t) + 5}" text-anchor="end">${number(t, Math.abs(t % 1) > 1e-9 ? 1 : 0)}</text>`);
  const dots = bounds.map(([count, bound]) => `<circle cx="${x(count)}" cy="${y(bound)}" r="3.5" fill="var(--elbo)"/>`);
  const line = bounds.map(([count, bound]) => `${x(count)},${y(bound)}`).join(" ");
  const said = `Bound of held-out images at iteration ${bounds.at(-1)[0]}: ${number(values.at(-1), 1)} nats`;
  return `<svg width="${shownWidth}" height="${HEIGHT * zoom}" viewBox="0 0 ${width} ${HEIGHT}"
    role="img" aria-label="${said}">${ticks.join("")}
    <polyline points="${line}" fill="none" stroke="var(--elbo)" stroke-width="2"/>${dots.join("")}
    <text x="${LEFT}" y="${HEIGHT - 4}">0</text><text x="${width - 12}" y="${HEIGHT - 4}" text-anchor="end">
      ${most === 1 ? "1 iteration" : `${most.toLocaleString("en")} iterations`}</text></svg>`;
}

// When line 6 ends the loop, and whether it has.
export function inRule({ bounds, converged, rise, patience, atOnce }) {
  if (converged) return `<b>Converged:</b> the last ${patience} measurements brought less than ${rise} nats.`;
  const rule = `The bound is measured after every ${atOnce} iterations. Line 6 ends the loop when ${patience} measurements `
    + `in a row have raised it by less than ${rise} nats in all.`;
  return bounds.length > patience ? `<b>Still rising.</b> ${rule}` : rule;
}
