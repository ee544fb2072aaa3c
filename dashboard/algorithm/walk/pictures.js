// The images of the batch, and the pictures in the graph: what goes in, what the last hidden layers say, what comes out.
import { bytesOf, imageAt, inkCanvas, inkedCanvas, shades, sizeOf } from "../../shared/js/canvas.js";

export function drawBatch(root, data, example, choose) {
  const box = root.querySelector(".batch"), table = shades(root, data.photograph), grey = bytesOf(data.x);
  const held = box.contains(root.getRootNode().activeElement);
  box.replaceChildren(...data.mean.map((_, k) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", onclick: () => choose(k), tabIndex: k === example ? 0 : -1 });
    button.setAttribute("role", "radio");
    button.setAttribute("aria-checked", String(k === example));
    button.setAttribute("aria-label", `image ${k + 1} of the batch`);
    button.append(inkedCanvas(imageAt(grey, k, sizeOf(data.shape)), data.shape, table));
    return button;
  }));
  box.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key], count = data.mean.length;
    if (!by) return;
    event.preventDefault();
    choose((example + by + count) % count);
  };
  if (held) box.children[example].focus();
}

export function paintGraph(root, data, example) {
  const table = shades(root, data.photograph), plain = shades(root, false);
  for (const canvas of root.querySelectorAll(".graph canvas")) {
    const { of } = canvas.dataset, layer = data.hidden[of];
    const shape = layer ? upright(layer.units) : data.shape;
    const values = imageAt(bytesOf(layer ? layer.levels : data[of]), example, sizeOf(shape));
    inkCanvas(canvas, values, shape, layer ? plain : table);
  }
}

// So many units as a picture about twice as high as it is wide.
function upright(units) {
  let columns = Math.max(1, Math.floor(Math.sqrt(units / 2)));
  while (units % columns) columns--;
  return [units / columns, columns];
}
