// Two humps and one Gaussian: which one is nearest depends on which way round the KL is taken.
// p = (N(-a, 1) + N(a, 1)) / 2, so that ln p(z) = -ln(2 pi)/2 - (z^2 + a^2)/2 + ln cosh(a z); lengths are in widths of a hump.
import { density } from "../../shared/js/gaussian.js";
import { number } from "../../shared/js/canvas.js";
import { dot, line, path, rule, scale, text, tickText, ticksOf } from "./chart.js";
import { HALF_LOG } from "./cost.js";
import { nats } from "./words.js";

const FARTHEST = 8, FINE = 0.05, REACH = 7;
const NODES = Array.from({ length: 2 * Math.round(REACH / FINE) + 1 }, (_, k) => -REACH + k * FINE);
const WEIGHTS = NODES.map((e) => density(e) * FINE); // the trapezoidal rule: its error falls faster than any power of FINE
const logCosh = (v) => Math.abs(v) + Math.log1p(Math.exp(-2 * Math.abs(v))) - Math.LN2;
const expected = (read) => NODES.reduce((sum, e, k) => sum + WEIGHTS[k] * read(e), 0);

const entropies = new Map();
const entropyOfHumps = (a) => { // H(p), nats
  if (!entropies.has(a)) entropies.set(a, HALF_LOG + 0.5 + a * a - expected((e) => logCosh(a * (a + e))));
  return entropies.get(a);
};
export const toHumps = (a, { m, s }) => (m * m + s * s + a * a) / 2 - Math.log(s) - 0.5 - expected((e) => logCosh(a * (m + s * e))); // KL(q||p)
export const fromHumps = (a, { m, s }) => HALF_LOG + Math.log(s) + (1 + a * a + m * m) / (2 * s * s) - entropyOfHumps(a); // KL(p||q)

// KL(p||q) is least where q has the mean and the variance of p.
export const matching = (a) => ({ m: 0, s: Math.sqrt(1 + a * a) });

// The least KL(q||p) reached from q: -E ln cosh is concave in (m, s), and with its tangent in its place the rest is solved
// in closed form, so that every step lowers the KL.
function descend(a, { m, s }) {
  for (let k = 0; k < 2000; k++) {
    let pull = 0, widen = 0;
    for (let i = 0; i < NODES.length; i++) {
      const t = WEIGHTS[i] * Math.tanh(a * (m + s * NODES[i]));
      pull += t;
      widen += t * NODES[i];
    }
    const next = { m: a * pull, s: (a * widen + Math.sqrt((a * widen) ** 2 + 4)) / 2 };
    const moved = Math.abs(next.m - m) + Math.abs(next.s - s);
    ({ m, s } = next);
    if (moved < 1e-7) break; // the KL is flat there: its error is of the order of the square
  }
  return { m, s };
}

// The minimiser of KL(q||p): from the middle and from a hump, the better one; two humps are equally good.
export function seeking(a) {
  const middle = descend(a, { m: 0, s: 1 }), side = descend(a, { m: a, s: 1 });
  return toHumps(a, side) < toHumps(a, middle) - 1e-9 ? side : { m: 0, s: middle.s };
}

// The distance of the humps at which that minimiser leaves the middle.
export function parting() {
  let [low, high] = [1, FARTHEST / 2];
  while (high - low > 1e-4) {
    const a = (low + high) / 2;
    if (seeking(a).m > 0) high = a;
    else low = a;
  }
  return low + high;
}

