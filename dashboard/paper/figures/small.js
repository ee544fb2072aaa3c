// All panels of figures 2 and 3, as small as in the paper; a click shows one of them large.
import { kindOf, linearScale, logScale, points, polyline, reach, span } from "./scales.js";

const HEIGHT = 84;
const GROUPS = [
  { figure: 2, data: "MNIST", heading: "Figure 2, MNIST <small>the bound</small>" },
  { figure: 3, data: "MNIST", heading: "Figure 3, MNIST <small>log p(x), D = 3</small>" },
  { figure: 2, data: "Frey Faces", heading: "Figure 2, Frey Faces <small>the bound</small>" },
];

export function drawSmall(box, data, choose) {
  const groups = [...box.querySelectorAll(".group")];
  GROUPS.forEach(({ figure, data: name, heading }, k) => {
    const panels = data.panels.filter((panel) => panel.figure === figure && panel.data === name);
    const lines = panels.flatMap((panel) => panel.lines.filter((line) => !line.trial));
    const frame = { nats: span(lines), along: reach(lines, data.axis), axis: data.axis };
    groups[k].querySelector("h3").innerHTML = heading;
    const row = groups[k].querySelector(".row");
    row.style.setProperty("--count", panels.length);
    if (row.children.length !== panels.length) row.replaceChildren(...panels.map(button));
    panels.forEach((panel, p) => fill(row.children[p], panel, frame, data.at, choose));
  });
  box.onkeydown = (event) => step(event, box);
}

function button() {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", innerHTML: "<span></span><svg aria-hidden='true'></svg>" });
  made.setAttribute("role", "radio");
  return made;
}

function fill(made, panel, frame, at, choose) {
  const chosen = panel.name === at, [title, svg] = made.children, width = svg.clientWidth || 150;
  made.setAttribute("aria-checked", chosen);
  made.setAttribute("aria-label", `Figure ${panel.figure}, ${panel.data}, ${panel.title}`);
  made.tabIndex = chosen ? 0 : -1;
  made.onclick = () => choose(panel.name);
  title.textContent = panel.title;
  svg.setAttribute("height", HEIGHT);
  svg.innerHTML = inside(panel, frame, width);
}

function inside(panel, { nats, along, axis }, width) {
  const x = logScale(...along, 2, width - 2), y = linearScale(...nats, HEIGHT - 3, 3), clip = `small-${panel.name}`;
  const lines = panel.lines.filter((line) => !line.trial).flatMap((line) => ["train", "test"].map((part) =>
    polyline(points(line, axis, part, x, y), `${kindOf(line)} ${part}`)));
  return `<clipPath id="${clip}"><rect width="${width}" height="${HEIGHT}"/></clipPath><g clip-path="url(#${clip})">${lines.join("")}</g>`;
}

// Arrow keys walk through the panels, as through any radio group.
function step(event, box) {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!by) return;
  const all = [...box.querySelectorAll("button")], here = all.findIndex((one) => one.tabIndex === 0);
  const next = all[(here + by + all.length) % all.length];
  event.preventDefault();
  next.click();
  next.focus();
}
