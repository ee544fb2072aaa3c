// A viewer's end of the hall: the lecture goes where the presenter is, until a hand lets go of it; a button follows again.
import { resultOf } from "./ballot.js";
import { listenTo } from "./channel.js";

const KEYS = ["PageDown", "PageUp", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];

// `mirror` shows a place, `settled` follows when the hand has it again.
export function createFollow(root, now, { mirror, settled }) {
  const bar = root.querySelector(".along"), $ = (selector) => bar.querySelector(selector), room = root.querySelector(".room");
  let on = now.data.follow, asking = false, state = null, stop = () => {};

  function heard(next) {
    state = next;
    show();
  }

  // The presenter is somewhere: his lecture is neither over nor has yet to begin.
  const live = () => state?.place.scene && state.place.phase !== "over";

  // `anew`: also what the hand has changed meanwhile.
  function show(anew = false) {
    bar.hidden = !live();
    root.toggleAttribute("data-follows", Boolean(on && live()));
    if (!live()) return ask(false);
    const { place, question } = state, open = place.phase === "asking" && question;
    $("span").textContent = on ? "You follow the presenter." : "The presenter goes on.";
    $("button").textContent = on ? "Look around" : "Follow again";
    $("a").hidden = !open;
    if (!on) return;
    mirror(place, anew);
    ask(Boolean(question));
    root.querySelector(".voted").textContent = question ? "" : resultOf(state.results[place.scene]);
  }

  // While the question stands nothing of its answer is seen here either; once it is marked, it is.
  function ask(whether) {
    if (whether === asking && !whether) return;
    asking = whether;
    root.toggleAttribute("data-asking", whether);
    room.textContent = whether ? state.answer?.told ?? state.question.ask : "";
  }

  function letGo() {
    if (!on || !live()) return;
    on = false;
    ask(false);
    show();
    settled();
  }

  $("button").onclick = () => {
    if (on) return letGo();
    on = true;
    show(true);
  };
  const touched = (event) => { if (!event.composedPath().includes(bar)) letGo(); };
  const pressed = ({ key }) => { if (KEYS.includes(key)) letGo(); };
  root.addEventListener("pointerdown", touched, { capture: true });
  document.addEventListener("keydown", pressed, { capture: true });
  stop = listenTo("vote/events", heard);

  return {
    begin() { on = false; stop(); bar.hidden = true; ask(false); },
    end() { stop = listenTo("vote/events", heard); },
    follows: () => Boolean(on && live()),
    results: () => state?.results ?? {},
    forget() {
      stop();
      document.removeEventListener("keydown", pressed, { capture: true });
    },
  };
}
