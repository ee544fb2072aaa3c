// One row per dimension: its film strip, and how closely each trait of the test images follows it; then one per trait.
// Of images whose factors are known, what each dimension says of each factor, in nats, comes last.
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

  function build({ traits, rows, filmed, between, together, told }) {
    forget();
    const head = document.createElement("tr"), names = filmed ? ["what the decoder draws along it", ...traits] : traits;
    head.append(cell("th", ""), ...names.map((name) => cell("th", name)));
    root.querySelector("thead").replaceChildren(head);
    root.querySelector(".dimensions").replaceChildren(...rows.map((row) => tableRow(row, filmed)));
    root.querySelector(".between").replaceChildren(...between.map((r, k) => traitRow(traits[k], r, k, filmed)));
    const beside = root.querySelector(".between td.said"); // in the column of the films
    if (beside) Object.assign(beside, { rowSpan: between.length, innerHTML: together });
    Object.assign(root.querySelector(".below"), { innerHTML: together, hidden: filmed });
    root.querySelector(".told").replaceChildren(...(told ? toldRows(told, traits, filmed) : []));
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

// I(z; v) in nats, each bar as a share of what there is to say of the factor; and the gap between the two best.
function toldRows({ rows, most, gaps }, traits, filmed) {
  const best = traits.map((_, f) => rows.reduce((kept, row, k) => (row.nats[f] > rows[kept].nats[f] ? k : kept), 0));
  const line = (name, values, kind) => {
    const row = document.createElement("tr");
    row.append(cell("th", name), ...(filmed ? [cell("td", "")] : []), ...values.map((html, f) => cell("td", html, kind(f))));
    return row;
  };
  const bar = (share) => `<i style="width: ${Math.round(46 * Math.max(0, Math.min(1, share)))}px"></i>`;
  const title = document.createElement("tr");
  const heading = cell("th", "What a sample of z tells of each factor, in nats", "title");
  title.append(Object.assign(heading, { colSpan: traits.length + 1 + filmed }));
  return [
    title,
    ...rows.map(({ name, nats }, k) => line(`<b>${name}</b>`, nats.map((value, f) => `${number(value)}${bar(value / most[f] || 0)}`),
      (f) => (best[f] === k ? "leads" : ""))),
    line("there is to tell", most.map((value) => number(value)), () => ""),
    line("gap of the two best", gaps.map((value) => `${Math.round(100 * value)} %`), () => "leads"),
  ];
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
