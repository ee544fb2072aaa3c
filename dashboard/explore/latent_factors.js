// One row per dimension: its film strip, and how closely each trait of the test images follows it; then one per trait.
import { number } from "../shared/js/canvas.js";
import { mounted } from "../shared/js/mounted.js";
import { createStrip } from "./film.js";

export default mounted(".learned", createTable);

function createTable(root) {
  let strips = [], made = "";

  function update({ films, ...rest }) {
    const lasting = { ...rest, filmed: films.length > 0 };
    if (made !== JSON.stringify(lasting)) build(lasting);
    made = JSON.stringify(lasting);
    strips.forEach((strip, k) => strip.update(films[k]));
  }

  function build({ traits, rows, filmed, between, together }) {
    forget();
    const head = document.createElement("tr"), names = filmed ? ["what the decoder draws along it", ...traits] : traits;
    head.append(cell("th", ""), ...names.map((name) => cell("th", name)));
    root.querySelector("thead").replaceChildren(head);
    root.querySelector(".dimensions").replaceChildren(...rows.map((row) => tableRow(row, filmed)));
    root.querySelector(".between").replaceChildren(...between.map((r, k) => traitRow(traits[k], r, k, filmed)));
    const beside = root.querySelector(".between td.said"); // in the column of the films
    if (beside) Object.assign(beside, { rowSpan: between.length, innerHTML: together });
    Object.assign(root.querySelector(".below"), { innerHTML: together, hidden: filmed });
    strips = [...root.querySelectorAll("tbody .strip")].map(createStrip);
  }

  function forget() {
    strips.forEach((strip) => strip.forget());
    strips = [];
  }

  return { update, forget };
}

const cell = (tag, html, name = "") => Object.assign(document.createElement(tag), { innerHTML: html, className: name });

function tableRow({ name, kl, r, leads }, filmed) {
  const row = document.createElement("tr");
  row.append(
    cell("th", `<b>${name}</b> <small>${kl}</small>`),
    ...(filmed ? [cell("td", '<div class="strip"><canvas></canvas><i class="mark"></i></div>', "film")] : []),
    ...r.map((value, k) => correlation(value, leads[k] ? "leads" : "")),
  );
  return row;
}

// A trait against the others; beside films the first row also holds what is said of them all.
function traitRow(name, r, k, filmed) {
  const row = document.createElement("tr"), said = filmed && !k ? [cell("td", "", "said")] : [];
  row.append(cell("th", name), ...said, ...r.map((value, of) => correlation(value, "", of === k ? "" : "constant")));
  return row;
}

// null: `without` instead, of a trait that is the same in every image.
function correlation(r, kind, without = "constant") {
  if (r === null) return cell("td", without && `<small>${without}</small>`, kind);
  return cell("td", `${number(r)}<i style="width: ${Math.round(46 * Math.abs(r))}px"></i>`, kind);
}
