// What one KL costs: two Gaussians, both directions, and the two parts of the price. Everything is closed form.
import { density } from "../../shared/js/gaussian.js";
import { number } from "../../shared/js/canvas.js";
import { dot, line, path, rule, scale, text, tickText, ticksOf } from "./chart.js";
import { adding, nats } from "./words.js";

const RANGE = 4, NARROWEST = 0.05, WIDEST = 4;
const POSES = [["the same", [0, 1, 0, 1]], ["off the centre", [1, 1, 0, 1]], ["half as wide", [0, 0.5, 0, 1]], ["twice as wide", [0, 2, 0, 1]], ["a code", [1.2, 0.1, 0, 1]], ["far apart", [-2, 0.5, 2, 0.5]]];
const NAMES = ["mean of q", "width (σ) of q", "mean of p", "width (σ) of p"];
export const HALF_LOG = 0.5 * Math.log(2 * Math.PI);

export const klOfTwo = (m1, s1, m2, s2) => Math.log(s2 / s1) + (s1 * s1 + (m1 - m2) ** 2) / (2 * s2 * s2) - 0.5;
export const entropyOf = (s) => HALF_LOG + 0.5 + Math.log(s);
export const crossEntropyOf = (m1, s1, m2, s2) => HALF_LOG + Math.log(s2) + (s1 * s1 + (m1 - m2) ** 2) / (2 * s2 * s2);

// The KL in units of p: half the squared distance of the means, and what the width costs. Both are at least 0.
export function partsOf(m1, s1, m2, s2) {
  const m = (m1 - m2) / s2, s = s1 / s2;
  return { m, s, place: 0.5 * m * m, width: 0.5 * (s * s - 1) - Math.log(s) };
}

