// The charts of the trials: the KL while they are trained, and where they end in rate and distortion.
import { number } from "../../shared/js/canvas.js";
import { dot, hairlines, line, numbersBelow, rule, scale, shrinkage, svgOf, text, ticksOf } from "../../shared/js/chart.js";
import { html } from "../../shared/js/html.js";
import { nats } from "./words.js";

const RIGHT = 12; // pixels right of the axes
const clip = (id, left, top, width, height) =>
  `<defs><clipPath id="${id}"><rect x="${left}" y="${top}" width="${width}" height="${height}"/></clipPath></defs>`;

// The KL while it is trained; the line across is where the family's member ended.
export function drawTraining(plot, group, others, member) {
  const width = plot.clientWidth, height = plot.clientHeight, s = shrinkage(plot, 0.7), left = 56 * s, foot = 64 * s;
  if (!width) return;
  const { steps, free_bits: free } = group[0], right = width - RIGHT;
  const most = Math.max(0.6, 2.1 * Math.max(member.kl, ...[...group, ...others].map((t) => t.kl)));
  const x = scale(0, steps, left, right), y = scale(0, most, height - foot, 16);
  const across = (value, more) => rule(left, y(value), right, y(value), more);
  const curve = (t, more) => line(t.path.map(([rate], k) => [x(((k + 1) * t.steps) / t.path.length), y(rate)]), more);
  const said = (words, at) => text(width - 14, at, words, 'class="small halo end"');
  const dims = member.mean_sigma.length, floor = free * dims;
  const stepNumbers = ticksOf(0, steps, 4).map((v) =>
    text(x(v), height - foot + 30 * s, v.toLocaleString("en"), `class="small ${v === steps ? "end" : "middle"}"`));
  plot.innerHTML = svgOf(plot, html`
    ${clip("in-steps", left, 12, width - left - 10, height - foot - 8)}
    ${hairlines(ticksOf(0, most, 4), y, left, right)}
    ${across(0, 'class="axis"')}
    ${stepNumbers}
    ${floor ? across(floor, 'stroke="var(--ink)" stroke-width="2" stroke-dasharray="3 5"') : ""}
    <g clip-path="url(#in-steps)">
      ${others.map((t) => curve(t, 'stroke="var(--ink2)" stroke-width="1.5" opacity=".4"'))}
      ${group.map((t) => curve(t, 'stroke="var(--kl)" stroke-width="3"'))}
    </g>
    ${across(member.kl, 'stroke="var(--kl)" stroke-width="2" stroke-dasharray="10 6"')}
    ${text(width - 14, 34, '<tspan class="t-kl strong">KL</tspan> while training, nats; thin lines: the other methods', 'class="halo end"')}
    ${said(`series: ${nats(member.kl)}`, y(member.kl) + (member.kl > most / 8 ? -10 : -12))}
    ${floor ? said(`${dims} × ${number(free, 1)} nats free`, y(floor) + 22 * Math.max(0.8, s)) : ""}
    ${text(right, height - 4, "step", 'class="small end"')}`, "KL over the steps of training");
}

// The part of the plane in which all trials end, with room around them.
function fieldAround(models) {
  const rates = models.map((m) => m.kl), costs = models.map((m) => -m.reconstruction);
  const least = Math.min(...rates), most = Math.max(...rates), best = Math.min(...costs), worst = Math.max(...costs);
  const wide = Math.max(0.6, most - least), tall = Math.max(4, worst - best);
  return { rates: [Math.max(0, least - 0.35 * wide), most + 0.5 * wide], costs: [best - 0.3 * tall, worst + 0.25 * tall] };
}

// Ends in the plane of rate and distortion, the ways there, and the line on which everything costs the same.
export function drawEnds(plot, group, others, member, family) {
  const width = plot.clientWidth, height = plot.clientHeight, s = shrinkage(plot, 0.7), left = 74 * s, foot = 64 * s;
  if (!width) return;
  const { rates, costs } = fieldAround([member, ...group, ...others]), right = width - RIGHT;
  const x = scale(...rates, left, right), y = scale(...costs, height - foot, 12);
  const at = (t) => [x(t.kl), y(-t.reconstruction)];
  const inside = (value, [from, to]) => value >= from && value <= to;
  const near = family.filter((m) => (m === member || distance(at(m), at(member)) > 24)
    && inside(m.kl, rates) && inside(-m.reconstruction, costs));
  const equalCost = rates.map((rate) => [x(rate), y(member.objective - member.beta * rate)]);
  const way = (t) => line(t.path.map(([rate, cost]) => [x(rate), y(cost)]), 'stroke="var(--kl)" stroke-width="1.5" opacity=".55"');
  plot.innerHTML = svgOf(plot, html`
    ${clip("in-plane", left, 8, width - left - 10, height - foot - 6)}
    ${hairlines(ticksOf(...costs, 4), y, left, right)}
    ${numbersBelow(ticksOf(...rates, 4), x, height - foot + 30 * s)}
    ${rule(left, y(costs[0]), right, y(costs[0]), 'class="axis"')}
    <g clip-path="url(#in-plane)">
      ${line(family.map(at), 'stroke="var(--ink2)" stroke-width="1.5"')}
      ${line(equalCost, 'stroke="var(--kl)" stroke-width="3"')}
      ${group.map(way)}
      ${others.map((t) => dot(...at(t), 5, 'fill="var(--ink2)" opacity=".6"'))}
      ${group.map((t) => dot(...at(t), 9, 'fill="var(--kl)"'))}
    </g>
    ${near.map((m) => named(m, at(m), m === member, left, s))}
    ${text(width - 14, 34, '<tspan class="t-reconstruction strong">distortion</tspan> over <tspan class="t-kl strong">rate</tspan>, nats',
    'class="halo end"')}
    ${text(right, height - 4, `on the line all cost ${number(member.objective, 1)} at β = ${member.beta}`, 'class="small end"')}`,
  "Where the trials end, in rate and distortion");
}

const distance = ([x1, y1], [x2, y2]) => Math.hypot(x1 - x2, y1 - y2);

// A model of the family with its beta beside it.
function named(model, [x, y], chosen, left, s) {
  const edge = x < left + 150 * s; // no room at its left
  const words = chosen ? `series, β = ${model.beta}` : model.beta, look = `halo ${edge ? "" : "end"} ${chosen ? "strong" : "small"}`;
  return dot(x, y, chosen ? 10 : 6, 'fill="var(--ink)"')
    + text(edge ? x + 16 : x - 14, edge ? y - 12 * s : y + 24 * s, words, `class="${look}"`);
}
