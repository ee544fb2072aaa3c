// Presentation mode hides everything else; a scene begins with its question, and keys or a clicker turn the pages.
import { createPresenting } from "../../shared/js/presenting.js";
import { followed } from "./follow.js";
import { fadeIn } from "./layout.js";
import { SCENES, WITHOUT_RAIL } from "./words.js";

const KEYS = "Space, Page Down, →: next \u2002 Page Up, ←: back \u2002 ↑ ↓: β \u2002 B: black \u2002 Esc: end";
const TOLD = 9000; // ms of that line

// `now` is where the lecture is, { scene, at, models, data }; `enter` opens a scene, `go` a model; `scenes()` has what a clicker
// builds, `hall` is the room with its phones, `question` the line in the page's foot.
export function createPresenter(root, now, { enter, go, place, layout, hall: room, scenes, question }) {
  const $ = (selector) => root.querySelector(selector), asks = () => "asking" in root.dataset;
  const builds = () => scenes().builds(now.scene);
  let home = null, hint = null; // where a walk began; what takes the line of keys away
  let built = 0; // steps of the scene that are shown

  // The question stands alone; the next key, or a click, shows the answer.
  function ask(on) {
    root.toggleAttribute("data-asking", on);
    if (on) built = 0;
    $(".room").textContent = on ? now.data.questions[now.scene].ask : "";
    $(".follow").innerHTML = on ? followed(now) : "";
    room.asked(on);
  }

  function answer() {
    ask(false);
    build(0);
    fadeIn(root);
  }

  function build(step) {
    built = step;
    builds()[step]();
    const last = step === builds().length - 1;
    question.answer(last);
    if (last) delete root.dataset.keys; // in its place the answer
    room.built(step);
  }

  // To the model of a beta, or the nearest there is, for as long as the scene lasts.
  function walkTo(value) {
    const before = home ?? now.at, distance = (k) => Math.abs(now.models[k].beta - value);
    go([...now.models.keys()].reduce((best, k) => (distance(k) < distance(best) ? k : best)));
    home = before;
  }

  function turn(by) {
    const names = SCENES.map(([name]) => name), next = names[names.indexOf(now.scene) + by];
    if (by > 0 && asks()) return room.marks() || answer();
    if (hall.on() && builds()[built + by]) return build(built + by);
    if (!next) return;
    enter(next, home ?? now.at); // after a walk the scenes go on where it began
    home = null;
    if (!hall.on()) return;
    ask(by > 0);
    if (by < 0) build(builds().length - 1);
  }

  // One beta up or down; while the question stands nothing of the answer is seen to change.
  function move(step) {
    if (!WITHOUT_RAIL.includes(now.scene) && !asks()) go(now.at + step);
  }

  // From the opening scene, unless another one was asked for.
  function opening() {
    if (!now.data.named && !new URLSearchParams(location.search).has("scene")) enter(SCENES[0][0]);
    place({ present: "1" });
  }

  function changed(on) {
    if (on) room.begin();
    else room.end();
    ask(on);
    if (on) return say(KEYS);
    delete root.dataset.keys;
    scenes().whole();
    place({ present: "" });
  }

  // For a while in the place of the question; `stays`: until something else is said.
  function say(text, stays = false) {
    $(".keys").textContent = text;
    root.dataset.keys = "";
    clearTimeout(hint);
    if (!stays) hint = setTimeout(() => { delete root.dataset.keys; }, TOLD);
  }

  const free = { arrowup: () => move(1), arrowdown: () => move(-1) };
  const hall = createPresenting(root, $(".present"), { turn, layout, free, opening, changed });
  $(".room").onclick = () => { if (hall.on()) turn(1); };
  room.turnedBy((by) => { if (hall.on()) turn(by); });

  function forget() {
    hall.forget();
    clearTimeout(hint);
  }
  return { presents: hall.on, begin: hall.begin, ask, say, walkTo, byHand: () => { home = null; }, forget };
}
