// The estimates of each estimator as a bundle of arrows, with their mean and the exact gradient.
import { colour, css, number, sharpen, subscript } from "../shared/js/canvas.js";
import { few, times } from "./ratios.js";

export const EACH = "separate scales";
export const ONE = "one scale";
export const SCALES = [ONE, EACH];
const DETACHED = "z detached", DETACHES = "reparameterised B";
const FONT = '"Source Sans", sans-serif';
const SAYS = {
  "score function": "f · ∇ log q: needs no decoder gradient",
  "with baseline": "the same with a baseline known beforehand: the mean of f over thousands of other draws",
  "reparameterised A": "through z; log q − log p(z) sampled as well",
  "reparameterised B": "through z; the Kullback–Leibler divergence (KL) in closed form",
  "sticking the landing": "A without log q’s own gradient",
  "z detached": "B with z treated as a constant",
};

// How far arrows reach across and up, the larger of both: no arrow leaves its frame
export const reach = (arrows) => Math.max(1e-9, ...arrows.flatMap(([x, y = 0]) => [Math.abs(x), Math.abs(y)]));

export function drawBundles(root, data, { scale, detach }) {
  const rows = data.rows.filter(({ name }) => name !== (detach ? DETACHES : DETACHED));
  if (detach) rows.splice(3, 0, rows.pop()); // it stands where B stood
  const reaches = rows.map(({ arrows, mean }) => reach([...arrows, mean, data.exact])), widest = Math.max(...reaches);
  const boxes = rows.map((row) => bundle(row, data));
  root.querySelector(".fans").replaceChildren(...boxes);
  rows.forEach((row, k) => {
    drawArrows(root, boxes[k].querySelector("canvas"), row, data.exact, scale === EACH ? reaches[k] : widest);
  });
}

function bundle({ name, variance, ratio, signal, mean, error, wrong }, { dims, axes, offer, over }) {
  const box = document.createElement("div");
  box.className = `fan${wrong ? " wrong" : ""}`;
  box.dataset.name = name;
  const later = over ? "" : 'class="later"'; // they keep their place until they come
  const ofTwenty = (words, k) => `<dt ${later}>${words}</dt><dd ${later}>${over ? few(over[name][k]) : 0}</dd>`;
  const several = offer.missing ? "" : ["median of 20", "min", "max"].map(ofTwenty).join("");
  const noise = signal > 99 || wrong ? "no noise" : number(signal, signal < 0.1 ? 3 : 2);
  box.innerHTML = `<h3>${name}${wrong ? ": biased" : ""}</h3><p class="says">${SAYS[name] ?? ""}</p>
    <canvas role="img" data-symbol="mu" aria-label="200 estimates by ${name}"></canvas><dl>
      <dt class="big">variance relative to B</dt><dd class="big">${few(ratio)}</dd>
      <dt>variance</dt><dd>${times(variance)}</dd>
      <dt>signal / noise</dt><dd>${noise}</dd>
      <dt>mean in ${dims === 1 ? "μ" : `μ${subscript(axes[0] + 1)}`}</dt><dd>${number(mean[0])} ± ${number(error[0])}</dd>${several}</dl>`;
  return box;
}

// `seen`: how far the arrows reach; there the frame ends, but for a little room
function drawArrows(root, canvas, { arrows, mean }, exact, seen) {
  const wide = canvas.clientWidth, side = canvas.clientHeight;
  if (!side) return;
  const pen = sharpen(canvas, wide, side), unit = (0.5 * side - 8) / seen, c = wide / 2, d = side / 2;
  canvas.style.width = canvas.style.height = "";
  const ink = colour(root, "ink"), blue = colour(root, "mu"), tip = ([x, y = 0]) => [c + x * unit, d - y * unit];
  pen.strokeStyle = css(ink, 0.15);
  stroke(pen, [[0, d], [wide, d]], [[c, 0], [c, side]]);
  pen.strokeStyle = css(blue, 0.3);
  pen.fillStyle = css(blue, 0.8);
  for (const arrow of arrows) {
    stroke(pen, [[c, d], tip(arrow)]);
    pen.beginPath();
    pen.arc(...tip(arrow), 1.6, 0, 7);
    pen.fill();
  }
  pen.strokeStyle = css(ink);
  pen.lineWidth = 2.5;
  stroke(pen, [[c, d], tip(mean)]);
  pen.lineWidth = 1.8;
  pen.beginPath();
  pen.arc(...tip(exact), 6, 0, 7);
  pen.stroke();
  drawScaleBar(pen, unit, side, css(ink));
}

function stroke(pen, ...lines) {
  pen.beginPath();
  for (const [from, to] of lines) { pen.moveTo(...from); pen.lineTo(...to); }
  pen.stroke();
}

function drawScaleBar(pen, unit, side, style) {
  const raw = (0.3 * side) / unit, ten = 10 ** Math.floor(Math.log10(raw));
  const step = [5, 2, 1].map((k) => k * ten).find((s) => s <= raw), end = 12 + step * unit;
  pen.strokeStyle = pen.fillStyle = style;
  pen.lineWidth = 1.2;
  stroke(pen, [[12, side - 14], [end, side - 14]], [[12, side - 18], [12, side - 10]], [[end, side - 18], [end, side - 10]]);
  pen.font = `14px ${FONT}`;
  pen.fillText(step >= 1 ? step.toLocaleString("en") : String(Number(step.toPrecision(1))), 6 + end, side - 9);
}

// The bundles as they are drawn, in a row with their names, on one canvas
export function bundlesInARow(root) {
  const all = [...root.querySelectorAll(".fan")], [first] = all, { width, height } = first.querySelector("canvas");
  const unit = width / first.clientWidth, gap = 20 * unit, top = 36 * unit;
  const size = { width: all.length * (width + gap) + gap, height: height + top + gap };
  const sheet = Object.assign(document.createElement("canvas"), size), pen = sheet.getContext("2d");
  pen.fillStyle = css(colour(root, "paper"));
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.font = `600 ${16 * unit}px ${FONT}`;
  all.forEach((fan, k) => {
    const left = gap + k * (width + gap);
    pen.fillStyle = css(colour(root, "panel"));
    pen.fillRect(left, top, width, height);
    pen.drawImage(fan.querySelector("canvas"), left, top);
    pen.fillStyle = css(colour(root, "ink"));
    pen.fillText(fan.querySelector("h3").textContent, left, 24 * unit);
  });
  return sheet;
}