export function createHumps(box, start, told, words) {
  let distance = start, curves = null;
  box.innerHTML = `<div class="cost"><div><div class="plot two"></div></div><div><div class="plot parts"></div></div></div>
    <div class="sliders one-slider"><label class="ink">distance of the humps, in their widths<b></b><input type="range" min="0" max="${FARTHEST}" step="0.02" aria-label="distance of the two humps"></label></div><div class="sums of-two"></div>`;
  const $ = (selector) => box.querySelector(selector), input = $("input");
  input.oninput = () => { distance = Number(input.value); draw(); told(distance); };
  input.onkeydown = (event) => {
    const by = { ArrowLeft: -0.1, ArrowDown: -0.1, ArrowRight: 0.1, ArrowUp: 0.1 }[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    distance = Math.round(100 * Math.min(FARTHEST, Math.max(0, distance + by))) / 100;
    draw();
    told(distance);
  };

  // Both answers over all distances; they do not change, so they are found once.
  function found() {
    const far = Array.from({ length: 101 }, (_, k) => (k * FARTHEST) / 100), apart = parting();
    const at = (d) => { const q = seeking(d / 2); return { d, m: q.m, seek: toHumps(d / 2, q), match: fromHumps(d / 2, matching(d / 2)) }; };
    return { apart, all: [...far, apart - 2e-4, apart + 2e-4].sort((u, v) => u - v).map(at) };
  }

  function draw() {
    curves ??= found();
    const a = distance / 2, q = seeking(a), r = matching(a), { apart } = curves, [left, right] = [toHumps(a, q), fromHumps(a, r)];
    input.value = distance;
    $("label b").textContent = number(distance);
    const one = distance < 0.005, parted = q.m > 0;
    words(one ? "One hump: both answers are the hump itself" : parted ? `From a distance of ${number(apart)} on KL(q‖p) takes one hump` : `Up to a distance of ${number(apart)} both answers lie in the middle`,
      one ? "Pull the humps apart: one Gaussian q has to stand for two." : parted ? "KL(p‖q) covers both. The ELBO's gap is KL(q‖posterior): an encoder takes one hump, either is as good." : "They differ in width only. Beyond it KL(q‖p) jumps to one hump.");
    const Q = '<i class="symbol mu">q</i>', P = '<i class="symbol">p</i>';
    const cell = (value, best) => (best ? `<b class="kl">${nats(value)}</b>` : `<span class="number">${nats(value)}</span>`);
    const row = (name, { m, s }, best) => `<span>${name}</span> <span>mean</span> <span class="number">${parted && best === 0 ? "±" : ""}${nats(m)}</span> <span>width</span> <span class="number">${nats(s)}</span> <span>KL(${Q}‖${P})</span> ${cell(toHumps(a, { m, s }), best === 0)} <span>KL(${P}‖${Q})</span> ${cell(fromHumps(a, { m, s }), best === 1)} <span class="other">nats</span>`;
    $(".sums").innerHTML = row(`least KL(${Q}‖${P})`, q, 0) + row(`least KL(${P}‖${Q})`, r, 1);
    densities($(".two"), a, q, r); // after the sums, whose height leaves them theirs
    panels($(".parts"), left, right, q);
  }

  function densities(plot, a, q, r) {
    const width = plot.clientWidth, height = plot.clientHeight, most = 0.46, end = 8, size = Math.max(0.72, Number(getComputedStyle(box).getPropertyValue("--s")) || 1);
    if (!width) return;
    const steps = Array.from({ length: 641 }, (_, k) => -end + (2 * end * k) / 640), x = scale(-end, end, 0, width), y = scale(0, most, height - 40, 8);
    const p = (v) => (density(v - a) + density(v + a)) / 2, of = ({ m, s }) => (v) => density((v - m) / s) / s;
    const curve = (read, more) => line(steps.map((v) => [x(v), y(read(v))]), more);
    const under = (read) => `${path(steps.map((v) => [x(v), y(read(v))]))}L${x(end)} ${y(0)}L${x(-end)} ${y(0)}Z`;
    const Q = '<tspan class="serif">q</tspan>', P = '<tspan class="serif">p</tspan>';
    const told = (k, dashes) => rule(4, 30 + 36 * k * size, 44, 30 + 36 * k * size, `stroke="var(--mu)" stroke-width="3.5" ${dashes}`) + text(54, 38 + 36 * k * size, k ? `${Q} of the least KL(${P}‖${Q})` : `${Q} of the least KL(${Q}‖${P})`, 'class="halo" style="fill:var(--mu)"');
    plot.innerHTML = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Two humps p and the two nearest Gaussians q"><path d="${under(p)}" fill="var(--ink)" opacity=".1"/>${curve(p, 'stroke="var(--ink)" stroke-width="2.5"')}
      ${q.m > 0 ? curve(of({ m: -q.m, s: q.s }), 'stroke="var(--mu)" stroke-width="2" stroke-dasharray="2 6"') : ""}${curve(of(r), 'stroke="var(--mu)" stroke-width="3.5" stroke-dasharray="12 7"')}${curve(of(q), 'stroke="var(--mu)" stroke-width="4"')}
      ${told(0, "")}${told(1, 'stroke-dasharray="12 7"')}${text(x(-a), y(p(a) * 0.32), P, 'class="halo middle"')}
      ${rule(0, y(0), width, y(0), 'class="axis"')}${ticksOf(-6, 6, 6).map((v) => text(x(v), height - 14, tickText(v), 'class="small middle"')).join("")}</svg>`;
  }

  function panels(plot, left, right, q) {
    const width = plot.clientWidth, height = plot.clientHeight, gap = 76, tall = (height - 2 * gap) / 2, { all, apart } = curves;
    if (!width) return;
    const x = scale(0, FARTHEST, 44, width - 12), halves = [all.filter((o) => o.d < apart), all.filter((o) => o.d > apart)];
    const panel = (top, high, read, dashed, title, ends) => {
      const y = scale(0, high, top + tall, top + 8), solid = halves.map((half) => line(half.map((o) => [x(o.d), y(read(o))]), 'stroke="var(--' + ends.tint + ')" stroke-width="3"')).join("");
      return `${text(0, top - 16, title)}${ends.axis ? text(width - 12, top - 16, ends.axis, 'class="small end"') : ""}${ticksOf(0, high, 2).map((v) => rule(44, y(v), width - 12, y(v), 'class="hair"') + text(32, y(v) + 8, tickText(v), 'class="small end"')).join("")}${rule(44, top + tall, width - 12, top + tall, 'class="axis"')}
        ${ticksOf(0, FARTHEST, 4).map((v) => text(x(v), top + tall + 26, tickText(v), 'class="small middle"')).join("")}${rule(x(apart), top, x(apart), top + tall, 'stroke="var(--ink)" stroke-width="1.5" stroke-dasharray="3 5"')}${rule(x(distance), top, x(distance), top + tall, 'class="now-line"')}
        ${line(all.map((o) => [x(o.d), y(dashed(o))]), `stroke="var(--${ends.tint})" stroke-width="3" stroke-dasharray="12 7"`)}${solid}${ends.dots.map((v) => dot(x(distance), y(v), 8, `fill="var(--${ends.tint})"`)).join("")}`;
    };
    const Q = '<tspan class="serif t-mu">q</tspan>', P = '<tspan class="serif">p</tspan>';
    plot.innerHTML = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Mean and KL of both answers over the distance of the humps">
      ${panel(gap * 0.62, 4, (o) => o.m, () => 0, `where ${Q} lies: its mean`, { tint: "mu", dots: [q.m, 0], axis: "over the distance of the humps" })}
      ${panel(gap * 1.62 + tall, 0.8, (o) => o.seek, (o) => o.match, `what is left, nats: KL(${Q}‖${P}), dashed KL(${P}‖${Q})`, { tint: "kl", dots: [left, right] })}
      ${text(x(apart) - 8, gap * 0.62 + 26, `apart at ${number(apart)}`, 'class="small halo end"')}</svg>`;
  }

  return { draw };
}
