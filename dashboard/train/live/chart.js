// Three charts over the same steps: the bound, its reconstruction, and its KL as one band per dimension.
import { number } from "../../shared/js/canvas.js";
import { roundTicks } from "../../shared/js/ticks.js";
import { whole } from "../../shared/js/numbers.js";

const LEFT = 52, RIGHT = 14, GAP = 34, FOOT = 24;
const SHARES = [0.44, 0.24, 0.32]; // of the height

// Steps on an axis: the square root spreads the beginning, where the most happens.
const scales = { steps: (s) => s, "√ steps": Math.sqrt };
export const SCALES = Object.keys(scales);

export function drawChart(box, { curves, others, gaps, marks, steps, at, row, until, scale, stochastic, dims, importance = 1 }) {
  const width = box.clientWidth, height = box.clientHeight;
  if (!width || !height) return;
  const bend = scales[scale], last = Math.max(steps, 1);
  const x = (step) => LEFT + (bend(step) / bend(last)) * (width - LEFT - RIGHT);
  const heights = SHARES.map((share) => (height - 26 - FOOT - 2 * GAP) * share);
  const panels = heights.map((tall, k) => ({ x, width, height: tall, top: heights.slice(0, k).reduce((a, b) => a + b + GAP, 26) }));
  const bound = { ...climbed(curves, others, importance, stochastic), marks, gaps: stochastic ? gaps : [], named: true };
  const reconstruction = {
    name: "reconstruction", colour: "reconstruction", train: curves.reconstruction, held: curves.validation_reconstruction,
    marks: [], gaps: [], named: false, more: others.map((o) => ({ ...o, values: o.curves.reconstruction })),
  };
  const parts = [
    lines(bound, curves, panels[0], row), lines(reconstruction, curves, panels[1], row),
    bands({ curves, others, dims, stochastic }, panels[2], row),
    ...stepTicks(last, scale, x).map(([step, place]) =>
      `<text x="${place}" y="${height - 4}" text-anchor="middle">${whole(step)}</text>`),
  ];
  const later = until === undefined ? [] : panels.map(({ top, height: tall }) =>
    `<rect x="${x(until)}" y="${top - 6}" width="${Math.max(0, width - x(until))}" height="${tall + 8}" fill="var(--paper)"/>`);
  const here = at === null ? "" : `<path d="M${x(at)} ${panels[0].top - 6}V${height - FOOT}" stroke="var(--ink)" stroke-width="1.5"/>`;
  box.innerHTML = `<svg role="img" aria-label="Curves over ${whole(last)} steps">${parts.join("")}${later.join("")}${here}</svg>`;
}

const elboOf = ({ reconstruction, kl }) => reconstruction.map((r, k) => r - kl[k]);

// The bound that this training climbs, by its name, and the same one of the runs beside it, or else their ELBO, named so.
export function climbed(curves, others, importance, stochastic) {
  if (importance === 1) {
    return {
      name: stochastic ? "ELBO" : "reconstruction", colour: stochastic ? "elbo" : "reconstruction", train: elboOf(curves),
      held: curves.validation, more: others.map((o) => ({ ...o, values: elboOf(o.curves) })),
    };
  }
  const more = others.map((o) => (o.importance === importance
    ? { ...o, values: o.curves.importance_weighted } : { ...o, name: `${o.name}, ELBO`, values: elboOf(o.curves) }));
  return {
    name: `IWAE bound, K = ${importance}`, colour: "elbo", train: curves.importance_weighted,
    held: curves.validation_importance_weighted, more,
  };
}

// A number that may have run away.
export const readable = (v, digits) =>
  (Math.abs(v) >= 1e5 ? v.toExponential(1).replace("-", "\u2212").replace("e+", " × 10^") : number(v, digits));

// [low, high] of what is worth seeing: the first twentieth of a training lies far below everything else.
function range(steps, columns, marks) {
  const begin = (steps[steps.length - 1] ?? 0) / 20;
  const values = columns.flatMap((column) => column.filter((v, k) => Number.isFinite(v) && steps[k] >= begin));
  if (!values.length) values.push(-300, -100);
  const high = Math.max(...values, ...marks), low = Math.min(...values, ...marks);
  const room = Math.max(1, 0.06 * (high - low));
  return [low - room, high + room];
}

// Under its line, or above it where the next line is close.
const beside = (marks, y, top) => {
  const order = marks.slice().sort((a, b) => y(a.value) - y(b.value));
  return (mark) => {
    const next = order[order.indexOf(mark) + 1];
    return next && y(next.value) - y(mark.value) < 22 && y(mark.value) - top > 16 ? "-.4em" : "1.05em";
  };
};

