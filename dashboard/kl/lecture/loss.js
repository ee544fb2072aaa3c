// Losses as people write them, and the beta that each of them has.
import { number } from "../../shared/js/canvas.js";
import { dot, rule, scale, svgOf, text } from "../../shared/js/chart.js";
import { html, radioGroup } from "../../shared/js/html.js";
import { decoderOf } from "./squares.js";
import { beta, nats, survivors } from "./words.js";

export const CHOICES = [
  ["error", "error", [["bce", "cross-entropy"], ["mse", "squared"]]],
  ["pixels", "over pixels", [["sum", "sum"], ["mean", "mean"]]],
  ["dims", "KL over dimensions", [["sum", "sum"], ["mean", "mean"]]],
  ["weight", "weight on the KL", [["0.00025", "0.00025"], ["0.01", "0.01"], ["1", "1"], ["4", "4"]]],
];
const VARIANCE = 0.5; // of a pixel's noise, where a squared error is taken for a Gaussian

// What weighs the KL once the error is −log p(x|z), summed over the pixels. For a squared error only beta c is fixed.
export function effectiveBeta({ error, pixels, dims, weight }, X, D, variance = VARIANCE) {
  const value = (Number(weight) * (pixels === "mean" ? X : 1)) / (dims === "mean" ? D : 1);
  return error === "mse" ? value / (2 * variance) : value;
}

// What follows from a loss: its beta, how many dimensions survive it, and the bundled model nearest to it.
function consequencesOf(loss, spectrum, models) {
  const pixels = spectrum.pixels, dims = models[0].mean_sigma.length, price = effectiveBeta(loss, pixels, dims);
  const squared = loss.error === "mse", threshold = squared ? price * VARIANCE : price;
  const eigenvalues = squared ? spectrum.covariance : spectrum.correlation;
  return {
    pixels, dims, price, squared, threshold, eigenvalues,
    alive: survivors(eigenvalues, threshold, dims),
    shown: shownBeta(price),
    nearest: models.reduce((a, b) => (distance(b.beta, price) < distance(a.beta, price) ? b : a)),
  };
}

const distance = (a, b) => Math.abs(Math.log(a + 1e-3) - Math.log(b + 1e-3));

function shownBeta(price) {
  if (price >= 100) return number(price, 0);
  return price >= 1 ? number(price, price % 1 ? 2 : 0) : String(Number(price.toPrecision(3)));
}

const PAGE = html`
  <div class="written">
    <div>
      <div class="choices"></div>
      <pre class="code"></pre>
      <div class="where"></div>
    </div>
    <div class="result"></div>
  </div>`;

export function createLoss(box, { spectrum, loss }, { words, squares, told }) {
  const chosen = { ...loss };
  let family = [];
  box.innerHTML = PAGE;
  const $ = (selector) => box.querySelector(selector);

  function choose({ key, value }) {
    chosen[key] = value;
    draw();
    told(Object.values(chosen).join(","));
    $(`[data-key="${key}"][data-value="${value}"]`).focus();
  }

  // false: the nearest model's decoder is not here yet
  function draw(models = family) {
    family = models;
    const facts = consequencesOf(chosen, spectrum, family);
    $(".choices").innerHTML = CHOICES.map(([key, name, options]) =>
      `<span>${name}</span>${radioGroup(name, key, options, chosen[key])}`).join("");
    for (const button of box.querySelectorAll(".choices button")) button.onclick = () => choose(button.dataset);
    $(".code").innerHTML = codeOf(chosen, facts);
    words(...claimOfLoss(chosen, facts));
    $(".result").innerHTML = resultOf(facts);
    drawPrice($(".where"), facts, family);
    return facts.squared || drawNearest(decoderOf(facts.nearest));
  }

  function drawNearest(decoder) {
    const canvas = $("canvas");
    if (!decoder) return false;
    const room = $(".written").clientHeight - canvas.offsetTop + $(".result").offsetTop - 12;
    squares.tiles(decoder, canvas, Math.max(180, Math.min($(".result").clientWidth, room)), false);
    return true;
  }

  function show(change) {
    Object.assign(chosen, change);
    draw();
    told(Object.values(chosen).join(","));
  }

  return { draw, show };
}

