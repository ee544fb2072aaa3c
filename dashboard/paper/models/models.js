// Figures 4 and 5: each sheet of decoded images, as soon as its blob is here, and the way to its model.
import { imageAt, inkInto, number, shades, sizeOf } from "../../shared/js/canvas.js";
import { listen, onShelf } from "../../shared/js/blobs.js";
import { mounted } from "../../shared/js/mounted.js";

export default mounted(".models", createModels);

function createModels(root) {
  let sheets = [], open;

  function update(next, { setTriggerValue }) {
    [sheets, open] = [next, (model) => setTriggerValue("open", model)];
    for (const [figure, box] of [[4, ".planes"], [5, ".draws"]]) {
      const mine = sheets.filter((sheet) => sheet.figure === figure);
      root.querySelector(`.of-${figure}`).hidden = !mine.length;
      root.querySelector(box).replaceChildren(...mine.map((sheet) => made(sheet, open)));
    }
    draw();
  }

  function draw() {
    const wide = root.getBoundingClientRect().width;
    root.classList.toggle("narrow", wide < 900);
    root.classList.toggle("phone", wide < 600);
    const canvases = [...root.querySelectorAll("canvas")];
    sheets.forEach((sheet, k) => paint(canvases[k], sheet, shades(root, sheet.photograph)));
    root.dataset.drawn = sheets.filter((sheet) => onShelf(sheet.levels)).length;
  }

  const deaf = listen("shelf", (key) => sheets.some((sheet) => sheet.levels === key) && draw());
  return { update, redraw: draw, forget: deaf };
}

function made({ title, elbo, model, shape, side }, open) {
  const figure = document.createElement("figure"), [height, width] = shape;
  figure.innerHTML = `<canvas role="img" width="${side * width}" height="${side * height}"></canvas>
    <figcaption><b>${title}</b><small>test ELBO ${number(elbo, 1)}</small><button type="button">on Manifold</button></figcaption>`;
  figure.querySelector("canvas").setAttribute("aria-label", `${side * side} images of the model ${title}`);
  const button = figure.querySelector("button");
  button.setAttribute("aria-label", `Open the model ${title} on the page Manifold`);
  button.onclick = () => open(model);
  return figure;
}

function paint(canvas, { levels, side, shape }, table) {
  const found = onShelf(levels), [height, width] = shape;
  if (!found) return; // it keeps its place
  const pen = canvas.getContext("2d"), picture = pen.createImageData(canvas.width, canvas.height);
  for (let k = 0; k < side * side; k++) {
    inkInto(picture, imageAt(found.levels, k, sizeOf(shape)), shape, table, (k % side) * width, Math.floor(k / side) * height);
  }
  pen.putImageData(picture, 0, 0);
}
