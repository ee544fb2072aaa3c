// The same z in each class of a conditional model, decoded here while the point moves; a press chooses a class.
import { currentPoint, listen, onShelf } from "./js/blobs.js";
import { shades, inkCanvas } from "./js/canvas.js";
import { nameOf } from "./js/classes.js";
import { decode } from "./js/decoder.js";
import { mounted } from "./js/mounted.js";

const BUDGET = 8; // ms of a frame
const PHONE = 600; // pixels
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export default mounted(".class-row", createRow);

function createRow(root) {
  const tiles = root.querySelector(".tiles");
  let data = null, send = () => {}, asked = null, table = null, z = [], shown = [], next = 0, frame = 0;

  function update(latest, { setStateValue }) {
    const built = data && same(data, latest);
    if (latest.given === asked) asked = null;
    [data, send] = [{ ...latest, given: asked ?? latest.given }, setStateValue]; // an answer to an earlier press comes late
    if (!built) tiles.replaceChildren(...data.classes.map((_, y) => tile(data, y, press)));
    const point = currentPoint();
    z = point && whole(point.model) === whole(data.model) ? point.z : data.z;
    mark();
    redraw();
  }

  // A press shows at once which class it will be; the page follows.
  function press(y) {
    if (y === data.given) return;
    asked = y;
    data = { ...data, given: y };
    mark();
    send("y", y);
  }

  function mark() {
    for (const [y, button] of [...tiles.children].entries()) {
      button.setAttribute("aria-checked", String(y === data.given));
      button.tabIndex = y === data.given ? 0 : -1;
    }
  }

  tiles.onkeydown = (event) => {
    const count = data.classes.length, by = STEPS[event.key];
    const to = { Home: 0, End: count - 1 }[event.key] ?? (by && (data.given + by + count) % count);
    if (to === undefined) return;
    event.preventDefault();
    press(to);
    tiles.children[to].focus();
  };

  function redraw() {
    root.classList.toggle("phone", root.getBoundingClientRect().width < PHONE);
    table = shades(root, data.photograph);
    shown = [];
    draw();
  }

  // Round by round: where a frame's time is up, the next one goes on with the class after it, at the z of then.
  function draw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      const end = performance.now() + BUDGET, at = String(z), count = data.classes.length;
      for (let k = 0; k < count && performance.now() < end; k++, next = (next + 1) % count) {
        const decoder = onShelf(`${whole(data.model)}/${next}`);
        if (!decoder || decoder.latent_dim !== z.length || shown[next] === at) continue;
        inkCanvas(tiles.children[next].firstChild, decode(decoder, z), data.shape, table);
        shown[next] = at;
      }
      if (data.classes.every((_, y) => shown[y] === at)) root.dataset.done = at;
      else if (onShelf(data.model)) draw();
    });
  }

  const ends = [
    listen("point", (point) => {
      if (!data || whole(point.model) !== whole(data.model)) return;
      ({ z } = point);
      draw();
    }),
    listen("shelf", (key) => { if (data && key === data.model) redraw(); }),
  ];
  return { update, redraw, forget: () => { ends.forEach((end) => end()); cancelAnimationFrame(frame); } };
}

// A decoder's key without the class that it is given.
const whole = (key) => String(key).split("/")[0];

const same = (a, b) => whole(a.model) === whole(b.model) && a.classes.join() === b.classes.join();

function tile(data, y, press) {
  const name = nameOf(data.classes, y), button = document.createElement("button");
  Object.assign(button, { type: "button", title: name, onclick: () => press(y) });
  button.setAttribute("role", "radio");
  button.setAttribute("aria-label", name);
  const canvas = document.createElement("canvas");
  canvas.style.aspectRatio = `${data.shape[1]} / ${data.shape[0]}`;
  button.append(canvas, Object.assign(document.createElement("span"), { textContent: name }));
  return button;
}
