// The rail: a stop for the beta of each model, which is chosen by hand or by keys; and a film through all of them.
import { withModifier } from "./keys.js";
import { beta } from "./words.js";

const BEAT = 1500; // ms of a model while the film plays
const FIRST = 300; // ms until it moves on from where it was

// `select` shows a model, `go` does so by hand.
export function createRail(root, now, { go, select }) {
  const $ = (selector) => root.querySelector(selector), track = $(".track"), last = () => now.models.length - 1;
  const share = (index) => (100 * (index + 0.5)) / now.models.length;
  let film = null;

  function lay() {
    $(".stops").innerHTML = now.models.map((m, k) => `<span data-at="${k}" style="left:${share(k)}%">${beta(m)}</span>`).join("");
    track.setAttribute("aria-valuemin", 0);
    track.setAttribute("aria-valuemax", last());
  }

  function mark() {
    $(".done").style.width = $(".thumb").style.left = `${share(now.at)}%`;
    for (const stop of $(".stops").children) stop.classList.toggle("now", Number(stop.dataset.at) === now.at);
    track.setAttribute("aria-valuenow", now.at);
    track.setAttribute("aria-valuetext", `beta ${beta(now.models[now.at])}`);
    $(".play").textContent = film ? "❚❚" : "▶";
  }

  const under = (event) => {
    const box = track.getBoundingClientRect();
    return Math.floor(((event.clientX - box.left) / box.width) * now.models.length);
  };
  track.onpointerdown = (event) => {
    track.setPointerCapture(event.pointerId);
    go(Math.max(0, under(event)));
    track.focus({ preventScroll: true });
    event.preventDefault();
  };
  track.onpointermove = (event) => { if (track.hasPointerCapture(event.pointerId)) select(under(event)); };
  track.onkeydown = (event) => {
    const [lower, higher] = [now.at - 1, now.at + 1];
    const to = { ArrowLeft: lower, ArrowDown: lower, ArrowRight: higher, ArrowUp: higher, Home: 0, End: last() }[event.key];
    if (to === undefined || withModifier(event)) return;
    event.preventDefault();
    event.stopPropagation();
    go(to);
  };

  function stop() {
    clearTimeout(film);
    film = null;
    mark();
  }
  $(".play").onclick = () => {
    if (film) return stop();
    if (now.at === last()) select(0);
    const step = () => {
      if (!document.hidden) select(now.at + 1);
      film = now.at < last() ? setTimeout(step, BEAT) : null;
      mark();
    };
    film = setTimeout(step, now.at === 0 ? BEAT : FIRST);
    mark();
  };

  return { lay, mark, stop, plays: () => film !== null };
}
