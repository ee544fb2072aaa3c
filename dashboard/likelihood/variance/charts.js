// Three charts over the family: the bound and the squared error against c, and the eigenvalues with the line at c.
import { number } from "../../shared/js/canvas.js";
import { roundTicks } from "../../shared/js/ticks.js";
import { boundAt, cText } from "./words.js";

const HEIGHT = 214, LEFT = 52, RIGHT = 14, TOP = 12, FLOOR = HEIGHT - 30;
const LEAST = 0.01, MOST = 10, DECADES = [0.01, 0.1, 1, 10];

const across = (width) => (c) => LEFT + (Math.log10(c / LEAST) / Math.log10(MOST / LEAST)) * (width - LEFT - RIGHT);

function frame(width, x, y, ticks, said, inside) {
  const lines = ticks.map((t) => `<path d="M${LEFT} ${y(t)}H${width - RIGHT}" class="hair"/>
    <text x="${LEFT - 8}" y="${y(t) + 5}" class="end">${number(t, t % 1 ? 1 : 0)}</text>`);
  const decades = DECADES.map((c) => `<text x="${x(c)}" y="${FLOOR + 20}" class="middle">${c}</text>`);
  return `<svg width="${width}" height="${HEIGHT}" role="img" aria-label="${said}">${lines.join("")}${decades.join("")}
    <text x="${width - RIGHT}" y="${FLOOR - 6}" class="end"><tspan class="symbol">c</tspan></text>${inside}</svg>`;
}

const dots = (rows, at, x, y, kind) => rows.map((row, k) =>
  `<circle cx="${x(row.variance)}" cy="${y(row)}" r="${k === at ? 7 : 4.5}" class="${kind}${row.learned ? " learned" : ""}"/>`).join("");

// Dots: the models. The line: the decoder at the dial, scored as if its variance were another.
export function drawBounds({ rows, pixels }, at, width) {
  const values = rows.map((row) => row.elbo), low = Math.min(...values) * 1.06, high = Math.max(...values) + 150;
  const x = across(width), y = (value) => TOP + ((high - value) / (high - low)) * (FLOOR - TOP);
  const line = Array.from({ length: 121 }, (_, k) => LEAST * (MOST / LEAST) ** (k / 120))
    .map((c) => [x(c), y(boundAt(rows[at], c, pixels))]).filter(([, v]) => v <= FLOOR && v >= 0);
  const said = rows.map((row) => `c ${cText(row)}: ${number(row.elbo, 0)} nats`).join(", ");
  return frame(width, x, y, roundTicks(low, high, 4), said, `
    <path d="M${LEFT} ${y(0)}H${width - RIGHT}" class="zero"/>
    <polyline points="${line.map((p) => p.map((v) => v.toFixed(1)).join(",")).join(" ")}" class="other"/>
    ${dots(rows, at, x, (row) => y(row.elbo), "elbo")}${valueAt(x, y, rows[at], rows[at].elbo, width, "elbo", 0)}`);
}

export function drawErrors({ rows }, at, width) {
  const known = rows.map((row) => row.residual ?? 0), high = Math.max(10, ...known) * 1.2;
  const x = across(width), y = (value) => FLOOR - (value / high) * (FLOOR - TOP);
  const said = rows.map((row) => `c ${cText(row)}: squared error ${number(row.residual ?? 0, 1)}`).join(", ");
  return frame(width, x, y, roundTicks(0, high, 4), said, `
    ${dots(rows, at, x, (row) => y(row.residual ?? 0), "reconstruction")}
    ${valueAt(x, y, rows[at], rows[at].residual ?? 0, width, "reconstruction", 1)}`);
}

function valueAt(x, y, row, value, width, kind, digits) {
  const place = Math.min(width - 34, Math.max(LEFT + 30, x(row.variance))), up = y(value) > TOP + 34;
  return `<text x="${place}" y="${y(value) + (up ? -13 : 25)}" class="middle value ${kind}">${number(value, digits)}</text>`;
}

// Bars on a logarithmic scale: above the line at c, the linear theory keeps the axis.
export function drawAxes({ rows, eigenvalues, dims }, at, width) {
  const low = 0.3, high = 8, c = rows[at].variance, span = Math.log(high / low);
  const y = (value) => FLOOR - (Math.log(Math.max(value, low) / low) / span) * (FLOOR - TOP);
  const step = (width - LEFT - RIGHT) / eigenvalues.length, line = Math.min(FLOOR, Math.max(TOP, y(c)));
  const bars = eigenvalues.map((value, k) => {
    const kept = k < dims && value > c;
    const box = `x="${LEFT + k * step + 2}" y="${y(value)}" width="${Math.max(1, step - 4)}" height="${FLOOR - y(value)}"`;
    return `<rect ${box} class="bar${kept ? " kept" : ""}"/>`;
  });
  const numbers = eigenvalues.map((_, k) => k).filter((k) => k % 3 === 0)
    .map((k) => `<text x="${LEFT + (k + 0.5) * step}" y="${FLOOR + 20}" class="middle">${k + 1}</text>`);
  const ticks = [0.5, 1, 2, 5].map((t) => `<path d="M${LEFT} ${y(t)}H${width - RIGHT}" class="hair"/>
    <text x="${LEFT - 8}" y="${y(t) + 5}" class="end">${t}</text>`);
  const said = `${eigenvalues.length} eigenvalues, the largest ${number(eigenvalues[0], 1)}; the line is at c = ${cText(rows[at])}`;
  const label = c < low ? `c = ${cText(rows[at])}, far below all` : `c = ${cText(rows[at])}`, place = c < low ? TOP + 12 : line - 7;
  return `<svg width="${width}" height="${HEIGHT}" role="img" aria-label="${said}">${ticks.join("")}${bars.join("")}${numbers.join("")}
    <path d="M${LEFT} ${line}H${width - RIGHT}" class="price"/>
    <text x="${width - RIGHT}" y="${place}" class="end value sigma">${label}</text></svg>`;
}
