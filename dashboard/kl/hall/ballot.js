// A question with its votes as a picture: bars, dots on the plane of codes, or curves over β; marked once its answer is known.
import { html } from "../../shared/js/html.js";

export const FINEST = 999; // a vote's number at the far end of a side
const SIDE = 1000, WIDE = 1000, TALL = 600, LEFT = 84, FOOT = 64, TOP = 72, RIGHT = 40; // of the drawings
const LETTERS = "ABCD";

export const safe = (text) => String(text).replace(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`);
export const percentOf = ({ right, count }) => `${Math.round((100 * right) / count)} %`;

// "71 % of you said “784”."
export const resultOf = (counted) =>
  (counted?.count ? `${counted.right ? percentOf(counted) : "None"} of you ${counted.did}.` : "");

// `question` as the server shows it; `tally` null: nobody's votes are shown; `answer` null: it is not known yet.
export const ballotOf = (question, tally, answer) =>
  ({ choice: barsOf, tap: tapsOf, curve: curvesOf }[question.kind]?.(question, tally, answer) ?? "");

function barsOf({ choices }, tally, answer) {
  const most = Math.max(1, tally?.count ?? 0);
  return html`
    <ol class="bars ${answer ? "marked" : ""}">
      ${choices.map((choice, k) => {
    const votes = tally?.bars?.[k] ?? 0, right = answer?.right === k;
    return html`
      <li class="${right ? "right" : ""}">
        <b>${right ? "✓" : LETTERS[k]}</b>
        <span>${safe(choice)}${right ? '<i class="unseen">, which is right</i>' : ""}</span>
        <span class="bar"><i style="width:${((100 * votes) / most).toFixed(1)}%"></i></span>
        <span class="number">${tally?.count ? votes : ""}</span>
      </li>`;
  })}
    </ol>`;
}

const onSide = (value) => (value / FINEST) * SIDE;

// The plane of codes with the prior's circles; `inside` is drawn on it.
export function planeOf({ axes: { edge } }, inside, label) {
  const unit = SIDE / (2 * edge), middle = SIDE / 2;
  const circle = (sigma) => html`
    <circle cx="${middle}" cy="${middle}" r="${(sigma * unit).toFixed(1)}" class="prior"/>
    <text x="${middle}" y="${(middle - sigma * unit - 8).toFixed(1)}" class="middle">${sigma}σ</text>`;
  return html`
    <svg class="plane" viewBox="0 0 ${SIDE} ${SIDE}" preserveAspectRatio="xMinYMin" role="img" aria-label="${label}">
      <rect width="${SIDE}" height="${SIDE}" class="ground"/>
      ${inside}
      <path d="M${middle} ${middle - 14}v28M${middle - 14} ${middle}h28" class="prior"/>
      ${[1, 2].map(circle)}
      <text x="${SIDE - 16}" y="${middle - 14}" class="end">z₁</text><text x="${middle + 16}" y="46">z₂</text>
    </svg>`;
}

function tapsOf(question, tally, answer) {
  const dots = (tally?.taps ?? []).map(([x, y]) => dotAt(x, y, 14)).join("");
  return planeOf(question, (answer ? ringOf(question, answer) : "") + dots, "The plane of codes, the prior’s circles, and your taps");
}

export const dotAt = (x, y, r) => `<circle cx="${onSide(x).toFixed(1)}" cy="${onSide(y).toFixed(1)}" r="${r}" class="tap"/>`;

// What is right on the plane: all that is as far from the centre, as a ring.
export function ringOf({ axes: { edge } }, { right }) {
  const middle = SIDE / 2, circle = (r) => `M${middle} ${(middle - r).toFixed(1)}a${r.toFixed(1)} ${r.toFixed(1)} 0 1 0 .1 0z`;
  return `<path d="${right.map((distance) => circle((distance / edge) * middle)).join("")}" class="ring"/>`;
}

// How far from the centre a tap is, in σ of the prior.
export const distanceOf = ({ axes: { edge } }, vote) => Math.hypot(...vote.map((value) => edge * ((2 * value) / FINEST - 1)));

export const columnOf = (k, count) => LEFT + ((WIDE - LEFT - RIGHT) * (k + 0.5)) / count;
export const heightOf = (value) => TOP + (TALL - TOP - FOOT) * (1 - value / FINEST);

// Where a point of the chart is as a vote: the column, and the value.
export function pointOf(x, y, count) {
  const column = Math.floor(((x * WIDE - LEFT) / (WIDE - LEFT - RIGHT)) * count);
  const value = FINEST * (1 - (y * TALL - TOP) / (TALL - TOP - FOOT));
  return [Math.min(count - 1, Math.max(0, column)), Math.round(Math.min(FINEST, Math.max(0, value)))];
}

// The axes of a curve over β, at the stops of the rail; `inside` is drawn on them.
export function chartOf({ axes: { x, top } }, inside, label) {
  const ticks = [0, 0.5, 1].map((share) => [heightOf(FINEST * share), Number((share * top).toFixed(1))]);
  return html`
    <svg class="over" viewBox="0 0 ${WIDE} ${TALL}" preserveAspectRatio="xMinYMin" role="img" aria-label="${label}">
      ${ticks.map(([y, value]) => html`
        <line x1="${LEFT}" x2="${WIDE - RIGHT}" y1="${y}" y2="${y}" class="hair"/>
        <text x="${LEFT - 12}" y="${y + 11}" class="end">${value}</text>`)}
      ${x.map((name, k) => html`
        <text x="${columnOf(k, x.length).toFixed(0)}" y="${TALL - 20}" class="middle ${k % 2 ? "odd" : ""}">${safe(name)}</text>`)}
      <text x="0" y="34" class="kl">KL, nats</text>
      <text x="${WIDE}" y="${TALL - 20}" class="kl end">β</text>
      ${inside}
    </svg>`;
}

// A value for each column, as a line.
export function lineOf(values, look) {
  const points = values.map((value, k) => `${columnOf(k, values.length).toFixed(0)},${heightOf(value).toFixed(0)}`);
  return points.length ? `<polyline points="${points.join(" ")}" class="${look}"/>` : "";
}

function curvesOf(question, tally, answer) {
  const { curves = [], middle = [] } = tally ?? {}, asVote = (value) => (FINEST * value) / question.axes.top;
  const names = [["middle-one", curves.length > 2 ? "your median" : ""], ["truth", answer ? "the models" : ""]];
  const legend = names.filter(([, words]) => words).map(([look, words], k) => html`
    <line x1="640" x2="700" y1="${110 + 48 * k}" y2="${110 + 48 * k}" class="${look}"/><text x="716" y="${121 + 48 * k}">${words}</text>`);
  return chartOf(question, html`
    ${curves.map((values) => lineOf(values, "one-curve"))}
    ${curves.length > 2 ? lineOf(middle, "middle-one") : ""}
    ${answer ? lineOf(answer.right.map(asVote), "truth") : ""}
    ${legend}`, "The KL over β, as you drew it");
}
