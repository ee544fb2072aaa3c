// Histograms of single draws, and the bound over the number of draws, as SVG.
import { number } from "../../shared/js/canvas.js";
import { roundTicks } from "../../shared/js/ticks.js";

export function summary(values, count) {
  const some = values.subarray(0, count), mean = some.reduce((sum, v) => sum + v, 0) / count;
  const spread = count > 1 ? Math.sqrt(some.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (count - 1)) : NaN;
  return { mean, spread, error: spread / Math.sqrt(count) };
}

// The range that holds all but the outermost hundredth of both sides
export function range(a, b) {
  const all = [...a, ...b].sort((u, v) => u - v), at = (share) => all[Math.round(share * (all.length - 1))];
  const [low, high] = [at(0.01), at(0.99)], room = Math.max(0.15 * (high - low), 0.05);
  return [low - room, high + room];
}

// The number below an axis, with a decimal where it has one
const tick = (t) => number(t, Math.abs(t % 1) > 1e-9 ? 1 : 0);

export function drawValues(box, { a, b }, count, elbo) {
  const width = box.clientWidth, height = box.clientHeight, floor = height - 26, left = 32;
  const [low, high] = range(a, b), bins = Math.max(20, Math.floor((width - left) / 12));
  const x = (v) => left + ((v - low) / (high - low)) * (width - left);
  const counted = [a, b].map((values) => histogram(values.subarray(0, count), low, high, bins));
  const scale = { x, left, width, tall: floor / 2, most: Math.max(...counted.flat(), 1) };
  const rows = counted.map((bars, row) => oneHistogram(bars, row, summary([a, b][row], count), scale));
  const ticks = roundTicks(low, high).map((t) => `<text class="tick" x="${x(t)}" y="${height - 4}" text-anchor="middle">${tick(t)}</text>`);
  const at = Math.max(left + 50, Math.min(width - 50, x(elbo)));
  box.innerHTML = `<svg role="img" aria-label="Histograms of ${count} draws of estimators A and B">${rows.join("")}
    <path data-symbol="elbo" d="M${x(elbo)} 14V${floor}" stroke="var(--elbo)" stroke-dasharray="4 3" stroke-width="1.5"/>
    <text x="${at}" y="10" text-anchor="middle" class="strong" data-symbol="elbo" style="fill: var(--elbo)">ELBO</text>
    ${ticks.join("")}</svg>`;
}

// How many values are in each bin; those outside count in the outermost.
function histogram(values, low, high, bins) {
  const counts = new Array(bins).fill(0);
  for (const v of values) counts[Math.max(0, Math.min(bins - 1, Math.floor(((v - low) / (high - low)) * bins)))]++;
  return counts;
}

// A's histogram above, B's below: bars, their mean, and its error as a band.
function oneHistogram(bars, row, { mean, error }, { x, left, width, tall, most }) {
  const base = tall * (row + 1) - 2, wide = (width - left) / bars.length, top = base - tall + 22;
  const bar = (n, k) => {
    const high = (n / most) * (tall - 30), look = `fill="var(--elbo)" fill-opacity="${row ? 0.45 : 0.8}"`;
    return n ? `<rect x="${left + k * wide + 0.5}" y="${base - high}" width="${Math.max(1, wide - 1)}" height="${high}" ${look}/>` : "";
  };
  const from = x(mean - error), across = Math.max(2, x(mean + error) - from);
  const band = `<rect x="${from}" y="${top}" width="${across}" height="${tall - 22}" fill="var(--ink)" fill-opacity=".25"/>`;
  return `<path d="M${left} ${base}H${width}" stroke="var(--rule)"/>${bars.map(bar).join("")}${error > 0 ? band : ""}
    <path d="M${x(mean)} ${top}V${base}" stroke="var(--ink)" stroke-width="1.5"/>
    <text class="strong" x="0" y="${base - 6}">${"AB"[row]}</text>`;
}

export function valuesInWords({ a, b }, count) {
  const [A, B] = [summary(a, count), summary(b, count)];
  const one = (name, { mean, error, spread }) => `<b>${name}: ${number(mean)} ± ${number(error)}</b>, one draw ± ${number(spread)}`;
  if (count < 2) return `A: ${number(A.mean)}, B: ${number(B.mean)}. One draw says nothing of its error.`;
  const times = A.spread < B.spread ? B.spread / A.spread : A.spread / B.spread, tighter = A.spread < B.spread ? "A" : "B";
  const why = tighter === "A" ? "the closer q is to the posterior, the less A varies"
    : "q is far from the posterior, where the closed KL of B helps";
  if (times - 1 < Math.max(0.05, 2 / Math.sqrt(count - 1))) return `${one("A", A)}. ${one("B", B)}. Here they are about equal.`;
  return `${one("A", A)}. ${one("B", B)}. Here ${tighter} is ${number(times, 1)} times tighter: ${why}.`;
}

