// The tiles of the grid, decoded here or sent by the server, and the numbers at its axes.
import { decodeMany } from "../../shared/js/decoder.js";
import { imageAt, inkInto, number, sharpen, sizeOf, spread } from "../../shared/js/canvas.js";

const LEFT = 48; // pixels beside the grid
const MOST = 8; // numbers at an axis

// A tile's width and height on the screen, in pixels.
export function tileSize({ side, n, data: { shape: [rows, columns] } }) {
  const tall = side / n;
  return { wide: (tall * columns) / rows, tall };
}

// Tile k as the server has sent it.
export const servedTile = ({ pictures, data: { shape } }, k) => imageAt(pictures.levels, k, sizeOf(shape));

export function createTiles(root, grid) {
  const canvas = root.querySelector(".tiles");
  let sheet = null, stop = () => {};

  // A few at a time into a sheet that starts with the old picture, so that nothing flashes.
  function draw() {
    stop();
    const { n, side, data: { shape, pictures }, decoder, points, table } = grid, [rows, columns] = shape, { wide, tall } = tileSize(grid);
    const before = sheet;
    sheet = new OffscreenCanvas(n * columns, n * rows);
    const ink = sheet.getContext("2d");
    if (before) ink.drawImage(before, 0, 0, sheet.width, sheet.height);
    const tile = ink.createImageData(columns, rows);
    const put = (k, image) => {
      inkInto(tile, image, shape, table);
      ink.putImageData(tile, (k % n) * columns, Math.floor(k / n) * rows);
    };
    const pen = sharpen(canvas, n * wide, side);
    // Small tiles shrink smoothly, large ones keep their pixels hard.
    pen.imageSmoothingEnabled = tall * devicePixelRatio < 1.5 * rows;
    pen.imageSmoothingQuality = "high";
    stop = spread(pictures ? served(n * n, put) : decodeMany(decoder, points, put), 10, (done) => {
      pen.drawImage(sheet, 0, 0, n * wide, side);
      if (done) root.dataset.grids = Number(root.dataset.grids ?? 0) + 1;
    });
  }

  function* served(count, put) {
    for (let k = 0; k < count; k++) yield put(k, servedTile(grid, k));
  }

  return { draw, stop: () => stop() };
}

// `line`: the z of the steps, the smallest first.
export function writeAxes(box, grid, line) {
  const { n, data: { dims } } = grid, { wide, tall } = tileSize(grid), many = Math.min(n, MOST);
  const tick = (axis, value, at) => {
    const span = Object.assign(document.createElement("span"), { className: axis, textContent: number(value, 1) });
    span.style[axis === "x" ? "left" : "top"] = `${at}px`;
    return span;
  };
  const ticks = Array.from({ length: dims > 1 ? many : 0 }, (_, k) => {
    const i = Math.round((k * (n - 1)) / (many - 1)); // both ends among them: the grid is as symmetric as it looks
    return [tick("x", line[i], LEFT + (i + 0.5) * wide), tick("y", line[n - 1 - i], (i + 0.5) * tall)];
  });
  box.replaceChildren(...ticks.flat());
}
