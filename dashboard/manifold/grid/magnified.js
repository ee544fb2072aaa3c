// One tile, large: the one under the cursor, else the pinned z, else the tile next to where this model starts.
import { decode } from "../../shared/js/decoder.js";
import { colourOf, cut, htmlOf, nameOf } from "../../shared/js/classes.js";
import { cumulative, logPrior } from "../../shared/js/gaussian.js";
import { inkInto, number, subscript } from "../../shared/js/canvas.js";
import { fitImage } from "../../shared/js/widgets.js";
import { inView } from "./inset.js";
import { NOBODY, along, shownRegions } from "./overlay.js";
import { tileSize } from "./tiles.js";

const MOST = 16; // characters of a class's name
const ALIKE = 0.001; // z is rounded to this in the address

// The tile whose z is nearest, null without a z.
export function nearestTile({ points }, z) {
  if (!z) return null;
  const far = (k) => points[k].reduce((sum, value, d) => sum + (value - z[d]) ** 2, 0);
  return points.reduce((best, _, k) => (far(k) < far(best) ? k : best), 0);
}

// Whether the pinned z lies in the plane that the grid shows.
const isInPlane = ({ pinned, data: { axes, base } }) =>
  Boolean(pinned?.every((value, d) => axes.includes(d) || Math.abs(value - base[d]) < ALIKE));

export function createMagnified(root, grid) {
  const $ = (selector) => root.querySelector(selector);
  const canvas = $(".drawn"), brush = canvas.getContext("2d");
  let picture = null, frames = 0;

  function fit(size, phone) {
    picture = fitImage(canvas, grid.data.shape, size, phone);
  }

  function show() {
    const { data, under, pinned, points, table } = grid, flat = isInPlane(grid);
    const k = under ?? (flat ? null : nearestTile(grid, data.start));
    const z = k === null ? pinned : points[k], regions = shownRegions(grid);
    frame($(".hovered"), grid, k);
    markPinned($(".pinned"), grid, flat);
    $(".whose").textContent = whose(under, flat, regions);
    root.dataset.under = under ?? "";
    root.dataset.frames = ++frames;
    if (!table) return;
    root.dataset.z = z.join(",");
    draw(z);
    markInset($(".here"), $(".inset").clientWidth, data, z);
    write(z);
    $(".votes").innerHTML = regions ? votesFor(regions, data.classes, k ?? nearestTile(grid, z)) : "";
  }

  function draw(z) {
    const { data: { shape }, decoder, table } = grid;
    if (decoder) inkInto(picture, decode(decoder, z), shape, table);
    brush.putImageData(picture, 0, 0);
  }

  function write(z) {
    const { dims, axes } = grid.data, shown = dims > 1 ? axes.map((d) => z[d]) : z;
    $(".where").textContent = shown.map((value) => number(value)).join(", ");
    $(".share").textContent = shown.map((value) => number(cumulative(value), 3)).join(", ");
    $(".log-prior").textContent = number(logPrior(z));
    $(".of-axes").textContent = dims > 2 ? axes.map((d) => subscript(d + 1)).join(",") : "";
  }

  return { fit, show };
}

function whose(under, flat, regions) {
  if (under !== null) return "the tile under the cursor";
  if (flat) return "the point";
  return regions ? "hover a tile" : "hover a tile to see it large, click to pin it";
}

function votesFor({ labels, votes, asked }, classes, k) {
  if (labels[k] === NOBODY) return "hardly any codes here";
  const name = nameOf(classes, labels[k]), style = `color: ${colourOf(labels[k])}`;
  return `nearest codes: <b style="${style}" title="${htmlOf(name)}">${htmlOf(cut(name, MOST))}</b>, ${votes[k]} of ${asked}`;
}

// Where z lies among the codes.
function markInset(mark, size, { view, axes, dims }, z) {
  const up = dims > 1 ? size - inView(view.y, z[axes[1]], size) : size - 12;
  mark.style.transform = `translate(${inView(view.x, z[axes[0]], size)}px, ${up}px)`;
}

function frame(box, grid, k) {
  const { n, points } = grid, { wide, tall } = tileSize(grid);
  box.hidden = k === null || !points.length;
  if (box.hidden) return;
  const x = (k % n) * wide, y = Math.floor(k / n) * tall;
  box.style.width = `${wide}px`;
  box.style.height = `${tall}px`;
  box.style.transform = `translate(${x}px, ${y}px)`;
}

// The point: its tile, or where it lies between the tiles' own z.
function markPinned(box, grid, flat) {
  const { n, pinned, points, spacing, data: { dims, axes } } = grid, { wide, tall } = tileSize(grid);
  const k = flat ? nearestTile(grid, pinned) : null;
  const between = flat && dims > 1 && points[k].some((value, d) => Math.abs(value - pinned[d]) > ALIKE);
  box.classList.toggle("between", between);
  if (!between) return frame(box, grid, k);
  const [across, up] = axes.map((d) => Math.min(1, Math.max(0, along(pinned[d], spacing))));
  box.hidden = false;
  box.style.width = box.style.height = "";
  box.style.transform = `translate(${across * n * wide}px, ${(1 - up) * n * tall}px)`;
}
