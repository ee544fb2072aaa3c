// The map of what each pixel loses, with the part that loses most; the pixel under the pointer, or chosen by the arrow keys,
// in words.
import { number, rounded, sizeOf } from "../../shared/js/canvas.js";
import { onShelf } from "../../shared/js/blobs.js";
import { followPointer, frameAround } from "../../shared/js/pixel_pointer.js";
import { partOf, placeInWords } from "./bill.js";
import { drawHeat, losses, pixelWords, worst } from "./pixels.js";

// `state`: the newest { data, numbers }, of which data has offer, shape, bernoulli and errors
export function createHeatMap(root, state) {
  const $ = (selector) => root.querySelector(selector), heat = $(".heat"), canvas = $(".heat canvas");
  let pixel = null;

  function draw() {
    const s = scene(state), loss = losses(s.pixels, s.binary);
    drawHeat(canvas, root, { ...s, size: Math.min(heat.clientWidth, heat.clientHeight) });
    $(".place").innerHTML = placeInWords({ nats: s.pixels, loss, binary: s.binary, shape: s.shape });
    frame(partOf(loss, s.shape, s.binary), s.shape);
    aim();
  }

  function frame(part, [rows, columns]) {
    const box = $(".region"), { offsetLeft: left, offsetTop: top, offsetWidth: wide, offsetHeight: tall } = canvas;
    box.hidden = !part;
    if (!part) return;
    const [across, up] = [wide / columns, tall / rows], px = (value) => `${value}px`;
    Object.assign(box.style, {
      left: px(left + part.columns[0] * across), top: px(top + part.rows[0] * up),
      width: px((part.columns[1] - part.columns[0]) * across), height: px((part.rows[1] - part.rows[0]) * up),
    });
  }

  function aim() {
    const s = scene(state), k = pixel ?? worst(losses(s.pixels, s.binary));
    frameAround($(".aim"), canvas, s.shape[1], pixel);
    $(".pixel").innerHTML = pixel === null ? worstWords(k, s, state.data.errors) : pixelWords(k, s);
    root.dataset.pixel = pixel ?? "";
  }

  const point = (k) => { pixel = k; aim(); };
  const leave = () => { pixel = null; };

  const first = () => { const s = scene(state); return worst(losses(s.pixels, s.binary)); };
  followPointer(heat, { canvas, shape: () => state.data.shape, current: () => pixel, first, point });
  return { draw, leave };
}

// The image, and its expected nats per pixel.
function scene({ data: { offer, shape, bernoulli }, numbers }) {
  const x = onShelf(offer.image)?.x ?? new Float32Array(sizeOf(shape));
  return { x, ...numbers, shape, binary: offer.binary && bernoulli };
}

const placeOf = (k, { shape }) => [Math.floor(k / shape[1]), k % shape[1]];

function worstWords(k, s, errors) {
  const [row, column] = placeOf(k, s), all = rounded(s.reconstruction, errors.reconstruction);
  return `Worst <b>${number(s.pixels[k])}</b>: row ${row + 1}, column ${column + 1}. All ${s.pixels.length}: ${all}.`;
}
