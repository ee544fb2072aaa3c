// Three charts over the same steps: the bound, its reconstruction, and its KL as one band per dimension.
import { number } from "../../shared/js/canvas.js";
import { roundTicks } from "../../shared/js/ticks.js";

const LEFT = 52, RIGHT = 14, GAP = 34, FOOT = 24;
const SHARES = [0.44, 0.24, 0.32]; // of the height

// Steps on an axis: the square root spreads the beginning, where the most happens.
const scales = { steps: (s) => s, "√ steps": Math.sqrt };
export const SCALES = Object.keys(scales);

export function drawChart(box, { curves, others, gaps, marks, steps, at, row, scale, stochastic, dims }) {
  const width = box.clientWidth, height = box.clientHeight;
  if (!width || !height) return;
  const bend = scales[scale], last = Math.max(steps, 1);
  const x = (step) => LEFT + (bend(step) / bend(last)) * (width - LEFT - RIGHT);
  const heights = SHARES.map((share) => (height - 26 - FOOT - 2 * GAP) * share);
  const tops = heights.map((_, k) => heights.slice(0, k).reduce((a, b) => a + b + GAP, 26));
  const elbo = curves.reconstruction.map((r, k) => r - curves.kl[k]);
  const charts = [
    { name: stochastic ? "ELBO" : "reconstruction", colour: stochastic ? "elbo" : "reconstruction", train: elbo, held: curves.validation, marks, gaps: stochastic ? gaps : [], charted: true,
      more: others.map((o) => ({ ...o, values: o.curves.reconstruction.map((r, k) => r - o.curves.kl[k]) })) },
    { name: "reconstruction", colour: "reconstruction", train: curves.reconstruction, held: curves.validation_reconstruction, marks: [], gaps: [],
      more: others.map((o) => ({ ...o, values: o.curves.reconstruction })) },
  ];
  const parts = charts.map((chart, k) => lines(chart, curves, x, tops[k], heights[k], width, row));
  parts.push(bands(others, curves, x, tops[2], heights[2], width, dims, stochastic, row));
  const ticks = stepTicks(last, scale, x).map(([step, place]) =>
    `<text x="${place}" y="${height - 4}" text-anchor="middle">${step.toLocaleString("en")}</text>`).join("");
  const here = at === null ? "" : `<path d="M${x(at)} ${tops[0] - 6}V${height - FOOT}" stroke="var(--ink)" stroke-width="1.5"/>`;
  box.innerHTML = `<svg role="img" aria-label="Curves over ${last} steps">${parts.join("")}${ticks}${here}</svg>`;
}

// A number that may have run away.
export const readable = (v, digits) => (Math.abs(v) >= 1e5 ? v.toExponential(1).replace("-", "\u2212").replace("e+", " × 10^") : number(v, digits));

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
  return (mark) => { const next = order[order.indexOf(mark) + 1]; return next && y(next.value) - y(mark.value) < 22 && y(mark.value) - top > 16 ? "-.4em" : "1.05em"; };
};

