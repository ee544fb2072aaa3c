// Two humps and one Gaussian: which one is nearest depends on which way round the KL is taken.
// p = (N(-a, 1) + N(a, 1)) / 2, so that ln p(z) = -ln(2 pi)/2 - (z^2 + a^2)/2 + ln cosh(a z); lengths are in widths of a hump.
import { HALF_LOG, density } from "../../shared/js/gaussian.js";
import { number } from "../../shared/js/canvas.js";
import { grid } from "../../shared/js/chart.js";
import { drawAnswers, drawHumps } from "./humps_charts.js";
import { html } from "../../shared/js/html.js";
import { asking, symbol } from "../../shared/js/symbols.js";
import { arrowStep } from "./keys.js";
import { nats } from "./words.js";

export const FARTHEST = 8; // the distance of the humps
export const BEYOND = 6.5; // one at which the two answers have parted, and of which the room is asked (../hall/questions.py)
const FINE = 0.05, REACH = 7; // of the rule that takes an expectation
const NODES = Array.from({ length: 2 * Math.round(REACH / FINE) + 1 }, (_, k) => -REACH + k * FINE);
const WEIGHTS = NODES.map((e) => density(e) * FINE); // the trapezoidal rule: its error falls faster than any power of FINE
const logCosh = (v) => Math.abs(v) + Math.log1p(Math.exp(-2 * Math.abs(v))) - Math.LN2;
const expected = (read) => NODES.reduce((sum, e, k) => sum + WEIGHTS[k] * read(e), 0);

const entropies = new Map();
const entropyOfHumps = (a) => { // H(p), nats
  if (!entropies.has(a)) entropies.set(a, HALF_LOG + 0.5 + a * a - expected((e) => logCosh(a * (a + e))));
  return entropies.get(a);
};

// KL(q||p)
export const toHumps = (a, { m, s }) =>
  (m * m + s * s + a * a) / 2 - Math.log(s) - 0.5 - expected((e) => logCosh(a * (m + s * e)));

// KL(p||q)
export const fromHumps = (a, { m, s }) => HALF_LOG + Math.log(s) + (1 + a * a + m * m) / (2 * s * s) - entropyOfHumps(a);

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

// Both answers over all distances: where q lies, and what is left of each KL.
function answersOverDistance() {
  const apart = parting();
  const answersAt = (distance) => {
    const a = distance / 2, q = seeking(a);
    return { distance, mean: q.m, seeking: toHumps(a, q), matching: fromHumps(a, matching(a)) };
  };
  const distances = [...grid(0, FARTHEST, 100), apart - 2e-4, apart + 2e-4].sort((u, v) => u - v);
  return { apart, all: distances.map(answersAt) };
}

const PAGE = html`
  <div class="cost">
    <div><div class="plot two"></div></div>
    <div><div class="plot parts"></div></div>
  </div>
  <div class="sliders one-slider">
    <label class="ink">
      distance of the humps, in their widths<b></b>
      <input type="range" min="0" max="${FARTHEST}" step="0.02" aria-label="distance of the two humps">
    </label>
  </div>
  <div class="sums of-two"></div>`;

export function createHumps(box, start, told, words) {
  let distance = start, answers = null;
  box.innerHTML = PAGE;
  const $ = (selector) => box.querySelector(selector), input = $("input");

  function change(next) {
    distance = next;
    draw();
    told(distance);
  }

  input.oninput = () => change(Number(input.value));
  input.onkeydown = (event) => {
    const step = arrowStep(event, 0.1);
    if (!step) return;
    event.preventDefault();
    change(Math.round(100 * Math.min(FARTHEST, Math.max(0, distance + step))) / 100);
  };

  function draw() {
    answers ??= answersOverDistance(); // they do not change, so they are found once
    const a = distance / 2, seeks = seeking(a), matches = matching(a);
    input.value = distance;
    $("label b").textContent = number(distance);
    words(...claimOfHumps(distance, answers.apart, seeks));
    $(".sums").innerHTML = rowsOfAnswers(a, seeks, matches);
    drawHumps($(".two"), a, seeks, matches); // after the sums, whose height leaves them theirs
    const left = { seeking: toHumps(a, seeks), matching: fromHumps(a, matches) };
    drawAnswers($(".parts"), answers, { distance, mean: seeks.m, left, farthest: FARTHEST });
  }

  // Drawn where the two answers have parted, once.
  function drawPoint() {
    const kept = distance;
    distance = BEYOND;
    draw();
    distance = kept;
  }

  return { draw, drawPoint, show: change };
}

// The claim of humps that lie far enough apart.
export function claimBeyond() {
  const distance = BEYOND;
  return claimOfHumps(distance, parting(), seeking(distance / 2));
}

function claimOfHumps(distance, apart, seeks) {
  if (distance < 0.005) return ["One hump: both answers are the hump itself", "Pull the humps apart: one Gaussian q has to stand for two."];
  if (seeks.m > 0) return [`Beyond ${number(apart)} KL(q‖p) settles on one hump`,
    "KL(p‖q) covers both. The ELBO’s gap is KL(q‖posterior), so an encoder settles on one hump; either will do."];
  return [`Up to ${number(apart)} apart, both put q in the middle`,
    "They differ in width only. Farther apart, KL(q‖p) jumps to one hump."];
}

// The two answers, one a row, with both of their KLs; the one that is least stands out.
function rowsOfAnswers(a, seeks, matches) {
  const Q = symbol("q", "q", "mu"), P = symbol("p", "p", ""), KL = asking("KL", "kl");
  const cell = (value, least) => (least ? `<b class="kl">${nats(value)}</b>` : `<span class="number">${nats(value)}</span>`);
  const row = (name, q, sign, least) => [
    `<span>${name}</span>`,
    "<span>mean</span>", `<span class="number">${sign}${nats(q.m)}</span>`,
    "<span>width (σ)</span>", `<span class="number">${nats(q.s)}</span>`,
    `<span>${KL}(${Q}‖${P})</span>`, cell(toHumps(a, q), least === "q‖p"),
    `<span>${KL}(${P}‖${Q})</span>`, cell(fromHumps(a, q), least === "p‖q"),
    '<span class="other">nats</span>',
  ].join(" ");
  return row(`least KL(${Q}‖${P})`, seeks, seeks.m > 0 ? "±" : "", "q‖p") + row(`least KL(${P}‖${Q})`, matches, "", "p‖q");
}
