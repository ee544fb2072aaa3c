// The charts of what one KL costs: two densities with q ln(q/p) below them, and the two parts of the price.
import { density } from "../../shared/js/gaussian.js";
import { area, dot, grid, hairlines, line, numbersBelow, rule, scale, svgOf, text, ticksOf } from "../../shared/js/chart.js";
import { html } from "../../shared/js/html.js";

export const RANGE = 4; // of a mean, either way
const END = RANGE * 1.15; // of the axis
const STEPS = Array.from({ length: 801 }, (_, k) => -END + (k * 2.3 * RANGE) / 800);
const HIGHEST = 2.2; // a density that is cut there
const PEAK = 2.507; // the root of 2π
const GAP = 76; // pixels above and below a panel
const DEAREST = 4; // nats, in a panel

// `price` is the KL with its unit, as text.
export function drawDensities(plot, [m1, s1, m2, s2], price) {
  const width = plot.clientWidth, height = plot.clientHeight, split = height * 0.6;
  const q = STEPS.map((v) => density((v - m1) / s1) / s1), p = STEPS.map((v) => density((v - m2) / s2) / s2);
  const most = Math.min(Math.max(...q, ...p), HIGHEST);
  const x = scale(-END, END, 0, width), y = scale(0, most * 1.06, split, 8);
  const over = (values) => STEPS.map((v, k) => [x(v), y(values[k])]);
  const apart = Math.abs(x(m1) - x(m2)) > 90 ? 0 : 30;
  const name = (m, s, letter, ink, aside) => text(
    Math.min(width - 90, Math.max(60, x(m) + aside)), Math.max(30, y(Math.min(1 / (s * PEAK), most)) + 34), letter,
    `class="serif halo middle" data-symbol="${letter}" fill="${ink}" style="fill:${ink}"`);
  plot.innerHTML = svgOf(plot, html`
    <defs><clipPath id="top"><rect width="${width}" height="${split}"/></clipPath></defs>
    <g clip-path="url(#top)">
      <path data-symbol="p" d="${area(over(p), split)}" fill="var(--ink)" fill-opacity=".1"/>
      <path data-symbol="q" d="${area(over(q), split)}" fill="var(--mu)" fill-opacity=".2"/>
      ${line(over(p), 'data-symbol="p" stroke="var(--ink)" stroke-width="2.5" stroke-dasharray="8 5"')}
      ${line(over(q), 'data-symbol="q" stroke="var(--mu)" stroke-width="3.5"')}
    </g>
    ${name(m1, s1, "q", "var(--mu)", -apart)}
    ${name(m2, s2, "p", "var(--ink)", apart)}
    ${rule(0, split, width, split, 'class="axis"')}
    ${numbersBelow(ticksOf(-RANGE, RANGE, 8), x, split + 24)}
    ${integrand([m1, s1, m2, s2], q, x, [height - 34, split + 46])}
    ${text(0, height - 4, html`
      <tspan class="serif t-mu">q</tspan> ln(<tspan class="serif t-mu">q</tspan>/<tspan class="serif">p</tspan>):
      area above minus area below is the KL, ${price}`, 'class="t-kl" data-symbol="kl"')}`, "Densities of q and p, and q ln(q/p)");
}

// What the KL adds up: q ln(q/p), whose area it is.
function integrand([m1, s1, m2, s2], q, x, [bottom, top]) {
  const logRatio = STEPS.map((v) => 0.5 * (((v - m2) / s2) ** 2 - ((v - m1) / s1) ** 2) + Math.log(s2 / s1));
  const values = q.map((density, k) => density * logRatio[k]);
  const y = scale(Math.min(-0.12, ...values), Math.max(0.25, ...values), bottom, top);
  const points = STEPS.map((v, k) => [x(v), y(values[k])]);
  return html`
    <path data-symbol="kl" d="${area(points, y(0))}" fill="var(--kl)" fill-opacity=".3"/>
    ${line(points, 'data-symbol="kl" stroke="var(--kl)" stroke-width="2"')}
    ${rule(0, y(0), x(END), y(0), 'class="axis"')}`;
}

// The price of where q lies and the price of its width, each as a curve with a dot where q is.
export function drawParts(plot, { m, s, place, width }, shown) {
  const tall = (plot.clientHeight - 2 * GAP) / 2;
  const [letterM, letterS, letterP] = ["m", "s", "p"].map((letter) => `<tspan class="serif">${letter}</tspan>`);
  const panels = [
    {
      top: GAP * 0.62, from: -4, to: 4, at: m, value: place, curve: (v) => 0.5 * v * v,
      title: `where it lies: ${letterM}² / 2`, axis: `${letterM}: distance in widths of ${letterP}`,
    },
    {
      top: GAP * 1.62 + tall, from: 0.02, to: 4, at: s, value: width, curve: (v) => 0.5 * (v * v - 1) - Math.log(v),
      title: `its width: (${letterS}² − 1 − ln ${letterS}²) / 2`,
      axis: `${letterS}: width of <tspan class="serif t-mu">q</tspan> in widths of ${letterP}`,
    },
  ];
  plot.innerHTML = svgOf(plot, panels.map((panel) => panelOf(panel, plot.clientWidth, tall, shown)).join(""), "The two parts of the KL");
}

function panelOf({ top, from, to, at, value, curve, title, axis }, width, tall, shown) {
  const x = scale(from, to, 40, width - 12), y = scale(0, DEAREST, top + tall, top + 8);
  const here = x(Math.min(to, Math.max(from, at))), above = value > 3.8 ? top + 44 : y(value) - 18;
  const seen = grid(from, to, 240).map((v) => [x(v), y(curve(v))]).filter(([, v]) => v >= top - 2);
  return html`
    ${text(0, top - 16, title)}
    ${rule(40, top + tall, width - 12, top + tall, 'class="axis"')}
    ${hairlines(ticksOf(0, DEAREST, 2), y, 40, width - 12)}
    ${numbersBelow(ticksOf(from, to, 5), x, top + tall + 26)}
    ${text(width - 12, top - 16, axis, 'class="small end"')}
    ${line(seen, 'data-symbol="kl" stroke="var(--kl)" stroke-width="3"')}
    ${rule(here, y(0), here, Math.max(top, y(value)), 'class="now-line"')}
    ${dot(here, Math.max(top + 4, y(value)), 9, 'data-symbol="kl" fill="var(--kl)"')}
    ${text(Math.min(width - 80, Math.max(90, here)), above, shown(value), 'class="strong halo middle t-kl" data-symbol="kl"')}`;
}