function codeOf({ error, pixels, dims, weight }, facts) {
  const loss = error === "mse" ? "F.mse_loss" : "F.binary_cross_entropy";
  return [
    `<i># x, x_hat: (batch, ${facts.pixels})   mu, logvar: (batch, ${facts.dims})</i>`,
    `error = ${loss}(x_hat, x, reduction="<b>${pixels}</b>")${pixels === "sum" ? " / len(x)" : ""}`,
    "kl = -0.5 * (1 + logvar - mu**2 - logvar.exp())",
    `loss = error + <b>${weight}</b> * kl.<b>${dims}</b>(1).mean()`,
  ].join("\n");
}

function claimOfLoss(loss, { pixels, dims, price, squared, alive, shown }) {
  if (price === 1) return [`This loss is minus the bound${squared ? ", up to a constant, at c = 1/2" : ""}: β = 1`,
    "Summed over the pixels, summed over the dimensions, weight 1."];
  const dearer = loss.pixels === "mean"
    ? `A mean over ${pixels} pixels makes the error ${pixels} times lighter, so the KL weighs more. ` : "";
  const cheaper = loss.dims === "mean" ? `A mean over ${dims} dimensions makes the KL ${dims} times lighter.` : "";
  return [`This loss has β = ${shown}${alive === 0 ? "; no dimension survives" : ""}`,
    dearer + cheaper || "The weight is β, for both terms are sums."];
}

function survive(alive, dims) {
  if (alive === 0) return "No dimension survives.";
  return alive === dims ? "Every dimension survives." : `${alive} of ${dims} dimensions survive.`;
}

function resultOf({ dims, squared, threshold, eigenvalues, alive, shown, nearest }) {
  const why = squared
    ? `Only β × c is fixed: ${number(threshold, threshold < 1 ? 4 : 1)}, with c the variance of a pixel’s noise; the loss names none, `
      + "so c = 1/2. The linear model keeps an axis while its variance is above it; "
      + `the largest here is ${nats(eigenvalues[0])}.`
    : "A dimension stays active while β is below its eigenvalue of the binarised pixels’ correlation: "
      + `${nats(eigenvalues[0])}, ${nats(eigenvalues[1])}.`;
  return html`
    <div class="effective">
      <div><p>effective β</p><b class="huge">${shown}</b></div>
      <p><b>${survive(alive, dims)}</b> ${why}</p>
    </div>
    <p style="margin-top:.6em">${squared ? "" : `Bundled model nearest to it, β = ${beta(nearest)}:`}</p>
    ${squared ? "" : "<canvas></canvas>"}`;
}

// The price on a line with all bundled models; hatched: no dimension lives there.
function drawPrice(plot, { price, squared, eigenvalues, shown }, models) {
  const width = plot.clientWidth, height = plot.clientHeight, middle = Math.min(height * 0.52, 110);
  if (!width || height < 90) return void (plot.innerHTML = "");
  const decades = scale(-4, 3.3, 10, width - 10), x = (value) => decades(Math.log10(Math.max(value, 1e-4)));
  const here = Math.min(width - 6, Math.max(6, x(price)));
  const ticks = width < 560 ? [0.0001, 0.01, 1, 100] : [0.0001, 0.001, 0.01, 0.1, 1, 10, 100, 1000];
  plot.innerHTML = svgOf(plot, html`
    ${squared ? "" : deadFrom(x(eigenvalues[0]), width, middle)}
    ${rule(0, middle, width, middle, 'stroke="var(--rule)" stroke-width="6"')}
    ${models.filter((m) => m.beta > 0).map((m) => dot(x(m.beta), middle, 6, 'fill="var(--ink2)"'))}
    ${ticks.map((v) => text(Math.max(26, x(v)), middle + 52, v, 'class="small middle"'))}
    ${dot(here, middle, 14, 'fill="var(--kl)"')}
    ${text(Math.min(width - 50, Math.max(50, here)), middle - 34, `β = ${shown}`, 'class="strong middle t-kl halo"')}`,
  "The effective beta on a line with the bundled models");
}

const deadFrom = (left, width, middle) => html`
  <defs>
    <pattern id="dead" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <path d="M0 0V10" stroke="var(--ink)" stroke-width="3"/>
    </pattern>
  </defs>
  <rect x="${left}" y="${middle - 22}" width="${width - left}" height="44" fill="url(#dead)" opacity=".8"/>
  ${text((left + width) / 2, middle + 76, "all dead", 'class="small middle"')}`;
