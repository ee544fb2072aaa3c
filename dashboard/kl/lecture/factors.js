// Does a larger β untangle the factors? What one dimension changes in models of shapes, and their mutual information gap.
import { onShelf } from "../../shared/js/blobs.js";
import { levelsInto, number, sizeOf, subscript } from "../../shared/js/canvas.js";
import { dot, hairlines, rule, scale, shrinkage, svgOf, text, ticksOf } from "../../shared/js/chart.js";
import { html } from "../../shared/js/html.js";
import { average, spreadOf } from "./words.js";

const NOTHING = ["No models of shapes are here", "python -m vae_core disentanglement --write trains them, in about ten minutes."];
const LATER = 2; // the step of a clicker at which the turned codes are shown
const LEAST = 150; // pixels of height of the chart
const PICTURE = [24, 96]; // pixels to a side, at least and at most

const meanOf = ({ mig }) => average(mig);
const spreadText = ({ mig }) => (mig.length > 1 ? ` ± ${number(spreadOf(mig))}` : "");
const scoreOf = (one) => `${number(meanOf(one))}${spreadText(one)}`;
export const objectiveOf = ({ beta, total_correlation: price }) => `β = ${beta}${price ? `, total correlation ${price} dearer` : ""}`;

// The plain objective, that of the largest β, and the one with a price on total correlation.
function roles(tried) {
  const plain = tried.filter((one) => !one.total_correlation).sort((a, b) => a.beta - b.beta);
  return { first: plain[0], large: plain.at(-1), priced: tried.find((one) => one.total_correlation) };
}

// A claim and what explains it, for each step of a clicker.
export function saysOfFactors(tried) {
  const { first, large, priced } = roles(tried);
  if (!first || large === first || !priced) return [NOTHING];
  return [ofBeta(first, large), ofCorrelation(first, large, priced), ofTurning(tried, priced)];
}

function ofBeta(first, large) {
  const best = Math.max(...first.mig), [worst, top] = [Math.min(...large.mig), Math.max(...large.mig)];
  const claim = worst > best ? "A larger β untangles the factors a little, in every training"
    : top > best ? "A larger β untangles some trainings and not others" : "A larger β untangles no training";
  const ends = worst > best || top <= best ? "" : `, in single trainings from ${number(worst)} to ${number(top)}`;
  return [claim, `The mutual information gap (MIG, at most 1) is ${scoreOf(first)} at β = ${first.beta} and ${scoreOf(large)} at `
    + `β = ${large.beta}${ends}: ${large.mig.length} seeds each, ±\u00a0standard deviation.`];
}

function ofCorrelation(first, large, priced) {
  const more = meanOf(priced) > meanOf(large) ? "What untangles more is a price on total correlation alone"
    : "A price on total correlation alone untangles no more";
  const bounds = [first, large, priced].map(({ elbo }) => number(elbo, 0));
  return [`${more}: MIG ${scoreOf(priced)}`,
    "Total correlation is the part of the KL that is in no single dimension: how far the codes’ dimensions are from independent. "
    + `It costs as well: ELBO ${bounds[2]}, ${bounds[0]} at β = ${first.beta}, ${bounds[1]} at β = ${large.beta}.`];
}

function ofTurning(tried, priced) {
  const turned = average(priced.turned), lower = turned < meanOf(priced);
  const claim = lower ? "Turn its codes, and a model scores lower at an equal ELBO" : "Turned codes score no lower";
  return [claim, `Codes, q and decoder turned together draw the same images with the same ELBO; MIG is then ${number(turned)}, not `
    + `${number(meanOf(priced))}. So the score is one of axes and of seeds as well as of the objective (Locatello et al. 2019).`];
}

const PAGE = html`
  <div class="untangled"></div>
  <p class="foretold"></p>
  <div class="chart scores"></div>`;

// `facts`: what was tried, the models with their rows, the key of their pictures. `words` shows a claim.
export function createFactors(box, facts, { words }) {
  box.innerHTML = PAGE;
  const $ = (selector) => box.querySelector(selector), { models, walk, tried } = facts;
  $(".untangled").innerHTML = namesOf(models) + models.map(columnOf).join("");
  $(".foretold").textContent = models.length ? explanationOf(models[0].rows, walk) : "";

  // False: the pictures are not here yet.
  function draw() {
    const says = saysOfFactors(tried), step = Number(box.dataset.step ?? NaN);
    const [claim, explains] = says[step] ?? says[0];
    words(claim, explains);
    if (!models.length) return true;
    const pictures = onShelf(facts.pictures);
    fit();
    if (pictures) [...box.querySelectorAll("canvas")].forEach((canvas, k) => paint(canvas, pictures, k * walk.length));
    drawScores($(".scores"), tried, [...box.querySelectorAll(".column")]);
    return pictures !== undefined;
  }

  // As large as the columns are wide, and as the chart leaves them room.
  function fit() {
    const wide = $(".column"), label = $(".moved span").offsetWidth, rows = models[0].rows.length;
    const beside = $(".head").offsetHeight + $(".foretold").offsetHeight + LEAST;
    const tall = box.closest(".phone") ? Infinity : (box.clientHeight - beside) / rows - 6;
    const side = Math.min((wide.clientWidth - label) / walk.length, tall, PICTURE[1] * shrinkage(box, 0.6) * 1.25);
    box.style.setProperty("--picture", `${Math.max(PICTURE[0], Math.floor(side))}px`);
    box.style.setProperty("--count", walk.length);
  }

  // `walk.length` pictures side by side, from the one that is the first of this row.
  function paint(canvas, { levels, shape }, first) {
    const [height, width] = shape;
    Object.assign(canvas, { width: width * walk.length, height });
    const pen = canvas.getContext("2d"), picture = pen.createImageData(canvas.width, height);
    walk.forEach((_, k) => levelsInto(picture, levels, (first + k) * sizeOf(shape), shape, null, k * width));
    pen.putImageData(picture, 0, 0);
  }

  const steps = [0, 1, 2].map((k) => () => {
    box.dataset.step = k;
    draw();
  });
  return { draw, steps, whole: () => { delete box.dataset.step; } };
}