const DASHES = ["", "7 4", "2 3", "9 3 2 3"]; // one per curve that lies underneath
const clean = (text) => text.replace(/[<>&"]/g, " ");

// A curve through points "x y"; of a single one there is none.
const curve = (points, look) => (points.length > 1 ? `<path d="M${points.join("L")}" fill="none" ${look}/>` : "");
const underneath = (k) => `stroke="var(--ink2)" stroke-width="1.4" stroke-dasharray="${DASHES[k % DASHES.length]}"`;

const levels = (ticks, y, width, digits) => ticks.map((t) =>
  `<path d="M${LEFT} ${y(t)}H${width - RIGHT}" stroke="var(--hair)"/>` +
  `<text x="${LEFT - 6}" y="${y(t)}" dy=".34em" text-anchor="end">${readable(t, digits(t))}</text>`).join("");

function lines({ name, colour, train, held, marks, gaps, more, named }, curves, { x, top, height, width }, row) {
  const shown = [...marks.map((m) => m.value), ...gaps.slice(-6).flatMap((g) => [g.elbo, g.log_px])];
  const [low, high] = range(curves.step, [train, held], shown);
  const y = (v) => top + ((high - Math.min(Math.max(v, low), high)) / (high - low)) * height;
  const point = (step, v) => (v === null ? "" : `${x(step).toFixed(1)} ${y(v).toFixed(1)}`);
  const points = (steps, values) => values.map((v, k) => point(steps[k], v)).filter(Boolean);
  const others = more.map((o, k) => {
    const end = o.values.length - 1, drawn = curve(points(o.curves.step, o.values), underneath(k));
    if (!named || end <= 0) return drawn;
    const across = Math.min(x(o.curves.step[end]), width - RIGHT), down = k % 2 ? 1.2 + k / 2 : -0.5 - k;
    return `${drawn}<text class="mark" x="${across}" y="${y(o.values[end])}" dy="${down}em" text-anchor="end">${clean(o.name)}</text>`;
  });
  const dots = held.map((v, k) => (v === null || v < low ? "" : dot(x(curves.step[k]), y(v), colour)));
  const diamonds = gaps.filter((g) => g.log_px > low).map((g) => diamond(g, x, y));
  const own = gaps.find(({ step }) => step === stepOfHeldOut(held, curves, row));
  return levels(roundTicks(low, high).slice(0, 5), y, width, () => 0) + references(marks, y, top, width) + others.join("") +
    curve(points(curves.step, train), `stroke="var(--${colour})" stroke-width="2"`) + dots.join("") + diamonds.join("") +
    title(name, colour, top, train[row], latest(held, row), own);
}

function references(marks, y, top, width) {
  const place = beside(marks, y, top);
  return marks.map((m) =>
    `<path d="M${LEFT} ${y(m.value)}H${width - RIGHT}" stroke="var(--ink2)" stroke-dasharray="2 4"/>` +
    `<text class="mark" x="${width - RIGHT}" y="${y(m.value)}" dy="${place(m)}" text-anchor="end">${m.name} ${number(m.value, 1)}</text>`
  ).join("");
}

const dot = (x, y, colour) =>
  `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="2.6" fill="var(--paper)" stroke="var(--${colour})" stroke-width="1.6"/>`;

function diamond(gap, x, y) {
  const across = x(gap.step).toFixed(1), stem = `M${across} ${y(gap.elbo).toFixed(1)}V${y(gap.log_px).toFixed(1)}`;
  return `<g><title>${inWords(gap)}</title><path d="${stem}" stroke="var(--evidence)" stroke-width="1.4"/>` +
    `<path d="M${across} ${(y(gap.log_px) - 4.5).toFixed(1)}l4.5 4.5l-4.5 4.5l-4.5 -4.5z" fill="var(--evidence)"/></g>`;
}

// A diamond in words: both numbers are of the same images, the stem between them is the gap.
export const inWords = ({ elbo, gap, log_px, error, images, heldOut }) => {
  const which = `${images === 1 ? "one" : images} ${heldOut ? "held-out" : "training"} image${images === 1 ? "" : "s"}`;
  const about = error === null ? "" : ` ± ${readable(error, 1)}`;
  return `ELBO ${readable(elbo, 1)} + gap ${readable(gap, 1)} = log p(x) ${readable(log_px, 1)}${about}, of ${which}, summed exactly`;
};

const latestRow = (values, row) => { for (let k = row; k >= 0; k--) if (values[k] !== null) return k; return null; };
const latest = (values, row) => values[latestRow(values, row)] ?? null;

// The step of the latest held-out number, or of the row itself: only beside its own is the exact one shown.
const stepOfHeldOut = (held, curves, row) => curves.step[latestRow(held, row) ?? row];

function title(name, colour, top, training, heldOut, evidence) {
  const soft = 'font-weight="400" fill="var(--ink2)"';
  const values = training === undefined ? "" : ` ${readable(training, 1)}`;
  const held = heldOut === null ? "" : `<tspan ${soft}>, held out ○ </tspan>${readable(heldOut, 1)}`;
  const exact = evidence === undefined ? "" :
    `<tspan ${soft}>, log p of ${evidence.images} ◆ </tspan><tspan fill="var(--evidence)">${readable(evidence.log_px, 1)}</tspan>`;
  return `<text class="name" x="0" y="${top - 10}" fill="var(--${colour})">${name}${values}${held}${exact}</text>`;
}

// KL as one band per dimension, the largest lowest.
function bands({ curves, others, dims, stochastic }, { x, top, height, width }, row) {
  const order = Array.from({ length: dims }, (_, d) => d).sort((a, b) => newest(curves.kls, b) - newest(curves.kls, a));
  const value = stochastic && row >= 0 ? ` ${readable(curves.kl[row], 2)}${unit(order)}` : "";
  const name = `<text class="name" x="0" y="${top - 10}" fill="var(--kl)">KL${value}</text>`;
  if (!stochastic) return `${name}<text x="${LEFT}" y="${top + 20}">An autoencoder has no q(z|x): no KL, no ELBO.</text>`;
  const sorted = [...curves.kl, ...others.flatMap((o) => o.curves.kl)].filter(Number.isFinite).sort((a, b) => a - b);
  const high = 1.25 * Math.max(0.8, sorted[Math.floor(0.97 * sorted.length)] ?? 0); // the first steps may be far above
  const y = (v) => top + height - (Math.min(v, high) / high) * height;
  const points = (steps, values) => values.map((v, k) => `${x(steps[k]).toFixed(1)} ${y(v).toFixed(1)}`);
  const below = curves.step.map(() => 0);
  const areas = order.map((d, place) => {
    const low = points(curves.step, below);
    curves.kls.forEach((each, k) => { below[k] += each[d] ?? 0; });
    const up = points(curves.step, below), look = `fill="var(--kl)" fill-opacity="${place % 2 ? 0.28 : 0.5}"`;
    if (up.length < 2) return "";
    return `<path d="M${up.join("L")}L${low.reverse().join("L")}Z" ${look} stroke="var(--paper)" stroke-width=".8"/>`;
  });
  const curvesOfOthers = others.map((o, k) => curve(points(o.curves.step, o.curves.kl), underneath(k)));
  const ticks = levels(roundTicks(0, high).slice(0, 4), y, width, (t) => (t % 1 ? 1 : 0));
  return `${ticks}${areas.join("")}${curvesOfOthers.join("")}${name}`;
}

// " nats, one band per dimension, z₂, z₁ upwards"
function unit(order) {
  const upwards = order.length > 3 ? "the largest lowest" : `${order.map((d) => `z${"₁₂₃"[d]}`).join(", ")} upwards`;
  return `<tspan font-weight="400" fill="var(--ink2)"> nats${order.length > 1 ? `, one band per dimension, ${upwards}` : ""}</tspan>`;
}

const newest = (rows, d) => (rows.length ? rows[rows.length - 1][d] ?? 0 : 0);

// Ticks that do not touch each other.
function stepTicks(last, scale, x) {
  const kept = [];
  for (const step of wantedTicks(last, scale).reverse()) {
    if (kept.every(([, place]) => Math.abs(place - x(step)) > 54)) kept.push([step, x(step)]);
  }
  return kept;
}

function wantedTicks(last, scale) {
  if (scale === "steps") return [0, 0.25, 0.5, 0.75, 1].map((f) => Math.round(f * last));
  const ten = 10 ** Math.floor(Math.log10(last));
  const round = [0, ten / 100, ten / 10, ten / 4, ten / 2, ten, 2 * ten, 5 * ten];
  return [...round.filter((s) => s === 0 || (s >= 1 && s < 0.9 * last)), last];
}
