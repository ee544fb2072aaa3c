// The table of models before anything is drawn in it: a head per model, then a row per kind of picture, then the numbers.
import { symbol } from "../../shared/js/symbols.js";
import { numberRows } from "./rows.js";
import { createStrip } from "./tiles.js";

const Z = symbol("z", "z");
const LABELS = {
  image: "<h2>One image</h2>",
  classes: `<h2>The same ${Z} in each class</h2><p>the code of the one image: the class changes, the style stays</p>`,
  few: "<h2>The same images</h2><p></p>",
  point: `<h2>The same ${Z}</h2>`,
  way: "<h2>From one to another</h2>",
  walk: "<h2>Along its dimensions</h2><p>those that carry most, from the code of the one image</p>",
};

const figure = (words, shows, caption = "", kind = "") =>
  `<figure${kind} data-symbol="${shows}"><canvas></canvas><figcaption${caption}>${words}</figcaption></figure>`;
const FRAMES = {
  image: figure(symbol("x", "x", "ink"), "x") +
    figure("<span class='asks' data-symbol='reconstruction'>reconstruction</span>", "reconstruction", " class='reconstruction'") +
    "<dl></dl>",
  classes: "<canvas data-symbol='z'></canvas>",
  few: "<div><canvas data-symbol='x'></canvas></div><div><canvas data-symbol='reconstruction' tabindex='0' role='application' " +
    "aria-label='The same test images. Arrow keys choose one.'></canvas></div>",
  point: figure(`at ${Z}`, "z") +
    figure("ten samples from the <span class='asks' data-symbol='p'>prior</span>", "p", "", " class='draws'"),
  way: "<canvas></canvas>",
  walk: "<div class='axis'><p></p><canvas></canvas></div>".repeat(2),
};

export const make = (tag, name, inner = "") => Object.assign(document.createElement(tag), { className: name, innerHTML: inner });

// Fills the page, and state.cells: { row's name: one cell per model }. Returns the chooser of the image and the plane of z.
export function build(root, state, { request, chooserIn, planeIn }) {
  const { columns, rows } = state.data, grid = root.querySelector(".grid"), cells = {}, parts = {};
  grid.replaceChildren();
  root.style.setProperty("--count", columns.length);
  cells.head = columns.map((column, k) => head(column, k, request));
  root.querySelector(".tops").replaceChildren(make("div", "label head"), ...cells.head);
  for (const name of Object.keys(LABELS)) {
    if (name === "classes" && !columns.some(({ points }) => points.classes)) continue; // no model is told any
    const label = make("div", `label of-${name}`, LABELS[name]);
    cells[name] = columns.map(() => frame(name, (k) => request("choose", state.data.few[k])));
    grid.append(label, ...cells[name]);
    if (name === "image") parts.chooser = chooserIn(label.appendChild(make("div", "chooser")));
    if (name === "point") parts.plane = pointLabel(label, planeIn, () => request("samples", state.data.samples + 1));
    if (name === "way") wayLabel(label, (index) => request("to", index));
  }
  grid.append(...numberRows(rows, columns.length));
  state.cells = cells;
  return parts;
}

function head({ key }, k, request) {
  const made = make("div", "cell head", "<b></b><button type='button' class='remove' hidden>Remove</button>");
  made.querySelector("button").onclick = () => request("remove", key);
  made.dataset.model = key;
  made.classList.toggle("reference", k === 0);
  return made;
}

// A cell with its canvases as strips of images; of the same images one can be chosen.
function frame(name, choose) {
  const cell = make("div", `cell of-${name}`, FRAMES[name]);
  cell.strips = [...cell.querySelectorAll("canvas")].map((canvas) => createStrip(canvas, name === "few" ? choose : null));
  cell.append(make("p", "why"));
  return cell;
}

function pointLabel(label, planeIn, again) {
  const plane = planeIn(label.appendChild(make("div", "plane"))), button = make("button", "action");
  Object.assign(button, { type: "button", textContent: "New random z", onclick: again });
  label.append(button);
  return plane;
}

function wayLabel(label, choose) {
  label.append(make("p", "ends", "from <b class='from'></b> to"));
  const select = label.appendChild(document.createElement("select"));
  select.setAttribute("aria-label", "The image that the way ends at");
  select.onchange = () => choose(Number(select.value));
}
