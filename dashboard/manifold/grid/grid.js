// The decoder's images on a grid of z. Hovering magnifies a tile, a click pins its z.
import { decode, decodeMany } from "../../shared/js/decoder.js";
import { colourOf, cut, htmlOf, nameOf, shortNames } from "../../shared/js/classes.js";
import { cumulative, logPrior, quantile } from "../../shared/js/gaussian.js";
import { classColours, colour, inkInto, number, quantised, shades, sharpen, spread, subscript } from "../../shared/js/canvas.js";
import { drawInset, inView } from "./inset.js";
import { NOBODY, REACH, along, drawCodes, drawRegions } from "./overlay.js";
import { NOISE, canvasReadable } from "../../shared/js/png.js";
import { printed } from "./print.js";
import { saveBlob } from "../../shared/js/files.js";
import { listen, onShelf } from "../../shared/js/blobs.js";
import { axisChoice, fitImage, portrait, radio } from "../../shared/js/widgets.js";

const grids = new WeakMap();

export default function ({ data: [data], parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".manifold");
  if (!grids.has(root)) grids.set(root, createGrid(root));
  const grid = grids.get(root);
  grid.update(data, setStateValue, setTriggerValue);
  return () => { grid.forget(); grids.delete(root); };
}

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
  const plane = $(".grid"), canvas = $(".tiles"), drawn = $(".drawn"), slider = $("input");
  const brush = drawn.getContext("2d");
  let data, send, trigger, decoder, pictures, codes, table, picture, sheet, points = [];
  let n = 20, spacing = "inverse CDF", over = "tiles", pinned = null, under = null, key = null, side = 0, frames = 0, there = "";
  let stop = () => {};

  function update(next, setStateValue, setTriggerValue) {
    const fresh = key !== next.nonce;
    data = next;
    [send, trigger] = [setStateValue, setTriggerValue];
    if (fresh) {
      key = data.nonce;
      ({ n, spacing, over } = data);
      pinned = data.z;
      under = null;
      slider.value = n;
      radio($(".layers"), data.layers, () => over, (name) => { over = name; lay(); show(); send("over", name); });
      radio($(".spacings"), data.spacings, () => spacing, (name) => { spacing = name; keep("spacing", name); });
      $(".said").textContent = data.dims === 1 ? "latent line, read like a text" : "latent plane";
    }
    axisChoice($(".axes"), data, (axes) => send("axes", axes));
    others();
    $(".caption").innerHTML = data.caption;
    layout();
  }

  // D > 2: where the dimensions that the grid does not show are.
  function others() {
    const { choices, at, which, count } = data.others;
    $(".others").hidden = choices.length < 2;
    $(".others .which").textContent = which;
    radio($(".others .segments"), choices, () => at, (name) => { if (name !== at) send("others", name); });
    $(".another").hidden = at === choices[0];
    $(".another").onclick = () => send("i", Math.floor(Math.random() * count));
  }

  function keep(name, value) {
    draw();
    send(name, value);
  }

  function layout() {
    decoder = onShelf(data.model);
    pictures = data.pictures ? onShelf(data.pictures) : null;
    codes = onShelf(data.codes);
    const width = root.getBoundingClientRect().width;
    if (!width) return;
    const phone = width < 700, mid = !phone && width < 1050;
    root.classList.toggle("phone", phone);
    root.classList.toggle("mid", mid);
    side = Math.floor(phone ? Math.min(width, 620) : Math.min(672, (width - 48 - 40) * (mid ? 0.62 : 0.54)));
    const image = phone ? portrait(width) : Math.min(420, Math.floor((width - 48 - (mid ? 32 : 80 + 170) - side) / 28) * 28);
    root.style.setProperty("--side", `${side}px`);
    root.style.setProperty("--across", `${(side * data.shape[1]) / data.shape[0]}px`);
    root.style.setProperty("--picture", `${image}px`);
    picture = fitImage(drawn, data.shape, image, phone);
    table = shades(root, data.photograph);
    draw();
  }

  // -- the tiles -------------------------------------------------------------------------------------------------------
  const tall = () => side / n;
  const wide = () => (tall() * data.shape[1]) / data.shape[0];

  function draw() {
    if (!side) return;
    slider.style.setProperty("--done", `${((n - 5) / 35) * 100}%`);
    $("output").textContent = n;
    points = tilePoints(n, spacing, data.dims, data.axes, data.base);
    const stale = !decoder && !(pictures && pictures.n === n && pictures.spacing === spacing);
    root.classList.toggle("asked", stale);
    ticks();
    drawInset($(".inset canvas"), root, data, codes, steps(data.dims === 1 ? n * n : n, spacing), spacing);
    lay();
    show();
    const wanted = JSON.stringify([data.model || data.pictures, n, spacing, data.axes, data.base, side, table?.[0], table?.[255], devicePixelRatio]);
    if (stale || wanted === there) return;
    stop();
    there = wanted;
    tiles();
  }

  const layer = () => ({ n, wide: wide(), tall: tall(), dims: data.dims });
  // The regions belong to one grid: while n moves under the hand they are not drawn.
  const regions = () => (over === "classes" && data.regions?.n === n && data.regions.spacing === spacing ? { ...data.regions, names: shortNames(data.classes) } : null);

  function lay() {
    const pen = sharpen($(".over"), n * wide(), side);
    const [colours, ink, paper] = [classColours(root), colour(root, "ink"), colour(root, "ground")];
    canvas.style.opacity = over === "codes" ? 0.4 : "";
    if (regions()) drawRegions(pen, layer(), regions(), colours, ink, paper);
    if (over === "codes" && codes) drawCodes(pen, layer(), codes, spacing, colours, colour(root, "mu"), side / 340);
    root.dataset.over = over === "classes" && !regions() ? "" : over;
  }

  // Decoded a few at a time into a sheet that starts with the old picture, so that nothing flashes.
  function tiles() {
    const [rows, columns] = data.shape;
    const before = sheet;
    sheet = new OffscreenCanvas(n * columns, n * rows);
    const ink = sheet.getContext("2d");
    if (before) ink.drawImage(before, 0, 0, sheet.width, sheet.height);
    const tile = ink.createImageData(columns, rows);
    const put = (k, image) => {
      inkInto(tile, image, data.shape, table);
      ink.putImageData(tile, (k % n) * columns, Math.floor(k / n) * rows);
    };
    const pen = sharpen(canvas, n * wide(), side);
    // Small tiles shrink smoothly, large ones keep their pixels hard.
    pen.imageSmoothingEnabled = tall() * devicePixelRatio < 1.5 * rows;
    pen.imageSmoothingQuality = "high";
    stop = spread(decoder ? decodeMany(decoder, points, put) : ready(put), 10, (done) => {
      pen.drawImage(sheet, 0, 0, n * wide(), side);
      if (done) root.dataset.grids = Number(root.dataset.grids ?? 0) + 1;
    });
  }

  function* ready(put) {
    for (let k = 0; k < n * n; k++) yield put(k, fromServer(k));
  }

  function fromServer(k) {
    const size = data.shape[0] * data.shape[1];
    return Float32Array.from(pictures.levels.subarray(k * size, (k + 1) * size), (level) => level / 255);
  }

  function ticks() {
    const many = Math.min(n, 8); // both ends among them: the grid is as symmetric as it looks
    const line = steps(n, spacing);
    const spans = [];
    const tick = (axis, text, at) => {
      const span = document.createElement("span");
      span.className = axis;
      span.textContent = text;
      span.style[axis === "x" ? "left" : "top"] = `${at}px`;
      spans.push(span);
    };
    if (data.dims > 1) {
      for (let k = 0; k < many; k++) {
        const i = Math.round((k * (n - 1)) / (many - 1));
        tick("x", number(line[i], 1), 48 + (i + 0.5) * wide());
        tick("y", number(line[n - 1 - i], 1), (i + 0.5) * tall());
      }
    }
    $(".ticks").replaceChildren(...spans);
  }

  // -- one tile --------------------------------------------------------------------------------------------------------
  const near = (z) => {
    if (!z) return null;
    const far = (k) => points[k].reduce((sum, value, d) => sum + (value - z[d]) ** 2, 0);
    return points.reduce((best, _, k) => (far(k) < far(best) ? k : best), 0);
  };

  // Shows the tile under the cursor, else the pinned z, else the tile next to where this model starts.
  function show() {
    const flat = pinned?.every((value, d) => data.axes.includes(d) || Math.abs(value - data.base[d]) < 0.001); // in this plane
    const k = under ?? (flat ? null : near(data.start));
    const z = k === null ? pinned : points[k];
    const votes = regions();
    frame(".hovered", k);
    mark(flat);
    $(".whose").textContent =
      under !== null ? "the tile under the cursor" : flat ? "the point" : votes ? "hover a tile" : "hover a tile to see it large, click to pin it";
    root.dataset.under = under ?? "";
    root.dataset.frames = ++frames;
    if (!table) return;
    root.dataset.z = z.join(",");
    if (decoder) inkInto(picture, decode(decoder, z), data.shape, table);
    else if (pictures && !root.classList.contains("asked")) inkInto(picture, fromServer(k ?? near(z)), data.shape, table);
    brush.putImageData(picture, 0, 0);
    const size = $(".inset").clientWidth;
    const up = data.dims > 1 ? size - inView(data.view.y, z[data.axes[1]], size) : size - 12;
    $(".here").style.transform = `translate(${inView(data.view.x, z[data.axes[0]], size)}px, ${up}px)`;
    const shown = data.dims > 1 ? data.axes.map((d) => z[d]) : z;
    $(".where").textContent = shown.map((value) => number(value)).join(", ");
    $(".share").textContent = shown.map((value) => number(cumulative(value), 3)).join(", ");
    $(".log-prior").textContent = number(logPrior(z));
    $(".of-axes").textContent = data.dims > 2 ? data.axes.map((d) => subscript(d + 1)).join(",") : "";
    $(".votes").innerHTML = votes ? said(votes, k ?? near(z)) : "";
  }

  function said({ labels, votes, asked }, k) {
    if (labels[k] === NOBODY) return "hardly any codes here";
    const name = nameOf(data.classes, labels[k]);
    return `nearest codes: <b style="color: ${colourOf(labels[k])}" title="${htmlOf(name)}">${htmlOf(cut(name, 16))}</b>, ${votes[k]} of ${asked}`;
  }

  function frame(selector, k) {
    const box = $(selector);
    box.hidden = k === null || !points.length;
    if (box.hidden) return;
    const x = (k % n) * wide(), y = Math.floor(k / n) * tall();
    box.style.width = `${wide()}px`;
    box.style.height = `${tall()}px`;
    box.style.transform = `translate(${x}px, ${y}px)`;
  }

  // The point: its tile, or where it lies between the tiles' own z.
  function mark(flat) {
    const k = flat ? near(pinned) : null, box = $(".pinned");
    const between = flat && data.dims > 1 && points[k].some((value, d) => Math.abs(value - pinned[d]) > 0.001);
    box.classList.toggle("between", between);
    if (!between) return frame(".pinned", k);
    const [across, up] = data.axes.map((d) => Math.min(1, Math.max(0, along(pinned[d], spacing))));
    box.hidden = false;
    box.style.width = box.style.height = "";
    box.style.transform = `translate(${across * n * wide()}px, ${(1 - up) * n * tall()}px)`;
  }

  function tileAt(event) {
    const box = plane.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / wide());
    const row = Math.floor((event.clientY - box.top) / tall());
    return column < 0 || row < 0 || column >= n || row >= n ? null : row * n + column;
  }

  function pin(k) {
    if (k === null) return;
    pinned = quantised(points[k]);
    show();
    $(".spoken").textContent = `Pinned z ${pinned.map((value) => number(value)).join(", ")}`;
    send("z", pinned);
  }

  plane.onpointermove = (event) => {
    const k = tileAt(event);
    if (k === under) return;
    under = k;
    show();
  };
  plane.onpointerleave = () => { under = null; show(); };
  plane.onpointerdown = (event) => { under = tileAt(event); show(); };
  plane.onclick = (event) => pin(tileAt(event));
  plane.onblur = () => { under = null; show(); };
  plane.onkeydown = (event) => {
    const way = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -n, ArrowDown: n }[event.key];
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return pin(under ?? near(pinned));
    }
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const from = under ?? near(pinned) ?? Math.floor(n / 2) * (n + 1);
    const to = from + way;
    const wraps = Math.abs(way) === 1 && Math.floor(to / n) !== Math.floor(from / n) && data.dims > 1;
    if (to >= 0 && to < n * n && !wraps) under = to;
    show();
    const z = points[under];
    if (z) $(".spoken").textContent = `z ${data.axes.map((d) => number(z[d])).join(", ")}`;
  };
  slider.oninput = () => { n = Number(slider.value); under = null; draw(); };
  slider.onchange = () => send("n", n);
  $(".open").onclick = () => trigger("open", true);
  $(".print").onclick = async () => {
    if (!canvasReadable()) return $(".caption").replaceChildren(Object.assign(document.createElement("p"), { role: "alert", textContent: NOISE }));
    const images = decoder ? [] : points.map((_, k) => fromServer(k));
    if (decoder) for (const _ of decodeMany(decoder, points, (k, image) => { images[k] = image.slice(); }));
    const axes = data.axes.map((d) => `z${subscript(d + 1)}`);
    const facts = { ...data, n, axes, along: steps(n, spacing), lines: [data.printed.grid[spacing].replace("{n}", `${n}×${n}`), ...data.printed.lines] };
    saveBlob(await printed(root, { ...facts, title: data.printed.title }, images, (pen, grid, colours, ink, paper, unit) => {
      if (regions()) drawRegions(pen, grid, regions(), colours, ink, paper, unit / 6.7);
      if (over === "codes" && codes) {
        pen.fillStyle = "#ffffff99";
        pen.fillRect(0, 0, n * grid.wide, n * grid.tall);
        drawCodes(pen, grid, codes, spacing, colours, colour(root, "mu"), unit / 3);
      }
    }), `${data.printed.title.replaceAll(" ", "-")}-manifold-${n}.png`);
  };

  const watch = new ResizeObserver(() => { if (data && root.getBoundingClientRect().width) layout(); });
  watch.observe(root);
  const theme = matchMedia("(prefers-color-scheme: dark)");
  const themed = () => setTimeout(() => data && layout(), 50);
  theme.addEventListener("change", themed);
  const deaf = listen("shelf", (name) => { if (data && (name === data.model || name === data.pictures || name === data.codes)) layout(); });
  const forget = () => {
    watch.disconnect();
    theme.removeEventListener("change", themed);
    deaf();
    stop();
  };
  return { update, forget };
}
