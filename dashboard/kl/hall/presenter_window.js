// The presenter's second window: where the lecture is, what comes next, notes, the time, and the votes with their answer. Its
// keys and buttons turn the pages of the first window, in the same browser.
import { html } from "../../shared/js/html.js";
import { SCENES } from "../lecture/words.js";
import { ballotOf, resultOf } from "./ballot.js";
import { listenTo, post } from "./channel.js";
import { votesOf } from "./lead.js";
import { NOTES } from "./notes.js";

const LINE = "vae-lab-hall"; // lead.js hears it
const KEYS = { pagedown: 1, arrowright: 1, " ": 1, pageup: -1, arrowleft: -1 };
const PHASES = { asking: "The question stands.", marked: "The answer is marked.", shown: "The scene is shown.", over: "Nobody presents." };
const SURE = "Clear all votes of this lecture? They cannot be brought back.";

export default createWindow;

function createWindow() {
  const page = document.querySelector("main"), line = new BroadcastChannel(LINE);
  let state = null;
  page.innerHTML = html`
    <div class="head">
      <span class="clock" title="since the lecture began">0:00</span><span class="quiet"></span>
      <button type="button" class="back">Back</button><button type="button" class="main on">Next</button>
    </div>
    <section><h2 class="where"></h2><h1></h1><div class="notes"></div><div class="next"></div></section>
    <section><h2 class="voted"></h2><div class="ballot"></div><p class="key"></p></section>
    <div class="foot">
      <button type="button" class="clear">Clear votes</button>
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
    $(".head .quiet").textContent = PHASES[phase] ?? "";
    $(".notes").innerHTML = title ? `<ul>${NOTES[scene].map((note) => `<li>${note}</li>`).join("")}</ul>` : "";
    $(".next").innerHTML = SCENES[at + 1] ? `<h2>Next</h2><b>${SCENES[at + 1][1]}</b>` : "<h2>Next</h2><b>The end</b>";
    $(".voted").textContent = question ? votesOf(tally) : "";
    $(".ballot").innerHTML = question ? ballotOf(question, tally, phase === "marked" || question.kind !== "choice" ? key : null) : "";
    $(".key").textContent = question ? `${phase === "asking" ? "Only you see: " : ""}${key.told}` : resultOf(results[scene]);
  }

  function tick() {
    const since = state?.began ? Math.max(0, Date.now() / 1000 - state.began) : 0, two = (value) => String(value).padStart(2, "0");
    $(".clock").textContent = `${Math.floor(since / 60)}:${two(Math.floor(since % 60))}`;
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
