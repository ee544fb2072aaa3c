// One row per dimension: its film strip, and how closely each trait of the test images follows it.
import { number } from "../shared/js/canvas.js";
import { createStrip } from "./film.js";

const tables = new WeakMap();

export default function ({ data: [data], parentElement }) {
  const root = parentElement.querySelector(".learned");
  const table = tables.get(root) ?? { films: [], made: "" };
  tables.set(root, table);
  const { films: strips, ...lasting } = data, made = JSON.stringify(lasting);
  if (table.made !== made) build(root, data, table);
  table.made = made;
  table.films.forEach((film, k) => film.update(strips[k]));
  return () => { table.films.forEach((film) => film.forget()); tables.delete(root); };
}

function build(root, { traits, rows }, table) {
  table.films.forEach((film) => film.forget());
  table.films = [];
  const cell = (tag, html, name = "") => Object.assign(document.createElement(tag), { innerHTML: html, className: name });
  const head = document.createElement("tr");
  head.append(cell("th", ""), cell("th", "what the decoder draws along it"), ...traits.map((trait) => cell("th", trait)));
  root.querySelector("thead").replaceChildren(head);
  root.querySelector("tbody").replaceChildren(...rows.map(({ name, kl, r, leads }) => {
    const row = document.createElement("tr"), film = cell("td", '<div class="strip"><canvas></canvas><i class="mark"></i></div>', "film");
    row.append(cell("th", `<b>${name}</b> <small>${kl}</small>`), film, ...r.map((value, k) =>
      cell("td", `${number(value)}<i style="width: ${Math.round(46 * Math.abs(value))}px"></i>`, leads[k] ? "leads" : "")));
    table.films.push(createStrip(film.firstChild));
    return row;
  }));
}
