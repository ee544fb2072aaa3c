// The numbers of the bound: the error of each, the KL of each dimension, and the encoder's gap in two parts.
import { number, plusMinus, rounded, subscript } from "../../shared/js/canvas.js";
import { hatching } from "../../shared/js/ticks.js";

const FEW = 3; // dimensions with a thick bar; more get thin ones
const MOST = 6; // bars; the rest is summed up
const WIDE = 1; // nats that fill a bar at least: of a collapsed model the bars stay empty

// The error of each term, in nats
export function errorOf({ reconstruction, gap, logPx }) {
  const errors = { reconstruction, elbo: reconstruction, gap, log_px: logPx };
  return (name) => errors[name] ?? 0;
}

const sum = (values) => values.reduce((a, b) => a + b, 0);

export function drawDimensions(root, { data, numbers }) {
  const { klMu, klSigma } = numbers, total = klMu.map((m, d) => m + klSigma[d]);
  const order = [...total.keys()];
  if (data.dims > 2) order.sort((a, b) => total[b] - total[a]);
  const most = Math.max(WIDE, ...total), shown = order.slice(0, MOST);
  const rows = shown.map((d) => dimension(d, klMu[d], klSigma[d], most));
  const box = root.querySelector(".dimensions");
  box.classList.toggle("many", shown.length > FEW);
  box.innerHTML = rows.join("") + (most > WIDE ? "" : `<p class="trace full">A full bar is ${WIDE} nat.</p>`)
    + sums(data, numbers, order.slice(MOST).map((d) => total[d])) + `<p class="trace">${traceInWords(data.q, data.dims)}</p>`;
}

// The same KL as of any two Gaussians, from the covariance of q: its trace, its log determinant, and the mean.
export function traceOf(q, dims) {
  const [mu, sigma] = [q.slice(0, dims), q.slice(dims)], each = (values, read) => sum(values.map(read));
  const [trace, logdet, square] = [each(sigma, (s) => s * s), each(sigma, (s) => 2 * Math.log(s)), each(mu, (m) => m * m)];
  return { trace, logdet, square, kl: (trace - logdet + square - dims) / 2 };
}

function traceInWords(q, dims) {
  const { trace, logdet, square, kl } = traceOf(q, dims), minus = logdet < 0 ? "+" : "−";
  return `= ½ (tr Σ − log det Σ + ‖μ‖² − D), with Σ = diag(σ²)<br>
    = ½ (${number(trace, 3)} ${minus} ${number(Math.abs(logdet), 3)} + ${number(square, 3)} − ${dims}) = <b>${number(kl)}</b>`;
}

// One dimension's KL: its part by mu and its part by sigma, as shares of `most` nats.
function dimension(d, mu, sigma, most) {
  const total = mu + sigma, wide = (value) => `${(100 * value) / most}%`, [ofMu, ofSigma] = [mu, sigma].map((part) => number(part, 3));
  return `<div class="row"><i class="symbol z" data-symbol="z">z${subscript(d + 1)}</i>` +
    `<span class="bar-of" title="μ part ${ofMu}, σ part ${ofSigma}">` +
    `<i class="mu" data-symbol="mu kl" style="width:${wide(mu)}"></i>` +
    `<i class="sigma" data-symbol="sigma kl" style="width:${wide(sigma)}"></i></span>` +
    `<b data-symbol="kl">${number(total, 3)}</b></div>`;
}

function sums({ dims, collapsed, name }, { klMu, klSigma, kl }, rest) {
  const left = rest.length ? ` ${rest.length} more dimensions: ${number(sum(rest), 3)}.` : "";
  const said = collapsed && name === "encoder"
    ? `<i class="symbol mu">q</i> is the prior, whatever the image: <i class="symbol z">z</i> says nothing (posterior collapse).${left}`
    : partsInWords(dims, klMu, klSigma, kl) + left;
  return `<div class="row sum"><b data-symbol="kl">KL</b><p>${said}</p><b data-symbol="kl">${number(kl)}</b></div>`;
}

function partsInWords(dims, klMu, klSigma, kl) {
  const near = sum(klMu) < 0.15 * kl ? "the code lies near the centre" : "paid for lying off-centre";
  const ofMu = dims <= 2 ? klMu.map((m) => number(m, 3)).join(" + ") : number(sum(klMu), 3);
  return `<b class="mu" data-symbol="mu">μ parts</b> ${ofMu}: ${near}.<br>
    <b class="sigma" data-symbol="sigma">σ parts</b> ${number(sum(klSigma), 3)}: paid for being precise.`;
}

// The q that the encoder can choose from; of one dimension none has a covariance.
export const familyOf = (dims) => (dims === 1 ? "Gaussian" : "diagonal Gaussian");

// The encoder's gap: what a better q would win, and what none of its family can. As long as that is being found, what is
// there stays, unless it is of another image.
export function drawSplit(root, { dims, subject, split, splitError, exact, name, trainedFor }) {
  const box = root.querySelector(".split");
  if (!split) {
    if (box.dataset.subject !== subject) box.innerHTML = `<p>The best <i class="symbol mu">q</i> is being found.</p>`;
    return;
  }
  box.dataset.subject = subject;
  const [amortised, family] = split, off = exact ? 0 : splitError;
  const part = (value) => (exact ? number(value, 3) : rounded(value, off));
  const rest = `approximation gap${exact ? `: out of reach of any ${familyOf(dims)}` : ", and what the importance bound is too low by"}`;
  const q = '<i class="symbol mu">q</i>';
  const first = trainedFor ? `more than the best ${q}, which the encoder does not aim at: ${trainedFor}`
    : `amortisation gap: the encoder’s guess is not the best ${q}.`;
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
