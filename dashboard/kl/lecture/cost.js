// What one KL costs: two Gaussians, both directions, and the two parts of the price. Everything is closed form.
import { number } from "../../shared/js/canvas.js";
import { crossEntropyOf, entropyOf, klOfTwo } from "../../shared/js/gaussian.js";
import { RANGE, drawDensities, drawParts } from "./cost_charts.js";
import { html } from "../../shared/js/html.js";
import { adding } from "../../shared/js/numbers.js";
import { asking, symbol } from "../../shared/js/symbols.js";
import { arrowStep } from "./keys.js";
import { nats } from "./words.js";

const NARROWEST = 0.05, WIDEST = 4;
const POSES = [
  ["the same", [0, 1, 0, 1]],
  ["off the centre", [1, 1, 0, 1]],
  ["half as wide", [0, 0.5, 0, 1]],
  ["twice as wide", [0, 2, 0, 1]],
  ["a code", [1.2, 0.1, 0, 1]],
  ["far apart", [-2, 0.5, 2, 0.5]],
];
const NAMES = ["mean of q", "width (σ) of q", "mean of p", "width (σ) of p"];
const Q = symbol("q", "q", "mu"), P = symbol("p", "p", "");

// The KL in units of p: half the squared distance of the means, and what the width costs. Both are at least 0.
export function partsOf(m1, s1, m2, s2) {
  const m = (m1 - m2) / s2, s = s1 / s2;
  return { m, s, place: 0.5 * m * m, width: 0.5 * (s * s - 1) - Math.log(s) };
}

// Values 1 and 3 are widths, which move by factors; 0 and 2 are means, which move by steps.
const toSlider = (value, k) =>
  (k % 2 ? Math.log(value / NARROWEST) / Math.log(WIDEST / NARROWEST) : (value + RANGE) / (2 * RANGE));
const hundredths = (value) => Math.round(100 * value) / 100;
const fromSlider = (share, k) => hundredths(k % 2 ? NARROWEST * (WIDEST / NARROWEST) ** share : RANGE * (2 * share - 1));
const within = (value, k) => hundredths(Math.min(RANGE, Math.max(k % 2 ? NARROWEST : -RANGE, value)));

const PAGE = html`
  <div class="cost">
    <div>
      <div class="plot two"></div>
      <div class="chips" role="group" aria-label="Poses">
        ${POSES.map(([name], k) => `<button type="button" data-pose="${k}">${name}</button>`)}
        <button type="button" class="unit" role="switch" aria-checked="false"></button>
      </div>
    </div>
    <div><div class="plot parts"></div></div>
  </div>
  <div class="sliders">
    ${NAMES.map((name, k) => html`
      <label class="${k < 2 ? "mu" : "ink"}">
        ${name}<b></b><input type="range" min="0" max="1" step="0.001" data-at="${k}" aria-label="${name}">
      </label>`)}
  </div>
  <div class="sums"></div>`;

export function createCost(box, start, told, words) {
  let values = start.slice(), bits = false;
  box.innerHTML = PAGE;
  const $ = (selector) => box.querySelector(selector), inputs = [...box.querySelectorAll("input")];

  function change(next) {
    values = next;
    draw();
    told(values);
  }

  for (const [k, input] of inputs.entries()) {
    input.oninput = () => change(values.with(k, fromSlider(Number(input.value), k)));
    input.onkeydown = (event) => {
      const step = arrowStep(event, 0.05);
      if (!step) return;
      event.preventDefault();
      change(values.with(k, within(values[k] + step, k)));
    };
  }
  for (const button of box.querySelectorAll("[data-pose]")) button.onclick = () => change(POSES[button.dataset.pose][1]);
  $(".unit").onclick = () => { bits = !bits; draw(); };

  function draw() {
    const [m1, s1, m2, s2] = values, unit = unitOf(bits), kl = klOfTwo(...values), back = klOfTwo(m2, s2, m1, s1);
    inputs.forEach((input, k) => { input.value = toSlider(values[k], k); input.previousElementSibling.textContent = number(values[k]); });
    $(".unit").textContent = `in ${unit.name}`;
    $(".unit").setAttribute("aria-checked", String(bits));
    const parts = partsOf(...values);
    words(...claimOfCost(kl, back, parts, unit));
    $(".sums").innerHTML = sumOf(Q, P, kl, crossEntropyOf(...values), entropyOf(s1), unit)
      + sumOf(P, Q, back, crossEntropyOf(m2, s2, m1, s1), entropyOf(s2), unit);
    drawDensities($(".two"), values, `${unit.shown(kl)} ${unit.name}`); // after the sums, whose height leaves them theirs
    drawParts($(".parts"), parts, unit.shown);
  }

  return { draw, show: change };
}

// Nats or bits: the unit's name, a value in it as text, and terms with as many digits as give their sum.
function unitOf(bits) {
  const inUnit = (value) => (bits ? value / Math.LN2 : value);
  return {
    name: bits ? "bits" : "nats",
    shown: (value) => nats(inUnit(value)),
    terms: (values, weights, sum) => adding(values.map(inUnit), weights, Math.abs(inUnit(sum)) >= 9.95 ? 1 : 2),
    other: (value) => `${nats(bits ? value : value / Math.LN2)} ${bits ? "nats" : "bits"}`,
  };
}

// The KL in the other direction, which is equal where both Gaussians are of one width.
function otherWay(there, back, name) {
  if (there === back) return `In the other direction it is ${back} ${name} as well: the widths are equal. Change one, and the two differ.`;
  return `In the other direction it is ${back} ${name}: the Kullback–Leibler divergence (KL) is not a distance.`;
}

function claimOfCost(kl, back, { place, width }, { name, shown, terms }) {
  if (kl < 0.005) return ["The same Gaussian costs nothing", "KL is 0 only where q and p are one."];
  const [lies, wide] = terms([place, width], [1, 1], kl);
  return [`This code costs ${shown(kl)} ${name}: ${lies} for its position, ${wide} for its width`,
    otherWay(shown(kl), shown(back), name)];
}

// One direction as a sum: KL(a‖b) = cross-entropy H(a, b) − entropy H(a).
function sumOf(a, b, kl, cross, entropy, { shown, terms, other }) {
  const [crossShown, entropyShown] = terms([cross, entropy], [1, -1], kl), negative = entropy < 0;
  return html`
    <span>${asking("KL", "kl")}(${a}‖${b})</span><b class="kl" data-symbol="kl">${shown(kl)}</b>
    <span>= cross-entropy H(${a}, ${b})</span><span class="number">${crossShown}</span>
    <span${negative ? ' title="negative: a density may exceed 1"' : ""}>
      − entropy H(${a})${negative ? " (below 0: a density may exceed 1)" : ""}
    </span>
    <span class="number">${entropyShown}</span>
    <span class="other">= ${other(kl)}</span>`;
}
