// The presenter's second window: where the lecture is, what comes next, notes, the time, and the votes with their answer. Its
// keys and buttons turn the pages of the first window, in the same browser.
import { html } from "../../shared/js/html.js";
import { SCENES } from "../lecture/words.js";
import { ballotOf, resultOf } from "./ballot.js";
import { listenTo, post } from "./channel.js";
import { votesOf } from "./lead.js";
import { MINUTES, NOTES, untilOf } from "./notes.js";

const LINE = "vae-lab-hall"; // lead.js hears it
const KEYS = { pagedown: 1, arrowright: 1, " ": 1, pageup: -1, arrowleft: -1 };
const SURE = "Begin a new lecture? All votes go, and cannot be brought back; the clock begins at 0.";

export default createWindow;

function createWindow() {
  const page = document.querySelector("main"), line = new BroadcastChannel(LINE);
  let state = null;
  page.innerHTML = html`
    <div class="head">
      <span class="clock" title="since the lecture began">0:00</span><span class="quiet plan"></span>
      <button type="button" class="back">Back</button><button type="button" class="main on">Next</button>
    </div>
    <section><h2 class="where"></h2><h1></h1><div class="notes"></div><div class="next"></div></section>
    <section><h2 class="voted"></h2><div class="ballot"></div><p class="key"></p></section>
    <div class="foot">
      <button type="button" class="clear">Clear votes and clock</button>
      <span class="quiet">Page Down and Page Up work here, too.</span>
      <span class="lost" role="status" hidden>No connection; trying again.</span>
    </div>`;
  const $ = (selector) => page.querySelector(selector), turn = (by) => line.postMessage({ turn: by });

  function heard(next) {
    state = next;
    const { place: { scene, phase }, question, tally, key, results } = state;
    const at = SCENES.findIndex(([name]) => name === scene), [, title] = SCENES[at] ?? [];
    $(".where").textContent = title ? `Scene ${at + 1} of ${SCENES.length}` : "";
    $("h1").textContent = title ?? "Press Present in the lecture";
    $(".notes").innerHTML = title && phase !== "over" ? notesOf(state.place) : "";
    $(".next").innerHTML = title ? `<h2>The next key</h2><b>${nextOf(state, SCENES[at + 1]?.[1])}</b>` : "";
    tick();
    $(".voted").textContent = question ? votesOf(tally) : "";
    $(".ballot").innerHTML = question ? ballotOf(question, tally, phase === "marked" || question.kind !== "choice" ? key : null) : "";
    $(".key").textContent = question ? `${phase === "asking" ? "Only you see: " : ""}${key.told}` : resultOf(results[scene]);
  }

  function tick() {
    const since = state?.began ? Math.max(0, Date.now() / 1000 - state.began) : 0, scene = state?.place.scene;
    $(".clock").textContent = timeOf(since);
    $(".plan").textContent = scene ? planOf(since, untilOf(scene)) : `The plan is ${MINUTES} minutes.`;
  }

  $(".back").onclick = () => turn(-1);
  $(".on").onclick = () => turn(1);
  $(".clear").onclick = () => { if (globalThis.confirm(SURE)) post("hall", { clear: true }); };
  document.addEventListener("keydown", (event) => {
    const by = event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("button") ? 0 : KEYS[event.key.toLowerCase()];
    if (!by) return;
    event.preventDefault();
    turn(by);
  });
  setInterval(tick, 1000);
  listenTo("hall/events", heard, (lost) => { $(".lost").hidden = !lost; });
}

const timeOf = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

// How far the plan is, which is one for the whole lecture.
export function planOf(since, until) {
  const over = since - 60 * until;
  return `of ${MINUTES}:00 · this scene until ${until}:00${over > 0 ? `, ${timeOf(over)} over` : ""}`;
}

// What to say at each step of the scene, the one that is on the screen marked.
function notesOf({ scene, phase, step = 0 }) {
  const { minutes, asks, steps } = NOTES[scene], here = phase === "shown" ? step + 1 : 0;
  const line = (text, k) => (k === here ? `<li aria-current="step">${text}</li>` : `<li>${text}</li>`);
  return html`<ol>${[asks, ...steps].map(line)}</ol><p class="quiet">${minutes} minutes with the question</p>`;
}

// What Page Down does now.
export function nextOf({ place: { scene, phase, step = 0 }, tally }, next) {
  const { steps } = NOTES[scene];
  if (phase === "over") return "Press Present in the lecture";
  if (phase === "asking") return tally?.count ? "marks the answer" : "shows the scene";
  if (phase === "marked") return "shows the scene";
  if (step + 1 < steps.length) return `shows step ${step + 2} of ${steps.length}`;
  return next ? `asks the question of “${next}”` : "nothing: this is the end";
}
