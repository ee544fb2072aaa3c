// One row per dimension: its film strip, and how closely each trait of the test images follows it.
import { number } from "../shared/js/canvas.js";
import { mounted } from "../shared/js/mounted.js";
import { createStrip } from "./film.js";

export default mounted(".learned", createTable);

function createTable(root) {
  let strips = [], made = "";

  function update({ films, ...lasting }) {
    if (made !== JSON.stringify(lasting)) build(lasting);
    made = JSON.stringify(lasting);
    strips.forEach((strip, k) => strip.update(films[k]));
  }

  function build({ traits, rows }) {
    forget();
    const head = document.createElement("tr");
    head.append(cell("th", ""), cell("th", "what the decoder draws along it"), ...traits.map((trait) => cell("th", trait)));
    root.querySelector("thead").replaceChildren(head);
    root.querySelector("tbody").replaceChildren(...rows.map(tableRow));
    strips = [...root.querySelectorAll("tbody .strip")].map(createStrip);
  }

  function forget() {
    strips.forEach((strip) => strip.forget());
    strips = [];
  }

  return { update, forget };
}

const cell = (tag, html, name = "") => Object.assign(document.createElement(tag), { innerHTML: html, className: name });

function tableRow({ name, kl, r, leads }) {
  const row = document.createElement("tr"), wide = (value) => Math.round(46 * Math.abs(value));
  row.append(
    cell("th", `<b>${name}</b> <small>${kl}</small>`),
    cell("td", '<div class="strip"><canvas></canvas><i class="mark"></i></div>', "film"),
    ...r.map((value, k) => cell("td", `${number(value)}<i style="width: ${wide(value)}px"></i>`, leads[k] ? "leads" : "")),
  );
  return row;
}
