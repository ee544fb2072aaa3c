// Presentation mode hides everything else; a scene begins with its question, and keys or a clicker turn the pages.
import { withModifier } from "./keys.js";
import { QUESTIONS, SCENES, WITHOUT_RAIL } from "./words.js";

const WALK = [0, 1, 4, 64]; // the betas that a clicker shows of the first scene, for it has no other keys
const KEYS = "Space, Page Down, →: next \u2002 Page Up, ←: back \u2002 ↑ ↓: β \u2002 Esc: end";
const TOLD = 9000; // ms of that line

const presents = () => "vaePresents" in document.documentElement.dataset;

// `now` is where the lecture is, { scene, at, models }; `enter` opens a scene, `go` a model.
export function createPresenter(root, now, { enter, go, place, layout }) {
  const $ = (selector) => root.querySelector(selector), asks = () => "asking" in root.dataset;
  let home = null, hint = null; // where a walk began; what takes the line of keys away

  // The question stands alone; the next key, or a click, shows the answer.
  function ask(on) {
    root.toggleAttribute("data-asking", on);
    $(".room").textContent = on ? QUESTIONS[now.scene] : "";
  }

  function answer() {
    ask(false);
    if (now.scene === "beta") walkTo(now.models.findIndex((m) => m.beta === WALK[0]));
  }

  function walkTo(index) {
    const before = home ?? now.at;
    go(index);
    home = before;
  }

  // The next stop of the walk; false: there is none.
  function walk(by) {
    const stops = [...now.models.keys()].filter((k) => WALK.includes(now.models[k].beta));
    const to = by > 0 ? stops.find((k) => k > now.at) : stops.findLast((k) => k < now.at);
    if (to !== undefined) walkTo(to);
    return to !== undefined;
  }

  function turn(by) {
    const names = SCENES.map(([name]) => name), next = names[names.indexOf(now.scene) + by];
    if (by > 0 && asks()) return answer();
    if (presents() && now.scene === "beta" && walk(by)) return;
    if (!next) return;
    enter(next, home ?? now.at); // after a walk the scenes go on where it began
    home = null;
    ask(by > 0 && presents());
  }

  function begin() {
    document.documentElement.dataset.vaePresents = "";
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
    $(".present").textContent = "present";
    ask(false);
    place({ present: "" });
    setTimeout(layout, 60);
  }

  $(".room").onclick = answer;
  const stopFullscreen = followFullscreen($(".present"), { begin, end, place, layout });
  const stopKeys = followKeys(root, now, { asks, end, go, turn });
  // A click leaves the keys with the stage: Space is "next" after it, too.
  root.addEventListener("click", () => { if (presents()) root.focus({ preventScroll: true }); });

  function forget() {
    stopFullscreen();
    stopKeys();
    delete document.documentElement.dataset.vaePresents;
    clearTimeout(hint);
  }
  return { presents, begin, ask, say, byHand: () => { home = null; }, forget };
}

// The button begins and ends; leaving full screen ends, too.
function followFullscreen(button, { begin, end, place, layout }) {
  button.onclick = () => {
    if (!presents()) {
      begin();
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

function followKeys(root, now, { asks, end, go, turn }) {
  function pressed(event) {
    if (withModifier(event) || event.defaultPrevented || !root.isConnected) return;
    if (event.key === "Escape" && presents()) return end();
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
