// Two models on the same test images: one dot an image, above the diagonal where the second is better.
import { colour, css, percent, placeIn, sharpen } from "../shared/js/canvas.js";
import { radio } from "../shared/js/widgets.js";
import { listen, onShelf } from "../shared/js/blobs.js";
import { mounted } from "../shared/js/mounted.js";
import { apart, readable } from "../shared/js/numbers.js";
import { roundTicks } from "../shared/js/ticks.js";

const LEFT = 56, TOP = 24, FLOOR = 44, NEAR = 12; // px
const FONT = '14px "Source Sans", sans-serif';

export default mounted(".duel", createPage);

// Bounds of the histogram: what holds all but the outermost hundredth, and 0, in bins that end at 0.
export function bins(differences, count = 40) {
  const sorted = Float64Array.from(differences).sort(), at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  const low = Math.min(0, at(0.005)), high = Math.max(0, at(0.995)), width = (high - low) / count || 1;
  const first = Math.floor(low / width), last = Math.ceil(high / width), heights = new Array(Math.max(1, last - first)).fill(0);
  for (const d of differences) heights[Math.max(0, Math.min(heights.length - 1, Math.floor(d / width) - first))] += 1;
  return { first, width, heights };
}

function createPage(root) {
  const $ = (selector) => root.querySelector(selector), plot = $(".plot");
  // one, other: the bound of each image under both models; under: the image under the hand; scale: of the plot
  const state = { data: null, one: null, other: null, errors: [], under: null, scale: null };
  let ask, order = null, offered = "", known = "";

  function update(data, send) {
    ask = send.setTriggerValue;
    state.data = data;
    const names = JSON.stringify([data.options, data.against]);
    if (names !== offered) offer();
    offered = names;
    draw();
  }

  // Which model the first one is held against
  function offer() {
    const { options } = state.data;
    radio($(".segments"), options.length > 1 ? options : [], () => state.data.options[state.data.against], (name) => {
      state.data = { ...state.data, against: state.data.options.indexOf(name) };
      ask("against", state.data.against);
    });
  }

  // Takes the bounds from the shelf; says whether both models' are there.
  function arrays() {
    const { keys } = state.data, tables = keys.map((key) => (key ? onShelf(key)?.columns ?? null : null));
    const [one, other] = tables.map((columns) => columns?.elbo ?? null), errors = tables.map((columns) => columns?.error ?? null);
    Object.assign(state, { one, other, errors });
    if (!one || !other || one.length !== other.length) return false;
    if (known !== String(keys)) {
      order = Array.from(one.keys()).sort((a, b) => one[a] - other[a] - (one[b] - other[b]));
      state.under = null;
    }
    known = String(keys);
    return true;
  }

  function draw() {
    const width = root.getBoundingClientRect().width, { data } = state;
    if (!width || !data) return;
    root.classList.toggle("phone", width < 700);
    const there = Boolean(data.found) && arrays();
    $(".none").hidden = there;
    $(".none").textContent = data.why;
    $(".both").hidden = !there;
    root.dataset.frames = Number(root.dataset.frames ?? 0) + 1;
    root.dataset.count = there ? state.one.length : 0;
    root.dataset.chosen = data.chosen ?? "";
    if (!there) return;
    drawScatter(root, state);
    drawHistogram(root, state);
    drawWords(root, state);
  }

  function point(k) {
    if (k === state.under || !state.scale) return;
    state.under = k;
    drawScatter(root, state);
    drawWords(root, state);
  }

  const select = (k) => k !== null && ask("choose", k);
  plot.onpointermove = (event) => state.one && point(nearest(event, plot.querySelector("canvas"), state));
  plot.onpointerleave = plot.onblur = () => state.one && point(null);
  plot.onclick = (event) => state.one && select(nearest(event, plot.querySelector("canvas"), state));
  plot.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Enter") return select(state.under);
    if (!by || !state.one) return;
    event.preventDefault();
    const from = order.indexOf(state.under ?? state.data.chosen ?? order[0]);
    point(order[Math.max(0, Math.min(order.length - 1, from + by))]);
  };
  const off = listen("shelf", () => requestAnimationFrame(draw));
  return { update, redraw: draw, forget: off };
}

