// What part of the plane is seen: { x: [low, high], y: [low, high] }, never more than at home and never less than a speck.
const SPECK = 2e-3; // units of z

const width = (view) => view.x[1] - view.x[0];

// The view `factor` times as wide, with the point (u, v) of it staying in place: shares of the width, from the left top.
export function zoomed(view, factor, [u, v], home) {
  const wide = Math.min(width(home), Math.max(SPECK, width(view) * factor));
  const x = view.x[0] + u * (width(view) - wide), y = view.y[1] - v * (width(view) - wide);
  return inside({ x: [x, x + wide], y: [y - wide, y] }, home);
}

// The view moved by shares of its width.
export function panned(view, right, down, home) {
  const dx = right * width(view), dy = down * width(view);
  return inside({ x: view.x.map((v) => v - dx), y: view.y.map((v) => v + dy) }, home);
}

export function inside(view, home) {
  const within = ([low, high], [least, most]) => {
    const by = Math.max(0, least - low) + Math.min(0, most - high);
    return [low + by, high + by];
  };
  return { x: within(view.x, home.x), y: within(view.y, home.y) };
}

// The view itself if the point lies in it, else one as wide around the point.
export function containing(view, x, y, home) {
  if (x >= view.x[0] && x <= view.x[1] && y >= view.y[0] && y <= view.y[1]) return view;
  const half = width(view) / 2;
  return inside({ x: [x - half, x + half], y: [y - half, y + half] }, home);
}

// The address keeps a view as its centre and half its width.
export const asNumbers = ({ x, y }) => [(x[0] + x[1]) / 2, (y[0] + y[1]) / 2, (x[1] - x[0]) / 2].map((v) => Number(v.toPrecision(6)));

export function fromNumbers(numbers, home) {
  if (!numbers) return home;
  const [x, y, half] = numbers, kept = Math.min(width(home) / 2, Math.max(SPECK / 2, half));
  return inside({ x: [x - kept, x + kept], y: [y - kept, y + kept] }, home);
}

// Where in an element an event is, in shares of its width and height.
export function shareOf(element, { clientX, clientY }) {
  const { left, top, width: w, height: h } = element.getBoundingClientRect();
  return [(clientX - left) / w, (clientY - top) / h];
}

// Fingers, mouse and wheel on the plane. One moves the point; two, or one with Shift, move the view.
export function hands(plane, { grab, drag, drop, pan, zoom }) {
  const down = new Map();
  let panning = false;
  const share = (event) => shareOf(plane, event);
  const spreadOf = () => {
    const [[a, b], [c, d]] = [...down.values()];
    return { middle: [(a + c) / 2, (b + d) / 2], apart: Math.hypot(a - c, b - d) };
  };
  plane.onpointerdown = (event) => {
    if (event.button > 1) return;
    plane.setPointerCapture?.(event.pointerId);
    down.set(event.pointerId, share(event));
    if (down.size === 2 && !panning) drop(false); // it was not meant to move the point
    panning = down.size > 1 || event.shiftKey || event.button === 1;
    if (!panning) grab(share(event));
  };
  plane.onpointermove = (event) => {
    if (!down.has(event.pointerId)) return;
    const now = share(event);
    if (!panning) return drag(now);
    const before = down.get(event.pointerId);
    if (down.size === 1) {
      down.set(event.pointerId, now);
      return pan(now[0] - before[0], now[1] - before[1]);
    }
    const { middle: [x0, y0], apart } = spreadOf();
    down.set(event.pointerId, now);
    const after = spreadOf();
    pan(after.middle[0] - x0, after.middle[1] - y0);
    zoom(apart / Math.max(0.01, after.apart), after.middle);
  };
  plane.onpointerup = plane.onpointercancel = (event) => {
    if (!down.delete(event.pointerId)) return;
    if (!panning) drop(true);
    else if (!down.size) panning = false;
  };
  // A wheel scrolls the page unless the plane has been clicked; a pinch on a trackpad always means the plane.
  plane.onwheel = (event) => {
    if (!event.ctrlKey && !plane.matches(":focus")) return;
    event.preventDefault();
    zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.004), share(event));
  };
}
