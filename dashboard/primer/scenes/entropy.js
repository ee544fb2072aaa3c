// Entropy: the mean information of ten classes, whose bars can be dragged, and of a Gaussian, where it may be negative.
import { number } from "../../shared/js/canvas.js";
import { area, grid, hairlines, line, numbersBelow, rule, scale, svgOf, text, ticksOf } from "../../shared/js/chart.js";
import { cut, htmlOf } from "../../shared/js/classes.js";
import { HALF_LOG, density, entropyOf } from "../../shared/js/gaussian.js";
import { html, term } from "../../shared/js/html.js";
import { radio } from "../../shared/js/widgets.js";
import { clamp, inAddress, rounded, sliderOf, unitChoice, unitOf, wired } from "./sliders.js";

const NARROWEST = 0.02, WIDEST = 3; // of sigma
const EDGE = 3; // of the line under the density
const STEP = 0.02; // of a bar, by key

// H = sum p (-log p) in nats; 0 log 0 = 0.
export const entropyOfShares = (shares) => shares.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0) + 0;

// Another share for one class; the others keep their ratios, or are alike where nothing was left for them.
export function withShare(shares, k, p) {
  const rest = 1 - shares[k], count = shares.length - 1;
  if (!count) return [1];
  return shares.map((share, i) => (i === k ? p : (1 - p) * (rest > 1e-9 ? share / rest : 1 / count)));
}

export const normalised = (weights) => {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
};

const PAGE = html`
  <div class="halves">
    <div>
      <h3 class="of-classes"></h3>
      <div class="bars"></div>
      <div class="chips" role="group" aria-label="Distributions">
        <button type="button" data-pose="data"></button><button type="button" data-pose="even">All equally likely</button>
        <button type="button" data-pose="one">One is certain</button><span class="scale-of"></span>
      </div>
    </div>
    <div>
      <h3>A Gaussian N(0, σ²) <small class="of-density"></small></h3>
      <div class="plot density-of"></div>
      <div class="sliders">
        ${sliderOf({ key: "sigma", name: "σ", low: NARROWEST, high: WIDEST, tint: "sigma", log: true })}${unitChoice}
      </div>
    </div>
  </div>`;

export function createEntropy(box, data, { say, told, bits, toggle }) {
  let classes = data.classes, shares = data.bars.length ? normalised(data.bars) : null, sigma = data.sigma;
  box.innerHTML = PAGE;
  const $ = (selector) => box.querySelector(selector);
  const show = wired(box, () => sigma, (_, value) => { sigma = value; told({ sigma: String(value) }); draw(); });
  const given = () => normalised(classes.counts), now = () => shares ?? given();
  let built = "", top = 0.5, held = false; // the bars' scale, which waits for the hand to let go

  function update(next) {
    if (JSON.stringify(next.classes) !== JSON.stringify(classes)) shares = null; // another model: its own classes
    classes = next.classes;
  }

  function set(next) {
    shares = next;
    told({ bars: next ? inAddress(next) : "" });
    draw();
  }

  for (const button of box.querySelectorAll("[data-pose]")) {
    button.onclick = () => set({ data: null, even: classes.counts.map(() => 1 / classes.counts.length),
      one: classes.counts.map((_, k) => Number(k === 0)) }[button.dataset.pose]);
  }

  function build() {
    built = JSON.stringify(classes);
    const bars = $(".bars");
    bars.innerHTML = classes.names.map((name, k) => html`
      <div class="bar" role="slider" tabindex="0" aria-label="share of class ${htmlOf(name)}" aria-valuemin="0" aria-valuemax="1">
        <small></small><span><i style="background: var(--glyph${k % 10})"></i></span><b>${htmlOf(cut(name, 6))}</b>
      </div>`).join("");
    [...bars.children].forEach((bar, k) => {
      const follow = (event) => {
        const { bottom, height } = bar.children[1].getBoundingClientRect();
        set(withShare(now(), k, clamp((top * (bottom - event.clientY)) / height, 0, 1)));
      };
      bar.onpointerdown = (event) => { bar.setPointerCapture(event.pointerId); held = true; follow(event); };
      bar.onpointerup = bar.onpointercancel = () => { held = false; draw(); };
      bar.onpointermove = (event) => { if (bar.hasPointerCapture(event.pointerId)) follow(event); };
      bar.onkeydown = (event) => {
        const by = { ArrowUp: STEP, ArrowRight: STEP, ArrowDown: -STEP, ArrowLeft: -STEP }[event.key];
        const to = { Home: 0, End: 1 }[event.key] ?? (by ? clamp(now()[k] + by, 0, 1) : null);
        if (to === null) return;
        event.preventDefault();
        set(withShare(now(), k, to));
      };
    });
    $("[data-pose=data]").textContent = classes.known ? "as in the data" : "at first";
    $(".of-classes").innerHTML = classes.known
      ? `Ten classes <small>${classes.counts.reduce((a, b) => a + b, 0).toLocaleString("en")} codes of this model; drag a bar</small>`
        .replace("Ten classes", wordsOf(classes))
      : "Ten classes <small>this model’s images have no classes: these are made up; drag a bar</small>";
  }

  function draw() {
    const unit = unitOf(bits()), p = now(), entropy = entropyOfShares(p);
    if (built !== JSON.stringify(classes)) build();
    radio($(".units"), ["nats", "bits"], () => (bits() ? "bits" : "nats"), toggle);
    show();
    if (!held) top = Math.max(...p) > 0.48 ? 1 : 0.5;
    $(".scale-of").textContent = `full height: p = ${number(top, 1)}`;
    [...$(".bars").children].forEach((bar, k) => {
      bar.children[1].firstElementChild.style.height = `${Math.min(100, (100 * p[k]) / top)}%`;
      bar.children[0].textContent = unit.text(p[k] > 0 ? -p[k] * Math.log(p[k]) : 0);
      bar.setAttribute("aria-valuenow", rounded(p[k]));
      bar.setAttribute("aria-valuetext", number(p[k]));
    });
    drawDensity($(".density-of"), sigma);
    $(".of-density").innerHTML = `entropy <b class="sigma">${unit.text(entropyOf(sigma))} ${unit.name}</b>, `
      + `highest density ${number(density(0) / sigma)}`;
    say(...claimOf(p, sigma, classes, unit));
    Object.assign(box.dataset, { entropy: unit.text(entropy), gaussian: unit.text(entropyOf(sigma)) });
  }

  return { update, draw };
}

