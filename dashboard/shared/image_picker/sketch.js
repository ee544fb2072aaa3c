// A sheet to draw on, with mouse, pen or finger. After every stroke the drawing goes out as grey levels, bright ink.
const LEVELS = 112; // pixels to a side of what goes out
const NIB = 0.088; // of the sheet's side: about as thick as a digit of MNIST, once it is fitted into its box

// Strokes of points in [0, 1] as grey levels, side by side of them, without a canvas: what is read back from one is noise
// where the browser guards against fingerprinting. A pixel is as bright as the share of it that the nib covers, taken
// from the distance of its centre to the stroke.
export function levelsOf(strokes, side, nib) {
  const levels = new Uint8Array(side * side), reach = (nib * side) / 2;
  for (const stroke of strokes) {
    const points = stroke.map(([x, y]) => [x * side, y * side]);
    points.forEach((point, k) => inkSegment(levels, side, points[Math.max(0, k - 1)], point, reach));
  }
  return levels;
}

function inkSegment(levels, side, [x0, y0], [x1, y1], reach) {
  const [dx, dy] = [x1 - x0, y1 - y0], length = dx * dx + dy * dy;
  // the pixels from a to b that the nib may touch
  const span = (a, b) => [Math.min(a, b) - reach, Math.max(a, b) + reach + 1].map((v) => Math.max(0, Math.min(side, Math.floor(v))));
  const [left, right] = span(x0, x1), [top, bottom] = span(y0, y1);
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const k = row * side + column, px = column + 0.5 - x0, py = row + 0.5 - y0;
      if (levels[k] === 255) continue;
      const along = length && Math.max(0, Math.min(1, (px * dx + py * dy) / length)); // where on the segment is nearest
      const far = Math.sqrt((px - along * dx) ** 2 + (py - along * dy) ** 2);
      levels[k] = Math.max(levels[k], Math.round(255 * Math.max(0, Math.min(1, reach + 0.5 - far))));
    }
  }
}

const button = (name) => `<button type="button" class="small ${name.toLowerCase()}">${name}</button>`;
const SHEET = '<canvas class="sheet" tabindex="0" role="img" aria-label="Draw here with mouse or finger"></canvas>';
const TEMPLATE = `<div class="board">${SHEET}<span class="hint" aria-hidden="true">draw here</span></div>
    <div class="tools">${["Undo", "Clear", "Done"].map(button).join("")}</div>`;

const TAP = 0.04; // of the sheet's side: a first stroke that is shorter was none, where the sheet lies on an image

// `inks()` gives the colours of paper and stroke, those that x has in its darkest and brightest pixels: white on black for
// photographs. `changed()` hears of every stroke begun or taken back, `begin()` before one begins. `inPlace`: the sheet
// lies on x.
export function createSketch(box, { send, close, inks, changed = () => {}, begin = () => {}, inPlace = false }) {
  box.innerHTML = TEMPLATE;
  const sheet = box.querySelector(".sheet");
  if (inPlace) Object.assign(sheet, { tabIndex: -1, ariaLabel: "x, to be drawn on with mouse, pen or finger" });
  let strokes = [], stroke = null;
  const empty = () => !strokes.length;

  function paint(side) {
    Object.assign(sheet, { width: side, height: side });
    const pen = sheet.getContext("2d"), [ground, ink] = inks();
    pen.fillStyle = ground;
    pen.fillRect(0, 0, side, side);
    Object.assign(pen, { strokeStyle: ink, lineWidth: NIB * side, lineCap: "round", lineJoin: "round" });
    for (const points of strokes) {
      pen.beginPath();
      points.forEach(([x, y]) => pen.lineTo(x * side, y * side));
      if (points.length === 1) pen.lineTo(points[0][0] * side + 0.01, points[0][1] * side);
      pen.stroke();
    }
  }

  function show() {
    box.querySelector(".hint").hidden = !empty();
    paint(Math.round(sheet.clientWidth * (globalThis.devicePixelRatio || 1)) || LEVELS);
  }

  function out() {
    if (empty()) return;
    send(btoa(String.fromCharCode(...levelsOf(strokes, LEVELS, NIB))));
  }

  const at = (event) => {
    const { left, top, width, height } = sheet.getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / height];
  };
  sheet.onpointerdown = (event) => {
    if (event.button) return;
    sheet.setPointerCapture?.(event.pointerId);
    begin();
    strokes.push((stroke = [at(event)]));
    show();
    changed();
  };
  sheet.onpointermove = (event) => {
    if (!stroke) return;
    stroke.push(...(event.getCoalescedEvents?.() ?? []).map(at), at(event));
    show();
  };
  sheet.onpointerup = sheet.onpointercancel = () => {
    if (!stroke) return;
    const tapped = inPlace && strokes.length === 1 && reachOf(stroke) < TAP;
    stroke = null;
    if (!tapped) return out();
    strokes = [];
    close();
  };
  const change = (next) => { strokes = next; show(); changed(); out(); };
  const undo = () => change(strokes.slice(0, -1));
  box.querySelector(".undo").onclick = undo;
  box.querySelector(".clear").onclick = () => change([]);
  box.querySelector(".done").onclick = close;
  box.onkeydown = (event) => {
    if (event.key === "Escape") close();
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); undo(); }
  };
  const restart = () => { strokes = []; };
  return { show, empty, restart, out, busy: () => stroke !== null };
}

const reachOf = (stroke) => Math.max(...[0, 1].map((k) => {
  const values = stroke.map((point) => point[k]);
  return Math.max(...values) - Math.min(...values);
}));