const stepOf = ({ total_correlation: price }) => (price ? 1 : 0);

const namesOf = (models) => (models.length ? html`
  <div class="factors-of">
    <p class="head"></p>
    ${models[0].rows.map(({ factor }) => `<p>${factor}</p>`)}
  </div>` : "");

const columnOf = (model) => html`
  <div class="column step-${stepOf(model)}">
    <p class="head"><b>${objectiveOf(model)}</b></p>
    ${model.rows.map(({ factor, z, gap }) => html`
      <div class="moved">
        <em>${factor}</em>
        <span><i class="symbol z">z</i>${subscript(z + 1)} ${number(gap)}</span>
        <canvas role="img" aria-label="What the model of ${objectiveOf(model)} draws while z${subscript(z + 1)} moves"></canvas>
      </div>`)}
  </div>`;

const explanationOf = (rows, walk) => `Each row moves the one dimension that says most of a factor from ${number(walk[0], 0)} to `
  + `${number(walk.at(-1), 0)}, from the code of one test image. Its number: how much more it says than the second best, as a share `
  + "of all there is to say. MIG, below, is the mean over all factors; a dot is a seed, a ring the same codes turned at random.";

// MIG of each seed below the model of its objective, on one axis.
function drawScores(plot, tried, columns) {
  const width = plot.clientWidth, height = plot.clientHeight, s = shrinkage(plot, 0.62);
  if (!width || height < 60) return void (plot.innerHTML = "");
  const narrow = plot.closest(".phone"), left = 54 * s, foot = narrow ? 30 : 8;
  const most = Math.max(...tried.flatMap((one) => [...one.mig, ...one.turned]));
  const y = scale(0, most * 1.12, height - foot, 12), from = plot.getBoundingClientRect().left;
  const centre = (k) => {
    if (narrow || !columns[k]) return left + ((width - left) * (k + 0.5)) / tried.length;
    const box = columns[k].getBoundingClientRect();
    return box.left - from + box.width / 2;
  };
  const apart = Math.min(22 * s, (width - left) / tried.length / 14);
  plot.innerHTML = svgOf(plot, html`
    ${hairlines(ticksOf(0, most, 3), y, left, width)}
    ${rule(left, y(0), width, y(0), 'class="axis"')}
    ${text(left + 6, 14, "MIG", 'class="strong halo"')}
    ${tried.map((one, k) => seedsOf(one, centre(k), y, apart, s, narrow && height - 6))}`,
  "The mutual information gap of each seed");
}

// A dot for each seed, their mean ± standard deviation beside them, and rings of the turned codes.
function seedsOf(one, x, y, apart, s, name) {
  const mean = meanOf(one), spread = one.mig.length > 1 ? spreadOf(one.mig) : 0, middle = (one.mig.length - 1) / 2;
  const bar = x - (middle + 1.6) * apart, beyond = x + (middle + 1.2) * apart;
  const place = (k) => x + (k - middle) * apart;
  return html`
    <g class="step-${stepOf(one)}">
      ${rule(bar, y(mean - spread), bar, y(mean + spread), 'stroke="var(--ink)" stroke-width="2"')}
      ${rule(bar - 8 * s, y(mean), bar + 8 * s, y(mean), 'stroke="var(--ink)" stroke-width="4"')}
      ${one.mig.map((value, k) => dot(place(k), y(value), 7 * s, 'fill="var(--z)"'))}
      ${text(name ? x : beyond, y(mean) + (name ? -12 : 8 * s), name ? "" : scoreOf(one), 'class="strong halo"')}
      ${name ? text(x, name, one.total_correlation ? "total corr." : `β = ${one.beta}`, 'class="small middle"') : ""}
    </g>
    <g class="step-${LATER}">
      ${one.turned.map((value, k) => dot(place(k), y(value), 6 * s, 'fill="none" stroke="var(--ink2)" stroke-width="2"'))}
    </g>`;
}
