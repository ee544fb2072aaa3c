// Dragging in a drawing: `find(x, y)` says what is there, null for nothing; `move(what, x, y)` follows the hand.
import { placeIn } from "../../shared/js/canvas.js";

export function draggable(plot, { find, move }) {
  let held = null;
  const at = (event, then) => then(...placeIn(plot, event));
  plot.onpointerdown = (event) => {
    held = at(event, find);
    if (held === null) return;
    plot.setPointerCapture(event.pointerId);
    at(event, (x, y) => move(held, x, y));
  };
  plot.onpointermove = (event) => {
    if (held !== null) at(event, (x, y) => move(held, x, y));
    plot.style.cursor = held !== null || at(event, find) !== null ? "grab" : "";
  };
  plot.onpointerup = plot.onpointercancel = () => { held = null; };
}

// The nearest of some places (pairs of x and y), not farther than `most` pixels; null: none is.
export function nearest(places, x, y, most = 44) {
  const far = places.map(([a, b]) => Math.hypot(a - x, b - y)), least = Math.min(...far);
  return least <= most ? far.indexOf(least) : null;
}
