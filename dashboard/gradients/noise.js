// Why reparameterising works: the bound over mu with the same noise and with fresh noise, and the noise moved to z.
import { colour, css, number, sharpen } from "../shared/js/canvas.js";
import { normals } from "../shared/js/gaussian.js";
import { roundTicks } from "../shared/js/ticks.js";

const HELD = "With ε held, the estimate is a smooth function of μ: <b>its slope is a gradient</b>. " +
  "With fresh noise at each μ there is no slope to follow; only log q can then be differentiated: the score function.";
const FRESH_NOISE = "New points each time: none of them knows where it would have been, so ∂z/∂μ has no meaning.";
const SAME_NOISE = "Every point keeps its ε and moves smoothly: ∂z/∂μ = 1, ∂z/∂σ = ε. Sampling is outside, gradients flow through.";

export function drawCurve(root, { curve: { at, same, fresh }, mean }) {
  const box = root.querySelector(".chart"), width = box.clientWidth, height = box.clientHeight, left = 48, floor = height - 26;
  const all = [...same, ...fresh], room = 0.08 * (Math.max(...all) - Math.min(...all)) || 1;
  const low = Math.min(...all) - room, high = Math.max(...all) + room;
  const x = (v) => left + ((v - at[0]) / (at.at(-1) - at[0])) * (width - left - 8), y = (v) => floor - ((v - low) / (high - low)) * floor;
  const ticks = roundTicks(low, high, 6).map((t) => `<path d="M${left} ${y(t)}H${width - 8}" stroke="var(--hair)"/>
    <text x="${left - 8}" y="${y(t) + 5}" text-anchor="end">${number(t, Math.abs(t % 1) > 1e-9 ? 1 : 0)}</text>`);
  const along = roundTicks(at[0], at.at(-1)).map((t) => `<text x="${x(t)}" y="${height - 4}" text-anchor="middle">${number(t, 2)}</text>`);
  const path = (values, look) => `<polyline points="${at.map((v, k) => `${x(v)},${y(values[k])}`).join(" ")}" fill="none" ${look}/>`;
  box.innerHTML = `<svg role="img" aria-label="The estimated bound over mu: smooth with the same noise, jagged with fresh noise">
    ${ticks.join("")}${along.join("")}
    ${path(fresh, 'data-symbol="noise" stroke="var(--noise)" stroke-width="1.3"')}
    ${path(same, 'data-symbol="elbo" stroke="var(--elbo)" stroke-width="2.6"')}
    <path data-symbol="mu" d="M${x(mean[0])} 0V${floor}" stroke="var(--mu)" stroke-dasharray="2 3"/></svg>`;
  root.querySelector(".of-curve .words").innerHTML = HELD;
}

// Points of the noise, and where mu and sigma move each of them.
export function drawCloud(root, { noise }) {
  const $ = (selector) => root.querySelector(selector), canvas = $(".cloud canvas"), box = $(".cloud");
  const width = box.clientWidth, height = box.clientHeight;
  if (!width) return;
  const pen = sharpen(canvas, width, height), fresh = $(".of-fresh").checked, unit = height / 7.5;
  canvas.style.width = canvas.style.height = "";
  const mu = Number($(".of-mu").value), sigma = Number($(".of-sigma").value), draw = normals(Math.floor(1e9 * Math.random()));
  const points = fresh ? noise.map(() => [draw(), draw()]) : noise;
  const before = (e) => [width / 2 + e[0] * unit, height / 2 - e[1] * unit];
  const after = (e) => [width / 2 + (mu + sigma * e[0]) * unit, height / 2 - sigma * e[1] * unit];
  const violet = colour(root, "noise");
  if (!fresh) {
    drawLinks(pen, css(violet, 0.35), points.slice(0, 60), before, after);
    drawDots(pen, css(violet, 0.7), points.map(before), 2);
  }
  drawDots(pen, css(colour(root, "z"), 0.9), points.map(after), 2.6);
  $(".of-cloud .words").innerHTML = fresh ? FRESH_NOISE : SAME_NOISE;
}

function drawLinks(pen, style, points, before, after) {
  pen.strokeStyle = style;
  for (const e of points) {
    pen.beginPath();
    pen.moveTo(...before(e));
    pen.lineTo(...after(e));
    pen.stroke();
  }
}

function drawDots(pen, style, places, size) {
  pen.fillStyle = style;
  for (const place of places) {
    pen.beginPath();
    pen.arc(...place, size, 0, 7);
    pen.fill();
  }
}
