// The Bernoulli's formula between 0 and 1, and the density that it becomes with its normaliser.
import { number } from "../../shared/js/canvas.js";
import { continuousMean, logNormaliser, logPartition } from "../../shared/js/likelihood.js";
import { mounted } from "../../shared/js/mounted.js";
import { adding } from "../../shared/js/numbers.js";
import { createDialled } from "../dialled.js";
import { roundTicks, tickText } from "../../shared/js/ticks.js";

export default mounted(".grey", createGrey);

const HEIGHT = 240, LEFT = 40, RIGHT = 12, TOP = 12, FLOOR = HEIGHT - 28, STEPS = 120;
const FORMULA = "Its formula s<sup>x</sup>(1 − s)<sup>1 − x</sup> gives probabilities of x = 0 and x = 1. " +
  "Between them its area is not 1 (dashed): scoring grey pixels with it (as with a cross-entropy loss) " +
  "adds up numbers that are no log-likelihood. Divided by its area it is the continuous Bernoulli (solid).";

function createGrey(root) {
  const $ = (selector) => root.querySelector(selector);
  return createDialled(root, {
    value: (data) => data.logit,
    lay(data, dial) {
      [dial.min, dial.max] = [-data.most, data.most];
      $(".of-image").innerHTML = imageWords(data);
    },
    draw(_, logit, box) {
      const facts = factsOf(logit);
      box.innerHTML = chart(logit, box.clientWidth);
      $(".live").innerHTML = FORMULA;
      $(".sum").innerHTML = [
        ["s = sigmoid(l)", number(facts.s, 3)], ["area under the formula, 1/C", number(facts.area, 3)],
        ["what the normaliser adds, log C", `${number(-Math.log(facts.area), 3)} nats`],
        ["mean of the density (not s)", number(facts.mean, 3)],
      ].map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join("");
      $(".choice").innerHTML = `A pixel that is ${number(facts.mean, 3)} grey on average: ` +
        `the formula alone is best at s = ${number(facts.mean, 3)}, the density at s = ${number(facts.s, 3)}. ` +
        "Leaving out C trains another decoder.";
      return { logit };
    },
    told: (_, logit) => ["logit", String(logit)],
  });
}

export const factsOf = (l) => ({ s: 1 / (1 + Math.exp(-l)), area: Math.exp(-logNormaliser(l)), mean: continuousMean(l) });

function chart(l, width) {
  const density = (v) => Math.exp(v * l - logPartition(l)), { area, mean } = factsOf(l);
  const most = Math.max(1.2, density(0), density(1)), x = (v) => LEFT + v * (width - LEFT - RIGHT);
  const y = (p) => FLOOR - (p / most) * (FLOOR - TOP), values = Array.from({ length: STEPS + 1 }, (_, k) => k / STEPS);
  const line = (height) => values.map((v) => `${x(v).toFixed(1)},${y(height(v)).toFixed(1)}`).join(" ");
  const ticks = roundTicks(0, most, 4).map((t) => `<path d="M${LEFT} ${y(t)}H${width - RIGHT}" class="hair"/>
    <text x="${LEFT - 8}" y="${y(t) + 5}" class="end">${tickText(t)}</text>`);
  const middle = l >= 0 ? 0.04 : 0.96, side = l >= 0 ? "" : "end";
  const said = "The continuous Bernoulli’s density and the Bernoulli’s formula over a grey value";
  return `<svg width="${width}" height="${HEIGHT}" role="img" aria-label="${said}">${ticks.join("")}
    <path d="M${x(0)} ${FLOOR}L${line(density)}L${x(1)} ${FLOOR}Z" class="area"/><polyline points="${line(density)}" class="line"/>
    <polyline points="${line((v) => density(v) * area)}" class="plain"/><path d="M${x(mean)} ${FLOOR}V${y(density(mean))}" class="mean"/>
    <text x="${x(middle)}" y="${TOP + 14}" class="strong ${side}">continuous Bernoulli, area 1</text>
    <text x="${x(middle)}" y="${TOP + 34}" class="other ${side}">the formula alone, area ${number(area, 2)}</text>
    ${[0, 0.5, 1].map((v) => `<text x="${x(v)}" y="${HEIGHT - 6}" class="${v === 1 ? "end" : "middle"}">${v}</text>`).join("")}</svg>`;
}

function imageWords({ image, name }) {
  if (!image) return "";
  const [without, normaliser] = adding([image.without, image.normaliser], [1, 1], 1);
  return `The image above (${name}), grey, at its code in <b>${image.model}</b>: the formula sums to ${without} over ` +
    `${image.pixels} pixels. Leaving out the normaliser hides <b>${normaliser}</b> nats: as a density it is ` +
    `${number(image.without + image.normaliser, 1)}.`;
}
