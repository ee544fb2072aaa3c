// A training to watch: commands, how far it is, what it draws, where its codes lie, and its curves. The slider goes back
// to any snapshot; everything moves together.
import { shades } from "../../shared/js/canvas.js";
import { radio } from "../../shared/js/widgets.js";
import { listen, onShelf } from "../../shared/js/blobs.js";
import { mounted } from "../../shared/js/mounted.js";
import { keyed } from "../../shared/streamlit_internals.js";
import { drawCaptions, drawClasses, drawFacts } from "./captions.js";
import { SCALES, drawChart } from "./chart.js";
import { drawCommands } from "./commands.js";
import { drawCodes, drawPairs, drawTiles, frameAt } from "./frames.js";
import { createRecording } from "./recorded.js";
import { saveStage } from "./stage_files.js";
import { whole } from "../../shared/js/numbers.js";

const FILM = 180; // milliseconds per snapshot

export default mounted(".training", createTraining);

function createTraining(root) {
  const $ = (selector) => root.querySelector(selector);
  // at: the step that is looked back to, null for the latest; asked: Train was pressed, and Python has not answered yet
  const state = {
    data: null, send: null, run: null, film: null, at: null, scale: SCALES[0], frames: 0, recording: null, asked: false,
  };
  const draw = () => drawTraining(root, state);
  state.recording = createRecording(draw);
  const scrubber = createScrubber(root, state, draw);

  function update(data, send) {
    const fresh = state.run !== data.run;
    Object.assign(state, { data, send, asked: false });
    if (fresh) {
      scrubber.stop();
      const wanted = Number(data.at);
      state.run = data.run;
      state.at = data.at !== null && data.at !== undefined && data.snapshots.includes(wanted) ? wanted : null;
      radio($(".segments"), SCALES, () => state.scale, (name) => { state.scale = name; draw(); });
    }
    drawCommands($(".orders"), state);
    scrubber.update();
    draw();
  }

  const again = () => state.data && draw();
  const pressed = ({ target }) => {
    if (!keyed("train")?.contains(target) || !target.closest("button:enabled")) return;
    state.asked = true;
    again();
  };
  addEventListener("click", pressed);
  const deaf = [listen("shelf", again), listen("figure", (what) => state.data && saveStage(root, state, what, draw))];
  document.fonts?.ready.then(again);
  return { update, redraw: draw, forget() {
    scrubber.stop();
    state.recording.stop();
    removeEventListener("click", pressed);
    deaf.forEach((end) => end());
  } };
}

function drawTraining(root, state) {
  const side = layout(root), { data, at } = state;
  if (!side) return;
  const before = data.status === "none" ? data.recorded : null;
  root.classList.toggle("before", Boolean(before));
  for (const title of root.querySelectorAll(".figure-title")) title.textContent = titleOf(data, at);
  if (before) drawRecorded(root, state, side);
  else {
    state.recording.stop();
    drawRun(root, state, side);
  }
  root.dataset.frames = ++state.frames;
  Object.assign(root.dataset, { status: data.status, step: data.step, at: at ?? "", run: data.run });
}

function drawRun(root, state, side) {
  const $ = (selector) => root.querySelector(selector), { data, at } = state;
  const film = (at === null ? null : onShelf(data.film)) ?? onShelf(data.frame) ?? onShelf(data.film);
  state.film = film;
  root.classList.toggle("empty", !film);
  root.classList.toggle("scrubbing", at !== null);
  drawCaptions(root, state);
  if (!film) {
    for (const canvas of root.querySelectorAll("canvas")) canvas.width = canvas.height = 0;
    delete root.dataset.shown;
  }
  if (film) drawFrame(root, film, at === null ? film.steps.length - 1 : frameAt(film, at), side, data.photograph);
  drawClasses(root, state);
  const row = at === null ? data.curves.step.length - 1 : nearest(data.curves.step, at);
  drawChart($(".chart"), { ...data, at, row, scale: state.scale });
  drawFacts(root, state, row);
}

