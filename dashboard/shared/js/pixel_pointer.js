// Which pixel of a picture is looked at: the one under the pointer or the finger, or the one that arrow keys lead to.
import { placeIn } from "./canvas.js";

// `shape()` is [rows, columns], `current()` the pixel looked at or null, `first()` where the keys begin; point(k) hears of
// another one, null when the pointer has left.
export function followPointer(box, { canvas, shape, current, first, point }) {
  const go = (k) => { if (k !== current()) point(k); };
  box.onpointermove = box.onpointerdown = (event) => {
    const [x, y] = placeIn(canvas, event), [rows, columns] = shape();
    const column = Math.floor((x * columns) / canvas.offsetWidth), row = Math.floor((y * rows) / canvas.offsetHeight);
    go(row < 0 || column < 0 || row >= rows || column >= columns ? null : row * columns + column);
  };
  box.onpointerleave = (event) => { if (event.pointerType !== "touch") go(null); };
  box.onblur = () => go(null);
  box.onkeydown = (event) => {
    const [rows, columns] = shape(), now = current();
    const way = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (!way || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = now === null ? first() : now + way;
    go(next >= 0 && next < rows * columns ? next : now);
  };
}

// A frame around pixel k of a canvas that is `columns` wide; null hides it.
export function frameAround(box, canvas, columns, k) {
  box.hidden = k === null;
  if (k === null) return;
  const cell = canvas.offsetWidth / columns, across = canvas.offsetLeft + (k % columns) * cell;
  const down = canvas.offsetTop + Math.floor(k / columns) * cell;
  Object.assign(box.style, { width: `${cell}px`, height: `${cell}px`, transform: `translate(${across}px, ${down}px)` });
}