// The image whose dot is nearest to the pointer; null: none is near.
function nearest(event, canvas, { one, other, scale }) {
  const [px, py] = placeIn(canvas, event);
  let best = null, least = NEAR ** 2;
  for (let k = 0; k < one.length; k++) {
    const far = (scale.x(one[k]) - px) ** 2 + (scale.y(other[k]) - py) ** 2;
    if (far < least) [best, least] = [k, far];
  }
  return best;
}

// -- one dot an image ----------------------------------------------------------------------------------------------------
function drawScatter(root, state) {
  const plot = root.querySelector(".plot"), side = Math.min(480, plot.parentElement.getBoundingClientRect().width);
  const pen = sharpen(plot.querySelector("canvas"), side, side), [low, high] = range(state.one, state.other);
  const wide = side - LEFT - 8, tall = side - FLOOR - 8 - TOP;
  const scale = {
    side, wide, tall, low, high,
    x: (v) => LEFT + ((v - low) / (high - low)) * wide,
    y: (v) => TOP + tall - ((v - low) / (high - low)) * tall,
  };
  state.scale = scale;
  pen.fillStyle = css(colour(root, "panel"));
  pen.fillRect(LEFT, TOP, wide, tall);
  pen.font = FONT;
  const ink = css(colour(root, "ink")), soft = css(colour(root, "ink2"));
  drawTicks(pen, soft, scale);
  drawCloud(pen, ink, css(colour(root, "elbo"), Math.max(0.12, Math.min(0.5, 900 / state.one.length))), state);
  drawNames(pen, ink, soft, state);
  drawRings(pen, ink, state);
}

// Both axes share one range; the outermost images of a hundred lie outside, unless they are few.
function range(one, other) {
  const all = Float64Array.from([...one, ...other]).sort(), cut = Math.floor(0.001 * all.length);
  const room = 0.03 * (all[all.length - 1] - all[cut]);
  return [all[cut] - room, all[all.length - 1] + room];
}

function drawTicks(pen, style, { side, low, high, x, y }) {
  pen.fillStyle = style;
  for (const tick of roundTicks(low, high)) {
    pen.textAlign = "center";
    pen.fillText(readable(tick, 0), x(tick), side - FLOOR + 12);
    pen.textAlign = "right";
    pen.fillText(readable(tick, 0), LEFT - 8, y(tick) + 5);
  }
}

// The dots and the diagonal, inside the frame
function drawCloud(pen, ink, style, { one, other, scale: { wide, tall, low, high, x, y } }) {
  pen.save();
  pen.beginPath();
  pen.rect(LEFT, TOP, wide, tall);
  pen.clip();
  pen.fillStyle = style;
  for (let k = 0; k < one.length; k++) pen.fillRect(x(one[k]) - 1.5, y(other[k]) - 1.5, 3, 3);
  pen.strokeStyle = ink;
  pen.beginPath();
  pen.moveTo(x(low), y(low));
  pen.lineTo(x(high), y(high));
  pen.stroke();
  pen.restore();
}

