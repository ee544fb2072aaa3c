// Rate against distortion: all models as points, lines of equal ELBO, and the line on which all cost the same at this beta.
import { number } from "../../shared/js/canvas.js";
import { dot, line, rule, scale, svgOf, text, tickText, ticksOf } from "../../shared/js/chart.js";
import { html } from "../../shared/js/html.js";
import { beta } from "./words.js";

const WIDEST = 16; // nats of rate; models beyond are named at the edge
const RIGHT = 24; // pixels right of the axes
const ELBOS = [150, 160, 170, 180, 190, 200, 210]; // minus, where a line is drawn

export function drawPlane(box, models, at, choose, s) {
  const width = box.clientWidth;
  if (!width) return;
  const field = fieldOf(box, s), { left, foot, height } = field, m = models[at];
  const best = models.reduce((a, b) => (b.elbo > a.elbo ? b : a));
  const near = models.filter((o) => o.kl <= WIDEST), far = field.narrow ? [] : models.filter((o) => o.kl > WIDEST);
  box.innerHTML = svgOf(box, html`
    <defs><clipPath id="field"><rect x="${left}" y="0" width="${width - left}" height="${height - foot}"/></clipPath></defs>
    ${axes(field)}
    <g clip-path="url(#field)">
      ${ELBOS.map((sum) => equalElbo(sum, field))}
      ${equalCost(m, field)}
    </g>
    ${minimised(m, field)}
    ${near.map((o) => pointOf(o, { now: o === m, best: o === best, index: models.indexOf(o) }, field))}
    ${highest(best, field)}
    ${far.map((o, k) => beyond(o, { now: m, k, index: models.indexOf(o) }, field))}`, "Rate-distortion plane of all models");
  for (const part of box.querySelectorAll("[data-at]")) {
    const chooseThis = () => choose(Number(part.dataset.at));
    part.onclick = chooseThis;
    part.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      chooseThis();
    };
  }
}

// The plane's size and scales; at least a share of the screen's letters is kept where the box is small.
function fieldOf(box, s) {
  const width = box.clientWidth, height = box.clientHeight, narrow = width < 700, [top, bottom] = [narrow ? 230 : 224, 130];
  const left = 92 * Math.max(0.6, s), foot = 66 * Math.max(0.7, s);
  return {
    s, width, height, narrow, left, foot, top, bottom,
    x: scale(0, WIDEST, left, width - RIGHT),
    y: scale(bottom, top, height - foot, 10),
  };
}

const named = (words, kind) => `<tspan class="t-${kind} strong asks" data-symbol="${kind}">${words}</tspan>`;

function axes({ s, width, height, left, foot, top, bottom, x, y }) {
  return html`
    ${ticksOf(0, 15, 3).map((v) => text(x(v), height - foot + 30 * Math.max(0.8, s), tickText(v), 'class="small middle"'))}
    ${ticksOf(bottom + 1, top, 6).map((v) => text(left - 12, y(v) + 7, tickText(v), 'class="small end"'))}
    ${rule(left, y(bottom), width - RIGHT, y(bottom), 'class="axis" data-symbol="kl"')}
    ${rule(left, 0, left, y(bottom), 'class="axis" data-symbol="reconstruction"')}
    ${text(width - RIGHT, height - 6, `rate: ${named("KL", "kl")}, nats per MNIST test image`, 'class="end"')}
    ${text(left + 16, 24, `${named("distortion", "reconstruction")}: −reconstruction, nats`)}`;
}

function equalElbo(sum, { bottom, x, y }) {
  const name = sum - WIDEST > bottom + 15 ? `ELBO −${sum}` : "";
  return rule(x(0), y(sum), x(WIDEST), y(sum - WIDEST), 'data-symbol="elbo" stroke="var(--elbo)" stroke-width="1" stroke-opacity=".35"')
    + text(x(WIDEST) - 4, y(sum - WIDEST) - 7, name, 'class="small end halo t-elbo" data-symbol="elbo"');
}

function equalCost(m, { bottom, x, y }) {
  const end = Math.min(WIDEST, m.beta ? (m.objective - bottom) / m.beta : WIDEST);
  return line([[x(0), y(m.objective)], [x(end), y(m.objective - m.beta * end)]], 'data-symbol="" stroke="var(--kl)" stroke-width="3"');
}

// Where that line meets the axis of distortion: what is minimised.
function minimised(m, { s, narrow, top, x, y }) {
  if (m.objective >= top) return "";
  const aside = m.objective > 190 ? 130 * Math.max(0.75, s) : 14, below = m.beta > (narrow ? 1.5 : 3) || !m.beta ? -12 : narrow ? 26 : 32;
  return dot(x(0), y(m.objective), 6, 'fill="var(--kl)"') + text(
    x(0) + aside, y(m.objective) + below, `${number(m.objective, 1)}${narrow ? "" : " minimised"}`, 'class="halo t-kl strong"');
}

function pointOf(o, { now, best, index }, { s, narrow, x, y }) {
  const size = Math.max(0.62, s), [px, py] = [x(o.kl), y(-o.reconstruction)];
  const below = o.beta > 20 && o.beta < 40; // so that it leaves room for the two above
  const [aside, down] = o.beta < 8 ? [10, -20] : narrow && o.beta < 16 ? [2, -14] : [18, below ? 20 : -8]; // steep, crowded on a phone
  const name = beta(o) === "40" ? "40, 64" : beta(o);
  return html`
    <g data-at="${index}" tabindex="0" role="button" aria-label="beta ${beta(o)}">
      ${dot(px, py, 20, 'fill="transparent"')}
      ${dot(px, py, (now ? 11 : 7) * size, `fill="var(--${now ? "kl" : "ink"})"`)}
      ${best ? dot(px, py, 17 * size, 'fill="none" stroke="var(--elbo)" stroke-width="3"') : ""}
      ${o.beta > 40 ? "" : text(px + aside, py + down, name, `class="halo ${now ? "strong t-kl" : ""}"`)}
    </g>`;
}

// What the ring means: in the upper right corner, which no line of equal bound or cost crosses, whatever β is.
function highest(best, { width, narrow }) {
  const elbo = `ELBO ${number(best.elbo, 1)}`;
  const words = narrow ? `○ ${elbo}, the highest` : `○ highest bound: ${elbo} at β = ${beta(best)}`;
  return text(width - RIGHT, narrow ? 46 : 24, words, 'class="end halo t-elbo strong asks" data-symbol="elbo"');
}

// A model whose rate is larger than the axis, named at its end: above the line of equal cost and the axis.
function beyond(o, { now, k, index }, { s, width, bottom, y }) {
  const free = Math.min(y(bottom) - 10, y(now.objective - now.beta * WIDEST) - 14);
  return html`
    <g data-at="${index}" tabindex="0" role="button">
      ${text(width - RIGHT, free - 30 * k * Math.max(0.75, s), `β = ${beta(o)}: rate ${number(o.kl, 1)} →`,
    `class="end halo ${o === now ? "strong t-kl" : "t-ink2"}"`)}
    </g>`;
}
