// The manifold as a picture for print: ink on white paper, every pixel of a tile a whole number of dots.
import { decodeMany } from "../../shared/js/decoder.js";
import { classColours, colour, inkInto, number, shades, subscript } from "../../shared/js/canvas.js";
import { saveBlob } from "../../shared/js/files.js";
import { NOISE, canvasReadable } from "../../shared/js/png.js";
import { drawOverlay } from "./overlay.js";
import { servedTile } from "./tiles.js";

const SIDE = 2400; // dots, about: 20 cm at 300 per inch
const LETTERS = '"Source Sans", sans-serif', TITLE = '"Source Serif", serif';

// `line`: the z of the steps, the smallest first. Where the browser gives no picture, the caption says why.
export async function savePicture(root, grid, line) {
  if (!canvasReadable()) {
    const why = Object.assign(document.createElement("p"), { role: "alert", textContent: NOISE });
    return root.querySelector(".caption").replaceChildren(why);
  }
  const { n, spacing, data: { printed, shape } } = grid, inks = inksOfPaper(root, grid.data.photograph), page = pageOf(grid);
  const { canvas, pen, wide, tall, unit } = page, height = n * tall;
  pen.fillStyle = "#1a1d21";
  pen.font = `600 ${3.2 * unit}px ${TITLE}`;
  pen.textBaseline = "alphabetic";
  pen.fillText(printed.title, page.margin, 6 * unit);
  pen.translate(page.margin, 9 * unit);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(sheetOf(imagesOf(grid), n, shape, inks.table), 0, 0, n * wide, height);
  pen.save();
  overTiles(page, grid, inks);
  pen.restore();
  pen.strokeStyle = "#dcd9d2";
  pen.lineWidth = unit / 6;
  pen.strokeRect(0, 0, n * wide, height);
  pen.fillStyle = "#5c5a57";
  pen.font = `${2.2 * unit}px ${LETTERS}`;
  const down = height + 3 * unit + (grid.data.dims > 1 ? writeAxes(page, grid, line) : 0);
  pen.textAlign = "left";
  const lines = [printed.grid[spacing].replace("{n}", `${n}×${n}`), ...printed.lines];
  lines.forEach((text, k) => pen.fillText(text, 0, down + (k + 1.3) * 3.2 * unit));
  saveBlob(await canvas.convertToBlob({ type: "image/png" }), `${printed.title.replaceAll(" ", "-")}-manifold-${n}.png`);
}

// The page's colours as those of the light theme.
function inksOfPaper(root, photograph) {
  const light = root.appendChild(document.createElement("div"));
  light.style.colorScheme = "light";
  const inks = { table: shades(light, photograph), colours: classColours(light), paper: colour(light, "paper"), ink: colour(light, "ink") };
  light.remove();
  return { ...inks, plain: colour(root, "mu") };
}

// A white sheet with room for the grid, its axes and what is written below; `unit` is a hundredth of the grid's height.
function pageOf({ n, data: { shape: [rows, columns], dims, printed } }) {
  const dot = Math.max(1, Math.round(SIDE / (n * rows))), tall = rows * dot, wide = columns * dot, unit = (n * tall) / 100;
  const margin = dims > 1 ? 9 * unit : 3 * unit, below = (dims > 1 ? 17 : 14) * unit + (1 + printed.lines.length) * 3.2 * unit;
  const canvas = new OffscreenCanvas(n * wide + margin + 3 * unit, n * tall + below), pen = canvas.getContext("2d");
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  return { canvas, pen, wide, tall, unit, margin };
}

function imagesOf(grid) {
  const { decoder, points, data } = grid, images = [];
  if (data.pictures) return points.map((_, k) => servedTile(grid, k));
  const steps = decodeMany(decoder, points, (k, image) => { images[k] = image.slice(); });
  while (!steps.next().done);
  return images;
}

// All tiles beside and below each other, pixel by pixel.
function sheetOf(images, n, shape, table) {
  const [rows, columns] = shape, sheet = new OffscreenCanvas(n * columns, n * rows), brush = sheet.getContext("2d");
  const tile = brush.createImageData(columns, rows);
  images.forEach((image, k) => {
    inkInto(tile, image, shape, table);
    brush.putImageData(tile, (k % n) * columns, Math.floor(k / n) * rows);
  });
  return sheet;
}

function overTiles({ pen, wide, tall, unit }, grid, inks) {
  const { n, over, codes, data: { dims } } = grid;
  if (over === "codes" && codes) { // pale, so that the codes can be seen on them
    pen.fillStyle = "#ffffff99";
    pen.fillRect(0, 0, n * wide, n * tall);
  }
  drawOverlay(pen, { n, wide, tall, dims }, grid, { ...inks, scale: unit / 6.7, size: unit / 3 });
}

// Numbers and names of both axes; gives the height of the names.
function writeAxes({ pen, wide, tall, unit }, { n, data: { axes } }, line) {
  const down = n * tall + 3 * unit, every = Math.ceil(n / 8), names = axes.map((d) => `z${subscript(d + 1)}`);
  for (let i = Math.floor((n % every) / 2); i < n; i += every) {
    pen.textAlign = "center";
    pen.fillText(number(line[i], 1), (i + 0.5) * wide, down);
    pen.textAlign = "right";
    pen.fillText(number(line[n - 1 - i], 1), -1.4 * unit, (i + 0.5) * tall + 0.8 * unit);
  }
  pen.textAlign = "center";
  pen.font = `italic 600 ${2.6 * unit}px ${TITLE}`;
  pen.fillText(names[0], (n * wide) / 2, down + 3.2 * unit);
  pen.fillText(names[1], -6.6 * unit, (n * tall) / 2);
  pen.font = `${2.2 * unit}px ${LETTERS}`;
  return 3.2 * unit;
}
