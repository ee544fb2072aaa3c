// The first rows of all images in some order, as a table: a click on a row selects its image, on a number's name sorts by it.
import { colourOf, htmlOf, nameOf } from "../../shared/js/classes.js";
import { inkInto, number } from "../../shared/js/canvas.js";

export const NAMES = { gap: "gap", elbo: "ELBO", reconstruction: "reconstruction", kl: "KL", log_px: "log p(x)" };

// On a phone: what is sorted by, and the bound or what it lacks
export function columnsOf(names, by, phone) {
  if (!phone) return names;
  const second = by === "elbo" ? (names.includes("gap") ? "gap" : "reconstruction") : "elbo";
  return names.filter((name) => name === by || name === second);
}

export function drawRows(box, { top, names, by, largest, chosen, classes, shape }, { columns, labels }, pictures, table, phone, { choose, sort }) {
  const shown = columnsOf(names, by, phone), labelled = labels ? "<th>class</th>" : "";
  box.querySelector("thead").innerHTML = `<tr><th></th><th>image</th>${labelled || "<th></th>"}${shown.map((name) =>
    `<th ${name === by ? `aria-sort="${largest ? "descending" : "ascending"}"` : ""}><button type="button" data-name="${name}">${NAMES[name]}${name === by ? (largest ? " ↓" : " ↑") : ""}</button></th>`).join("")}</tr>`;
  for (const button of box.querySelectorAll("thead button")) button.onclick = () => sort(button.dataset.name);
  const body = box.querySelector("tbody");
  body.innerHTML = top.map((k, row) => `<tr data-index="${k}" tabindex="${row ? -1 : 0}" aria-label="Test image ${k}"><td><canvas></canvas></td><td>${k}</td><td class="label" style="color: ${labels ? colourOf(labels[k]) : "inherit"}" title="${labels ? htmlOf(nameOf(classes, labels[k])) : ""}">${labels ? htmlOf(nameOf(classes, labels[k])) : ""}</td>${shown.map((name) => `<td class="${name === by ? "sorting" : ""}">${number(columns[name][k])}</td>`).join("")}</tr>`).join("");
  const lines = [...body.children], pixels = shape[0] * shape[1];
  lines.forEach((line, row) => {
    const canvas = line.querySelector("canvas");
    Object.assign(canvas, { width: shape[1], height: shape[0] });
    const pen = canvas.getContext("2d"), picture = pen.createImageData(shape[1], shape[0]);
    inkInto(picture, Float32Array.from(pictures.subarray(row * pixels, (row + 1) * pixels), (level) => level / 255), shape, table);
    pen.putImageData(picture, 0, 0);
    line.onclick = () => choose(top[row]);
    line.onkeydown = (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); return choose(top[row]); }
      const next = lines[row + ({ ArrowDown: 1, ArrowUp: -1 }[event.key] ?? NaN)];
      if (!next) return;
      event.preventDefault();
      line.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    };
  });
  markRow(box, chosen);
}

export function markRow(box, chosen) {
  for (const line of box.querySelectorAll("tbody tr")) line.classList.toggle("current", Number(line.dataset.index) === chosen);
}
