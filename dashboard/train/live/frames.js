// What is drawn of one step: tiles of the latent plane, codes of held-out images, and their reconstructions.
import { classColours, colour, css, levelsInto, sharpen, sizeOf, subscript } from "../../shared/js/canvas.js";

const REACH = 3.5; // half width of the codes' plane, unless the last codes reach further

function reachOf(film) {
  film.reach ??= (() => {
    const far = film.codesAt(film.steps.length - 1).map(Math.abs).sort();
    return Math.min(1e6, Math.max(REACH, Math.ceil(1.1 * far[Math.floor(0.98 * far.length)])));
  })();
  return film.reach;
}

// The index of the newest frame at or before a step.
export function frameAt(film, step) {
  let found = 0;
  film.steps.forEach((s, k) => { if (s <= step) found = k; });
  return found;
}

export function drawTiles(canvas, film, k, side, table) {
  const [rows, columns] = film.shape, n = film.tiles;
  const sheet = new OffscreenCanvas(n * columns, n * rows), ink = sheet.getContext("2d");
  const picture = ink.createImageData(sheet.width, sheet.height), first = film.at(k).tiles, size = sizeOf(film.shape);
  for (let tile = 0; tile < n * n; tile++) {
    const left = (tile % n) * columns, top = Math.floor(tile / n) * rows;
    levelsInto(picture, film.bytes, first + tile * size, film.shape, table, left, top);
  }
  ink.putImageData(picture, 0, 0);
  const across = (side * columns) / rows;
  const pen = sharpen(canvas, across, side);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(sheet, 0, 0, across, side);
}

export function drawCodes(canvas, root, film, k, side) {
  const pen = sharpen(canvas, side, side), codes = film.codesAt(k), { dots } = classColours(root);
  const reach = reachOf(film), place = (v) => (0.5 + v / (2 * reach)) * side;
  pen.strokeStyle = css(colour(root, "ink2"), 0.55);
  pen.setLineDash([3, 4]);
  for (const r of [1, 2]) {
    pen.beginPath();
    pen.arc(side / 2, side / 2, (r / (2 * reach)) * side, 0, 2 * Math.PI);
    pen.stroke();
  }
  pen.setLineDash([]);
  const ink = css(colour(root, "mu"), 0.7), fills = dots.map((c) => css(c, 0.75));
  let outside = 0;
  for (let i = 0; i < film.codes; i++) {
    const x = place(codes[2 * i]), y = side - place(codes[2 * i + 1]);
    if (!(x >= 0 && x <= side && y >= 0 && y <= side)) outside++;
    pen.fillStyle = film.labels ? fills[film.labelled[i] % 10] : ink;
    pen.beginPath();
    pen.arc(x, y, 2.2, 0, 2 * Math.PI);
    pen.fill();
  }
  pen.fillStyle = css(colour(root, "ink2"));
  pen.font = '14px "Source Sans", sans-serif';
  const [a, b] = film.axes.length > 1 ? film.axes : [0, null];
  pen.textAlign = "right";
  pen.fillText(`z${subscript(a + 1)} → ${reach}`, side - 8, side - 8);
  pen.textAlign = "left";
  if (b !== null) pen.fillText(`z${subscript(b + 1)} ↑ ${reach}`, 8, 18);
  if (outside) pen.fillText(`${outside} outside`, 8, side - 8);
}

export function drawPairs(canvas, film, k, width, table) {
  const [rows, columns] = film.shape, count = film.kept, ratio = devicePixelRatio || 1;
  const each = Math.min(58, Math.floor((width - 4 * (count - 1)) / count));
  const tall = (each * rows) / columns, pen = sharpen(canvas, width, 2 * tall + 4);
  pen.imageSmoothingEnabled = false;
  const put = (from, i, top) => {
    const small = new OffscreenCanvas(columns, rows), ink = small.getContext("2d"), picture = ink.createImageData(columns, rows);
    levelsInto(picture, film.bytes, from, film.shape, table);
    ink.putImageData(picture, 0, 0);
    pen.drawImage(small, Math.round(i * (each + 4) * ratio) / ratio, top, each, tall);
  };
  for (let i = 0; i < count; i++) {
    put(film.originals + i * sizeOf(film.shape), i, 0);
    put(film.at(k).again + i * sizeOf(film.shape), i, tall + 4);
  }
}
