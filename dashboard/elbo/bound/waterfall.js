// reconstruction - KL = ELBO, + gap = log p(x), each drawn where the one before it ends. The axis does not begin at 0.
import { number, rounded } from "../../shared/js/canvas.js";
import { hatching, roundTicks } from "../../shared/js/ticks.js";

const NAME = 112, VALUE = 84; // pixels for the words at the left and the numbers at the right
const ROWS = ["reconstruction", "kl", "elbo", "gap", "log_px"];
const SYMBOLS = ["reconstruction", "kl", "elbo", "gap", "evidence"]; // that answer in this row
const COLOURS = ["var(--reconstruction)", "var(--kl)", "var(--elbo)", "var(--ink2)", "var(--evidence)"];

export function drawWaterfall(box, terms, errorOf = () => 0) {
  const scale = scaleOf(box, terms), { width } = scale;
  if (!width) return;
  const { gap } = terms, shown = Object.fromEntries(ROWS.map((name) => [name, rounded(terms[name], errorOf(name))]));
  const values = [shown.reconstruction, number(-terms.kl), shown.elbo, (gap >= 0 ? "+" : "") + shown.gap, shown.log_px];
  const value = (row) => text(scale, row, "value", width, values[row]);
  box.innerHTML = `<svg role="img" aria-label="${spoken(shown, terms.kl)}">
    <defs>${hatching("gap-hatch")}</defs>${grid(scale)}${bars(scale, terms)}
    ${names(terms.exact).map((name, row) => text(scale, row, "name", 0, name)).join("")}
    ${value(0)}${value(1)}${value(2)}<g class="waits">${value(3)}</g>${value(4)}</svg>`;
}

// Where a value lies across, and a row down: in pixels.
function scaleOf(box, { reconstruction, elbo, log_px: logPx }) {
  const width = box.clientWidth, height = box.clientHeight, left = NAME + 8, right = width - VALUE;
  const low = Math.min(elbo, logPx), high = Math.max(reconstruction, logPx), room = Math.max(1.5, 0.1 * (high - low));
  const [from, to] = [low - room, high + 1.6 * room], each = (height - 28) / ROWS.length;
  return {
    width, height, left, right, from, to, half: Math.min(14, each / 3),
    x: (value) => left + ((value - from) / (to - from)) * (right - left - 8),
    y: (row) => (row + 0.5) * each,
  };
}

const spoken = (shown, kl) => `reconstruction ${shown.reconstruction}, minus KL ${number(kl)}, is the ELBO ${shown.elbo}; ` +
  `plus the gap ${shown.gap} it is log p of x, ${shown.log_px}`;

function names(exact) {
  const evidence = exact ? '= log <tspan class="serif">p</tspan>(<tspan class="serif">x</tspan>)' : "= IW bound";
  return ["reconstruction", "&#8722; KL", "= ELBO", "+ gap", evidence];
}

const text = ({ y }, row, kind, x, words) =>
  `<text class="${kind}" data-symbol="${SYMBOLS[row]}" x="${x}" y="${y(row)}" dy=".34em" fill="${COLOURS[row]}">${words}</text>`;

function grid({ x, from, to, left, right, height }) {
  const ticks = roundTicks(from, to).filter((value) => x(value) > left + 4 && x(value) < right - 12);
  return ticks.map((t) => `<path d="M${x(t)} 4V${height - 24}" stroke="var(--hair)"/>` +
    `<text class="tick" x="${x(t)}" y="${height - 6}" text-anchor="middle">${number(t, Math.abs(t % 1) > 1e-9 ? 1 : 0)}</text>`).join("");
}

function bars({ x, y, half, right, to }, { reconstruction, elbo, log_px: logPx }) {
  const cut = right - 22; // the bar of the reconstruction begins at 0, beyond the right edge: here it is cut
  const bar = (row, a, b, fill, more = "") =>
    `<rect x="${Math.min(x(a), x(b))}" y="${y(row) - half}" width="${Math.max(1, Math.abs(x(b) - x(a)))}" height="${2 * half}"
      fill="${fill}" data-symbol="${SYMBOLS[row]}" ${more}/>`;
  const tick = (row, value) => `<path d="M${x(value)} ${y(row)}H${right - 8}" stroke="${COLOURS[row]}" stroke-width="1"/>
    <rect x="${x(value) - 2.5}" y="${y(row) - 1.6 * half}" width="5" height="${3.2 * half}" fill="${COLOURS[row]}"
      data-symbol="${SYMBOLS[row]}"/>`;
  const drop = (row, value) => `<path d="M${x(value)} ${y(row) + half}V${y(row + 1) - half}" stroke="var(--ink2)"
    stroke-dasharray="1.5 3" stroke-width="1.2"/>`;
  const slash = (at) => `M${at} ${y(0) + half + 2}l6 ${-2 * half - 4}`;
  return `${bar(0, reconstruction, to, COLOURS[0])}
    <path d="${slash(cut - 4)}${slash(cut + 2)}" stroke="var(--paper)" stroke-width="3"/>
    ${drop(0, reconstruction)}${bar(1, elbo, reconstruction, COLOURS[1])}${drop(1, elbo)}${tick(2, elbo)}${drop(2, elbo)}
    ${bar(3, elbo, logPx, "url(#gap-hatch)", 'stroke="var(--ink2)" stroke-width="1.2"')}${drop(3, logPx)}${tick(4, logPx)}`;
}
