// Collapse, predicted: active dimensions and KL per dimension over beta, beside the eigenvalues of the data.
import { subscript } from "../../shared/js/canvas.js";
import { dot, line, rule, scale, svgOf, text } from "../../shared/js/chart.js";
import { html } from "../../shared/js/html.js";
import { foretold, nats } from "./words.js";

const HIGHEST = 64; // beta
const RIGHT = 30; // pixels right of the axes
const DEAREST = 3; // nats of a dimension's KL
const WALL = 'stroke="var(--ink)" stroke-width="2" stroke-dasharray="3 5"';
const curveOf = (d) => `stroke="var(--kl)" stroke-width="2.5" ${d ? 'stroke-dasharray="8 5"' : ""}`;

export function drawCollapse(box, models, at, { correlation }, choose, s) {
  if (!box.clientWidth) return;
  const dims = models[at].mean_sigma.length, field = fieldOf(box, dims, s), { left, half, upper, lower, x } = field;
  const eigenvalues = correlation.slice(0, dims), now = x(models[at].beta);
  box.innerHTML = svgOf(box, html`
    <defs><clipPath id="below"><rect x="${left}" y="${lower}" width="${box.clientWidth}" height="${half + 12}"/></clipPath></defs>
    ${axes(field)}
    ${eigenvalues.map((value) => rule(x(value), upper - 8, x(value), lower + half, WALL))}
    ${eigenvalues.map((value, k) => eigenvalueName(value, k, field))}
    ${line(predicted(eigenvalues, field), 'stroke="var(--ink)" stroke-width="3"')}
    ${rule(now, upper + 16, now, lower + half, 'class="now-line"')}
    <g clip-path="url(#below)">${klPerDimension(models, at, field)}</g>
    ${models.map((o, k) => observed(o, k, k === at, field))}
    ${legend(field, models[at].beta)}`, "Active dimensions and KL per dimension over beta");
  for (const part of box.querySelectorAll("[data-at]")) part.onclick = () => choose(Number(part.dataset.at));
}

// Two panels over one axis of beta: above how many dimensions are active, below what each of them costs.
function fieldOf(box, dims, s) {
  const width = box.clientWidth, t = Math.max(0.62, s), half = (box.clientHeight - 210 * t) / 2;
  const left = 70 * t, upper = 46 * t, lower = upper + half + 96 * t;
  return {
    t, dims, width, half, left, upper, lower, narrow: width < 700,
    x: scale(0, HIGHEST, left, width - RIGHT),
    units: scale(0, dims, upper + half, upper + 14),
    cost: scale(0, DEAREST, lower + half, lower + 10),
  };
}

const downFrom = (dims) => Array.from({ length: dims + 1 }, (_, k) => dims - k);

function axes({ t, dims, width, half, left, upper, lower, x, units, cost }) {
  const right = width - RIGHT;
  return html`
    ${[upper, lower].map((top) => rule(left, top + half, right, top + half, 'class="axis"'))}
    ${downFrom(dims).map((v) =>
    text(left - 16, units(v) + 8, v, 'class="small end"') + rule(left, units(v), right, units(v), 'class="hair"'))}
    ${[0, 1, 2, 3].map((v) => text(left - 16, cost(v) + 8, v, 'class="small end"'))}
    ${[0, 8, 16, 24, 32, 40, 48, 56, 64].map((v) => text(x(v), lower + half + 30 * t, v, 'class="small middle"'))}
    ${text(right, lower + half + 66 * t, '<tspan class="serif t-kl">β</tspan>', 'class="end"')}`;
}

function eigenvalueName(value, k, { narrow, upper, x }) {
  const before = narrow && k; // on a phone the second stands left of its line
  const words = `λ<tspan dy="6" class="small">${k + 1}</tspan><tspan dy="-6"> = ${nats(value)}</tspan>`;
  return text(x(value) + (before ? -8 : 8), narrow ? 14 : upper + 6, words, `class="strong halo ${before ? "end" : ""}"`);
}

// A staircase: how many eigenvalues lie above beta.
function predicted(eigenvalues, { dims, x, units }) {
  const ends = [...eigenvalues.toReversed(), HIGHEST];
  return downFrom(dims).flatMap((level, k) => [[x(k ? ends[k - 1] : 0), units(level)], [x(ends[k]), units(level)]]);
}

function klPerDimension(models, at, { dims, x, cost }) {
  const of = (d) => models.filter((o) => o.kl_per_dimension[d] < DEAREST + 0.4).map((o) => [x(o.beta), cost(o.kl_per_dimension[d])]);
  const curves = Array.from({ length: dims }, (_, d) => line(of(d), curveOf(d)));
  const dots = models.flatMap((o, k) => o.kl_per_dimension.filter((value) => value < DEAREST)
    .map((value) => dot(x(o.beta), cost(value), k === at ? 8 : 5, 'fill="var(--kl)"')));
  return [...curves, ...dots].join("");
}

function observed(o, k, now, { x, units }) {
  const [px, py] = [x(o.beta), units(o.active_units)];
  return html`
    <g data-at="${k}">
      ${dot(px, py, 18, 'fill="transparent"')}
      ${dot(px, py, now ? 12 : 8, `fill="var(--${now ? "kl" : "z"})"`)}
    </g>`;
}

// What is drawn, and which line is which dimension.
// A legend as wide as 22 of the axis, beside the marker: that of a high β stands left of it.
const besides = (beta) => (beta > 34 && beta < 42 ? beta + 2.5 : 36);

function legend({ t, dims, width, half, lower, narrow, x, units }, beta) {
  const first = units(narrow ? 1.86 : 1.62), below = lower + half * 0.3, aside = x(besides(beta));
  const said = [
    ["active dimensions", first],
    ['<tspan class="strong t-z">●</tspan> observed on 10,000 test images', first + 32 * t],
    ['<tspan class="strong">━</tspan> predicted: eigenvalues above β', first + 64 * t],
    ['<tspan class="t-kl strong">KL</tspan> of each dimension, nats:', below],
  ].map(([words, y], k) => text(narrow ? width - 8 : aside, y, words, `class="halo ${k ? "" : "strong"} ${narrow ? "end" : ""}"`));
  const dimensions = Array.from({ length: dims }, (_, d) => {
    const from = (narrow ? width - 8 - 130 * t * dims : aside) + 130 * t * d, y = below + 36 * t;
    return rule(from, y - 7 * t, from + 64 * t, y - 7 * t, curveOf(d))
      + text(from + 74 * t, y, `z${subscript(d + 1)}`, 'class="serif halo"');
  });
  return [...said, ...dimensions];
}

// Under the chart: the same on the screen and on paper.
export function sayForetold(box, models, { correlation }) {
  const [why, right] = foretold(models, correlation);
  const letters = why.replaceAll("λ", '<i class="symbol">λ</i>').replaceAll("β", '<i class="symbol kl">β</i>');
  box.innerHTML = `${letters} ${right}`;
}
