// A film strip: what the decoder draws along one dimension, the others staying where they are. Dragging it moves z.
import { decodeMany } from "../shared/js/decoder.js";
import { inkInto, shades, spread } from "../shared/js/canvas.js";
import { currentPoint, listen, onShelf, tell } from "../shared/js/blobs.js";
import { onNewLook } from "../shared/js/mounted.js";

const TALL = 50; // pixels on the screen

// How many tiles of a film fit into a width.
export const tilesIn = (width, [rows, columns]) => Math.max(5, Math.round(width / (TALL * Math.max(0.96, columns / rows))));

// Clears a canvas that is `width` wide on the screen, in the colour behind it, for `count` tiles; put(k, image) draws one.
export function blankFilm(canvas, behind, width, count, shape, table) {
  const [rows, columns] = shape;
  Object.assign(canvas, { width: Math.round((rows * width) / TALL), height: rows }); // so a tile's pixels are square
  const pen = canvas.getContext("2d"), tile = pen.createImageData(columns, rows);
  pen.fillStyle = getComputedStyle(behind).backgroundColor;
  pen.fillRect(0, 0, canvas.width, rows);
  return (k, image) => {
    inkInto(tile, image, shape, table);
    pen.putImageData(tile, Math.round(((k + 0.5) / count) * canvas.width - columns / 2), 0);
  };
}

// moved(share, done) while a pointer drags along the track: 0 is its left, 1 its right. Gives whether it is held just now.
export function dragAlong(track, moved, cancelled) {
  let held = false;
  const share = ({ clientX }) => {
    const { left, width } = track.getBoundingClientRect();
    return Math.min(1, Math.max(0, (clientX - left) / width));
  };
  track.onpointerdown = (event) => { held = true; track.setPointerCapture?.(event.pointerId); moved(share(event), false); };
  track.onpointermove = (event) => { if (held) moved(share(event), false); };
  track.onpointerup = (event) => { if (held) { moved(share(event), true); held = false; } };
  track.onpointercancel = () => { if (held) { held = false; cancelled(); } };
  return () => held;
}

// Where a value of z stands along the strip, from 0 to 1, and back.
const shareOf = ({ span: [low, high] }, value) => (value - low) / (high - low);
const valueAt = ({ span: [low, high] }, share) => low + share * (high - low);

export function createStrip(root) {
  const canvas = root.querySelector("canvas"), mark = root.querySelector(".mark");
  let data, decoder, put, z, width = 0, count = 0, drawn = "", stop = null;

  function update(next) {
    data = next;
    layout();
  }

  function layout() {
    decoder = onShelf(data.model);
    root.classList.toggle("empty", !decoder && !data.undrawn); // undrawn: a rail with a handle, for nobody here decodes
    width = root.getBoundingClientRect().width;
    if (root.classList.contains("empty") || !width) return;
    count = tilesIn(width, data.shape);
    put = blankFilm(canvas, root, width, count, data.shape, shades(root, data.photograph));
    canvas.dataset.count = count;
    drawn = "";
    if (currentPoint()) follow(currentPoint()); // else the pad will tell
  }

  // The mark moves at once; the tiles follow a few at a time, and only if a dimension other than this one moved.
  function follow({ model, z: point }) {
    if (!width || model !== data.model || point.length !== data.dims) return;
    z = point;
    mark.style.transform = `translateX(${shareOf(data, z[data.dim]) * width}px)`;
    if (!stop) film();
  }

  function film() {
    if (!decoder || decoder.latent_dim !== z.length) return;
    const others = z.map((value, d) => (d === data.dim ? 0 : value)).join();
    if (others === drawn) return;
    drawn = others;
    const points = Array.from({ length: count }, (_, k) => z.with(data.dim, valueAt(data, (k + 0.5) / count)));
    stop = spread(decodeMany(decoder, points, put), 1, (done) => {
      if (!done) return;
      stop = null;
      root.dataset.films = Number(root.dataset.films ?? 0) + 1;
      film(); // z may have moved on in the meantime
    });
  }

  const wish = (share, done) => tell("wish", { dim: data.dim, value: valueAt(data, share), done });
  dragAlong(root, wish, () => tell("wish", { done: true }));

  const ends = [
    onNewLook(root, () => data && layout()),
    listen("point", (point) => data && follow(point)),
    listen("shelf", (key) => data?.model === key && layout()),
  ];
  const forget = () => {
    ends.forEach((end) => end());
    stop?.();
  };
  return { update, forget };
}
