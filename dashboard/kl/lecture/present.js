// Presenting: nothing else is there, a scene begins with its question, and keys or a clicker turn the pages.
import { QUESTIONS, SCENES, WITHOUT_RAIL } from "./words.js";

const WALK = [0, 1, 4, 64]; // the betas that a clicker shows of the first scene, for it has no other keys
const KEYS = "Space, Page Down, →: next \u2002 Page Up, ←: back \u2002 ↑ ↓: β \u2002 Esc: end";
const TOLD = 9000; // ms of that line

// `now` is where the lecture is, { scene, at }; `enter` opens a scene, `go` a model.
export function createPresenter(root, { now, betas, enter, go, place, layout }) {
  const $ = (selector) => root.querySelector(selector);
  let home = null, hint = null; // where a walk began; what takes the line of keys away
  const presents = () => "vaePresents" in document.documentElement.dataset, asks = () => "asking" in root.dataset;

  // The question stands alone; the next key, or a click, shows the answer.
  function ask(on) {
    root.toggleAttribute("data-asking", on);
    $(".room").textContent = on ? QUESTIONS[now().scene] : "";
  }

  function answer() {
    ask(false);
    if (now().scene === "beta") walkTo(betas().indexOf(WALK[0]));
  }

  function walkTo(index) {
    const before = home ?? now().at;
    go(index);
    home = before;
  }

  // The next stop of the walk; false: there is none.
  function walk(by) {
    const stops = [...betas().entries()].filter(([, beta]) => WALK.includes(beta)).map(([k]) => k), { at } = now();
    const to = by > 0 ? stops.find((k) => k > at) : stops.findLast((k) => k < at);
    if (to !== undefined) walkTo(to);
    return to !== undefined;
  }

  function turn(by) {
    const names = SCENES.map(([name]) => name), { scene, at } = now(), next = names[names.indexOf(scene) + by];
    if (by > 0 && asks()) return answer();
    if (presents() && scene === "beta" && walk(by)) return;
    if (!next) return;
    enter(next, home ?? at); // after a walk the scenes go on where it began
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
  $(".present").onclick = () => {
    if (!presents()) {
      begin();
      place({ present: "1" });
      document.documentElement.requestFullscreen?.().catch(() => {}); // without it the page is as large as its window
    } else if (document.fullscreenElement) document.exitFullscreen();
    else end();
  };
  // A click leaves the keys with the stage: Space is "next" after it, too.
  root.addEventListener("click", () => { if (presents()) root.focus({ preventScroll: true }); });

  const fullscreen = () => { if (!document.fullscreenElement && presents()) end(); else layout(); };
  document.addEventListener("fullscreenchange", fullscreen);

  // A clicker sends PageUp and PageDown; arrows turn the page where nothing has the focus, while presenting Space does too.
  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !root.isConnected) return;
    const typing = event.composedPath().some((node) => /^(input|textarea|select)$/i.test(node.tagName ?? "") && node.type !== "range");
    const free = event.composedPath()[0] === document.body || event.composedPath()[0] === root, { scene, at } = now();
    const keys = { PageDown: 1, PageUp: -1, ...(free ? { ArrowRight: 1, ArrowLeft: -1 } : {}), ...(free && presents() ? { " ": 1 } : {}) };
    if (event.key === "Escape" && presents()) return end();
    const step = free && presents() ? { ArrowUp: 1, ArrowDown: -1 }[event.key] : 0; // nothing scrolls there
    if (step) event.preventDefault();
    if (step && !WITHOUT_RAIL.includes(scene) && !asks()) return go(at + step);
    if (!keys[event.key] || typing) return;
    event.preventDefault();
    turn(keys[event.key]);
  }
  document.addEventListener("keydown", pressed);

  function forget() {
    document.removeEventListener("fullscreenchange", fullscreen);
    document.removeEventListener("keydown", pressed);
    delete document.documentElement.dataset.vaePresents;
    clearTimeout(hint);
  }
  return { presents, begin, ask, say, byHand: () => { home = null; }, forget };
}