const STROKES = [["var(--mu)", "", "q"], ["var(--ink)", "", ""], ["var(--ink2)", "6 4", "p"]];

// The bound over the number of draws, one curve per proposal, with its error as a band.
export function drawStairs(box, { stairs, elbo, logPx, exact }) {
  const width = box.clientWidth, height = box.clientHeight, left = 44, right = width - 8, floor = height - 26;
  const gap = Math.max(1, logPx - elbo), [low, high] = [Math.min(elbo, logPx) - 0.35 * gap, logPx + 0.18 * gap];
  const x = (k) => left + (Math.log10(k) / 3) * (right - left), y = (v) => floor - ((v - low) / (high - low)) * (floor - 4);
  const ticks = roundTicks(low, high).map((t) => `<path d="M${left} ${y(t)}H${right}" stroke="var(--hair)"/>
    <text class="tick" x="${left - 8}" y="${y(t) + 5}" text-anchor="end">${tick(t)}</text>`);
  const along = [1, 10, 100, 1000].map((k) =>
    `<text class="tick" x="${x(k)}" y="${height - 4}" text-anchor="${k === 1000 ? "end" : "middle"}">${k === 1 ? "K = 1" : k}</text>`);
  const line = (v, name, text, below) => `<path data-symbol="${name}" d="M${left} ${y(v)}H${right}" stroke="var(--${name})"
      stroke-width="1.5" stroke-dasharray="4 3"/>
    <text class="strong" data-symbol="${name}" x="${left + 6}" y="${y(v) + below}" style="fill: var(--${name})">${text}</text>`;
  box.innerHTML = `<svg role="img" aria-label="Importance bounds over the number of samples">
    <defs><clipPath id="stairs-clip"><rect x="${left}" y="0" width="${right - left + 4}" height="${floor}"/></clipPath></defs>
    ${ticks.join("")}<path d="M${left} ${floor}H${right}" stroke="var(--rule)"/>${along.join("")}
    <g clip-path="url(#stairs-clip)">${stairs.map((one, s) => stair(one, STROKES[s], x, y)).join("")}</g>
    ${line(logPx, "evidence", exact ? "log p(x), exact" : "importance bound of the best q", -6)}
    ${line(elbo, "elbo", "ELBO", 17)}</svg>`;
}

function stair({ k, bound, error }, [stroke, dashes, symbol], x, y) {
  const points = (values) => k.map((n, i) => `${x(n)},${y(values[i])}`);
  const above = points(bound.map((v, i) => v + error[i])), below = points(bound.map((v, i) => v - error[i]));
  return `<polygon points="${[...above, ...below.reverse()].join(" ")}" fill="${stroke}" fill-opacity=".13"/>
    <polyline data-symbol="${symbol}" points="${points(bound).join(" ")}" fill="none" stroke="${stroke}"
      stroke-width="2" stroke-dasharray="${dashes}"/>`;
}

const MARKS = ["——", "——", "– –"]; // the strokes in words

export function stairsInWords({ stairs, logPx, exact }) {
  const each = stairs.map(({ name, bound, effective }, s) =>
    `<span style="color: ${STROKES[s][0]}">${MARKS[s]} <b style="color: inherit">${name}</b></span> ` +
    `${number(bound.at(-1))} (${effective < 10 ? effective.toFixed(1) : Math.round(effective)} effective)`);
  return `At K = 1000: ${each.join(", ")}. ${exact ? againstExact(stairs[0], logPx) : "Each is a lower bound in expectation."} ` +
    "A single estimate may exceed log p(x). Effective: how many of the K draws carry the weight.";
}

function againstExact({ bound, error }, logPx) {
  const lack = logPx - bound.at(-1), off = error.at(-1);
  return lack > 2 * off ? `IWAE-1000 is not log p(x): from q it still lacks ${number(lack)} ± ${number(off)} nats.`
    : `Sampling from q, it is within two standard errors (± ${number(2 * off)}) of log p(x) here; with a large gap it won’t be.`;
}
