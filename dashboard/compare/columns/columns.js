// Models side by side: rows say what is compared, columns are models. All pictures come from the points in `data`.
import { decodeMany } from "../../shared/js/decoder.js";
import { createChooser } from "../../shared/image_picker/image_picker.js";
import { listen, onShelf } from "../../shared/js/blobs.js";
import { createStrip } from "./tiles.js";
import { createLittlePlane } from "./plane.js";
import { apart, readable } from "../../shared/js/numbers.js";
import { numberRows } from "./rows.js";
import { saveTable } from "../../shared/js/files.js";

const NARROW = 700, LABEL = 188, GAP = 32, LEAST = 158; // px; LEAST: a column on a phone
const pages = new WeakMap();

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".compare");
  if (!pages.has(root)) pages.set(root, createPage(root));
  const page = pages.get(root);
  page.update(data, setTriggerValue);
  return () => { page.forget(); pages.delete(root); };
}

const LABELS = {
  image: "<h2>One image</h2>",
  few: "<h2>The same images</h2><p></p>",
  point: "<h2>The same <i class='symbol z'>z</i></h2>",
  way: "<h2>From one to another</h2>",
  walk: "<h2>Along its dimensions</h2><p>those that carry most, from the code of the one image</p>",
};

// One row per number and model: of the one image, then of all
export function tabled({ columns, rows, chosenName }) {
  const names = columns.map(({ key }) => key);
  const here = ["reconstruction", "KL", "ELBO"].flatMap((name, k) => columns.map(({ here }, c) => [`${name} of ${chosenName}`, names[c], here?.values[k], k === 1 ? 0 : here?.error]));
  const last = rows.findIndex(({ head }) => head), training = (r) => (last >= 0 && r > last ? " (training images)" : "");
  const all = rows.flatMap(({ name, cells }, r) => cells.map(({ value, deviation, words }, c) => [name + training(r), names[c], value ?? words, deviation]));
  return [["quantity", "model", "value", "error"], ...[...here, ...all].filter(([, , value]) => value !== undefined && value !== null)];
}

