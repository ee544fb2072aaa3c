// Mean log p(x) over N, of the images that each fit was made of and of new ones; once it is revealed, minus the entropy.
import { number } from "../../shared/js/canvas.js";
import { linear, logarithmic, opened, polyline, rows, under } from "../axes.js";
import { namedAt } from "./words.js";

const HEIGHT = 320, LEFT = 44, FLOOR = HEIGHT - 42, TOP = 10;
const BELOW = 12, ABOVE = 8; // nats around the curves' meeting that are drawn; at small N both leave the frame
const DECADES = [10, 100, 1000, 10_000];

export function drawCurves(data, at, width) {
  const right = width - 12, counts = data.fits.map((fit) => fit.count), middle = data.fits.at(-1).own;
  const [low, high] = [middle - BELOW, middle + ABOVE];
  const x = logarithmic(counts[0], counts.at(-1), LEFT, right), y = linear(low, high, FLOOR, TOP);
  const within = (value) => Math.max(TOP, Math.min(FLOOR, y(value)));
  const curve = (key, more) =>
    polyline(data.fits.map((fit) => [x(fit.count), y(fit[key])]), `stroke="var(--evidence)" stroke-width="2.5" ${more}`);
  const here = data.fits[at], px = x(here.count);
  const dot = (key) => `<circle cx="${px.toFixed(1)}" cy="${within(here[key]).toFixed(1)}" r="5" fill="var(--evidence)"/>`;
  return { x, svg: `${opened(width, HEIGHT, saidOf(data, here))}
    <clipPath id="frame"><rect x="${LEFT}" y="${TOP}" width="${right - LEFT}" height="${FLOOR - TOP}"/></clipPath>
    ${rows(low, high, y, { left: LEFT, right, about: 5 })}
    ${under([counts[0], ...DECADES], x, FLOOR + 20, (n) => n.toLocaleString("en"))}
    <text x="${right}" y="${FLOOR + 38}" text-anchor="end">N, the images it was fitted to</text>
    <path d="M${px.toFixed(1)} ${TOP}V${FLOOR}" stroke="var(--rule)"/>
    <g clip-path="url(#frame)">${curve("own", 'stroke-dasharray="7 5"')}${curve("new", "")}</g>
    ${data.shown ? truthLine(data, y, right) : ""}${dot("own")}${dot("new")}${namesOf(data, x, y)}
    ${tag(here.own, px, within(here.own), right, -9)}${tag(here.new, px, within(here.new), right, 19)}</svg>` };
}

// The value at the dot, on the side away from the other curve; where the dot is held at the frame, an arrow says so.
function tag(value, px, py, right, away) {
  const left = px > right - 110, outside = { [TOP]: " ↑", [FLOOR]: " ↓" }[py] ?? "";
  const down = py > FLOOR - 24 ? -9 : py < TOP + 24 ? 19 : away;
  return `<text x="${(px + (left ? -9 : 9)).toFixed(1)}" y="${(py + down).toFixed(1)}" text-anchor="${left ? "end" : "start"}"
    class="strong halo">${number(value)}${outside}</text>`;
}

function truthLine(data, y, right) {
  const level = y(-data.entropy);
  return `<path d="M${LEFT} ${level.toFixed(1)}H${right}" stroke="var(--ink)" stroke-width="1.5"/>
    <text x="${right}" y="${(level - 9).toFixed(1)}" text-anchor="end" class="ink halo">
      minus the entropy of the world ${number(-data.entropy)}</text>`;
}

// Before the truth is revealed only their places tell the curves apart.
function namesOf(data, x, y) {
  const fit = namedAt(data.fits);
  const left = (x(fit.count) + 70).toFixed(1);
  const name = (text, key, below) =>
    `<text x="${left}" y="${(y(fit[key]) + (below ? 34 : -22)).toFixed(1)}" class="strong halo">${text}</text>`;
  const [own, fresh] = data.shown ? ["its own N images", "new images"] : ["the upper curve", "the lower curve"];
  return name(own, "own", false) + name(fresh, "new", true);
}

function saidOf({ shown, entropy }, { count, own, new: fresh }) {
  const best = shown ? `, the best possible ${number(-entropy)}` : "";
  return `Mean log p(x) at N = ${count}: upper curve ${number(own)}, lower curve ${number(fresh)}${best} nats`;
}