const DASHES = ["", "7 4", "2 3", "9 3 2 3"]; // one per curve that lies underneath
const clean = (text) => text.replace(/[<>&"]/g, " ");

function lines({ name, colour, train, held, marks, gaps, more, charted }, curves, x, top, height, width, row) {
  const [low, high] = range(curves.step, [train, held], [...marks.map((m) => m.value), ...gaps.slice(-6).flatMap((g) => [g.elbo, g.log_px])]);
  const y = (v) => top + ((high - Math.min(Math.max(v, low), high)) / (high - low)) * height;
  const path = (steps, values) => values.map((v, k) => (v === null ? "" : `${x(steps[k]).toFixed(1)} ${y(v).toFixed(1)}`)).filter(Boolean);
  const line = (points, more) => (points.length > 1 ? `<path d="M${points.join("L")}" fill="none" ${more}/>` : "");
  const dots = held.map((v, k) => (v === null || v < low ? "" : `<circle cx="${x(curves.step[k]).toFixed(1)}" cy="${y(v).toFixed(1)}" r="2.6" fill="var(--paper)" stroke="var(--${colour})" stroke-width="1.6"/>`)).join("");
  const ticks = roundTicks(low, high).slice(0, 5).map((t) =>
    `<path d="M${LEFT} ${y(t)}H${width - RIGHT}" stroke="var(--hair)"/><text x="${LEFT - 6}" y="${y(t)}" dy=".34em" text-anchor="end">${readable(t, 0)}</text>`).join("");
  const place = beside(marks, y, top);
  const references = marks.map((m) =>
    `<path d="M${LEFT} ${y(m.value)}H${width - RIGHT}" stroke="var(--ink2)" stroke-dasharray="2 4"/><text class="mark" x="${width - RIGHT}" y="${y(m.value)}" dy="${place(m)}" text-anchor="end">${m.name} ${number(m.value, 1)}</text>`).join("");
  const evidence = gaps.filter((g) => g.log_px > low).map((g) =>
    `<g><title>${inWords(g)}</title><path d="M${x(g.step).toFixed(1)} ${y(g.elbo).toFixed(1)}V${y(g.log_px).toFixed(1)}" stroke="var(--evidence)" stroke-width="1.4"/>` +
    `<path d="M${x(g.step).toFixed(1)} ${(y(g.log_px) - 4.5).toFixed(1)}l4.5 4.5l-4.5 4.5l-4.5 -4.5z" fill="var(--evidence)"/></g>`).join("");
  const others = more.map((o, k) => {
    const end = o.values.length - 1, named = charted && end > 0 ? `<text class="mark" x="${Math.min(x(o.curves.step[end]), width - RIGHT)}" y="${y(o.values[end])}" dy="${k % 2 ? 1.2 + k / 2 : -0.5 - k}em" text-anchor="end">${clean(o.name)}</text>` : "";
    return `${line(path(o.curves.step, o.values), `stroke="var(--ink2)" stroke-width="1.4" stroke-dasharray="${DASHES[k % DASHES.length]}"`)}${named}`;
  }).join("");
  return `${ticks}${references}${others}${line(path(curves.step, train), `stroke="var(--${colour})" stroke-width="2"`)}${dots}${evidence}${title(name, colour, top, train[row], latest(held, row), gaps.find(({ step }) => step === steps(held, curves, row)))}`;
}

// A diamond in words: both numbers are of the same images, the stem between them is the gap.
export const inWords = ({ elbo, gap, log_px, error, images, heldOut }) => {
  const which = `${images === 1 ? "one" : images} ${heldOut ? "held-out" : "training"} image${images === 1 ? "" : "s"}`;
  return `ELBO ${readable(elbo, 1)} + gap ${readable(gap, 1)} = log p(x) ${readable(log_px, 1)}${error === null ? "" : ` ± ${readable(error, 1)}`}, of ${which}, summed exactly`;
};

// The step of the latest held-out number, or of the row itself: only beside its own is the exact one shown.
const steps = (held, curves, row) => { for (let k = row; k >= 0; k--) if (held[k] !== null) return curves.step[k]; return curves.step[row]; };

function title(name, colour, top, training, heldOut, evidence) {
  const soft = 'font-weight="400" fill="var(--ink2)"';
  const values = training === undefined ? "" : ` ${readable(training, 1)}`;
  const held = heldOut === null ? "" : `<tspan ${soft}>, held out ○ </tspan>${readable(heldOut, 1)}`;
  const exact = evidence === undefined ? "" : `<tspan ${soft}>, log p ◆ </tspan><tspan fill="var(--evidence)">${readable(evidence.log_px, 1)}${evidence.error === null ? "" : ` ± ${readable(evidence.error, 1)}`}</tspan>`;
  return `<text class="name" x="0" y="${top - 10}" fill="var(--${colour})">${name}${values}${held}${exact}</text>`;
}

const latest = (values, row) => { for (let k = row; k >= 0; k--) if (values[k] !== null) return values[k]; return null; };

function bands(others, curves, x, top, height, width, dims, stochastic, row) {
  const order = Array.from({ length: dims }, (_, d) => d).sort((a, b) => mean(curves.kls, b) - mean(curves.kls, a));
  const upwards = dims > 3 ? "the largest lowest" : `${order.map((d) => `z${"₁₂₃"[d]}`).join(", ")} upwards`;
  const value = stochastic && row >= 0 ? ` ${readable(curves.kl[row], 2)}<tspan font-weight="400" fill="var(--ink2)"> nats${dims > 1 ? `, one band per dimension, ${upwards}` : ""}</tspan>` : "";
  const name = `<text class="name" x="0" y="${top - 10}" fill="var(--kl)">KL${value}</text>`;
  if (!stochastic) return `${name}<text x="${LEFT}" y="${top + 20}">An autoencoder has no q(z|x): no KL, no ELBO.</text>`;
  const sorted = [...curves.kl, ...others.flatMap((o) => o.curves.kl)].filter(Number.isFinite).sort((a, b) => a - b);
  const high = 1.25 * Math.max(0.8, sorted[Math.floor(0.97 * sorted.length)] ?? 0); // the first steps may be far above
  const y = (v) => top + height - (Math.min(v, high) / high) * height;
  const below = curves.step.map(() => 0);
  const areas = order.map((d, place) => {
    const low = below.map((v, k) => `${x(curves.step[k]).toFixed(1)} ${y(v).toFixed(1)}`);
    curves.kls.forEach((row, k) => { below[k] += row[d] ?? 0; });
    const up = below.map((v, k) => `${x(curves.step[k]).toFixed(1)} ${y(v).toFixed(1)}`);
    return up.length > 1 ? `<path d="M${up.join("L")}L${low.reverse().join("L")}Z" fill="var(--kl)" fill-opacity="${place % 2 ? 0.28 : 0.5}" stroke="var(--paper)" stroke-width=".8"/>` : "";
  });
  const ticks = roundTicks(0, high).slice(0, 4).map((t) =>
    `<path d="M${LEFT} ${y(t)}H${width - RIGHT}" stroke="var(--hair)"/><text x="${LEFT - 6}" y="${y(t)}" dy=".34em" text-anchor="end">${readable(t, t % 1 ? 1 : 0)}</text>`).join("");
  const lines = others.map((o, k) => {
    const points = o.curves.kl.map((v, i) => `${x(o.curves.step[i]).toFixed(1)} ${y(v).toFixed(1)}`);
    return points.length > 1 ? `<path d="M${points.join("L")}" fill="none" stroke="var(--ink2)" stroke-width="1.4" stroke-dasharray="${DASHES[k % DASHES.length]}"/>` : "";
  });
  return `${ticks}${areas.join("")}${lines.join("")}${name}`;
}

const mean = (rows, d) => (rows.length ? rows[rows.length - 1][d] ?? 0 : 0);

// Ticks that do not touch each other.
function stepTicks(last, scale, x) {
  const ten = 10 ** Math.floor(Math.log10(last));
  const wanted = scale === "steps" ? [0, 0.25, 0.5, 0.75, 1].map((f) => Math.round(f * last)) : [0, ten / 100, ten / 10, ten / 4, ten / 2, ten, 2 * ten, 5 * ten].filter((s) => s === 0 || (s >= 1 && s < 0.9 * last)).concat(last);
  const kept = [];
  for (const step of wanted.reverse()) if (kept.every(([, place]) => Math.abs(place - x(step)) > 54)) kept.push([step, x(step)]);
  return kept;
}
