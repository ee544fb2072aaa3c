// The decoder's images on a grid of z. Hovering magnifies a tile, a click pins its z.
import { quantile } from "../../shared/js/gaussian.js";
import { classColours, colour, number, quantised, shades, sharpen } from "../../shared/js/canvas.js";
import { listen, onShelf } from "../../shared/js/blobs.js";
import { mounted } from "../../shared/js/mounted.js";
import { axisChoice, portrait, radio } from "../../shared/js/widgets.js";
import { scroller } from "../../shared/streamlit_internals.js";
import { connectHands } from "./hands.js";
import { drawInset } from "./inset.js";
import { createMagnified } from "./magnified.js";
import { REACH, drawOverlay, shownRegions } from "./overlay.js";
import { savePicture } from "./print.js";
import { createTiles, tileSize, writeAxes } from "./tiles.js";

const FEWEST = 5, MOST = 40; // tiles per side
const FADED = 0.16; // opacity of the tiles under the codes: which digit it was, and no more
const LARGEST = 672, SMALLEST = 420, AXIS = 32; // the grid's side, and the room for the numbers below it, in pixels

export default mounted(".manifold", createGrid);

// The z of n steps: at the quantiles (i + 1/2) / n of the prior, or equally far apart.
export const steps = (n, spacing) =>
  Array.from({ length: n }, (_, i) => {
    const u = (i + 0.5) / n;
    return spacing === "linear" ? REACH * (2 * u - 1) : quantile(u);
  });

// z of every tile, row by row; row 0 is the largest z2. One dimension runs through all rows like a text.
// The dimensions that the grid does not show stay where `base` has them.
export function tilePoints(n, spacing, dims, axes, base) {
  const line = steps(dims === 1 ? n * n : n, spacing);
  return Array.from({ length: n * n }, (_, k) => {
    const z = base.slice();
    z[axes[0]] = dims === 1 ? line[k] : line[k % n];
    if (dims > 1) z[axes[1]] = line[n - 1 - Math.floor(k / n)];
    return z;
  });
}

function createGrid(root) {
  const $ = (selector) => root.querySelector(selector);
  // What the parts share. over: the layer over the tiles; under: the tile under the cursor.
  const grid = { data: null, n: 20, spacing: "inverse CDF", over: "tiles", pinned: null, under: null, side: 0, points: [], table: null };
  const tiles = createTiles(root, grid), magnified = createMagnified(root, grid);
  let send, trigger, nonce = null, drawn = "";

  function update(data, { setStateValue, setTriggerValue }) {
    [grid.data, send, trigger] = [data, setStateValue, setTriggerValue];
    if (nonce !== data.nonce) adopt(data);
    axisChoice($(".axes"), data, (axes) => send("axes", axes));
    showOthers(root, data.others, send);
    $(".caption").innerHTML = data.caption;
    layout();
  }

  // What only the browser changes comes from the address when the model is new, and when somebody else changed it there.
  function adopt(data) {
    nonce = data.nonce;
    const { n, spacing, over, z } = data;
    Object.assign(grid, { n, spacing, over, pinned: z, under: null });
    $("input").value = n;
    radio($(".layers"), data.layers, () => grid.over, (name) => {
      grid.over = name;
      showLayer(root, grid);
      magnified.show();
      send("over", name);
    });
    radio($(".spacings"), data.spacings, () => grid.spacing, (name) => {
      grid.spacing = name;
      draw();
      send("spacing", name);
    });
    $(".said").textContent = data.dims === 1 ? "latent line, read like a text" : "latent plane";
  }

  function layout() {
    const { data } = grid, room = fitted(root, data.shape);
    grid.decoder = onShelf(data.model);
    grid.pictures = data.pictures ? onShelf(data.pictures) : null;
    grid.codes = onShelf(data.codes);
    if (!room) return;
    grid.side = room.side;
    magnified.fit(room.image, room.phone);
    grid.table = shades(root, data.photograph);
    draw();
  }

  function draw() {
    const { data, n, spacing, side, codes } = grid, { dims, axes, base } = data;
    if (!side) return;
    $("input").style.setProperty("--done", `${((n - FEWEST) / (MOST - FEWEST)) * 100}%`);
    $("output").textContent = n;
    grid.points = tilePoints(n, spacing, dims, axes, base);
    const stale = areTilesMissing(grid);
    root.classList.toggle("asked", stale);
    writeAxes($(".ticks"), grid, steps(n, spacing));
    drawInset($(".inset canvas"), root, data, codes, steps(dims === 1 ? n * n : n, spacing), spacing);
    showLayer(root, grid);
    magnified.show();
    const wanted = lookOf(grid);
    if (stale || wanted === drawn) return;
    drawn = wanted;
    tiles.draw();
  }

  const say = (text) => { $(".spoken").textContent = text; };
  const choose = (k) => { grid.under = k; magnified.show(); };

  function pin(k) {
    if (k === null) return;
    grid.pinned = quantised(grid.points[k]);
    magnified.show();
    say(`Pinned z ${grid.pinned.map((value) => number(value)).join(", ")}`);
    send("z", grid.pinned);
  }

  connectHands($(".grid"), grid, { choose, pin, say });
  $("input").oninput = () => { Object.assign(grid, { n: Number($("input").value), under: null }); draw(); };
  $("input").onchange = () => send("n", grid.n);
  $(".open").onclick = () => trigger("open", true);
  $(".print").onclick = () => savePicture(root, grid, steps(grid.n, grid.spacing));

  const deaf = listen("shelf", (key) => {
    const { data } = grid;
    if (data && [data.model, data.pictures, data.codes].includes(key)) layout();
  });
  addEventListener("resize", layout); // the grid's side follows the window's height, which the element's own does not
  return { update, redraw: layout, forget() { deaf(); tiles.stop(); removeEventListener("resize", layout); } };
}

