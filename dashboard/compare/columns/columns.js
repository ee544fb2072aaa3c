// Models side by side: rows say what is compared, columns are models. All pictures come from the points in `data`.
import { createChooser } from "../../shared/image_picker/image_picker.js";
import { listen } from "../../shared/js/blobs.js";
import { saveTable } from "../../shared/js/files.js";
import { mounted } from "../../shared/js/mounted.js";
import { build } from "./cells.js";
import { drawHeadings } from "./headings.js";
import { createPictures, levels, sharedImages } from "./pictures.js";
import { createLittlePlane } from "./plane.js";

const NARROW = 700, LABEL = 188, GAP = 32, LEAST = 158; // px; LEAST: a column on a phone
const ROOMY = 430; // px: from here on a column has ten tiles across
const LARGEST = 72; // px: the side of a tile

export default mounted(".compare", createPage);

// One row per number and model: of the one image, then of all
export function tabled({ columns, rows, chosenName }) {
  const names = columns.map(({ key }) => key);
  const one = (name, k) => columns.map(({ here }, c) =>
    [`${name} of ${chosenName}`, names[c], here?.values[k], name === "KL" ? 0 : here?.error]);
  const last = rows.findIndex(({ head }) => head), training = (r) => (last >= 0 && r > last ? " (training images)" : "");
  const all = ({ name, cells }, r) => cells.map(({ value, deviation, words }, c) =>
    [name + training(r), names[c], value ?? words, deviation]);
  const found = [...["reconstruction", "KL", "ELBO"].flatMap(one), ...rows.flatMap(all)];
  return [["quantity", "model", "value", "error"], ...found.filter(([, , value]) => value !== undefined && value !== null)];
}

function createPage(root) {
  const grid = root.querySelector(".grid"), tops = root.querySelector(".tops"), pictures = createPictures();
  // at: the point that every model decodes; cells: { row's name: one cell per model }
  const state = { data: null, at: [0, 0], cells: {} };
  let ask, signature = "", parts, drawn = "", frame = 0;
  const request = (name, value) => { root.classList.add("asked"); ask(name, value); };
  const points = () => drawPoints(root, state, pictures);

  function update(data, send) {
    ask = send.setTriggerValue;
    Object.assign(state, { data, at: data.at.slice() });
    root.classList.remove("asked");
    const built = JSON.stringify([data.columns.map((c) => c.key), data.rows.map((r) => r.name)]);
    if (built !== signature) rebuild();
    signature = built;
    parts.chooser.update(data.offer);
    parts.plane.update(state.at, data.reach);
    draw();
  }

  // Built once for a choice of models.
  function rebuild() {
    pictures.forget();
    const moved = (z) => { state.at = z; points(); };
    parts = build(root, state, {
      request,
      chooserIn: (box) => createChooser(box, { send: (asked) => request("wish", { ...asked, nonce: Date.now() }) }),
      planeIn: (box) => createLittlePlane(box, { moved, done: (z) => { state.at = z; request("at", z); } }),
    });
  }

  function draw() {
    if (!state.data || !root.getBoundingClientRect().width) return;
    drawn = look();
    layout(root, state.data.columns.length);
    drawHeadings(root, state);
    drawColumns(root, state, pictures, parts);
    points();
    root.dataset.models = state.data.columns.map((model) => model.key).join(",");
    root.dataset.chosen = state.data.chosen;
    root.dataset.frames = Number(root.dataset.frames ?? 0) + 1;
  }

  // Drawing changes the height, which is no reason to draw again.
  const look = () => `${Math.round(2 * root.getBoundingClientRect().width)} ${getComputedStyle(root).color}`;
  const redraw = () => { if (look() !== drawn) draw(); };

  // The names stay at the top of the page, so they cannot lie in what scrolls sideways: they follow it.
  grid.onscroll = () => { tops.scrollLeft = grid.scrollLeft; };
  tops.onscroll = () => { grid.scrollLeft = tops.scrollLeft; };
  const off = listen("shelf", () => { cancelAnimationFrame(frame); frame = requestAnimationFrame(draw); });
  const unheard = listen("along", () => saveTable(tabled(state.data), "comparison"));
  return { update, redraw, forget() { off(); unheard(); } };
}

