// Presentation mode hides everything else; a scene begins with its question, and keys or a clicker turn the pages.
import { followed } from "./follow.js";
import { withModifier } from "./keys.js";
import { QUESTIONS, SCENES, WITHOUT_RAIL } from "./words.js";

const KEYS = "Space, Page Down, →: next \u2002 Page Up, ←: back \u2002 ↑ ↓: β \u2002 B: black \u2002 Esc: end";
const TOLD = 9000; // ms of that line

const presents = () => "vaePresents" in document.documentElement.dataset;

// `now` is where the lecture is, { scene, at, models }; `enter` opens a scene, `go` a model; `scenes()` has what a clicker builds.
export function createPresenter(root, now, { enter, go, place, layout, scenes }) {
  const $ = (selector) => root.querySelector(selector), asks = () => "asking" in root.dataset;
  const builds = () => scenes().builds(now.scene);
  let home = null, hint = null; // where a walk began; what takes the line of keys away
  let built = 0; // steps of the scene that are shown

  // The question stands alone; the next key, or a click, shows the answer.
  function ask(on) {
    root.toggleAttribute("data-asking", on);
    if (on) built = 0;
    $(".room").textContent = on ? QUESTIONS[now.scene] : "";
    $(".follow").innerHTML = on ? followed(now) : "";
  }

  function answer() {
    ask(false);
    build(0);
  }

  function build(step) {
    built = step;
    builds()[step]();
  }

  // To the model of a beta, or the nearest there is, for as long as the scene lasts.
  function walkTo(value) {
    const before = home ?? now.at, distance = (k) => Math.abs(now.models[k].beta - value);
    go([...now.models.keys()].reduce((best, k) => (distance(k) < distance(best) ? k : best)));
    home = before;
  }

  function turn(by) {
    const names = SCENES.map(([name]) => name), next = names[names.indexOf(now.scene) + by];
    if (by > 0 && asks()) return answer();
    if (presents() && builds()[built + by]) return build(built + by);
    if (!next) return;
    enter(next, home ?? now.at); // after a walk the scenes go on where it began
    home = null;
    if (!presents()) return;
    ask(by > 0);
    if (by < 0) build(builds().length - 1);
  }

  // From the opening scene, unless the address names another one.
  function open() {
    if (!new URLSearchParams(location.search).has("scene")) enter(SCENES[0][0]);
    begin();
  }

  function begin() {
    document.documentElement.dataset.vaePresents = "";
    built = 0;
    $(".present").textContent = "end";
    root.focus({ preventScroll: true });
    ask(true);
    say(KEYS);
    setTimeout(layout, 60);
  }

  // For a while in the place of the question.
  function say(text) {
    $(".keys").textContent = text;
    root.dataset.keys = "";
    clearTimeout(hint);
    hint = setTimeout(() => { delete root.dataset.keys; }, TOLD);
  }

  function end() {
    delete document.documentElement.dataset.vaePresents;
    delete root.dataset.keys;
    delete root.dataset.black;
    $(".present").textContent = "present";
    ask(false);
    scenes().whole();
    place({ present: "" });
    setTimeout(layout, 60);
  }

  $(".room").onclick = answer;
  const stopFullscreen = followFullscreen($(".present"), { open, end, place, layout });
  const stopKeys = followKeys(root, now, { asks, end, go, turn });
  // A click leaves the keys with the stage: Space is "next" after it, too.
  root.addEventListener("click", () => { if (presents()) root.focus({ preventScroll: true }); });

  function forget() {
    stopFullscreen();
    stopKeys();
    delete document.documentElement.dataset.vaePresents;
    clearTimeout(hint);
  }
  return { presents, begin, ask, say, walkTo, byHand: () => { home = null; }, forget };
}

// The button begins and ends; leaving full screen ends, too.
function followFullscreen(button, { open, end, place, layout }) {
  button.onclick = () => {
    if (!presents()) {
      open();
      place({ present: "1" });
      document.documentElement.requestFullscreen?.().catch(() => {}); // without it the page is as large as its window
    } else if (document.fullscreenElement) document.exitFullscreen();
    else end();
  };
  const changed = () => { if (!document.fullscreenElement && presents()) end(); else layout(); };
  document.addEventListener("fullscreenchange", changed);
  return () => document.removeEventListener("fullscreenchange", changed);
}

const types = (node) => /^(input|textarea|select)$/i.test(node.tagName ?? "") && node.type !== "range";

// Where a key is pressed: in a text, or where nothing has the focus.
function whereOf(event, root) {
  const path = event.composedPath();
  return { typing: path.some(types), free: path[0] === document.body || path[0] === root };
}

// A clicker sends PageUp and PageDown; arrows turn the page where nothing has the focus, while presenting Space does too.
const pagesBy = (free) => ({
  PageDown: 1,
  PageUp: -1,
  ...(free ? { ArrowRight: 1, ArrowLeft: -1 } : {}),
  ...(free && presents() ? { " ": 1 } : {}),
});

// B makes the screen black, the next key brings it back.
function blacks(event, root) {
  if (!presents() || (event.key !== "b" && !("black" in root.dataset))) return false;
  event.preventDefault();
  root.toggleAttribute("data-black");
  return true;
}

function followKeys(root, now, { asks, end, go, turn }) {
  function pressed(event) {
    if (withModifier(event) || event.defaultPrevented || !root.isConnected) return;
    if (event.key === "Escape" && presents()) return end();
    if (blacks(event, root)) return;
    const { typing, free } = whereOf(event, root);
    const step = free && presents() ? { ArrowUp: 1, ArrowDown: -1 }[event.key] : 0; // nothing scrolls there
    if (step) event.preventDefault();
    if (step && !WITHOUT_RAIL.includes(now.scene) && !asks()) return go(now.at + step);
    const pages = pagesBy(free)[event.key];
    if (!pages || typing) return;
    event.preventDefault();
    turn(pages);
  }
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}
