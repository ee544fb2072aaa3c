// A training to watch: orders, how far it is, what it draws, where its codes lie, and its curves. The slider goes back
// to any snapshot; everything moves together.
import { COLOURS, colourOf, cut } from "../../shared/js/classes.js";
import { number, shades } from "../../shared/js/canvas.js";
import { radio } from "../../shared/js/widgets.js";
import { onShelf } from "../../shared/js/blobs.js";
import { SCALES, drawChart, readable } from "./chart.js";
import { drawCodes, drawPairs, drawTiles, frameAt } from "./frames.js";

const trainings = new WeakMap();
const FILM = 180; // milliseconds per snapshot
const ORDERS = {
  running: [["pause", "Pause"], ["stop", "Stop"]],
  paused: [["resume", "Go on"], ["step", "One step"], ["stop", "Stop"]],
  queued: [["stop", "Leave the queue"]],
  stopped: [["resume", "Go on"]], interrupted: [["resume", "Go on"]], failed: [["resume", "Try again"]],
};

export default function ({ data: [data], parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".training");
  if (!trainings.has(root)) trainings.set(root, createTraining(root));
  const training = trainings.get(root);
  training.update(data, setStateValue, setTriggerValue);
  return () => { training.forget(); trainings.delete(root); };
}

function createTraining(root) {
  const $ = (selector) => root.querySelector(selector);
  const slider = $(".scrub input");
  let data, send, trigger, film, at = null, scale = SCALES[0], playing = 0, frames = 0, run = null, table;

  function update(next, setStateValue, setTriggerValue) {
    const fresh = run !== next.run;
    data = next;
    [send, trigger] = [setStateValue, setTriggerValue];
    if (fresh) {
      stop();
      run = data.run;
      const wanted = Number(data.at);
      at = data.at !== null && data.at !== undefined && data.snapshots.includes(wanted) ? wanted : null;
      radio($(".segments"), SCALES, () => scale, (name) => { scale = name; draw(); });
    }
    orders();
    draw();
  }

  function orders() {
    const wanted = data.may ? ORDERS[data.status] ?? [] : [];
    const box = $(".orders"), told = wanted.map(([name]) => name).join();
    if (box.dataset.told !== told) {
      box.dataset.told = told;
      box.replaceChildren(...wanted.map(([name, text]) => {
        const button = document.createElement("button");
        Object.assign(button, { type: "button", className: "action", textContent: text });
        button.dataset.order = name;
        // The step and the moment make an order that arrives twice the same order.
        button.onclick = () => trigger("order", { name, step: data.step, moment: Date.now() });
        return button;
      }));
    }
    slider.max = Math.max(0, data.snapshots.length - 1);
    $(".scrub").classList.toggle("none", data.snapshots.length < 2);
  }

  function draw() {
    const width = root.getBoundingClientRect().width;
    if (!width) return;
    const phone = width < 700, mid = !phone && width < 940;
    root.classList.toggle("phone", phone);
    root.classList.toggle("mid", mid);
    const side = Math.floor(phone ? Math.min(width, 420) : mid ? (width - 36) / 2 : Math.min(360, (width - 72) * 0.31));
    root.style.setProperty("--square", `${side}px`);
    film = (at === null ? null : onShelf(data.film)) ?? onShelf(data.frame) ?? onShelf(data.film);
    table = shades(root, data.photograph);
    root.classList.toggle("empty", !film);
    root.classList.toggle("scrubbing", at !== null);
    $(".exact").hidden = data.dims > 2 || !data.stochastic;
    $(".where-to").textContent = `codes of ${film ? `${film.codes.toLocaleString("en")} ` : ""}${data.heldOut ? "held-out" : "training"} image${film?.codes === 1 ? "" : "s"}`;
    const few = data.gaps.at(-1)?.images;
    $(".few").textContent = few === undefined ? "a few" : few === 1 ? "one" : few;
    $(".which").textContent = data.heldOut ? "held-out images" : "training images";
    if (!film) for (const canvas of root.querySelectorAll("canvas")) canvas.width = canvas.height = 0;
    if (film) {
      const k = at === null ? film.steps.length - 1 : frameAt(film, at);
      drawTiles($(".tiles"), film, k, side, table);
      drawCodes($(".dots"), root, film, k, side);
      drawPairs($(".pairs"), film, k, $(".images").clientWidth, table);
      root.dataset.shown = film.steps[k];
    }
    classes();
    const row = at === null ? data.curves.step.length - 1 : nearest(at);
    drawChart($(".chart"), { ...data, at, row, scale });
    facts(row);
    root.dataset.frames = ++frames;
    Object.assign(root.dataset, { status: data.status, step: data.step, at: at ?? "", run: data.run });
  }

  // What the colours of the dots mean; a class that no shown image has is named as such.
  function classes() {
    const names = film?.labels ? data.classes : [];
    const circles = data.stochastic ? ", in the circles of 1 and 2 σ of the prior" : "";
    $(".of-dots").textContent = `dots: one per image${names.length ? ", coloured by class" : ""}${circles}`;
    const box = $(".of-classes"), signature = JSON.stringify([names, run, names.length ? film.codes : 0]);
    if (box.dataset.shown === signature) return;
    box.dataset.shown = signature;
    const there = new Set(names.length ? film.labelled : []);
    const one = (name, label) => {
      const word = Object.assign(document.createElement("b"), { textContent: cut(name, 16), title: there.has(label) ? name : `${name}: no held-out image` });
      word.style.color = colourOf(label);
      word.classList.toggle("none", !there.has(label));
      return word;
    };
    const note = [there.size < names.length ? "struck out: no held-out image" : "", names.length > COLOURS ? `${names.length} classes, colours repeat` : ""].filter(Boolean).join("; ");
    box.replaceChildren(...names.map(one), ...(note ? [Object.assign(document.createElement("span"), { textContent: note })] : []));
    box.hidden = !names.length;
  }

  function facts(row) {
    $(".track i").style.width = `${(100 * (at ?? data.step)) / data.steps}%`;
    $(".track .where").textContent = data.status === "none" ? "" : `step ${(at ?? data.step).toLocaleString("en")} of ${data.steps.toLocaleString("en")}${data.status === "running" && data.pace.left !== undefined ? `, ${clock(data.pace.left)} left` : data.place > 0 ? `, number ${data.place} in the queue` : ""}`;
    const shown = [];
    if (row >= 0) {
      if (data.pace.rate) shown.push(["images per second", Math.round(data.pace.rate).toLocaleString("en")]);
      if (data.curves.gradient_norm[row] !== null) shown.push(["gradient norm", readable(data.curves.gradient_norm[row], 1)]);
      if (data.curves.beta[row] !== undefined && data.stochastic) shown.push(["β now", number(data.curves.beta[row], 2)]);
    }
    const dead = film?.dead?.[at === null ? film.steps.length - 1 : frameAt(film, at)];
    if (dead) shown.unshift(["dead units", `${dead[0].toLocaleString("en")} of ${dead[1].toLocaleString("en")}`]);
    $(".facts").innerHTML = shown.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("");
    slider.value = at === null ? slider.max : data.snapshots.indexOf(at);
    slider.setAttribute("aria-valuetext", at === null ? "latest" : `step ${at}`);
    $(".scrub output").textContent = at === null ? "" : `as it was at step ${at.toLocaleString("en")}`;
    $(".now").hidden = at === null;
  }

  const nearest = (step) => data.curves.step.reduce((best, s, k) => (Math.abs(s - step) < Math.abs(data.curves.step[best] - step) ? k : best), 0);
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

  function scrub(step, done) {
    at = step;
    if (!data.film || !(onShelf(data.film)?.steps ?? []).includes(step ?? data.snapshots[0])) trigger("film", (data.snapshots.length || 0) + 1);
    draw();
    if (done) send("at", at);
  }
  slider.oninput = () => { stop(); scrub(data.snapshots[Number(slider.value)] ?? null, false); };
  slider.onchange = () => scrub(data.snapshots[Number(slider.value)] ?? null, true);
  $(".now").onclick = () => { stop(); scrub(null, true); };
  $(".play").onclick = () => {
    if (playing) return stop();
    let k = at === null || at === data.snapshots.at(-1) ? 0 : data.snapshots.indexOf(at);
    $(".play").textContent = "❚❚";
    scrub(data.snapshots[k], false);
    playing = setInterval(() => {
      if (document.hidden) return;
      if (++k >= data.snapshots.length) { stop(); return send("at", at); }
      scrub(data.snapshots[k], false);
    }, FILM);
  };
  function stop() {
    clearInterval(playing);
    playing = 0;
    $(".play").textContent = "▶";
  }

  const resized = new ResizeObserver(() => data && draw());
  resized.observe(root);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const again = () => data && draw();
  dark.addEventListener("change", again);
  globalThis.vaeLab?.events.addEventListener("shelf", again);
  document.fonts?.ready.then(again);
  return {
    update,
    forget() { stop(); resized.disconnect(); dark.removeEventListener("change", again); globalThis.vaeLab?.events.removeEventListener("shelf", again); },
  };
}
