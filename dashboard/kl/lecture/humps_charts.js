// The charts of two humps and one Gaussian: the densities, and both answers over the distance of the humps.
import { density } from "../../shared/js/gaussian.js";
import { number } from "../../shared/js/canvas.js";
import { area, dot, grid, hairlines, line, numbersBelow, rule, scale, shrinkage, svgOf, text, ticksOf } from "../../shared/js/chart.js";
import { html } from "../../shared/js/html.js";

const END = 8; // of the axis, in widths of a hump
const HIGHEST = 0.46; // a density
const GAP = 76; // pixels above and below a panel
const DASHES = 'stroke-dasharray="12 7"';
const P = '<tspan class="serif">p</tspan>';

// The humps at -a and a, the Gaussian that seeks one of them, and the one that matches both.
export function drawHumps(plot, a, seeks, matches) {
  const width = plot.clientWidth, height = plot.clientHeight, size = shrinkage(plot, 0.72);
  if (!width) return;
  const x = scale(-END, END, 0, width), y = scale(0, HIGHEST, height - 40, 66 * size); // below the key
  const humps = (v) => (density(v - a) + density(v + a)) / 2, gaussian = ({ m, s }) => (v) => density((v - m) / s) / s;
  const points = (read) => grid(-END, END, 640).map((v) => [x(v), y(read(v))]);
  const curve = (q, more) => line(points(gaussian(q)), `data-symbol="q" stroke="var(--mu)" ${more}`);
  const Q = '<tspan class="serif">q</tspan>';
  const key = (row, words, dashes) => {
    const down = 36 * row * size, look = `stroke="var(--mu)" stroke-width="3.5" ${dashes}`;
    return rule(4, 30 + down, 44, 30 + down, look)
      + text(54, 38 + down, `${Q} that minimises ${words}`, 'class="halo" style="fill:var(--mu)"');
  };
  plot.innerHTML = svgOf(plot, html`
    <path data-symbol="p" d="${area(points(humps), y(0))}" fill="var(--ink)" fill-opacity=".1"/>
    ${line(points(humps), 'data-symbol="p" stroke="var(--ink)" stroke-width="2.5"')}
    ${seeks.m > 0 ? curve({ m: -seeks.m, s: seeks.s }, 'stroke-width="2" stroke-dasharray="2 6"') : ""}
    ${curve(matches, `stroke-width="3.5" ${DASHES}`)}
    ${curve(seeks, 'stroke-width="4"')}
    ${key(0, `KL(${Q}‖${P})`, "")}
    ${key(1, `KL(${P}‖${Q})`, DASHES)}
    ${text(x(-a), y(humps(a) * 0.32), P, 'class="halo middle" data-symbol="p"')}
    ${rule(0, y(0), width, y(0), 'class="axis"')}
    ${numbersBelow(ticksOf(-6, 6, 6), x, height - 14)}`, "Two humps p and the two nearest Gaussians q");
}

// Where q lies and what is left of its KL; dashed: the answer that matches both humps. `here` are the answers of the chart on the left.
export function drawAnswers(plot, { all, apart }, here) {
  const width = plot.clientWidth, tall = (plot.clientHeight - 2 * GAP) / 2, Q = '<tspan class="serif t-mu">q</tspan>';
  if (!width) return;
  const x = scale(0, here.farthest, 44, width - 12);
  const panel = (settings) => answersPanel({ all, apart, here, x, width, tall, ...settings });
  plot.innerHTML = svgOf(plot, html`
    ${panel({
      top: GAP * 0.62, high: 4, tint: "mu", shows: "q mu", solid: (o) => o.mean, dashed: () => 0, dots: [here.mean, 0],
      title: `where ${Q} lies: its mean`, axis: "over the distance of the humps",
    })}
    ${panel({
      top: GAP * 1.62 + tall, high: 0.8, tint: "kl", shows: "kl", solid: (o) => o.seeking, dashed: (o) => o.matching,
      dots: [here.left.seeking, here.left.matching],
      title: `KL at the optimum, nats: KL(${Q}‖${P}), dashed KL(${P}‖${Q})`,
    })}
    ${text(x(apart) - 8, GAP * 0.62 + 26, `they split at ${number(apart)}`, 'class="small halo end"')}`,
  "Mean and KL of both answers over the distance of the humps");
}

function answersPanel({ all, apart, here, x, width, tall, top, high, tint, shows, solid, dashed, dots, title, axis }) {
  const y = scale(0, high, top + tall, top + 8), ink = `data-symbol="${shows}" stroke="var(--${tint})" stroke-width="3"`;
  const curve = (answers, read, more) => line(answers.map((o) => [x(o.distance), y(read(o))]), more);
  const halves = [all.filter((o) => o.distance < apart), all.filter((o) => o.distance > apart)]; // it jumps between them
  return html`
    ${text(0, top - 16, title)}
    ${axis ? text(width - 12, top - 16, axis, 'class="small end"') : ""}
    ${hairlines(ticksOf(0, high, 2), y, 44, width - 12)}
    ${rule(44, top + tall, width - 12, top + tall, 'class="axis"')}
    ${numbersBelow(ticksOf(0, here.farthest, 4), x, top + tall + 26)}
    ${rule(x(apart), top, x(apart), top + tall, 'stroke="var(--ink)" stroke-width="1.5" stroke-dasharray="3 5"')}
    ${rule(x(here.distance), top, x(here.distance), top + tall, 'class="now-line"')}
    ${curve(all, dashed, `${ink} ${DASHES}`)}
    ${halves.map((half) => curve(half, solid, ink))}
    ${dots.map((v) => dot(x(here.distance), y(v), 8, `data-symbol="${shows}" fill="var(--${tint})"`))}`;
}
