// reconstruction - KL = ELBO, + gap = log p(x), each drawn where the one before it ends. The axis does not begin at 0.
import { number, rounded } from "../../shared/js/canvas.js";
import { hatching, roundTicks } from "../../shared/js/ticks.js";

const NAME = 112, VALUE = 84; // pixels for the words at the left and the numbers at the right
const ROWS = ["reconstruction", "kl", "elbo", "gap", "log_px"];

export function drawWaterfall(box, { reconstruction, kl, elbo, gap, log_px: logPx, exact }, errorOf = () => 0) {
  const width = box.clientWidth, height = box.clientHeight;
  const shown = (name, value) => rounded(value, errorOf(name));
  if (!width) return;
  const left = NAME + 8, right = width - VALUE;
  const low = Math.min(elbo, logPx), high = Math.max(reconstruction, logPx);
  const room = Math.max(1.5, 0.1 * (high - low));
  const [from, to] = [low - room, high + 1.6 * room];
  const x = (value) => left + ((value - from) / (to - from)) * (right - left - 8);
  const each = (height - 28) / ROWS.length, y = (row) => (row + 0.5) * each, half = Math.min(14, each / 3);
  const bar = (row, a, b, fill, more = "") =>
    `<rect x="${Math.min(x(a), x(b))}" y="${y(row) - half}" width="${Math.max(1, Math.abs(x(b) - x(a)))}" height="${2 * half}" fill="${fill}" ${more}/>`;
  const tick = (row, value, colour) =>
    `<path d="M${x(value)} ${y(row)}H${right - 8}" stroke="${colour}" stroke-width="1"/><rect x="${x(value) - 2.5}" y="${y(row) - 1.6 * half}" width="5" height="${3.2 * half}" fill="${colour}"/>`;
  const drop = (row, value) =>
    `<path d="M${x(value)} ${y(row) + half}V${y(row + 1) - half}" stroke="var(--ink2)" stroke-dasharray="1.5 3" stroke-width="1.2"/>`;
  const ticks = roundTicks(from, to).filter((value) => x(value) > left + 4 && x(value) < right - 12);
  const edge = right - 8, cut = edge - 14;
  const name = (row, colour, text) => `<text class="name" x="0" y="${y(row)}" dy=".34em" fill="${colour}">${text}</text>`;
  const value = (row, colour, text) => `<text class="value" x="${width}" y="${y(row)}" dy=".34em" fill="${colour}">${text}</text>`;
  const p = `log <tspan class="serif">p</tspan>(<tspan class="serif">x</tspan>)`;
  box.innerHTML = `<svg role="img" aria-label="reconstruction ${shown("reconstruction", reconstruction)}, minus KL ${number(kl)}, is the ELBO ${shown("elbo", elbo)}; plus the gap ${shown("gap", gap)} it is log p of x, ${shown("log_px", logPx)}">
    <defs>${hatching("gap-hatch")}</defs>
    ${ticks.map((t) => `<path d="M${x(t)} 4V${height - 24}" stroke="var(--hair)"/><text class="tick" x="${x(t)}" y="${height - 6}" text-anchor="middle">${number(t, Math.abs(t % 1) > 1e-9 ? 1 : 0)}</text>`).join("")}
    ${bar(0, reconstruction, to, "var(--reconstruction)")}
    <path d="M${cut - 4} ${y(0) + half + 2}l6 ${-2 * half - 4}M${cut + 2} ${y(0) + half + 2}l6 ${-2 * half - 4}" stroke="var(--paper)" stroke-width="3"/>
    ${drop(0, reconstruction)}${bar(1, elbo, reconstruction, "var(--kl)")}${drop(1, elbo)}
    ${tick(2, elbo, "var(--elbo)")}${drop(2, elbo)}
    ${bar(3, elbo, logPx, "url(#gap-hatch)", 'stroke="var(--ink2)" stroke-width="1.2"')}${drop(3, logPx)}${tick(4, logPx, "var(--evidence)")}
    ${name(0, "var(--reconstruction)", "reconstruction")}${name(1, "var(--kl)", "&#8722; KL")}${name(2, "var(--elbo)", "= ELBO")}
    ${name(3, "var(--ink2)", "+ gap")}${name(4, "var(--evidence)", exact ? `= ${p}` : "= IW bound")}
    ${value(0, "var(--reconstruction)", shown("reconstruction", reconstruction))}${value(1, "var(--kl)", number(-kl))}${value(2, "var(--elbo)", shown("elbo", elbo))}
    <g class="waits">${value(3, "var(--ink2)", (gap >= 0 ? "+" : "") + shown("gap", gap))}</g>${value(4, "var(--evidence)", shown("log_px", logPx))}</svg>`;
}
