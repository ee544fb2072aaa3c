// Information: -log p of a coin and of the weather, and that it adds where probabilities multiply.
import { number } from "../../shared/js/canvas.js";
import { dot, grid, hairlines, line, numbersBelow, rule, scale, svgOf, text, ticksOf } from "../../shared/js/chart.js";
import { uniforms } from "../../shared/js/gaussian.js";
import { html, term } from "../../shared/js/html.js";
import { radio } from "../../shared/js/widgets.js";
import { draggable, nearest } from "./drag.js";
import { clamp, inAddress, rounded, sliderOf, unitChoice, unitOf, wired } from "./sliders.js";

const RAREST = 0.001, MOST = 7.4; // a probability; nats of the drawing, which holds its information
const LONG = 4.8; // nats of the bars, at least
const TOSSES = 24, SEEDS = [8, 16];
const NAMES = ["heads", "rain"], TINTS = ["mu", "z"];

// The information of an event of probability p, in nats.
export const informationOf = (p) => -Math.log(p) + 0;

// Two terms and their sum as text: what is shown adds up, the larger term takes the rounding.
export function sumOfTwo(a, b, digits = 2) {
  const round = (value) => Number(value.toFixed(digits)), sum = round(a + b);
  const [small, large] = [round(Math.min(a, b)), sum - round(Math.min(a, b))];
  return [a <= b ? small : large, a <= b ? large : small, sum].map((value) => number(value, digits));
}

const PAGE = html`
  <div class="two-to-one">
    <div class="plot curve-of"></div>
    <div>
      <h3>Tosses and days <small>drawn with these chances</small></h3>
      <div class="tosses"></div>
      <h3>Both together</h3>
      <div class="plot bars-of"></div>
    </div>
  </div>
  <div class="sliders">
    ${NAMES.map((name, k) => sliderOf({ key: k, name: `chance of ${name}`, low: RAREST, high: 1 - RAREST, step: 0.001, tint: TINTS[k] }))}
    ${unitChoice}
  </div>`;

export function createInformation(box, data, { say, told, bits, toggle }) {
  let chances = data.coin.slice();
  box.innerHTML = PAGE;
  const $ = (selector) => box.querySelector(selector);
  const seeds = NAMES.map((_, k) => { const u = uniforms(SEEDS[k]); return Array.from({ length: TOSSES }, u); });
  const show = wired(box, (k) => chances[k], change, (_, p) => number(p, p < 0.01 || p > 0.99 ? 3 : 2));
  let places = [], across = () => 0;

  function change(k, p) {
    chances = chances.with(k, clamp(rounded(p), RAREST, 1 - RAREST));
    told({ coin: inAddress(chances) });
    draw();
  }

  draggable($(".curve-of"), {
    find: (x, y) => nearest(places, x, y),
    move: (k, x) => change(k, across(x)),
  });

  function draw() {
    const unit = unitOf(bits()), values = chances.map(informationOf), sums = sumOfTwo(...values.map(unit.value));
    show();
    radio($(".units"), ["nats", "bits"], () => (bits() ? "bits" : "nats"), toggle);
    drawCurve(values, unit);
    $(".tosses").innerHTML = NAMES.map((name, k) => rowOf(name, seeds[k], chances[k], TINTS[k])).join("");
    $(".bars-of").innerHTML = svgOf($(".bars-of"), barsOf($(".bars-of").clientWidth, values, sums), "Information adds");
    say(...claimOf(chances, sums, unit));
    Object.assign(box.dataset, { heads: sums[0], both: sums[2] });
  }

  function drawCurve(values, unit) {
    const plot = $(".curve-of"), width = plot.clientWidth, height = plot.clientHeight, top = unit.value(MOST);
    const x = scale(0, 1, 48, width - 16), y = scale(0, top, height - 30, 10);
    across = scale(48, width - 16, 0, 1);
    const seen = grid(Math.exp(-MOST), 1, 240).map((p) => [x(p), y(unit.value(informationOf(p)))]);
    places = chances.map((p, k) => [x(p), Math.max(14, y(unit.value(values[k])))]);
    plot.innerHTML = svgOf(plot, html`
      ${hairlines(ticksOf(0, top, 4).slice(1), y, 48, width - 16)}
      ${rule(48, y(0), width - 16, y(0), 'class="axis"')}
      ${numbersBelow(ticksOf(0, 1, 5), x, height - 8)}
      ${text(width - 16, 52, width < 460 ? `−log p in ${unit.name}, against p`
        : `information −log p, in ${unit.name}, against the probability p`, 'class="end"')}
      ${line(seen, 'class="kl-line"')}
      ${places.map(([a, b], k) => html`
        ${rule(a, y(0), a, b, `class="drop ${TINTS[k]}"`)}
        ${dot(a, b, 11, `class="handle ${TINTS[k]}"`)}
        ${text(a + (a > width - 150 ? -18 : 18), b - 8, `${NAMES[k]} ${unit.text(values[k])}`,
          `class="strong halo ${TINTS[k]} ${a > width - 150 ? "end" : ""}"`)}`)}`,
    "Information against probability, with the coin and the weather on it");
  }

  return { update() {}, draw };
}

// A row of tosses or days: full where it happened.
function rowOf(name, seed, p, tint) {
  const hits = seed.filter((u) => u < p).length;
  return html`
    <p class="row-of ${tint}"><span>${seed.map((u) => `<i class="${u < p ? "on" : ""}"></i>`)}</span>
    <small>${name} ${hits} of ${TOSSES}</small></p>`;
}

function barsOf(width, [a, b], [first, second, sum]) {
  const whole = Math.max(a + b, 1e-9), x = scale(0, Math.max(whole, LONG), 0, width);
  return html`
    <rect class="mu fill" x="0" y="8" width="${x(a)}" height="30"/>
    <rect class="z fill" x="${x(a)}" y="8" width="${x(b)}" height="30"/>
    ${text(0, 62, html`<tspan class="mu">heads ${first}</tspan> + <tspan class="z">rain ${second}</tspan> = ${sum}`, 'class="strong"')}`;
}

export function claimOf([heads, rain], [first, second, sum], unit) {
  const nats = term("nat", "nats"), coins = "A fair coin tells you "
    + `${unit.name === "bits" ? `one bit, which is 0.69 ${nats}` : `log 2 = 0.69 ${nats}, which is one bit`}.`;
  return [
    `Heads with probability ${number(heads, heads < 0.01 || heads > 0.99 ? 3 : 2)} tells you ${first} ${unit.name}`,
    `The <b>${term("information")}</b> of an event is −log p: what is certain tells you nothing, and the rarer the news, `
      + "the more it tells. "
      + "Probabilities of independent events multiply, information adds: heads <em>and</em> rain has p = "
      + `${number(heads * rain, heads * rain < 0.1 ? 3 : 2)} `
      + `and tells you ${first} + ${second} = ${sum} ${unit.name}. ${coins}`,
  ];
}
