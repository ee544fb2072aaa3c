// The log density of a pixel that never changes as sigma falls: without end for an exact grey level.
import { number } from "../../shared/js/canvas.js";
import { mounted } from "../../shared/js/mounted.js";
import { createDialled } from "../dialled.js";
import { hatching, roundTicks } from "../../shared/js/ticks.js";

export default mounted(".floor", createFloor);

const HEIGHT = 240, LEFT = 40, RIGHT = 12, TOP = 10, FLOOR = HEIGHT - 28, LOWEST = -3;

function createFloor(root) {
  const $ = (selector) => root.querySelector(selector);
  return createDialled(root, {
    value: (data) => data.at,
    lay(data, dial) {
      dial.max = data.sigmas.length - 1;
      $(".facts").innerHTML = factsOf(data);
    },
    draw(data, at, box) {
      $("input").setAttribute("aria-valuetext", `sigma ${few(data.sigmas[at])}`);
      box.innerHTML = chart(data, at, box.clientWidth);
      $(".live").innerHTML = wordsOf(data, at);
      return { sigma: data.sigmas[at].toPrecision(4) };
    },
    told: ({ sigmas }, at) => ["sigma", Number(sigmas[at].toPrecision(4)).toString()],
  });
}

const few = (value) => Number(value.toPrecision(2)).toString();

function chart({ sigmas, exact, dequantised, floor }, at, width) {
  const low = Math.log10(sigmas[0]), high = Math.log10(sigmas.at(-1)), most = Math.max(...exact);
  const x = (sigma) => LEFT + ((Math.log10(sigma) - low) / (high - low)) * (width - LEFT - RIGHT);
  const y = (nats) => TOP + ((most - Math.max(nats, LOWEST)) / (most - LOWEST)) * (FLOOR - TOP);
  const line = (values) => sigmas.map((s, k) => [s, values[k]]).filter(([, v]) => v >= LOWEST)
    .map(([s, v]) => `${x(s).toFixed(1)},${y(v).toFixed(1)}`).join(" ");
  const ticks = roundTicks(LOWEST, most, 5).map((t) => `<path d="M${LEFT} ${y(t)}H${width - RIGHT}" class="hair"/>
    <text x="${LEFT - 8}" y="${y(t) + 5}" class="end">${number(t, 0)}</text>`);
  const decades = [0.0001, 0.001, 0.01, 0.1, 1]
    .map((s) => `<text x="${x(s)}" y="${HEIGHT - 6}" class="${s === 1 ? "end" : "middle"}">${s}</text>`);
  const dots = [exact, dequantised].filter((values) => values[at] >= LOWEST)
    .map((values) => `<circle cx="${x(sigmas[at])}" cy="${y(values[at])}" r="5.5"/>`);
  return `<svg width="${width}" height="${HEIGHT}" role="img" aria-label="Log density of a constant pixel against sigma">
    <defs>${hatching("below")}</defs><rect x="${LEFT}" y="${TOP}" width="${x(floor) - LEFT}" height="${FLOOR - TOP}" class="below"/>
    ${ticks.join("")}${decades.join("")}
    <path d="M${x(floor)} ${TOP}V${FLOOR}" class="stop"/><text x="${x(floor) + 7}" y="${TOP + 14}">floor ${floor}</text>
    <polyline points="${line(exact)}" class="line"/><polyline points="${line(dequantised)}" class="line dashed"/>
    <text x="${x(floor) + 7}" y="${TOP + 38}" class="strong">solid: an exact grey level</text>
    <text x="${x(floor) + 7}" y="${TOP + 58}" class="strong">dashed: dequantised</text>
    ${dots.join("")}</svg>`;
}

function wordsOf({ sigmas, exact, dequantised }, at) {
  const spread = dequantised[at] < -999 ? "far below −999" : number(dequantised[at], 2);
  return `A background pixel never changes, so the decoder knows its value. At σ = <b>${few(sigmas[at])}</b> its log density is ` +
    `<b>${number(exact[at], 2)}</b> nats as an exact grey level, <b>${spread}</b> dequantised. ` +
    "A σ ten times smaller always adds ln 10 = 2.30 to the first, for every such pixel: " +
    "the bound has no maximum, and training would chase it instead of the faces.";
}

function factsOf({ floor, best, model }) {
  const said = `Two things end this. Dequantising spreads each grey level over 1/256, whose best σ is ${few(best)}. ` +
    `And the likelihood holds σ above ${floor}, ${number(floor * 256, 1)} grey levels.`;
  return model === null ? said : `${said} In <b>${model.name}</b>, ${number(model.mean, 0)} of ${model.pixels} pixels of an ` +
    `average test face have their σ at that floor, ${number(model.most, 0)} at most.`;
}
