// Random draws of the prior through several models, side by side.
import { inkInto, shades } from "../shared/js/canvas.js";

const rows = new WeakMap();

export default function ({ data: [data], parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".samples");
  if (!rows.has(root)) rows.set(root, createRow(root));
  const row = rows.get(root);
  row.update(data, setStateValue, setTriggerValue);
  return () => { row.forget(); rows.delete(root); };
}

function createRow(root) {
  const $ = (selector) => root.querySelector(selector);
  let data, choose, wide = 0;

  function update(next, setStateValue, setTriggerValue) {
    data = next;
    choose = (key) => setTriggerValue("model", key);
    $("h2").textContent = data.claim;
    $(".caption").textContent = data.caption;
    $(".again").onclick = () => {
      $(".spoken").textContent = "Drawn again";
      setStateValue("seed", data.seed + 1);
    };
    root.style.setProperty("--count", data.count);
    if ($(".row").children.length !== data.count) $(".row").replaceChildren(...Array.from({ length: data.count }, figure));
    draw();
  }

  function figure() {
    const made = document.createElement("figure");
    made.innerHTML = "<figcaption><span></span><button type='button' hidden>open</button><small hidden>shown above</small></figcaption><canvas></canvas><dl></dl>";
    return made;
  }

  function draw() {
    wide = root.getBoundingClientRect().width;
    root.classList.toggle("narrow", wide < 900);
    root.classList.toggle("phone", wide < 700);
    const table = shades(root, data.photograph);
    [...$(".row").children].forEach((made, k) => fill(made, data.panels[k], table));
    root.dataset.seed = data.panels.length ? data.seed : "";
    root.dataset.frames = Number(root.dataset.frames ?? 0) + 1;
  }

  function fill(made, panel, table) {
    const canvas = made.querySelector("canvas"), side = data.side;
    const [height, width] = panel?.shape ?? [28, 28];
    if (canvas.width !== side * width || canvas.height !== side * height) Object.assign(canvas, { width: side * width, height: side * height });
    if (!panel) return; // it keeps its place until the server has decoded it
    const [title, open, here] = made.querySelector("figcaption").children;
    title.textContent = panel.title;
    open.hidden = panel.current;
    here.hidden = !panel.current;
    open.setAttribute("aria-label", `Open the ${panel.title} model`);
    open.onclick = () => choose(panel.key);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${side * side} random images of the ${panel.title} model`);
    const levels = Uint8Array.from(atob(panel.levels), (letter) => letter.charCodeAt(0));
    const pen = canvas.getContext("2d"), sheet = pen.createImageData(canvas.width, canvas.height), size = width * height;
    for (let k = 0; k < side * side; k++) {
      const image = Float32Array.from(levels.subarray(k * size, (k + 1) * size), (level) => level / 255);
      inkInto(sheet, image, panel.shape, table, (k % side) * width, Math.floor(k / side) * height);
    }
    pen.putImageData(sheet, 0, 0);
    made.querySelector("dl").replaceChildren(...panel.numbers.flatMap(([name, value, unit]) => {
      const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
      const small = Object.assign(document.createElement("small"), { textContent: unit });
      dt.textContent = name;
      dd.append(value, " ", small);
      return [dt, dd];
    }));
  }

  const watch = new ResizeObserver(() => { if (data && root.getBoundingClientRect().width !== wide) draw(); });
  watch.observe(root);
  const theme = matchMedia("(prefers-color-scheme: dark)");
  const themed = () => setTimeout(() => data && draw(), 50);
  theme.addEventListener("change", themed);
  return { update, forget: () => { watch.disconnect(); theme.removeEventListener("change", themed); } };
}