const wordsOf = ({ names, others }) => (others ? `The ${names.length} largest of ${names.length + others} classes`
  : names.length === 1 ? "One class" : `${names.length === 10 ? "Ten" : names.length} classes`);

function drawDensity(plot, sigma) {
  const width = plot.clientWidth, height = plot.clientHeight, peak = Math.exp(-HALF_LOG) / sigma;
  const most = Math.max(1.15 * peak, 1.4), base = height - 28;
  const x = scale(-EDGE, EDGE, 40, width - 8), y = scale(0, most, base, 8);
  const seen = [...grid(-EDGE, EDGE, 240), ...grid(-4 * sigma, 4 * sigma, 120)].filter((v) => Math.abs(v) <= EDGE).sort((a, b) => a - b)
    .map((v) => [x(v), y(density(v / sigma) / sigma)]);
  plot.innerHTML = svgOf(plot, html`
    <defs><clipPath id="under"><rect width="${width}" height="${base}"/></clipPath></defs>
    ${hairlines(ticksOf(0, most, 3).slice(1), y, 40, width - 8)}
    <g clip-path="url(#under)"><path class="sigma soft" d="${area(seen, base)}"/>${line(seen, 'class="sigma-line"')}</g>
    ${rule(40, y(1), width - 8, y(1), 'class="one-line"')}
    ${text(width - 8, y(1) - 6, "1: no probability is higher", 'class="end halo"')}
    ${rule(40, base, width - 8, base, 'class="axis"')}
    ${numbersBelow(ticksOf(-EDGE, EDGE, 6), x, height - 6)}
`, "Density of a Gaussian");
}

export function claimOf(p, sigma, { names }, unit) {
  const entropy = entropyOfShares(p), most = Math.log(names.length), gaussian = entropyOf(sigma);
  const full = Math.exp(entropy);
  return [
    entropy < 0.0005 ? "If one class is certain, nothing is left to ask"
      : `Which class is it? The answer is worth ${unit.text(entropy)} ${unit.name} on average`,
    `<b>${term("entropy", "Entropy")}</b> is the mean information, H = Σ p (−log p); over each bar stands its part. `
      + `It is largest where all ${names.length} are equally likely, log ${names.length} = ${unit.text(most)}; `
      + `here it is as if ${number(full, 1)} classes were equally likely. `
      + `For a ${term("density")} the sum becomes an integral, and at σ = ${number(sigma)} it gives ${unit.text(gaussian)} ${unit.name}: `
      + (gaussian < 0 ? "<em>below 0</em>. A probability is at most 1, so −log p is never negative; a density can be greater than 1."
        : "below σ = 0.242 it is negative. A probability is at most 1, so −log p is never negative; a density can be greater than 1."),
  ];
}
