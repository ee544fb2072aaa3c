// Three squares on one range: codes with their ellipses, what the decoder draws there, and where hardly a training code reaches.
import { classColours, colour, shades, sharpen } from "../../shared/js/canvas.js";
import { onShelf } from "../../shared/js/blobs.js";
import { codesBetween, drawCodes } from "./codes.js";
import { drawMarginals, holeMap } from "./holes.js";
import { drawPrior } from "./prior.js";
import { tileSheet } from "./tiles.js";

const MORPH = 380; // ms
const COLOURS = ["ink", "ink2", "panel", "ground", "mu", "z", "paper"];

// The decoder of a member, which its codes name; undefined as long as either is not on the shelf.
export const decoderOf = (model) => onShelf(onShelf(model.codes)?.decoder);

export function createSquares(root, settings) {
  const [onCodes, onTiles, onHoles] = root.querySelectorAll(".square canvas");
  const look = { draws: false, marginals: false };
  // What all three share: the range, the side in pixels, where a value lies on it, and the page's colours.
  const { edge, faint, levels, shape } = settings;
  const square = { edge, faint, levels, shape, side: 0, ratio: 1, colours: null, table: null };
  square.x = (value) => ((value + edge) / (2 * edge)) * square.side;
  square.y = (value) => square.side - square.x(value);
  const pictures = new Map(); // of this size and theme, by key
  let shown = null, film = null, pointer = null, laid = "";

  // A new size or theme: everything is drawn anew.
  function lay(side) {
    const ratio = globalThis.devicePixelRatio || 1, now = `${side} ${ratio} ${colour(root, "paper")}`;
    Object.assign(square, { side, ratio });
    if (now === laid) return;
    laid = now;
    square.colours = { ...Object.fromEntries(COLOURS.map((name) => [name, colour(root, name)])), ...classColours(root) };
    square.table = shades(root, false);
    pictures.clear();
    shown = null;
  }

  // Draws a member; the codes walk there from the member before. False: it is not on the shelf yet.
  function show(model, calm) {
    const codes = onShelf(model.codes), decoder = decoderOf(model);
    cancelAnimationFrame(film);
    if (!codes || !decoder || !square.side) return false;
    const from = shown && onShelf(shown.codes), changed = shown && shown.name !== model.name;
    shown = model;
    tiles(decoder);
    holes(codes, model.codes);
    if (from && changed && !calm) walk(from, codes);
    else ellipses(codes);
    return true;
  }

  function walk(from, to) {
    const start = performance.now();
    const step = (now) => {
      const t = Math.min(1, Math.max(0, (now - start) / MORPH));
      ellipses(codesBetween(from, to, t * t * (3 - 2 * t)), t === 1);
      if (t < 1) film = requestAnimationFrame(step);
    };
    step(start);
  }

  function ellipses(codes, settled = true) {
    const covering = drawCodes(sharpen(onCodes, square.side, square.side), square, codes, settled, pointer);
    if (settled) root.dataset.covering = covering;
  }

  // What was drawn once is kept.
  function kept(key, paint) {
    if (!pictures.has(key)) pictures.set(key, paint());
    return pictures.get(key);
  }
  const sheetOf = (decoder, draws) => kept(`tiles ${decoder.sha256} ${draws}`, () => tileSheet(square, decoder, draws));
  const mapOf = (codes, key) => kept(`holes ${key}`, () => holeMap(square, codes));

  function tiles(decoder, canvas = onTiles, size = square.side, round = true) {
    const pen = sharpen(canvas, size, size);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(sheetOf(decoder, round && look.draws), 0, 0, size, size);
    if (round && !look.draws) drawPrior(pen, square, true);
  }

  function holes(codes, key) {
    const { side } = square, pen = sharpen(onHoles, side, side);
    pen.drawImage(mapOf(codes, key), 0, 0, side, side);
    drawPrior(pen, square);
    if (look.marginals) drawMarginals(pen, square, codes);
  }

  // The point under the pointer in all three squares; null: none.
  function point(z) {
    pointer = z;
    const codes = shown && onShelf(shown.codes);
    if (!codes) return;
    cancelAnimationFrame(film);
    ellipses(codes);
  }

  // While nothing else is to be done: what the neighbours will need.
  function prepare(model) {
    const codes = onShelf(model.codes), decoder = decoderOf(model);
    if (!codes || !decoder || !square.side) return;
    sheetOf(decoder, false);
    mapOf(codes, model.codes);
  }

  return { square, lay, show, prepare, tiles, point, look, stop: () => cancelAnimationFrame(film) };
}
