// The chosen panel: every curve of it with both axes, the visitor's own laid over, and a mark at the moment of the table.
import { roundTicks, tickText } from "../../shared/js/ticks.js";
import { AXES, AXIS_NAMES, inShort, kindOf, linearScale, logScale, points, polyline, reach, span } from "./scales.js";

const LEFT = 56, RIGHT = 118, TOP = 8, FOOT = 40;

export function drawLarge({ panel, live, axis, names }, moment, width) {
  const height = width < 500 ? 260 : 320, right = width < 500 ? 16 : RIGHT, floor = height - FOOT;
  const lines = [...panel.lines, ...live.filter((line) => line.test.length)];
  const [low, high] = span(lines), along = reach(lines, axis);
  const x = logScale(...along, LEFT, width - right), y = linearScale(low, high, floor, TOP);
  const parts = lines.flatMap((line) => ["train", "test"].map((part) =>
    polyline(points(line, axis, part, x, y), `${kindOf(line)} ${part}`)));
  const said = `${panel.data}, ${panel.title}: ${lines.length} curves over ${AXIS_NAMES[axis]}; the table has their numbers`;
  return `<svg height="${height}" role="img" aria-label="${said}">
    <clipPath id="large"><rect x="${LEFT}" width="${width - LEFT - right + 6}" height="${floor + 6}"/></clipPath>
    ${hairs(roundTicks(low, high, 5), y, width - right)}${decades(along, x, floor)}
    <text x="${width - right}" y="${height - 2}" class="end">${titleOf(axis, live)}</text>
    <g clip-path="url(#large)">${parts.join("")}${marks(lines, axis, moment, x, y)}</g>
    ${width < 500 ? "" : ends(lines, axis, names, x, y)}</svg>`;
}

// A stored curve's seconds are processor time of one core; a visitor's are as long as this machine takes just now.
const titleOf = (axis, live) => (axis === "seconds"
  ? `seconds of one processor core${live.length ? "; yours: by the clock" : ""}` : AXIS_NAMES[axis]);

const hairs = (ticks, y, right) => ticks.map((t) => `<path d="M${LEFT} ${y(t)}H${right}" class="hair"/>
  <text x="${LEFT - 8}" y="${y(t) + 5}" class="end">${tickText(t)}</text>`).join("");

function decades([from, to], x, floor) {
  const first = Math.ceil(Math.log10(from) - 0.01), last = Math.floor(Math.log10(to) + 0.01);
  const powers = Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => 10 ** (first + k));
  return powers.map((value) => `<path d="M${x(value)} ${floor}v5" class="guide"/>
    <text x="${x(value)}" y="${floor + 19}" class="middle">${inShort(value)}</text>`).join("");
}

const marks = (lines, axis, moment, x, y) => lines.map((line) => {
  const k = line.key ? -1 : line.images_seen.indexOf(moment);
  return k < 0 ? "" : `<circle cx="${x(line[AXES[axis]][k])}" cy="${y(line.test[k])}" r="4" class="${line.algorithm}"/>`;
}).join("");

// The name of each algorithm at the end of its best curve; names that would touch are moved apart.
function ends(lines, axis, names, x, y) {
  const first = (algorithm) => lines.find((line) => line.algorithm === algorithm && !line.trial && !line.key);
  const last = Object.keys(names).map(first).filter((line) => line?.test.length).map((line) => ({
      line, at: x(line[AXES[axis]].at(-1)) + 10, height: y(line.test.at(-1)) + 5,
    })).sort((a, b) => a.height - b.height);
  last.forEach((end, k) => { if (k) end.height = Math.max(end.height, last[k - 1].height + 18); });
  return last.map(({ line: { algorithm }, at, height }) =>
    `<text x="${at}" y="${height}" class="name ${algorithm}">${names[algorithm]}</text>`).join("");
}
