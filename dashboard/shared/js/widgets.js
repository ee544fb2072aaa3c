// What the components share: a choice of one, the two dimensions of a plane, an image fitted into its frame.
import { subscript } from "./canvas.js";

// A row of buttons of which one is chosen; arrow keys move the choice.
export function radio(box, names, current, choose) {
  const pick = (name) => { choose(name); mark(); };
  const mark = () => {
    for (const button of box.children) {
      button.setAttribute("aria-checked", String(button.dataset.name === current()));
      button.tabIndex = button.dataset.name === current() ? 0 : -1;
    }
  };
  box.replaceChildren(...names.map((name) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: name, onclick: () => pick(name) });
    button.dataset.name = name;
    button.setAttribute("role", "radio");
    return button;
  }));
  box.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    pick(names[(names.indexOf(current()) + by + names.length) % names.length]);
    box.querySelector("[aria-checked=true]").focus();
  };
  mark();
}

// D > 2: which two dimensions the plane shows, those with the largest KL first.
export function axisChoice(box, { dims, order, axes }, choose) {
  if (dims < 3) return box.replaceChildren();
  const list = (place) => {
    const select = document.createElement("select");
    select.setAttribute("aria-label", place === 0 ? "dimension across" : "dimension up");
    select.append(...order.map((d) => new Option(`z${subscript(d + 1)}`, d, false, d === axes[place])));
    select.onchange = () => {
      const chosen = axes.slice();
      chosen[place] = Number(select.value);
      if (chosen[0] === chosen[1]) chosen[1 - place] = axes[place]; // the same twice: they swap places
      choose(chosen);
    };
    return select;
  };
  box.replaceChildren(list(0), "\u00d7", list(1));
}

// A canvas of the model's own pixels, shown as large as whole screen pixels allow; returns an ImageData to fill.
export function fitImage(canvas, [rows, columns], size, anyScale) {
  const scale = size / Math.max(rows, columns);
  const shown = anyScale ? scale : Math.floor(scale);
  canvas.style.width = `${columns * shown}px`;
  canvas.style.height = `${rows * shown}px`;
  if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
  return canvas.getContext("2d").createImageData(columns, rows);
}

// The side of the image on a narrow screen, where it shares the width with the readouts.
export const portrait = (width) => (width < 480 ? 154 : Math.min(308, Math.floor((width * 0.42) / 28) * 28));
