// A film strip: what the decoder draws along one dimension, the others staying where they are. Dragging it moves z.
import { decodeMany } from "../decoder.js";
import { inkInto, shades, spread } from "../paper.js";
import { currentPoint, listen, onShelf, tell } from "../shelf/shelf.js";

const strips = new WeakMap();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".strip");
  if (!strips.has(root)) strips.set(root, createStrip(root));
  const strip = strips.get(root);
  strip.update(data);
  return () => { strip.forget(); strips.delete(root); };
}

function createStrip(root) {
  const canvas = root.querySelector("canvas"), mark = root.querySelector(".mark");
  const pen = canvas.getContext("2d");
  let data, decoder, table, tile, z, width = 0, drawn = "", stop = null, held = false;

  function update(next) {
    data = next;
    z = data.z;
    layout();
  }

  function layout() {
    decoder = onShelf(data.model);
    root.classList.toggle("empty", !decoder);
    width = root.getBoundingClientRect().width;
    if (!decoder || !width) return;
    const [rows, columns] = data.shape;
    const tall = 50;
    const count = Math.max(5, Math.round(width / (tall * Math.max(0.96, columns / rows))));
    canvas.width = Math.round((rows * width) / tall); // as many pixels as keep a tile's pixels square
    canvas.height = rows;
    canvas.dataset.count = count;
    tile = pen.createImageData(columns, rows);
    table = shades(root, data.photograph);
    pen.fillStyle = getComputedStyle(root).backgroundColor;
    pen.fillRect(0, 0, canvas.width, rows);
    drawn = "";
    follow({ model: data.model, z: currentPoint()?.model === data.model ? currentPoint().z : z });
  }

  // The mark moves at once; the tiles follow a few at a time, and only if a dimension other than this one moved.
  function follow({ model, z: point }) {
    if (!decoder || !width || model !== data.model || point.length !== decoder.latent_dim) return;
    z = point;
    const [low, high] = data.span;
    mark.style.transform = `translateX(${((z[data.dim] - low) / (high - low)) * width}px)`;
    if (!stop) film();
  }

  function film() {
    const others = z.map((value, d) => (d === data.dim ? 0 : value)).join();
    if (others === drawn) return;
    drawn = others;
    const [rows, columns] = data.shape;
    const count = Number(canvas.dataset.count);
    const [low, high] = data.span;
    const at = (k) => (k + 0.5) / count;
    const points = Array.from({ length: count }, (_, k) => z.with(data.dim, low + (high - low) * at(k)));
    const steps = decodeMany(decoder, points, (k, image) => {
      inkInto(tile, image, data.shape, table);
      pen.putImageData(tile, Math.round(at(k) * canvas.width - columns / 2), 0);
    });
    stop = spread(steps, 1, (done) => {
      if (!done) return;
      stop = null;
      root.dataset.films = Number(root.dataset.films ?? 0) + 1;
      film(); // z may have moved on in the meantime
    });
  }

  function wish(event, done) {
    const box = root.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    tell("wish", { dim: data.dim, value: data.span[0] + share * (data.span[1] - data.span[0]), done });
  }

  root.onpointerdown = (event) => { held = true; root.setPointerCapture?.(event.pointerId); wish(event, false); };
  root.onpointermove = (event) => { if (held) wish(event, false); };
  root.onpointerup = (event) => { if (held) { held = false; wish(event, true); } };
  root.onpointercancel = () => { if (held) { held = false; tell("wish", { done: true }); } };

  const watch = new ResizeObserver(() => data && layout());
  watch.observe(root);
  const theme = matchMedia("(prefers-color-scheme: dark)");
  const themed = () => setTimeout(() => data && layout(), 50);
  theme.addEventListener("change", themed);
  const deaf = [listen("point", (point) => data && follow(point)), listen("shelf", (key) => data?.model === key && layout())];
  const forget = () => {
    watch.disconnect();
    theme.removeEventListener("change", themed);
    deaf.forEach((end) => end());
    stop?.();
  };
  return { update, forget };
}