// What a click will look like, from a training that was recorded.
function drawRecorded(root, state, side) {
  const $ = (selector) => root.querySelector(selector), { recorded } = state.data, film = onShelf(recorded.film);
  drawCaptions(root, { data: { ...state.data, dims: 2, stochastic: true, heldOut: true, told: null, gaps: [] }, film });
  root.classList.toggle("asked", state.asked);
  $(".recorded").textContent = state.asked ? "Yours begins …" : recorded.caption;
  if (state.asked) return state.recording.stop();
  state.recording.play(film);
  if (!film) return;
  const k = state.recording.frameOf(), step = film.steps[k], row = nearest(recorded.curves.step, step);
  drawFrame(root, film, k, side, false);
  drawChart($(".chart"), {
    curves: recorded.curves, others: [], gaps: [], marks: [], steps: recorded.steps, at: null, row, until: step,
    scale: SCALES[0], stochastic: true, dims: 2,
  });
}

const titleOf = ({ title, step }, at) => `${title}, step ${whole(at ?? step)}`;

// Sets the classes that the width asks for; returns the side of the two squares, 0 while the page is hidden.
function layout(root) {
  const width = root.getBoundingClientRect().width;
  if (!width) return 0;
  const phone = width < 560, mid = !phone && width < 900;
  root.classList.toggle("phone", phone);
  root.classList.toggle("mid", mid);
  const side = Math.floor(phone ? Math.min(width, 420) : mid ? (width - 36) / 2 : Math.min(360, (width - 72) * 0.31));
  root.style.setProperty("--square", `${side}px`);
  return side;
}

function drawFrame(root, film, k, side, photograph) {
  const $ = (selector) => root.querySelector(selector), table = shades(root, photograph);
  drawTiles($(".tiles"), film, k, side, table);
  drawCodes($(".dots"), root, film, k, side);
  drawPairs($(".pairs"), film, k, $(".images").clientWidth, table);
  root.dataset.shown = film.steps[k];
}

const nearest = (steps, step) => steps.reduce((best, s, k) => (Math.abs(s - step) < Math.abs(steps[best] - step) ? k : best), 0);

// The slider over the snapshots, and the button that plays them as a film.
function createScrubber(root, state, draw) {
  const $ = (selector) => root.querySelector(selector);
  const slider = $(".scrub input");
  let playing = 0;

  function update() {
    const { snapshots } = state.data;
    slider.max = Math.max(0, snapshots.length - 1);
    $(".scrub").classList.toggle("none", snapshots.length < 2);
  }

  function scrub(step, done) {
    const { data, send } = state, { snapshots } = data;
    state.at = step;
    const there = data.film && (onShelf(data.film)?.steps ?? []).includes(step ?? snapshots[0]);
    if (!there) send.setTriggerValue("film", (snapshots.length || 0) + 1);
    draw();
    if (done) send.setStateValue("at", step);
  }

  function stop() {
    clearInterval(playing);
    playing = 0;
    $(".play").textContent = "▶";
  }

  function play() {
    const { at, data: { snapshots } } = state;
    let k = at === null || at === snapshots.at(-1) ? 0 : snapshots.indexOf(at);
    $(".play").textContent = "❚❚";
    scrub(snapshots[k], false);
    playing = setInterval(() => {
      if (document.hidden) return;
      if (++k < state.data.snapshots.length) return scrub(state.data.snapshots[k], false);
      stop();
      state.send.setStateValue("at", state.at);
    }, FILM);
  }

  const chosen = () => state.data.snapshots[Number(slider.value)] ?? null;
  slider.oninput = () => { stop(); scrub(chosen(), false); };
  slider.onchange = () => scrub(chosen(), true);
  $(".now").onclick = () => { stop(); scrub(null, true); };
  $(".play").onclick = () => (playing ? stop() : play());
  return { update, stop };
}