function createPage(root) {
  const grid = root.querySelector(".grid"), tops = root.querySelector(".tops"), drawn = new Map();
  let data, ask, signature = "", cells = {}, chooser, plane, wide = 0, at = [0, 0], nonce = 0;
  const make = (tag, name, inner = "") => Object.assign(document.createElement(tag), { className: name, innerHTML: inner });
  const request = (name, value) => { root.classList.add("asked"); ask(name, value); };
  const wish = (asked) => request("wish", { ...asked, nonce: Date.now() });

  function update(next, trigger) {
    [data, ask] = [next, trigger];
    root.classList.remove("asked");
    at = data.at.slice();
    const built = JSON.stringify([data.columns.map((c) => c.key), data.rows.map((r) => r.name)]);
    if (built !== signature) build();
    signature = built;
    chooser.update(data.offer);
    plane.update(at, data.reach);
    words();
    draw();
  }

  // -- the frame: built once for a choice of models --------------------------------------------------------------------
  function build() {
    grid.replaceChildren();
    cells = {};
    drawn.clear();
    root.style.setProperty("--count", data.columns.length);
    const heads = data.columns.map((column, k) => {
      const made = make("div", "cell head", "<b></b><button type='button' class='remove' hidden>remove</button>");
      made.querySelector("button").onclick = () => request("remove", column.key);
      made.dataset.model = column.key;
      made.classList.toggle("reference", k === 0);
      return made;
    });
    tops.replaceChildren(make("div", "label head"), ...heads);
    cells.head = heads;
    for (const name of Object.keys(LABELS)) {
      const label = make("div", `label of-${name}`, LABELS[name]);
      cells[name] = data.columns.map(() => make("div", `cell of-${name}`));
      grid.append(label, ...cells[name]);
      if (name === "image") chooser = createChooser(label.appendChild(make("div", "chooser")), { send: wish });
      if (name === "point") pointLabel(label);
      if (name === "way") wayLabel(label);
      for (const cell of cells[name]) frame(name, cell);
    }
    grid.append(...numberRows(data.rows, data.columns.length));
  }

  function frame(name, cell) {
    if (name === "image") {
      cell.innerHTML = "<figure><canvas></canvas><figcaption><i class='symbol ink'>x</i></figcaption></figure><figure><canvas></canvas><figcaption class='reconstruction'>reconstruction</figcaption></figure><dl></dl>";
      cell.strips = [...cell.querySelectorAll("canvas")].map((canvas) => createStrip(canvas));
    } else if (name === "few") {
      const choose = (k) => request("choose", data.few[k]);
      cell.innerHTML = "<div><canvas></canvas></div><div><canvas tabindex='0' role='application' aria-label='The same test images. Arrow keys choose one.'></canvas></div>";
      cell.strips = [...cell.querySelectorAll("canvas")].map((canvas) => createStrip(canvas, choose));
    } else if (name === "point") {
      cell.innerHTML = "<figure><canvas></canvas><figcaption>at <i class='symbol z'>z</i></figcaption></figure><figure class='draws'><canvas></canvas><figcaption>ten draws of N(0, I)</figcaption></figure>";
      cell.strips = [...cell.querySelectorAll("canvas")].map((canvas) => createStrip(canvas));
    } else if (name === "walk") {
      cell.innerHTML = "<div class='axis'><p></p><canvas></canvas></div><div class='axis'><p></p><canvas></canvas></div>";
      cell.strips = [...cell.querySelectorAll("canvas")].map((canvas) => createStrip(canvas));
    } else {
      cell.innerHTML = "<canvas></canvas>";
      cell.strips = [createStrip(cell.firstChild)];
    }
    cell.append(make("p", "why"));
  }

  function pointLabel(label) {
    plane = createLittlePlane(label.appendChild(make("div", "plane")), {
      moved: (z) => { at = z; points(); },
      done: (z) => { at = z; request("at", z); },
    });
    const button = make("button", "action");
    Object.assign(button, { type: "button", textContent: "draw again", onclick: () => request("samples", data.samples + 1) });
    label.append(button);
  }

  function wayLabel(label) {
    label.append(make("p", "ends", "from <b class='from'></b> to"));
    const select = label.appendChild(document.createElement("select"));
    select.setAttribute("aria-label", "The image that the way ends at");
    select.onchange = () => request("to", Number(select.value));
  }

  // -- words -----------------------------------------------------------------------------------------------------------
  function words() {
    data.columns.forEach((column, k) => {
      cells.head[k].querySelector("b").innerHTML = column.title;
      cells.head[k].querySelector("button").hidden = !data.removable;
      cells.head[k].querySelector("button").setAttribute("aria-label", `Remove ${column.title.replace(/<[^>]*>/g, "")}`);
      cells.image[k].querySelector("dl").innerHTML = costs(column, column.comparable && k > 0 ? data.columns[0].here : null);
      column.axes.forEach((text, axis) => { cells.walk[k].querySelectorAll("p")[axis].innerHTML = text; });
      cells.walk[k].querySelectorAll(".axis")[1].hidden = column.axes.length < 2;
    });
    const reading = data.columns.some((column) => column.fewX);
    grid.querySelector(".label.of-few p").innerHTML = reading || !data.offer.ready ? "<i class='symbol ink'>x</i>, and its reconstruction below; a click chooses" : "reconstructions of test images, whose codes come with the model; the images themselves are not here";
    grid.querySelector(".from").textContent = data.chosenName;
    const options = data.few.map((index, k) => new Option(data.fewNames[k], index, false, index === data.to));
    if (!data.few.includes(data.to)) options.push(new Option(data.toName, data.to, false, true));
    grid.querySelector(".label.of-way select").replaceChildren(...options);
    const old = [...grid.querySelectorAll(".of-number")];
    const fresh = numberRows(data.rows, data.columns.length);
    old[0].before(...fresh);
    for (const element of old) element.remove();
    root.querySelector(".notes").replaceChildren(...data.notes.map((text) => make("p", "", text)));
  }

  // A sum to two digits, a mean of draws to one and with its error.
  const costs = ({ here, aside }, first) => (here?.values ?? []).map((value, k) => {
    const name = ["reconstruction", "KL", "ELBO"][k], token = ["reconstruction", "kl", "elbo"][k], digits = here.error || first?.error ? 1 : 2;
    const error = here.error && k !== 1 ? `<small>± ${readable(here.error, 1)}</small>` : "";
    const more = first && first.values[k] !== undefined ? `<small class="by${aside ? " mixed" : ""}">${apart(value, first.values[k], digits)}</small>` : "";
    return `<div><dt>${name}</dt><dd class="${token}">${readable(value, here.error ? 1 : 2)} ${error} ${more}</dd></div>`;
  }).join("") + (here && first && aside ? `<p class="aside">${aside}</p>` : "");

  // -- pictures --------------------------------------------------------------------------------------------------------
  function layout() {
    wide = root.getBoundingClientRect().width;
    const count = data.columns.length, phone = wide < NARROW;
    root.classList.toggle("phone", phone);
    const column = phone ? Math.max(LEAST, (wide - 12 * (count - 1)) / count) : (wide - LABEL - GAP * count) / count;
    root.classList.toggle("tight", column < 300);
    root.classList.toggle("roomy", column >= 430);
    root.style.setProperty("--column", `${Math.floor(column)}px`);
    return column;
  }

  function draw() {
    if (!data || !root.getBoundingClientRect().width) return;
    const column = layout(), across = column >= 430 ? 10 : 5;
    const tiles = Math.min(56, Math.floor((column - across + 1) / across)), full = across * (tiles + 1);
    chooser.paint();
    plane.paint();
    data.columns.forEach((model, k) => {
      const big = large(column), x = model.x && levels(model.x, size(model));
      show(cells.image[k].strips[0], model, x, 1, big);
      show(cells.image[k].strips[1], model, pictures(model, "image"), 1, big);
      const [own, made] = cells.image[k].querySelectorAll("figure");
      [own.hidden, made.hidden] = [!x, !model.points.image];
      const current = data.few.indexOf(data.chosen), draws = Math.min(56, Math.floor((Math.min(column, full - big - 12) - 4) / 5));
      show(cells.few[k].strips[0], model, shelved(model), across, tiles, current);
      show(cells.few[k].strips[1], model, pictures(model, "few"), across, tiles, current);
      show(cells.point[k].strips[1], model, pictures(model, "samples"), 5, column >= 430 ? draws : tiles);
      const every = across === 10 ? 1 : 2, thin = (all, from = 0) => all && all.slice(from, from + 9).filter((_, i) => i % every === 0);
      const along = full / (across === 10 ? 9 : 5) - 1;
      show(cells.way[k].strips[0], model, thin(pictures(model, "way")), 9, along);
      const walk = pictures(model, "walk");
      model.axes.forEach((_, axis) => show(cells.walk[k].strips[axis], model, thin(walk, 9 * axis), 9, along));
      for (const name of ["image", "few", "way", "walk"]) cells[name][k].querySelector(".why").textContent = model.points[name] ? "" : model.missing;
    });
    points();
    root.dataset.models = data.columns.map((model) => model.key).join(",");
    root.dataset.chosen = data.chosen;
    root.dataset.frames = Number(root.dataset.frames ?? 0) + 1;
  }

  // What every model draws at z: follows the hand.
  function points() {
    const big = large(parseFloat(root.style.getPropertyValue("--column")));
    data.columns.forEach((model, k) => {
      const z = [...at, ...model.rest].slice(0, model.dims), moved = at.some((v, d) => v !== data.at[d]);
      cells.point[k].classList.toggle("waits", Boolean(model.levels) && moved);
      show(cells.point[k].strips[0], model, pictures(model, "point", [z]), 1, big);
    });
    root.dataset.z = at.join(",");
  }

  // The side of an image that shares a column with another one.
  const large = (column) => Math.min(168, 28 * Math.floor((column - 12) / 56) || 56);
  const shelved = (model) => { const on = onShelf(model.fewX), n = size(model); return on && data.few.map((_, k) => Float32Array.from(on.levels.subarray(k * n, (k + 1) * n), (level) => level / 255)); };
  const size = (model) => model.shape[0] * model.shape[1];
  const show = (strip, model, images, across, side, current = -1) => strip.show({ images, across, side, current, shape: model.shape, photograph: model.photograph }, root);

  // Decoded again only where the points have moved.
  function pictures(model, name, points = model.points[name]) {
    if (!points) return null;
    if (model.levels) return levels(model.levels[name], size(model));
    const decoder = onShelf(model.decoder), place = `${model.key} ${name}`, key = `${model.decoder} ${JSON.stringify(points)}`;
    if (!decoder) return null;
    if (drawn.get(place)?.key === key) return drawn.get(place).found;
    const found = [];
    for (const _ of decodeMany(decoder, points, (i, image) => { found[i] = image.slice(); }));
    drawn.set(place, { key, found });
    return found;
  }

  function levels(text, pixels) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)), found = [];
    for (let k = 0; k < bytes.length; k += pixels) found.push(Float32Array.from(bytes.subarray(k, k + pixels), (level) => level / 255));
    return found;
  }

  // The names stay at the top of the page, so they cannot lie in what scrolls sideways: they follow it.
  grid.onscroll = () => { tops.scrollLeft = grid.scrollLeft; };
  const off = listen("shelf", () => { cancelAnimationFrame(nonce); nonce = requestAnimationFrame(() => data && draw()); });
  const watch = new ResizeObserver(() => { if (data && Math.abs(root.getBoundingClientRect().width - wide) > 0.5) draw(); });
  watch.observe(root);
  const theme = matchMedia("(prefers-color-scheme: dark)");
  const themed = () => setTimeout(() => data && draw(), 50);
  theme.addEventListener("change", themed);
  const unheard = listen("along", () => saveTable(tabled(data), "comparison"));
  return { update, forget: () => { off(); unheard(); watch.disconnect(); theme.removeEventListener("change", themed); } };
}
