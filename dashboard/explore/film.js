// A film strip: what the decoder draws along one dimension, the others staying where they are. Dragging it moves z.
import { decodeMany } from "../shared/js/decoder.js";
import { cumulative, quantile } from "../shared/js/gaussian.js";
import { inkInto, shades, spread } from "../shared/js/canvas.js";
import { currentPoint, listen, onShelf, tell } from "../shared/js/blobs.js";

export function createStrip(root) {
  const canvas = root.querySelector("canvas"), mark = root.querySelector(".mark");
  const pen = canvas.getContext("2d");
  let data, decoder, table, tile, z, width = 0, drawn = "", stop = null, held = false;

  function update(next) {
    data = next;
    layout();
  }

  function layout() {
    decoder = onShelf(data.model);
    root.classList.toggle("empty", !decoder && !data.levels);
    width = root.getBoundingClientRect().width;
    if (root.classList.contains("empty") || !width) return;
    const [rows, columns] = data.shape;
    const tall = 50;
    const fitting = Math.max(5, Math.round(width / (tall * Math.max(0.96, columns / rows))));
    const count = data.levels ? Math.floor(atob(data.levels).length / (rows * columns)) : fitting;
    canvas.width = Math.round((rows * width) / tall); // as many pixels as keep a tile's pixels square
    canvas.height = rows;
    canvas.dataset.count = count;
    tile = pen.createImageData(columns, rows);
    table = shades(root, data.photograph);
    pen.fillStyle = getComputedStyle(root).backgroundColor;
    pen.fillRect(0, 0, canvas.width, rows);
    drawn = "";
    if (currentPoint()) follow(currentPoint()); // else the pad will tell
  }

  // The mark moves at once; the tiles follow a few at a time, and only if a dimension other than this one moved.
  function follow({ model, z: point }) {
    if (!width || model !== data.model || point.length !== data.dims) return;
    z = point;
    mark.style.transform = `translateX(${share(z[data.dim]) * width}px)`;
    if (!stop) film();
  }

  // Where a value stands along the strip, from 0 to 1, and back: even steps of z, or of u = cumulative(z).
  function share(value) {
    const [low, high] = data.span;
    if (!data.inU) return (value - low) / (high - low);
    return (cumulative(value) - cumulative(low)) / (cumulative(high) - cumulative(low));
  }
  function valueAt(t) {
    const [low, high] = data.span;
    if (!data.inU) return low + t * (high - low);
    return Math.min(high, Math.max(low, quantile(cumulative(low) + t * (cumulative(high) - cumulative(low)))));
  }

  function film() {
    if (data.levels) return served();
    if (!decoder || decoder.latent_dim !== z.length) return;
    const others = z.map((value, d) => (d === data.dim ? 0 : value)).join();
    if (others === drawn) return;
    drawn = others;
    const [rows, columns] = data.shape;
    const count = Number(canvas.dataset.count);
    const at = (k) => (k + 0.5) / count;
    const points = Array.from({ length: count }, (_, k) => z.with(data.dim, valueAt(at(k))));
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

  // A film from the server, where the decoder runs: it follows when the hand has let go.
  function served() {
    if (drawn === data.levels) return;
    drawn = data.levels;
    const levels = Uint8Array.from(atob(data.levels), (c) => c.charCodeAt(0)), [rows, columns] = data.shape;
    const count = Number(canvas.dataset.count);
    for (let k = 0; k < count; k++) {
      const image = Array.from(levels.subarray(k * rows * columns, (k + 1) * rows * columns), (v) => v / 255);
      inkInto(tile, image, data.shape, table);
      pen.putImageData(tile, Math.round(((k + 0.5) / count) * canvas.width - columns / 2), 0);
    }
  }

  function wish(event, done) {
    const box = root.getBoundingClientRect();
    const along = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    tell("wish", { dim: data.dim, value: valueAt(along), done });
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
