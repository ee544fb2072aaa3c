// Runs that were begun together, side by side: the tiles of each, its bound and its KL, on scales that all share.
import { listen, onShelf } from "../../shared/js/blobs.js";
import { levelsInto, shades, sizeOf } from "../../shared/js/canvas.js";
import { htmlOf } from "../../shared/js/classes.js";
import { line, scale } from "../../shared/js/chart.js";
import { html } from "../../shared/js/html.js";
import { mounted } from "../../shared/js/mounted.js";

const WIDE = 184, TALL = 44; // of a curve, in the units of its drawing
const SHOWN_FROM = 0.05; // of the steps: what lies before is far below everything else

export default mounted(".sweep", createMultiples);

function createMultiples(root) {
  const $ = (selector) => root.querySelector(selector);
  let data = null, frames = 0;

  function draw() {
    if (!data) return;
    const scales = { elbo: rangeOf(data.cards, "elbo"), kl: [0, rangeOf(data.cards, "kl")[1]] };
    for (const card of data.cards) drawCard(cardOf(card.key), card, { root, data, scales });
    Object.assign(root.dataset, { frames: ++frames, cards: data.cards.length });
  }

  function cardOf(key) {
    return [...$(".cards").children].find((one) => one.dataset.key === key);
  }

  function update(next, { setTriggerValue }) {
    data = next;
    const keys = data.cards.map(({ key }) => key);
    if ([...$(".cards").children].map((one) => one.dataset.key).join() !== keys.join()) {
      $(".cards").replaceChildren(...keys.map((key) => {
        const button = Object.assign(document.createElement("button"), { type: "button", className: "card" });
        button.dataset.key = key;
        button.innerHTML = '<span class="head"></span><canvas></canvas><span class="foot"></span>'; // a picture stays until the next
        button.onclick = () => setTriggerValue("show", key);
        return button;
      }));
    }
    const done = data.cards.filter(({ status }) => status === "done").length;
    $(".said-of-all").textContent = `${done} of ${keys.length} are done. All curves have the same scales; press a run to see it above.`;
    draw();
  }

  const deaf = listen("shelf", draw);
  return { update, redraw: draw, forget: deaf };
}

function rangeOf(cards, name) {
  const values = cards.flatMap(({ curves, steps }) =>
    curves[name].filter((v, k) => Number.isFinite(v) && curves.step[k] >= SHOWN_FROM * steps));
  return values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
}

function drawCard(button, card, { root, data, scales }) {
  button.setAttribute("aria-pressed", String(card.key === data.shown));
  const numbers = ["elbo", "kl"].filter((name) => name === "elbo" || card.kl).map((name) => html`
    <span class="line">${curveOf(card, name, scales[name])}<span class="${name}">${nameOf(card, name)} ${card[name]}</span></span>`);
  const how = card.active === null || card.active === undefined ? card.status : `${card.status}, ${card.active} of ${card.dims} active`;
  button.querySelector(".head").innerHTML = html`<strong>${htmlOf(card.title)}</strong><span class="how">${htmlOf(how)}</span>`;
  button.querySelector(".foot").innerHTML = numbers.join("");
  const pictures = onShelf(card.pictures);
  if (pictures) drawTiles(button.querySelector("canvas"), pictures, data.side, shades(root, card.photograph));
}

const nameOf = (card, name) => (name === "kl" ? "KL" : card.bound);

function curveOf({ curves, steps }, name, [low, high]) {
  const x = scale(0, steps, 0, WIDE), y = scale(low, high > low ? high : low + 1, TALL - 3, 3);
  const points = curves.step.map((step, k) => [x(step), y(Math.min(Math.max(curves[name][k] ?? low, low), high))]);
  return html`
    <svg viewBox="0 0 ${WIDE} ${TALL}" preserveAspectRatio="none" aria-hidden="true">
      ${line([[0, TALL - 1], [WIDE, TALL - 1]], 'stroke="var(--hair)"')}
      ${points.length > 1 ? line(points, `stroke="var(--${name})" stroke-width="2" vector-effect="non-scaling-stroke"`) : ""}
    </svg>`;
}

function drawTiles(canvas, { levels, shape }, side, table) {
  const [rows, columns] = shape, size = sizeOf(shape);
  Object.assign(canvas, { width: side * columns, height: side * rows });
  canvas.style.aspectRatio = `${columns} / ${rows}`;
  const pen = canvas.getContext("2d"), picture = pen.createImageData(canvas.width, canvas.height);
  for (let k = 0; k < side * side; k++) {
    levelsInto(picture, levels, k * size, shape, table, (k % side) * columns, Math.floor(k / side) * rows);
  }
  pen.putImageData(picture, 0, 0);
}
