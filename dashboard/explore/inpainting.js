// An image of which a part is covered: a brush covers and uncovers pixels, Python fills them in.
import { colour, css, inkInto, shades } from "../shared/js/canvas.js";
import { listen, onShelf } from "../shared/js/blobs.js";

const REACH = 2; // pixels around the brush
const HALVES = {
  "bottom half": (y, x, h) => y >= h / 2,
  "top half": (y, x, h) => y < h / 2,
  "left half": (y, x, h, w) => x < w / 2,
  "right half": (y, x, h, w) => x >= w / 2,
  "all of it": () => true,
  "nothing": () => false,
};
const covers = new WeakMap();

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".cover");
  if (!covers.has(root)) covers.set(root, createCover(root));
  covers.get(root).update(data, setTriggerValue);
  return () => { covers.get(root).forget(); covers.delete(root); };
}

function createCover(root) {
  const $ = (selector) => root.querySelector(selector);
  const sheet = $(".brushed");
  let data, send, hidden, image, table, brush = null, told = "";

  function update(next, trigger) {
    [data, send] = [next, trigger];
    if (told !== data.hidden) hidden = Uint8Array.from(atob(data.hidden), (c) => c.charCodeAt(0));
    told = data.hidden;
    root.classList.toggle("waits", data.waits);
    root.classList.toggle("phone", root.clientWidth < 600);
    paint();
  }

  function paint() {
    table = shades(root, data.photograph);
    image = onShelf(data.image);
    const [rows, columns] = data.shape;
    $(".told").innerHTML = data.told;
    Object.assign(sheet, { width: columns * 6, height: rows * 6 });
    if (image) covered();
    const levels = Uint8Array.from(atob(data.pictures), (c) => c.charCodeAt(0)), pixels = rows * columns;
    $(".filled").replaceChildren(...data.names.map((name, k) => {
      const figure = document.createElement("figure"), canvas = Object.assign(document.createElement("canvas"), { width: columns, height: rows });
      const pen = canvas.getContext("2d"), tile = pen.createImageData(columns, rows);
      inkInto(tile, Array.from(levels.subarray(k * pixels, (k + 1) * pixels), (v) => v / 255), data.shape, table);
      pen.putImageData(tile, 0, 0);
      figure.append(canvas, Object.assign(document.createElement("figcaption"), { textContent: name }));
      return figure;
    }));
    const press = (text, act) => Object.assign(document.createElement("button"), { type: "button", className: "small", textContent: text, onclick: act });
    $(".tools").replaceChildren(
      ...Object.entries(HALVES).map(([name, test]) => press(`cover ${name}`, () => {
        hidden = Uint8Array.from({ length: pixels }, (_, k) => Number(test(Math.floor(k / columns), k % columns, rows, columns)));
        covered();
        out();
      })),
      press("other draws", () => send("again", true)),
    );
  }

  // The image, its covered pixels hatched: they are missing.
  function covered() {
    const [rows, columns] = data.shape, pen = sheet.getContext("2d"), cell = 6;
    const small = new OffscreenCanvas(columns, rows), tile = pen.createImageData(columns, rows);
    inkInto(tile, image.x, data.shape, table);
    small.getContext("2d").putImageData(tile, 0, 0);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(small, 0, 0, sheet.width, sheet.height);
    pen.lineWidth = 1;
    for (let k = 0; k < hidden.length; k++) {
      if (!hidden[k]) continue;
      const x = (k % columns) * cell, y = Math.floor(k / columns) * cell;
      pen.fillStyle = css(colour.panel ?? (colour.panel = colour(root, "panel")));
      pen.fillRect(x, y, cell, cell);
      pen.strokeStyle = css(colour.ink2 ?? (colour.ink2 = colour(root, "ink2")), 0.7);
      pen.beginPath();
      pen.moveTo(x, y + cell);
      pen.lineTo(x + cell, y);
      pen.stroke();
    }
    delete colour.panel;
    delete colour.ink2;
  }

  const out = () => send("hidden", btoa(String.fromCharCode(...hidden)));

  function stroke(event) {
    const [rows, columns] = data.shape, box = sheet.getBoundingClientRect();
    const x = Math.floor(((event.clientX - box.left) / box.width) * columns), y = Math.floor(((event.clientY - box.top) / box.height) * rows);
    if (brush === null) brush = 1 - (hidden[Math.min(rows - 1, Math.max(0, y)) * columns + Math.min(columns - 1, Math.max(0, x))] ?? 0);
    for (let dy = -REACH; dy <= REACH; dy++) {
      for (let dx = -REACH; dx <= REACH; dx++) {
        const u = x + dx, v = y + dy;
        if (u >= 0 && v >= 0 && u < columns && v < rows && dx * dx + dy * dy <= REACH * REACH + 1) hidden[v * columns + u] = brush;
      }
    }
    covered();
  }
  let down = false;
  sheet.onpointerdown = (event) => { down = true; brush = null; sheet.setPointerCapture?.(event.pointerId); stroke(event); };
  sheet.onpointermove = (event) => { if (down) stroke(event); };
  sheet.onpointerup = sheet.onpointercancel = () => { if (down) { down = false; out(); } };

  const theme = matchMedia("(prefers-color-scheme: dark)"), themed = () => setTimeout(() => data && paint(), 50);
  theme.addEventListener("change", themed);
  const deaf = listen("shelf", (key) => key === data?.image && paint());
  return { update, forget() { theme.removeEventListener("change", themed); deaf(); } };
}
