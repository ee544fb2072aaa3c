// Figures 2 and 3: small panels, one of them large with its numbers, the visitor's own curves, and what wake-sleep dreams.
import { imageAt, inkedCanvas, shades, sizeOf } from "../../shared/js/canvas.js";
import { listen, onShelf } from "../../shared/js/blobs.js";
import { mounted } from "../../shared/js/mounted.js";
import { radio } from "../../shared/js/widgets.js";
import { drawLarge } from "./large.js";
import { drawRuns } from "./runs.js";
import { AXIS_NAMES, inShort } from "./scales.js";
import { drawSmall } from "./small.js";
import { capital, head, row, sentences, settings } from "./words.js";

export default mounted(".figures", createFigures);

function createFigures(root) {
  const $ = (selector) => root.querySelector(selector);
  let data, send, moment = null, asked = null;

  function update(next, sending) {
    if (asked === null || next.at === asked) asked = null; // else an answer to an earlier click
    [data, send] = [asked === null ? next : { ...next, at: asked }, sending];
    redraw();
  }

  const panel = () => data.panels.find(({ name }) => name === data.at);
  // Moments that the panel's curves have reached; at first the last one that all algorithms have.
  const moments = () => data.goals.filter((goal) => panel().lines.some((line) => line.images_seen.includes(goal)));

  function redraw() {
    const width = root.getBoundingClientRect().width;
    if (!width) return;
    root.classList.toggle("mid", width < 1000);
    root.classList.toggle("phone", width < 600);
    radio($(".axis"), Object.values(AXIS_NAMES), () => AXIS_NAMES[data.axis], chooseAxis);
    $(".legend").innerHTML = legend(data.names);
    drawSmall($(".small"), data, choosePanel);
    drawDreams();
    draw();
  }

  // All that follows the moment of the table.
  function draw() {
    const reached = moments(), view = { ...data, panel: panel(), live: data.live };
    if (!reached.includes(moment)) moment = lastOfAll(panel()) ?? reached.at(-1) ?? null;
    $(".of-large h2").innerHTML = titleOf(view.panel);
    $(".large").innerHTML = drawLarge(view, moment, $(".large").clientWidth);
    Object.assign($(".moment input"), { max: Math.max(0, reached.length - 1), value: reached.indexOf(moment) });
    $(".moment input").setAttribute("aria-valuetext", moment === null ? "" : `${inShort(moment)} images`);
    $(".moment b").textContent = moment === null ? "" : `${inShort(moment)} images`;
    $("thead").innerHTML = head(view.panel);
    $("tbody").innerHTML = view.panel.lines.map((line) => row(line, data.names, moment, view.panel.figure)).join("");
    $(".of-numbers .words").innerHTML = `${sentences(view.panel, data.names, moment)} ${settings(view.panel)}`;
    drawRuns($(".runs"), view, send);
    const points = data.live.reduce((sum, line) => sum + line.test.length, 0);
    Object.assign(root.dataset, { panel: data.at, axis: data.axis, moment, points, frames: Number(root.dataset.frames ?? 0) + 1 });
  }

  function drawDreams() {
    const found = data.dreams && onShelf(data.dreams), table = shades(root, false);
    $(".of-dreams").hidden = !data.dreams;
    if (!found) return;
    const size = sizeOf(found.shape);
    $(".dreams").replaceChildren(...data.dreamer.map((images, m) => {
      const line = document.createElement("div"), label = document.createElement("span");
      label.textContent = inShort(images);
      const pictures = Array.from({ length: data.each }, (_, k) =>
        inkedCanvas(imageAt(found.levels, m * data.each + k, size), found.shape, table));
      line.append(label, ...pictures);
      line.setAttribute("role", "img");
      line.setAttribute("aria-label", `${data.each} dreams after ${inShort(images)} images`);
      return line;
    }));
  }

  function choosePanel(name) {
    if (name === data.at) return;
    asked = name;
    data = { ...data, at: name, live: [] };
    moment = null;
    redraw();
    send.setTriggerValue("panel", name);
  }

  function chooseAxis(name) {
    data = { ...data, axis: Object.keys(AXIS_NAMES).find((key) => AXIS_NAMES[key] === name) };
    redraw();
    send.setTriggerValue("axis", data.axis);
  }

  $(".moment input").oninput = (event) => { moment = moments()[Number(event.target.value)]; draw(); };
  const deaf = listen("shelf", (key) => { if (data && key === data.dreams) drawDreams(); });
  return { update, redraw, forget: deaf };
}

// The title compares the algorithms there.
const lastOfAll = ({ lines }) => {
  const first = (name) => lines.find((line) => line.algorithm === name && !line.trial && !line.seed);
  const ends = [...new Set(lines.map((line) => line.algorithm))].map((name) => first(name)?.images_seen.at(-1));
  return ends.length && ends.every(Boolean) ? Math.min(...ends) : undefined;
};

const titleOf = ({ figure, data, title, d }) =>
  `${data}, ${title}${figure === 3 ? `, D = ${d}` : ""} <small>${figure === 2 ? "the bound" : "log p(x)"}, nats per image</small>`;

function legend(names) {
  const stroke = (kind) => `<svg viewBox="0 0 28 10" aria-hidden="true"><polyline points="0,5 28,5" class="${kind}"/></svg>`;
  const algorithms = Object.entries(names).map(([key, name]) => `<span>${stroke(key)}${capital(name)}</span>`);
  return `${algorithms.join("")}<span>${stroke("any test")}test</span><span>${stroke("any train")}training</span>`;
}