// D > 2: where the dimensions that the grid does not show are.
function showOthers(root, { choices, at, which, count }, send) {
  const $ = (selector) => root.querySelector(selector);
  $(".others").hidden = choices.length < 2;
  $(".others .which").textContent = which;
  radio($(".others .segments"), choices, () => at, (name) => { if (name !== at) send("others", name); });
  $(".another").hidden = at === choices[0];
  $(".another").onclick = () => send("i", Math.floor(Math.random() * count));
}

// Classes or codes over the tiles, as the visitor has chosen.
function showLayer(root, grid) {
  const { n, over, side, data: { dims } } = grid, { wide, tall } = tileSize(grid);
  root.querySelector(".tiles").style.opacity = over === "codes" ? FADED : "";
  const [ink, paper, plain] = ["ink", "ground", "mu"].map((name) => colour(root, name));
  const inks = { colours: classColours(root), ink, paper, plain, scale: 1, size: side / 270 };
  drawOverlay(sharpen(root.querySelector(".over"), n * wide, side), { n, wide, tall, dims }, grid, inks);
  root.dataset.over = over === "classes" && !shownRegions(grid) ? "" : over;
}

// Gives the page's parts their sizes; returns the side of the grid and of the large image in pixels, null without room.
function fitted(root, [rows, columns]) {
  const width = root.getBoundingClientRect().width, phone = width < 700, mid = !phone && width < 1050;
  if (!width) return null;
  const wide = (width - 48 - 40) * (mid ? 0.62 : 0.54), high = Math.max(SMALLEST, screenLeft(root) - AXIS);
  const side = Math.floor(phone ? Math.min(width, 620) : Math.min(LARGEST, wide, high));
  const room = width - 48 - (mid ? 32 : 80 + 190) - side;
  const image = phone ? portrait(width) : Math.min(420, Math.floor(Math.min(room, mid ? room : 0.65 * side) / 28) * 28);
  root.classList.toggle("phone", phone);
  root.classList.toggle("mid", mid);
  root.style.setProperty("--side", `${side}px`);
  root.style.setProperty("--across", `${(side * columns) / rows}px`);
  root.style.setProperty("--picture", `${image}px`);
  root.style.setProperty("--inset", `${mid || phone ? 268 : Math.max(180, Math.min(268, side + AXIS - image - 28))}px`);
  return { phone, side, image };
}

// The window's height below the top of the grid, wherever the page has been scrolled to.
function screenLeft(root) {
  const frame = root.querySelector(".frame"), scrolled = scroller()?.scrollTop ?? 0;
  return innerHeight - frame.getBoundingClientRect().top - scrolled;
}

// Those of a large decoder come from the server, of one n and one spacing.
const areTilesMissing = ({ data, decoder, pictures, n, spacing }) =>
  (data.pictures ? !(pictures?.n === n && pictures.spacing === spacing) : !decoder);

// All that the tiles depend on.
const lookOf = ({ data, n, spacing, side, table }) => JSON.stringify(
  [data.model, data.pictures, n, spacing, data.axes, data.base, side, table?.[0], table?.[255], devicePixelRatio],
);
