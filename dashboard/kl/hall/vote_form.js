// What a thumb does on a phone: it chooses, taps the plane, or draws a curve; each also with a keyboard.
import { html } from "../../shared/js/html.js";
import { FINEST, chartOf, columnOf, dotAt, heightOf, lineOf, planeOf, pointOf, safe } from "./ballot.js";

const LETTERS = "ABCD";

// `own` is what was voted before, `cast` takes a vote. Returns `mark`, which shows a vote that was counted.
export const createVoteForm = (box, question, own, cast) =>
  ({ choice: createChoice, tap: createTap, curve: createCurve }[question.kind])(box, question, own, cast);

function createChoice(box, { ask, choices }, own, cast) {
  box.innerHTML = html`
    <h1>${safe(ask)}</h1>
    <div class="answers">
      ${choices.map((choice, k) => `<button type="button" aria-pressed="false"><b>${LETTERS[k]}</b><span>${safe(choice)}</span></button>`)}
    </div>`;
  const buttons = [...box.querySelectorAll("button")];
  const mark = (vote) => buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(k === vote)));
  buttons.forEach((button, k) => { button.onclick = () => { mark(k); cast(k); }; });
  mark(own);
  return { mark };
}

const within = (event, box) => {
  const { left, top, width, height } = box.getBoundingClientRect();
  return [(event.clientX - left) / width, (event.clientY - top) / height];
};

function createTap(box, question, own, cast) {
  box.innerHTML = html`
    <h1>${safe(question.ask)}</h1>
    <p class="quiet">Tap at that distance, in any direction. The circles hold 39 % and 86 % of the prior.</p>
    <div class="pad"></div>
    <div class="by-hand">
      ${["z₁", "z₂"].map((name) => html`
        <label>${name}<input type="range" min="0" max="${FINEST}" value="500" aria-label="${name} of your tap"></label>`)}
    </div>`;
  const pad = box.querySelector(".pad"), inputs = [...box.querySelectorAll("input")];

  function mark(vote) {
    pad.innerHTML = planeOf(question, vote ? dotAt(...vote, 22) : "", "The plane of codes: tap it");
    if (vote) [inputs[0].value, inputs[1].value] = [vote[0], FINEST - vote[1]];
  }
  const place = (vote) => { mark(vote); cast(vote); };
  pad.onclick = (event) => place(within(event, pad).map((share) => Math.round(FINEST * Math.min(1, Math.max(0, share)))));
  for (const input of inputs) {
    input.oninput = () => mark([Number(inputs[0].value), FINEST - Number(inputs[1].value)]);
    input.onchange = () => cast([Number(inputs[0].value), FINEST - Number(inputs[1].value)]);
  }
  mark(own);
  return { mark };
}

function createCurve(box, question, own, cast) {
  const { x } = question.axes, count = x.length;
  let values = own ?? Array(count).fill(null), last = null;
  box.innerHTML = html`
    <h1>${safe(question.ask)}</h1>
    <p class="quiet">Draw from left to right, then send it.</p>
    <div class="pad drawn">
      <div class="picture"></div>
      <div class="columns">
        ${x.map((name) => `<input type="range" min="0" max="${FINEST}" step="37" value="500" aria-label="KL at β = ${safe(name)}">`)}
      </div>
    </div>
    <button type="button" class="main">Send my curve</button>`;
  const pad = box.querySelector(".pad"), send = box.querySelector(".main"), inputs = [...box.querySelectorAll("input")];

  function draw() {
    const drawn = values.some((value) => value !== null), all = drawn ? whole(values) : [];
    const points = values.map((value, k) =>
      (value === null ? "" : `<circle cx="${columnOf(k, count)}" cy="${heightOf(value)}" r="12" class="point"/>`));
    box.querySelector(".picture").innerHTML = chartOf(question, lineOf(all, "own") + points.join(""), "Your curve of the KL over β");
    send.disabled = !drawn;
  }

  // From the point before to this one, so that a fast thumb leaves no gaps.
  function draws(event) {
    const [column, value] = pointOf(...within(event, pad), count), [from, before] = last ?? [column, value];
    const steps = Math.max(1, Math.abs(column - from));
    for (let k = 0; k <= steps; k++) {
      values[from + Math.round(((column - from) * k) / steps)] = Math.round(before + ((value - before) * k) / steps);
    }
    last = [column, value];
    draw();
  }
  pad.onpointerdown = (event) => {
    pad.setPointerCapture(event.pointerId);
    values = [...values];
    last = null;
    draws(event);
  };
  pad.onpointermove = (event) => { if (pad.hasPointerCapture(event.pointerId)) draws(event); };
  inputs.forEach((input, k) => {
    input.oninput = () => { values = values.with(k, Number(input.value)); draw(); };
  });
  send.onclick = () => { values = whole(values); draw(); cast(values); };
  draw();
  return { mark: () => {} };
}

// Every column has a value: between two that were drawn on the line, outside of them as the next one.
export function whole(values) {
  const known = values.map((value, k) => [value, k]).filter(([value]) => value !== null);
  return values.map((value, k) => {
    if (value !== null) return value;
    const left = known.findLast(([, at]) => at < k), right = known.find(([, at]) => at > k);
    if (!left || !right) return (left ?? right)[0];
    return Math.round(left[0] + ((right[0] - left[0]) * (k - left[1])) / (right[1] - left[1]));
  });
}
