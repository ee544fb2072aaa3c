// The first rows of all images in some order, as a table: a click on a row selects its image, on a number's name sorts by it.
import { colourOf, htmlOf, nameOf } from "../../shared/js/classes.js";
import { inkInto, number, sizeOf } from "../../shared/js/canvas.js";

export const NAMES = { gap: "gap", elbo: "ELBO", reconstruction: "reconstruction", kl: "KL", log_px: "log p(x)" };

// On a phone: what is sorted by, and the bound or what it lacks
export function columnsOf(names, by, phone) {
  if (!phone) return names;
  const second = by === "elbo" ? (names.includes("gap") ? "gap" : "reconstruction") : "elbo";
  return names.filter((name) => name === by || name === second);
}

// `shown` is what Python says of the table: { top, names, by, largest, chosen, classes, shape }; `images` has the numbers and
// pictures: { columns, images, labels, levels, ink }, where `ink` are the 256 shades.
export function drawRows(box, shown, images, phone, { choose, sort }) {
  const { top, shape, chosen } = shown, names = columnsOf(shown.names, shown.by, phone), size = sizeOf(shape);
  box.querySelector("thead").innerHTML = heads(names, shown, images.labels);
  for (const button of box.querySelectorAll("thead button")) button.onclick = () => sort(button.dataset.name);
  const body = box.querySelector("tbody");
  body.innerHTML = top.map((k, row) => cells(k, row, names, shown, images)).join("");
  const lines = [...body.children];
  lines.forEach((line, row) => {
    paint(line.querySelector("canvas"), images.levels.subarray(row * size, (row + 1) * size), shape, images.ink);
    line.onclick = () => choose(images.images[top[row]]);
    line.onkeydown = (event) => pressed(event, lines, row, () => choose(images.images[top[row]]));
  });
  markRow(box, chosen);
}

function heads(names, { by, largest }, labels) {
  const head = (name) => {
    const [sorted, arrow] = name === by ? [largest ? "descending" : "ascending", largest ? " ↓" : " ↑"] : ["", ""];
    return `<th ${sorted && `aria-sort="${sorted}"`}><button type="button" data-name="${name}">${NAMES[name]}${arrow}</button></th>`;
  };
  return `<tr><th></th><th>image</th>${labels ? "<th>class</th>" : "<th></th>"}${names.map(head).join("")}</tr>`;
}

function cells(k, row, names, { by, classes }, { columns, images, labels }) {
  const image = images[k];
  const label = labels ? htmlOf(nameOf(classes, labels[k])) : "";
  const values = names.map((name) => `<td class="${name === by ? "sorting" : ""}">${number(columns[name][k])}</td>`);
  return `<tr data-index="${image}" tabindex="${row ? -1 : 0}" aria-label="Test image ${image}"><td><canvas></canvas></td><td>${image}</td>
    <td class="label" style="color: ${labels ? colourOf(labels[k]) : "inherit"}" title="${label}">${label}</td>${values.join("")}</tr>`;
}

function paint(canvas, levels, shape, ink) {
  Object.assign(canvas, { width: shape[1], height: shape[0] });
  const pen = canvas.getContext("2d"), picture = pen.createImageData(shape[1], shape[0]);
  inkInto(picture, Float32Array.from(levels, (level) => level / 255), shape, ink);
  pen.putImageData(picture, 0, 0);
}

// Arrow keys go from row to row, Enter chooses.
function pressed(event, lines, row, choose) {
  if (event.key === "Enter" || event.key === " ") { event.preventDefault(); return choose(); }
  const next = lines[row + ({ ArrowDown: 1, ArrowUp: -1 }[event.key] ?? NaN)];
  if (!next) return;
  event.preventDefault();
  lines[row].tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

export function markRow(box, chosen) {
  for (const line of box.querySelectorAll("tbody tr")) line.classList.toggle("current", Number(line.dataset.index) === chosen);
}