export function createCost(box, start, told, words) {
  let values = start.slice(), bits = false;
  box.innerHTML = `<div class="cost"><div><div class="plot two"></div><div class="chips" role="group" aria-label="Poses">${POSES.map(([name], k) => `<button type="button" data-pose="${k}">${name}</button>`).join("")}<button type="button" class="unit" role="switch" aria-checked="false"></button></div></div><div><div class="plot parts"></div></div></div>
    <div class="sliders">${NAMES.map((name, k) => `<label class="${k < 2 ? "mu" : "ink"}">${name}<b></b><input type="range" min="0" max="1" step="0.001" data-at="${k}" aria-label="${name}"></label>`).join("")}</div><div class="sums"></div>`;
  const $ = (selector) => box.querySelector(selector), inputs = [...box.querySelectorAll("input")];

  // A width moves by factors, a mean by steps.
  const toSlider = (value, k) => (k % 2 ? Math.log(value / NARROWEST) / Math.log(WIDEST / NARROWEST) : (value + RANGE) / (2 * RANGE));
  const fromSlider = (share, k) => Math.round(100 * (k % 2 ? NARROWEST * (WIDEST / NARROWEST) ** share : RANGE * (2 * share - 1))) / 100;

  for (const [k, input] of inputs.entries()) {
    input.oninput = () => { values[k] = fromSlider(Number(input.value), k); draw(); told(values); };
    input.onkeydown = (event) => {
      const by = { ArrowLeft: -0.05, ArrowDown: -0.05, ArrowRight: 0.05, ArrowUp: 0.05 }[event.key];
      if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      values[k] = Math.round(100 * Math.min(RANGE, Math.max(k % 2 ? NARROWEST : -RANGE, values[k] + by))) / 100;
      draw();
      told(values);
    };
  }
  for (const button of box.querySelectorAll("[data-pose]")) button.onclick = () => { values = POSES[button.dataset.pose][1].slice(); draw(); told(values); };
  $(".unit").onclick = () => { bits = !bits; draw(); };

  const inUnit = (value) => (bits ? value / Math.LN2 : value), shown = (value) => nats(inUnit(value));
  const terms = (values, weights, sum) => adding(values.map(inUnit), weights, Math.abs(inUnit(sum)) >= 9.95 ? 1 : 2);

  function draw() {
    const [m1, s1, m2, s2] = values, unit = bits ? "bits" : "nats";
    const kl = klOfTwo(...values), back = klOfTwo(m2, s2, m1, s1), { place, width } = partsOf(...values);
    inputs.forEach((input, k) => { input.value = toSlider(values[k], k); input.previousElementSibling.textContent = number(values[k]); });
    $(".unit").textContent = `in ${unit}`;
    $(".unit").setAttribute("aria-checked", String(bits));
    const same = kl < 0.005;
    const [lies, wide] = terms([place, width], [1, 1], kl);
    words(same ? "The same Gaussian costs nothing" : `This code costs ${shown(kl)} ${unit}: ${lies} for where it lies, ${wide} for its width`,
      same ? "KL is 0 only where q and p are one." : `The other way round it is ${shown(back)} ${unit}: the Kullback–Leibler divergence (KL) is not a distance.`);
    const q = '<i class="symbol mu">q</i>', p = '<i class="symbol">p</i>', bars = "‖";
    const row = (a, b, value, cross, entropy) => `<span>KL(${a}${bars}${b})</span><b class="kl">${shown(value)}</b><span>= cross-entropy H(${a}, ${b})</span><span class="number">${terms([cross, entropy], [1, -1], value)[0]}</span><span${entropy < 0 ? ' title="negative: a density may exceed 1"' : ""}>− entropy H(${a})${entropy < 0 ? " (below 0: a density may exceed 1)" : ""}</span><span class="number">${terms([cross, entropy], [1, -1], value)[1]}</span><span class="other">= ${nats(bits ? value : value / Math.LN2)} ${bits ? "nats" : "bits"}</span>`;
    $(".sums").innerHTML = row(q, p, kl, crossEntropyOf(...values), entropyOf(s1)) + row(p, q, back, crossEntropyOf(m2, s2, m1, s1), entropyOf(s2));
    densities($(".two"), kl, unit); // after the sums, whose height leaves them theirs
    parts($(".parts"));
  }

  // The densities, and below them what the KL adds up: q ln(q/p), whose area it is.
  function densities(plot, kl, unit) {
    const [m1, s1, m2, s2] = values, width = plot.clientWidth, height = plot.clientHeight, split = height * 0.6;
    const steps = Array.from({ length: 801 }, (_, k) => -RANGE * 1.15 + (k * 2.3 * RANGE) / 800);
    const q = steps.map((v) => density((v - m1) / s1) / s1), p = steps.map((v) => density((v - m2) / s2) / s2);
    const log = steps.map((v) => 0.5 * (((v - m2) / s2) ** 2 - ((v - m1) / s1) ** 2) + Math.log(s2 / s1));
    const pays = q.map((value, k) => value * log[k]), most = Math.min(Math.max(...q, ...p), 2.2);
    const x = scale(-RANGE * 1.15, RANGE * 1.15, 0, width), y = scale(0, most * 1.06, split, 8);
    const high = Math.max(0.25, ...pays), low = Math.min(-0.12, ...pays);
    const down = scale(low, high, height - 34, split + 46);
    const area = (values, to, base) => `${path(steps.map((v, k) => [x(v), to(values[k])]))}L${x(steps.at(-1))} ${base}L${x(steps[0])} ${base}Z`;
    const label = (m, curve, words, css, shift) => text(Math.min(width - 90, Math.max(60, x(m) + shift)), Math.max(30, y(Math.min(curve, most)) + 34), words, `class="serif halo middle" fill="${css}" style="fill:${css}"`);
    const far = Math.abs(x(m1) - x(m2)) > 90;
    plot.innerHTML = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Densities of q and p, and q ln(q/p)"><defs><clipPath id="top"><rect width="${width}" height="${split}"/></clipPath></defs>
      <g clip-path="url(#top)"><path d="${area(p, y, split)}" fill="var(--ink)" opacity=".1"/><path d="${area(q, y, split)}" fill="var(--mu)" opacity=".2"/>
      ${line(steps.map((v, k) => [x(v), y(p[k])]), 'stroke="var(--ink)" stroke-width="2.5" stroke-dasharray="8 5"')}${line(steps.map((v, k) => [x(v), y(q[k])]), 'stroke="var(--mu)" stroke-width="3.5"')}</g>
      ${label(m1, 1 / (s1 * 2.507), "q", "var(--mu)", far ? 0 : -30)}${label(m2, 1 / (s2 * 2.507), "p", "var(--ink)", far ? 0 : 30)}
      ${rule(0, split, width, split, 'class="axis"')}${ticksOf(-RANGE, RANGE, 8).map((v) => text(x(v), split + 24, tickText(v), 'class="small middle"')).join("")}
      <path d="${area(pays, down, down(0))}" fill="var(--kl)" opacity=".3"/>${line(steps.map((v, k) => [x(v), down(pays[k])]), 'stroke="var(--kl)" stroke-width="2"')}${rule(0, down(0), width, down(0), 'class="axis"')}
      ${text(0, height - 4, `<tspan class="serif t-mu">q</tspan> ln(<tspan class="serif t-mu">q</tspan>/<tspan class="serif">p</tspan>): above minus below is the KL, ${shown(kl)} ${unit}`, 'class="t-kl"')}</svg>`;
  }

  function parts(plot) {
    const { m, s, place, width: dear } = partsOf(...values), width = plot.clientWidth, height = plot.clientHeight, gap = 76, tall = (height - 2 * gap) / 2;
    const panel = (top, from, to, curve, at, value, title, name) => {
      const x = scale(from, to, 40, width - 12), y = scale(0, 4, top + tall, top + 8);
      const inside = Math.min(to, Math.max(from, at)), steps = Array.from({ length: 241 }, (_, k) => from + ((to - from) * k) / 240);
      const kept = steps.map((v) => [x(v), y(curve(v))]).filter(([, v]) => v >= top - 2);
      return `${text(0, top - 16, title)}${rule(40, top + tall, width - 12, top + tall, 'class="axis"')}${ticksOf(0, 4, 2).map((v) => rule(40, y(v), width - 12, y(v), 'class="hair"') + text(28, y(v) + 8, v, 'class="small end"')).join("")}
        ${ticksOf(from, to, 5).map((v) => text(x(v), top + tall + 26, tickText(v), 'class="small middle"')).join("")}${text(width - 12, top - 16, name, 'class="small end"')}${line(kept, 'stroke="var(--kl)" stroke-width="3"')}
        ${rule(x(inside), y(0), x(inside), Math.max(top, y(value)), 'class="now-line"')}${dot(x(inside), Math.max(top + 4, y(value)), 9, 'fill="var(--kl)"')}${text(Math.min(width - 80, Math.max(90, x(inside))) , value > 3.8 ? top + 44 : y(value) - 18, shown(value), 'class="strong halo middle t-kl"')}`;
    };
    plot.innerHTML = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="The two parts of the KL">
      ${panel(gap * 0.62, -4, 4, (v) => 0.5 * v * v, m, place, 'where it lies: <tspan class="serif">m</tspan>² / 2', '<tspan class="serif">m</tspan>: distance in widths of <tspan class="serif">p</tspan>')}
      ${panel(gap * 1.62 + tall, 0.02, 4, (v) => 0.5 * (v * v - 1) - Math.log(v), s, dear, 'its width: (<tspan class="serif">s</tspan>² − 1 − ln <tspan class="serif">s</tspan>²) / 2', '<tspan class="serif">s</tspan>: width of <tspan class="serif t-mu">q</tspan> in widths of <tspan class="serif">p</tspan>')}</svg>`;
  }

  return { draw };
}
