// The six lines, of which one runs; the keys that lead from one to the next, and the film that does it by itself.
import { linesOf } from "./words.js";

const PACE = 2200; // milliseconds that a line stands while it plays
const ARROWS = { ArrowDown: 1, ArrowUp: -1 };

// What a key that is pressed among the lines adds to the line.
export const lineStep = (event) => (event.ctrlKey || event.metaKey || event.altKey ? 0 : ARROWS[event.key] ?? 0);

export function drawLines(list, data, line, go) {
  const lines = linesOf(data);
  if (!list.children.length) {
    list.replaceChildren(...lines.map((_, k) => {
      const item = document.createElement("li"), button = document.createElement("button");
      Object.assign(button, { type: "button", onclick: () => go(k + 1) });
      item.append(button);
      return item;
    }));
  }
  [...list.children].forEach((item, k) => {
    const now = k + 1 === line;
    item.classList.toggle("now", now);
    item.firstChild.setAttribute("aria-current", now ? "step" : "false");
    item.firstChild.innerHTML = `<span>${lines[k]}</span>${now ? `<code>${escaped(data.code[k])}</code>` : ""}`;
  });
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

export function createFilm(button, next) {
  let film = 0;
  function stop() {
    clearInterval(film);
    film = 0;
    button.textContent = "Play";
  }
  button.onclick = () => {
    if (film) return stop();
    film = setInterval(next, PACE);
    button.textContent = "Pause";
  };
  return { stop };
}
