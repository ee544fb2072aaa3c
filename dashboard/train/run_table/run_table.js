// All runs as a table. A click on a row selects it alone, its box adds it to those that are selected; what came from
// people is set as text, never as markup.
import { mounted } from "../../shared/js/mounted.js";

const COLUMNS = [
  ["name", "name"], ["data", "data"], ["changes", "changed settings"], ["status", "status"],
  ["elbo", "<b>ELBO</b>, test, nats"], ["reconstruction", "<b>reconstruction</b>"], ["kl", "<b>KL</b>"],
  ["active", "active"], ["took", "time"], ["when", "when"], ["origin", "origin"],
];

export default mounted(".runs", createTable);

// The form has just been filled: the eye and the keyboard go there.
function leadToForm() {
  const form = document.querySelector(".st-key-settings");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  form?.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "center" });
  form?.querySelector(".st-key-set-beta input")?.focus({ preventScroll: true });
}

function createTable(root) {
  const $ = (selector) => root.querySelector(selector);
  let data, send, selected = null, frames = 0, led = 0;
  const titles = COLUMNS.map(([name, title]) => `<th class="${name}" scope="col">${title}</th>`);
  $("thead tr").innerHTML = `<th class="pick"></th>${titles.join("")}`;

  function update(next, { setStateValue }) {
    [data, send] = [next, setStateValue];
    if (data.toForm > led) leadToForm();
    led = data.toForm;
    const known = new Set(data.rows.map((row) => row.key));
    selected = new Set([...(selected ?? data.selected)].filter((key) => known.has(key)));
    fill($("tbody"), data.rows.map(row));
    $(".scroller").hidden = !data.rows.length;
    $(".empty").hidden = data.rows.length > 0;
    mark();
  }

  // Rows keep their place in the document, and with it the focus, as long as they say the same.
  function fill(body, rows) {
    const before = new Map([...body.children].map((line) => [line.dataset.said, line]));
    const focused = root.getRootNode().activeElement?.closest?.("tr")?.dataset.key;
    const lines = rows.map((made) => before.get(made.dataset.said) ?? made);
    if (lines.length !== body.children.length || lines.some((line, k) => body.children[k] !== line)) body.replaceChildren(...lines);
    if (focused) [...body.children].find((line) => line.dataset.key === focused)?.querySelector("input").focus({ preventScroll: true });
  }

  function mark() {
    for (const line of $("tbody").children) {
      const on = selected.has(line.dataset.key);
      line.setAttribute("aria-selected", String(on));
      line.classList.toggle("shown", line.dataset.key === data.shown);
      line.querySelector("input").checked = on;
    }
    layout();
    Object.assign(root.dataset, { frames: ++frames, selected: [...selected].join(","), rows: data.rows.length });
  }

  function choose(key, add) {
    const had = selected.has(key);
    if (add) had ? selected.delete(key) : selected.add(key);
    else selected = new Set(had && selected.size === 1 ? [] : [key]);
    mark();
    $(".spoken").textContent = `${selected.size} selected`;
    send("selected", [...selected]);
  }

  $("tbody").onclick = (event) => {
    const line = event.target.closest("tr");
    if (!line || root.getRootNode().getSelection?.()?.toString()) return;
    if (event.target.closest(".pick")) {
      if (event.target.matches("input")) choose(line.dataset.key, true);
      return;
    }
    choose(line.dataset.key, event.ctrlKey || event.metaKey || event.shiftKey);
  };

  const layout = () => root.classList.toggle("phone", root.getBoundingClientRect().width < 700);
  return { update, redraw: layout };
}

function row(told) {
  const line = document.createElement("tr");
  Object.assign(line.dataset, { key: told.key, said: JSON.stringify(told) });
  const pick = line.insertCell();
  pick.className = "pick";
  pick.innerHTML = '<label><input type="checkbox"></label>';
  pick.querySelector("input").setAttribute("aria-label", `select ${told.name}`);
  for (const [name] of COLUMNS) {
    const cell = line.insertCell();
    cell.className = name;
    const text = name === "name" ? document.createElement("bdi") : cell;
    text.textContent = told[name];
    if (text !== cell) cell.append(text);
    if (name === "name") text.title = told.name;
    if (name === "name" && told.pinned) cell.append(small(" pinned"));
    if (name === "elbo" && told.error) cell.append(small(` ${told.error}`));
    if (name === "status") { cell.title = told.why || told.status; cell.classList.toggle("live", told.live); }
  }
  return line;
}

const small = (text) => Object.assign(document.createElement("small"), { textContent: text });
