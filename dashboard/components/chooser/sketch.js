// A sheet to draw on, with mouse, pen or finger. After every stroke the drawing goes out as grey levels, bright ink.
const LEVELS = 112; // pixels to a side of what goes out
const NIB = 0.088; // of the sheet's side: about as thick as a digit of MNIST, once it is fitted into its box

// `changed()` hears of every stroke begun or taken back.
export function createSketch(box, { send, close, changed = () => {} }) {
  box.innerHTML = `<div class="board"><canvas class="sheet" tabindex="0" role="img" aria-label="Draw here with mouse or finger"></canvas><span class="hint" aria-hidden="true">draw here</span></div>
    <div class="tools"><button type="button" class="small undo">undo</button><button type="button" class="small clear">clear</button><button type="button" class="small done">done</button></div>`;
  const sheet = box.querySelector(".sheet");
  let strokes = [], stroke = null;
  const empty = () => !strokes.length;

  function paint(canvas, side, ink, ground) {
    Object.assign(canvas, { width: side, height: side });
    const pen = canvas.getContext("2d");
    pen.fillStyle = ground;
    pen.fillRect(0, 0, side, side);
    Object.assign(pen, { strokeStyle: ink, lineWidth: NIB * side, lineCap: "round", lineJoin: "round" });
    for (const points of strokes) {
      pen.beginPath();
      points.forEach(([x, y]) => pen.lineTo(x * side, y * side));
      if (points.length === 1) pen.lineTo(points[0][0] * side + 0.01, points[0][1] * side);
      pen.stroke();
    }
    return pen;
  }

  function show() {
    box.querySelector(".hint").hidden = !empty();
    const style = getComputedStyle(sheet);
    paint(sheet, Math.round(sheet.clientWidth * (globalThis.devicePixelRatio || 1)) || LEVELS, style.color, style.backgroundColor);
  }

  function out() {
    if (empty()) return;
    const { data } = paint(new OffscreenCanvas(1, 1), LEVELS, "#fff", "#000").getImageData(0, 0, LEVELS, LEVELS);
    const levels = Uint8Array.from({ length: LEVELS * LEVELS }, (_, k) => data[4 * k]);
    send(btoa(String.fromCharCode(...levels)));
  }

  const at = (event) => {
    const { left, top, width, height } = sheet.getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / height];
  };
  sheet.onpointerdown = (event) => {
    if (event.button) return;
    sheet.setPointerCapture?.(event.pointerId);
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
    stroke = null;
    out();
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
  return { show, empty, restart };
}
