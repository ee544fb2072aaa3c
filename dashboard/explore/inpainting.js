// An image of which a part is covered: a brush covers and uncovers pixels, Python fills them in.
import { bytesOf, colour, css, imageAt, inkedCanvas, shades, sizeOf } from "../shared/js/canvas.js";
import { listen, onShelf } from "../shared/js/blobs.js";
import { mounted } from "../shared/js/mounted.js";

const REACH = 2; // pixels around the brush
const CELL = 6; // pixels of the sheet to one of the image
const HALVES = {
  "bottom half": (y, x, h) => y >= h / 2,
  "top half": (y, x, h) => y < h / 2,
  "left half": (y, x, h, w) => x < w / 2,
  "right half": (y, x, h, w) => x >= w / 2,
  "all of it": () => true,
  "nothing": () => false,
};

export default mounted(".cover", createCover);

function createCover(root) {
  const $ = (selector) => root.querySelector(selector);
  const sheet = $(".brushed");
  let data, send, hidden, image, table, brush = null, told = "", down = false;

  function update(next, { setTriggerValue }) {
    [data, send] = [next, setTriggerValue];
    if (told !== data.hidden) hidden = bytesOf(data.hidden); // 1 where a pixel is covered
    told = data.hidden;
    root.classList.toggle("waits", data.waits);
    paint();
  }

  function paint() {
    root.classList.toggle("phone", root.clientWidth < 600);
    table = shades(root, data.photograph);
    image = onShelf(data.image);
    const [rows, columns] = data.shape;
    $(".told").innerHTML = data.told;
    Object.assign(sheet, { width: columns * CELL, height: rows * CELL });
    drawSheet();
    const levels = bytesOf(data.pictures);
    $(".filled").replaceChildren(...data.names.map((name, k) => {
      const figure = document.createElement("figure"), canvas = inkedCanvas(imageAt(levels, k, sizeOf(data.shape)), data.shape, table);
      figure.append(canvas, Object.assign(document.createElement("figcaption"), { textContent: name }));
      return figure;
    }));
    $(".tools").replaceChildren(
      ...Object.entries(HALVES).map(([name, test]) => button(`cover ${name}`, () => cover(test))),
      button("sample again", () => send("again", true)),
    );
  }

  const drawSheet = () => { if (image) drawCovered(sheet, inkedCanvas(image.x, data.shape, table), hidden, root); };

  function cover(test) {
    const [rows, columns] = data.shape;
    const covered = (_, k) => Number(test(Math.floor(k / columns), k % columns, rows, columns));
    hidden = Uint8Array.from({ length: rows * columns }, covered);
    drawSheet();
    out();
  }

  const out = () => send("hidden", btoa(String.fromCharCode(...hidden)));

  // A stroke covers pixels where it began on a visible one, else it uncovers them.
  function stroke(event) {
    const [rows, columns] = data.shape, box = sheet.getBoundingClientRect(), inside = (v, most) => Math.min(most - 1, Math.max(0, v));
    const x = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const y = Math.floor(((event.clientY - box.top) / box.height) * rows);
    brush ??= 1 - (hidden[inside(y, rows) * columns + inside(x, columns)] ?? 0);
    for (let v = Math.max(0, y - REACH); v <= Math.min(rows - 1, y + REACH); v++) {
      for (let u = Math.max(0, x - REACH); u <= Math.min(columns - 1, x + REACH); u++) {
        if ((u - x) ** 2 + (v - y) ** 2 <= REACH * REACH + 1) hidden[v * columns + u] = brush;
      }
    }
    drawSheet();
  }
  sheet.onpointerdown = (event) => { down = true; brush = null; sheet.setPointerCapture?.(event.pointerId); stroke(event); };
  sheet.onpointermove = (event) => { if (down) stroke(event); };
  sheet.onpointerup = sheet.onpointercancel = () => { if (down) { down = false; out(); } };

  return { update, redraw: paint, forget: listen("shelf", (key) => key === data?.image && paint()) };
}

const button = (text, act) =>
  Object.assign(document.createElement("button"), { type: "button", className: "small", textContent: text, onclick: act });

// The image, its covered pixels hatched: they are missing.
function drawCovered(sheet, picture, hidden, root) {
  const pen = sheet.getContext("2d"), panel = css(colour(root, "panel"));
  pen.imageSmoothingEnabled = false;
  pen.drawImage(picture, 0, 0, sheet.width, sheet.height);
  pen.lineWidth = 1;
  pen.fillStyle = panel;
  pen.strokeStyle = css(colour(root, "ink2"), 0.7);
  hidden.forEach((covered, k) => {
    if (!covered) return;
    const x = (k % picture.width) * CELL, y = Math.floor(k / picture.width) * CELL;
    pen.fillRect(x, y, CELL, CELL);
    pen.beginPath();
    pen.moveTo(x, y + CELL);
    pen.lineTo(x + CELL, y);
    pen.stroke();
  });
}
