// The numbers of the bound: its terms at the top of the page, the KL of each dimension, and the encoder's gap in two parts.
import { number, plusMinus, rounded, subscript } from "../../shared/js/canvas.js";
import { hatching } from "../../shared/js/ticks.js";

const FEW = 3; // dimensions with a thick bar; more get thin ones
const MOST = 6; // bars; the rest is summed up

// The error of each term, in nats
export function errorOf({ reconstruction, gap, logPx }) {
  const errors = { reconstruction, elbo: reconstruction, gap, log_px: logPx };
  return (name) => errors[name] ?? 0;
}

export function drawTerms(root, { data, numbers }) {
  const $ = (selector) => root.querySelector(selector), errors = errorOf(data.errors);
  for (const [name, value] of Object.entries({ ...numbers, log_px: data.logPx })) {
    const box = $(`[data-number="${name}"]`), error = errors(name);
    if (!box) continue;
    box.textContent = rounded(value, error);
    box.toggleAttribute("data-error", error >= 0.005);
    if (error >= 0.005) box.dataset.error = plusMinus(error);
  }
  $('[data-number="gap"]').classList.add("waits");
  $(".of-gap").textContent = data.exact ? "gap" : "gap, estimated";
  $(".of-evidence").textContent = data.exact ? "exact" : "a lower bound in expectation";
  const p = 'log <i class="symbol">p</i>';
  $(".steps th:last-child").innerHTML = data.exact ? `${p}(<i class="symbol">x</i>)` : "IW bound";
  $(".of-log-px").innerHTML = data.exact ? `${p}(<i class="symbol ink">x</i>)` : "importance bound";
}

const sum = (values) => values.reduce((a, b) => a + b, 0);

export function drawDimensions(root, { data, numbers }) {
  const { klMu, klSigma } = numbers, total = klMu.map((m, d) => m + klSigma[d]);
  const order = [...total.keys()];
  if (data.dims > 2) order.sort((a, b) => total[b] - total[a]);
  const most = Math.max(...total), shown = order.slice(0, MOST);
  const rows = shown.map((d) => dimension(d, klMu[d], klSigma[d], most));
  const box = root.querySelector(".dimensions");
  box.classList.toggle("many", shown.length > FEW);
  box.innerHTML = rows.join("") + sums(data.dims, numbers, order.slice(MOST).map((d) => total[d]));
}

// One dimension's KL: its part by mu and its part by sigma, as shares of the largest KL.
function dimension(d, mu, sigma, most) {
  const total = mu + sigma, wide = (value) => `${(100 * value) / most}%`, [ofMu, ofSigma] = [mu, sigma].map((part) => number(part, 3));
  const inside = total > 0.35 * most && sigma > 0.5 * most * 0.6 ? `<span>σ part ${ofSigma}</span>` : "";
  return `<div class="row"><i class="symbol z">z${subscript(d + 1)}</i>` +
    `<span class="bar-of" title="μ part ${ofMu}, σ part ${ofSigma}">` +
    `<i class="mu" style="width:${wide(mu)}"></i><i class="sigma" style="width:${wide(sigma)}">${inside}</i></span>` +
    `<b>${number(total, 3)}</b></div>`;
}

function sums(dims, { klMu, klSigma, kl }, rest) {
  const left = rest.length ? ` ${rest.length} more dimensions: ${number(sum(rest), 3)}.` : "";
  const near = sum(klMu) < 0.15 * kl ? "the code sits near the centre" : "the code sits off the centre";
  const ofMu = dims <= 2 ? klMu.map((m) => number(m, 3)).join(" + ") : number(sum(klMu), 3);
  return `<div class="row sum"><b>KL</b><p><b class="mu">μ parts</b> ${ofMu}: ${near}.<br>` +
    `<b class="sigma">σ parts</b> ${number(sum(klSigma), 3)}: the price of its precision.${left}</p><b>${number(kl)}</b></div>`;
}

// The encoder's gap: what a better q would win, and what no diagonal Gaussian can.
export function drawSplit(root, { split, splitError, exact, name, trainedFor }) {
  const box = root.querySelector(".split");
  box.hidden = !split;
  if (!split) return;
  const [amortised, family] = split, off = exact ? 0 : splitError;
  const part = (value) => (exact ? number(value, 3) : rounded(value, off));
  const rest = exact ? "approximation: what no diagonal Gaussian wins" : "approximation, and what the importance bound is too low by";
  const q = '<i class="symbol mu">q</i>';
  const first = trainedFor ? `more than the best ${q}, which the encoder does not aim at: ${trainedFor}`
    : `amortisation: the encoder’s guess is not the best ${q}.`;
  box.classList.toggle("named", name !== "encoder"); // the gap at the top is another's then
  box.innerHTML = `<b>${name === "encoder" ? "gap" : "the encoder’s gap"}</b>
    ${shares(amortised, family)}<b>${rounded(amortised + family, off)}</b>
    <p><b>${part(amortised)}</b> ${first}<br><b>${part(family)}</b> ${plusMinus(off)} ${rest}.</p>`;
}

// Two parts of a whole as one bar, the first of them hatched.
function shares(...parts) {
  const [first, second] = parts.map((value) => Math.max(0, value)), whole = first + second || 1;
  return `<svg aria-hidden="true"><defs>${hatching("split-hatch")}</defs>
    <rect x=".6" y=".6" width="${(99.6 * first) / whole}%" height="20.8" fill="url(#split-hatch)" stroke="var(--ink2)" stroke-width="1.2"/>
    <rect x="${(100 * first) / whole}%" width="${(100 * second) / whole}%" height="22" fill="var(--ink2)"/></svg>`;
}