const ENTITIES = { "&#x27;": "\u2019", "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const plain = (html) => html.replace(/<[^>]*>/g, "").replace(/&(#x27|lt|gt|amp);/g, (entity) => ENTITIES[entity]);

function drawNames(pen, ink, soft, { data, scale: { side } }) {
  const [name, rival] = data.names.map(plain);
  pen.fillStyle = ink;
  pen.textAlign = "left";
  pen.fillText(`${rival} is better`, LEFT + 10, TOP + 20);
  pen.textAlign = "right";
  pen.fillText(`${name} is better`, side - 18, side - FLOOR - 18);
  pen.fillStyle = soft;
  pen.fillText(`ELBO under ${name}, nats`, side - 8, side - 6);
  pen.textAlign = "left";
  pen.fillText(`ELBO under ${rival}`, 0, 14);
}

// Rings around the chosen image and the one under the hand
function drawRings(pen, ink, { data, under, one, other, scale: { x, y } }) {
  for (const [k, radius] of [[data.chosen, 8], [under, 6]]) {
    if (k === null || k === undefined || !(k < one.length)) continue;
    pen.strokeStyle = ink;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(x(one[k]), y(other[k]), radius, 0, 7);
    pen.stroke();
  }
}

// -- the histogram of the differences ------------------------------------------------------------------------------------
function drawHistogram(root, { one, other }) {
  const width = Math.max(200, root.querySelector(".said").getBoundingClientRect().width), height = 170;
  const pen = sharpen(root.querySelector(".histogram canvas"), width, height), bar = colour(root, "elbo");
  const { first, width: step, heights } = bins(Float64Array.from(one, (v, k) => v - other[k]));
  const most = Math.max(...heights), wide = width / heights.length, zero = -first * wide;
  heights.forEach((count, k) => {
    const tall = (count / most) * (height - 52);
    pen.fillStyle = css(bar, first + k >= 0 ? 0.75 : 0.3);
    pen.fillRect(k * wide + 0.5, height - 26 - tall, Math.max(1, wide - 1), tall);
  });
  pen.fillStyle = css(colour(root, "ink"));
  pen.fillRect(zero - 0.5, 0, 1, height - 22);
  pen.font = FONT;
  pen.fillStyle = css(colour(root, "ink2"));
  pen.textAlign = "center";
  for (const tick of roundTicks(first * step, (first + heights.length) * step)) {
    const x = zero + (tick / step) * wide;
    if (x > 14 && x < width - 14) pen.fillText(tick > 0 ? `+${readable(tick, 0)}` : readable(tick, 0), x, height - 8);
  }
  pen.textAlign = zero > width - 120 ? "right" : "left";
  pen.fillText("difference, nats", zero + (zero > width - 120 ? -6 : 6), 12);
}

// -- words ---------------------------------------------------------------------------------------------------------------
function drawWords(root, state) {
  const { data, under, one } = state, k = under ?? data.chosen, there = k !== null && k !== undefined && k < one.length;
  root.querySelector(".verdict").innerHTML = verdict(data);
  const image = there ? imageInWords(k, state) : "Each dot is a test image; a click chooses it everywhere on this page.";
  root.querySelector(".under").innerHTML = image + (data.summed ? "" : errorInWords(data.draws));
}

const errorInWords = ([each, chosen]) =>
  ` ± is the standard error of ${each} draws of <i class="symbol">z</i>, of ${chosen} for the chosen image.`;

function verdict({ found: { mean, error, better, count }, of, names: [name, rival] }) {
  const whole = (n) => n.toLocaleString("en"), difference = `${mean > 0 ? "+" : ""}${readable(mean, 2)}`;
  const far = count < of ? `So far, on the first ${whole(count)} of ${whole(of)} test images: ` : "";
  const counts = `${far}<b>${name}</b> is better on <b>${whole(better)}</b> of ${whole(count)} test image${count === 1 ? "" : "s"} ` +
    `(${percent(better / count)}), <b>${rival}</b> on ${whole(count - better)}. `;
  if (error === null) return `${counts}The difference is <b>${difference}</b> nats; one test image: no error bar.`;
  return `${counts}Mean difference <b>${difference} ± ${readable(error, 2)}</b> nats: ` +
    `the standard error of ${whole(count)} paired differences, whose own spread is ${readable(error * Math.sqrt(count), 1)}.`;
}

function imageInWords(k, state) {
  const { data, under } = state, [a, b] = [bound(k, 0, state), bound(k, 1, state)], [name, rival] = data.names;
  const difference = apart(a.value, b.value, Math.min(a.digits, b.digits));
  return `Test image ${k}: ${said(a)} under ${name}, ${said(b)} under ${rival}, difference <b>${difference}</b>.` +
    (under === null || k === data.chosen ? "" : " Click to choose it.");
}

// One image's bound: of the chosen one the number that stands at the top of the page.
function bound(k, place, { data, one, other, errors }) {
  const own = k === data.chosen ? data.own?.[place] : null;
  if (own) return { value: own.values[2], error: own.error, digits: own.error ? 1 : 2 };
  return { value: [one, other][place][k], error: errors[place]?.[k] ?? 0, digits: 1 };
}

const said = ({ value, error, digits }) => readable(value, digits) + (error ? ` ± ${readable(error, 1)}` : "");
