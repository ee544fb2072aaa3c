// The words around a training's pictures: how far it is, the numbers of the step, what the dots' colours mean.
import { COLOURS, colourOf, cut } from "../../shared/js/classes.js";
import { number } from "../../shared/js/canvas.js";
import { readable } from "./chart.js";
import { frameAt } from "./frames.js";
import { whole } from "../../shared/js/numbers.js";

export function drawCaptions(root, { data, film }) {
  const $ = (selector) => root.querySelector(selector);
  $(".exact").hidden = data.dims > 2 || !data.stochastic;
  $(".across").textContent = `what the decoder draws across the prior${data.told === null ? "" : `, given the class ${data.told}`}`;
  const count = film ? `${whole(film.codes)} ` : "";
  $(".where-to").textContent = `codes of ${count}${data.heldOut ? "held-out" : "training"} image${film?.codes === 1 ? "" : "s"}`;
  const few = data.gaps.at(-1)?.images;
  $(".few").textContent = few === undefined ? "a few" : few === 1 ? "one" : few;
  $(".which").textContent = data.heldOut ? "held-out images" : "training images";
}

// What the colours of the dots mean; a class that no shown image has is named as such.
export function drawClasses(root, { data, film, run }) {
  const $ = (selector) => root.querySelector(selector);
  const names = film?.labels ? data.classes : [];
  const circles = data.stochastic ? ", in the circles of 1 and 2 σ of the prior" : "";
  $(".of-dots").textContent = `dots: one per image${names.length ? ", coloured by class" : ""}${circles}`;
  const box = $(".of-classes"), signature = JSON.stringify([names, run, names.length ? film.codes : 0]);
  if (box.dataset.shown === signature) return;
  box.dataset.shown = signature;
  const there = new Set(names.length ? film.labelled : []);
  const one = (name, label) => {
    const title = there.has(label) ? name : `${name}: no held-out image`;
    const word = Object.assign(document.createElement("b"), { textContent: cut(name, 16), title });
    word.style.color = colourOf(label);
    word.classList.toggle("none", !there.has(label));
    return word;
  };
  const notes = [
    ...(there.size < names.length ? ["struck out: no held-out image"] : []),
    ...(names.length > COLOURS ? [`${names.length} classes, colours repeat`] : []),
  ];
  box.replaceChildren(...names.map(one));
  if (notes.length) box.append(Object.assign(document.createElement("span"), { textContent: notes.join("; ") }));
  box.hidden = !names.length;
}

// `row` of the curves is the one nearest to the step that is shown.
export function drawFacts(root, state, row) {
  const $ = (selector) => root.querySelector(selector), { data, at } = state;
  $(".track i").style.width = `${(100 * (at ?? data.step)) / data.steps}%`;
  $(".track .where").textContent = data.status === "none" ? "" : progress(data, at);
  const known = facts(state, row);
  $(".facts").innerHTML = known
    .map(([name, value, title = ""]) => `<div title="${title}"><dt>${name}</dt><dd>${value}</dd></div>`).join("");
  const said = known.map(([name, value]) => `${name} ${value}`).join(", ");
  $(".more-facts").textContent = data.status === "done" ? said : ""; // no bar then
  const slider = $(".scrub input");
  slider.value = at === null ? slider.max : data.snapshots.indexOf(at);
  slider.setAttribute("aria-valuetext", at === null ? "latest" : `step ${whole(at)}`);
  $(".scrub output").textContent = at === null ? "" : `as it was at step ${whole(at)}`;
  $(".now").hidden = at === null;
}

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

// "step 300 of 6,000, 0:41 left"
function progress({ step, steps, status, pace, place }, at) {
  const far = `step ${whole(at ?? step)} of ${whole(steps)}`;
  if (status === "running" && pace.left !== undefined) return `${far}, ${clock(pace.left)} left`;
  return place > 0 ? `${far}, number ${place} in the queue` : far;
}

// `found`: [dead, all] hidden units of each network that has any, over so many test images. In one fact where none is dead.
export function deadUnits(found, images) {
  const title = `Hidden units whose activation is the same for all of ${whole(images)} test images.`;
  const row = (name, dead, all) => [name, `${whole(dead)} of ${whole(all)}`, title];
  const networks = Object.entries(found), all = networks.reduce((sum, [, [, units]]) => sum + units, 0);
  if (networks.some(([, [dead]]) => dead)) return networks.map(([name, units]) => row(`dead units, ${name}`, ...units));
  return all ? [row("dead units", 0, all)] : [];
}

function facts({ data: { pace, curves, stochastic }, film, at }, row) {
  const shown = [];
  const dead = film?.dead?.[at === null ? film.steps.length - 1 : frameAt(film, at)];
  if (dead) shown.push(...deadUnits(dead, film.tested));
  if (row < 0) return shown;
  if (pace.rate) shown.push(["images per second", whole(Math.round(pace.rate))]);
  if (curves.gradient_norm[row] !== null) shown.push(["gradient norm", readable(curves.gradient_norm[row], 1)]);
  if (curves.beta[row] !== undefined && stochastic) shown.push(["β now", number(curves.beta[row], 2)]);
  return shown;
}
