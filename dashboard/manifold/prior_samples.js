// Random draws of the prior through several models, side by side.
import { bytesOf, imageAt, inkInto, shades, sizeOf } from "../shared/js/canvas.js";
import { mounted } from "../shared/js/mounted.js";

export default mounted(".samples", createRow);

function createRow(root) {
  const $ = (selector) => root.querySelector(selector);
  let data, choose;

  function update(next, { setStateValue, setTriggerValue }) {
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

  function draw() {
    const wide = root.getBoundingClientRect().width;
    root.classList.toggle("narrow", wide < 900);
    root.classList.toggle("phone", wide < 700);
    const table = shades(root, data.photograph);
    [...$(".row").children].forEach((made, k) => fill(made, data.panels[k], { side: data.side, table, choose }));
    root.dataset.seed = data.panels.length ? data.seed : "";
    root.dataset.frames = Number(root.dataset.frames ?? 0) + 1;
  }

  return { update, redraw: draw };
}

function figure() {
  const made = document.createElement("figure"), open = "<button type='button' hidden>Open</button>";
  made.innerHTML = `<figcaption><span></span>${open}<small hidden>shown above</small></figcaption><canvas></canvas><dl></dl>`;
  return made;
}

function fill(made, panel, { side, table, choose }) {
  const canvas = made.querySelector("canvas"), [rows, columns] = panel?.shape ?? [28, 28];
  const width = side * columns, height = side * rows;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  if (!panel) return; // it keeps its place until the server has decoded it
  const { title, current, key, numbers } = panel;
  const [name, open, here] = made.querySelector("figcaption").children;
  name.textContent = title;
  open.hidden = current;
  here.hidden = !current;
  open.setAttribute("aria-label", `Open the ${title} model`);
  open.onclick = () => choose(key);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${side * side} random images of the ${title} model`);
  drawImages(canvas, panel, side, table);
  made.querySelector("dl").replaceChildren(...numbers.flatMap(withUnit));
}

function drawImages(canvas, { levels, shape }, side, table) {
  const [rows, columns] = shape, bytes = bytesOf(levels), pen = canvas.getContext("2d");
  const sheet = pen.createImageData(canvas.width, canvas.height);
  for (let k = 0; k < side * side; k++) {
    const image = imageAt(bytes, k, sizeOf(shape));
    inkInto(sheet, image, shape, table, (k % side) * columns, Math.floor(k / side) * rows);
  }
  pen.putImageData(sheet, 0, 0);
}

function withUnit([name, value, unit]) {
  const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
  dt.textContent = name;
  dd.append(value, " ", Object.assign(document.createElement("small"), { textContent: unit }));
  return [dt, dd];
}
