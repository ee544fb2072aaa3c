// The map of what each pixel loses; the one under the pointer, or chosen by the arrow keys, in words.
import { number, placeIn, rounded } from "../../shared/js/canvas.js";
import { onShelf } from "../../shared/js/blobs.js";
import { drawHeat, losses, pixelWords, worst } from "./pixels.js";

export function createHeatMap(root, state) {
  const $ = (selector) => root.querySelector(selector), heat = $(".heat"), canvas = $(".heat canvas");
  let cell = 0, pixel = null;

  function draw() {
    cell = drawHeat(canvas, root, { ...scene(state), size: Math.min(heat.clientWidth, heat.clientHeight) });
    aim();
  }

  function aim() {
    const s = scene(state), k = pixel ?? worst(losses(s.pixels, s.binary)), box = $(".aim"), [row, column] = placeOf(k, s);
    box.hidden = pixel === null;
    const across = canvas.offsetLeft + column * cell, down = canvas.offsetTop + row * cell;
    Object.assign(box.style, { width: `${cell}px`, height: `${cell}px`, transform: `translate(${across}px, ${down}px)` });
    $(".pixel").innerHTML = pixel === null ? worstWords(k, s, state.data.errors) : pixelWords(k, s);
    root.dataset.pixel = pixel ?? "";
  }

  const point = (k) => { pixel = k; aim(); };
  const leave = () => { pixel = null; };

  heat.onpointermove = heat.onpointerdown = (event) => {
    const [x, y] = placeIn(canvas, event), [rows, columns] = state.data.shape;
    const c = Math.floor(x / cell), r = Math.floor(y / cell);
    const k = r < 0 || c < 0 || r >= rows || c >= columns ? null : r * columns + c;
    if (k !== pixel) point(k);
  };
  heat.onpointerleave = (event) => { if (event.pointerType !== "touch") point(null); };
  heat.onblur = () => point(null);
  heat.onkeydown = (event) => {
    const across = state.data.shape[1], way = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
    if (!way || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const s = scene(state), next = pixel === null ? worst(losses(s.pixels, s.binary)) : pixel + way;
    point(next >= 0 && next < s.pixels.length ? next : pixel);
  };
  return { draw, leave };
}

// The image, and its expected nats per pixel.
function scene({ data: { offer, shape, bernoulli }, numbers }) {
  const x = onShelf(offer.image)?.x ?? new Float32Array(numbers.pixels.length);
  return { x, ...numbers, shape, binary: offer.binary && bernoulli };
}

const placeOf = (k, { shape }) => [Math.floor(k / shape[1]), k % shape[1]];

function worstWords(k, s, errors) {
  const [row, column] = placeOf(k, s), all = rounded(s.reconstruction, errors.reconstruction);
  return `Worst <b>${number(s.pixels[k])}</b>: row ${row + 1}, column ${column + 1}. All ${s.pixels.length}: ${all}.`;
}