// -- pictures ------------------------------------------------------------------------------------------------------------
// Sets the classes that the width asks for; returns the width of a column.
function layout(root, count) {
  const wide = root.getBoundingClientRect().width, phone = wide < NARROW;
  root.classList.toggle("phone", phone);
  const column = phone ? Math.max(LEAST, (wide - 12 * (count - 1)) / count) : (wide - LABEL - GAP * count) / count;
  root.classList.toggle("tight", column < 300);
  root.classList.toggle("roomy", column >= ROOMY);
  root.classList.toggle("apart", count === 2 && column >= ROOMY);
  root.style.setProperty("--column", `${Math.floor(column)}px`);
  return column;
}

// The sizes of what stands in a column of this width: tiles across, their side, that of a large image and of a draw.
function sizesOf(column) {
  const across = column >= ROOMY ? 10 : 5, tile = Math.min(LARGEST, Math.floor((column - across + 1) / across));
  const full = across * (tile + 1), big = largeSide(column);
  const draw = across === 10 ? Math.min(LARGEST, Math.floor((Math.min(column, full - big - 12) - 4) / 5)) : tile;
  return { across, tile, big, draw, along: full / (across === 10 ? 9 : 5) - 1 };
}

// The side of an image that shares a column with another one.
const largeSide = (column) => Math.min(168, 28 * Math.floor((column - 12) / 56) || 56);

function drawColumns(root, { data, cells }, pictures, { chooser, plane }) {
  const sizes = sizesOf(layout(root, data.columns.length)), { across, tile, big, draw, along } = sizes;
  chooser.paint();
  plane.paint();
  const every = across === 10 ? 1 : 2; // of nine images on a way
  const thin = (all, from = 0) => all && all.slice(from, from + 9).filter((_, i) => i % every === 0);
  const current = data.few.indexOf(data.chosen), reads = !data.offer.ready; // of the images themselves
  data.columns.forEach((model, k) => {
    const show = (name, strip, images, columns, side, { chosen = -1, awaited = model.points[name]?.length ?? 0 } = {}) =>
      showOn(cells[name][k].strips[strip], model, { images, awaited, across: columns, side, current: chosen }, root);
    const x = model.x && levels(model.x, model.shape), walk = pictures.of(model, "walk");
    show("image", 0, x || null, 1, big, { awaited: Number(reads) });
    show("image", 1, pictures.of(model, "image"), 1, big);
    const [own, made] = cells.image[k].querySelectorAll("figure");
    [own.hidden, made.hidden] = [!x && !reads, !model.points.image];
    const few = data.few.length, fewX = sharedImages(model, few);
    show("few", 0, fewX, across, tile, { chosen: current, awaited: model.fewX || reads ? few : 0 });
    show("few", 1, pictures.of(model, "few"), across, tile, { chosen: current });
    if (cells.classes) show("classes", 0, pictures.of(model, "classes"), across, tile);
    show("point", 1, pictures.of(model, "samples"), 5, draw, { awaited: model.points.samples.length });
    const line = { awaited: Math.ceil(9 / every) };
    show("way", 0, thin(pictures.of(model, "way")), 9, along, model.points.way ? line : {});
    model.axes.forEach((_, axis) => show("walk", axis, thin(walk, 9 * axis), 9, along, model.points.walk ? line : {}));
    for (const name of ["image", "few", "way", "walk"]) {
      cells[name][k].querySelector(".why").textContent = model.points[name] ? "" : model.missing;
    }
    if (cells.classes) cells.classes[k].querySelector(".why").textContent = model.points.classes ? "" : "It is told no class.";
  });
}

// What every model draws at z: follows the hand.
function drawPoints(root, { data, cells, at }, pictures) {
  const side = largeSide(parseFloat(root.style.getPropertyValue("--column")));
  const moved = at.some((v, d) => v !== data.at[d]);
  data.columns.forEach((model, k) => {
    const z = [...at, ...model.rest].slice(0, model.dims), cell = cells.point[k];
    cell.classList.toggle("waits", Boolean(model.levels) && moved);
    showOn(cell.strips[0], model, { images: pictures.of(model, "point", [z]), awaited: 1, across: 1, side, current: -1 }, root);
  });
  root.dataset.z = at.join(",");
}

const showOn = (strip, { shape, photograph }, shown, root) => strip.show({ ...shown, shape, photograph }, root);
