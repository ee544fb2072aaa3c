// Moving and stretching q by hand: its middle moves it, the two grips stretch it, arrow keys do both. A click chooses a code.
import { placeIn } from "../../shared/js/canvas.js";
import { gripAt } from "./posterior.js";

const WIDEST = 4; // deviations of q, in units of z
const NARROWEST = 0.001;
const STILL = 3; // pixels: a hand that moves less has clicked

const within = (value, low, high) => Math.max(low, Math.min(high, value));

// `read()` gives q and the projection, `moved(q)` shows one on its way, `done(q)` the one that was let go; `chosen(z)` hears
// of a click, and of Enter, which is one on the middle of q.
export function holdable(plane, { dims, read, moved, done, chosen }) {
  let held = null, timer = null, pressed = null, carried = false;

  const grab = (event) => {
    const { q, to } = read();
    const [px, py] = placeIn(plane, event);
    const up = dims() > 1 ? to.y(q[1]) : to.height - 36;
    const [across, above] = [q[dims()], dims() > 1 ? q[3] : 0].map((sigma) => sigma * to.unit);
    const near = (x, y) => Math.hypot(px - x, py - y) < (event.pointerType === "touch" ? 22 : 12);
    const [right, top] = [to.x(q[0]) + gripAt(to, q[dims()]), up - gripAt(to, dims() > 1 ? q[3] : 0)];
    if (near(right, up)) return { part: "across", x: px - to.x(q[0]) - 2 * across, y: 0 };
    if (dims() > 1 && near(to.x(q[0]), top)) return { part: "up", x: 0, y: py - up + 2 * above };
    const inside = dims() > 1 ? ((px - to.x(q[0])) / (2 * across)) ** 2 + ((py - up) / (2 * above)) ** 2 < 1 : true;
    if (!inside && !near(to.x(q[0]), up)) return null;
    return { part: "body", x: px - to.x(q[0]), y: py - up };
  };

  function follow(event) {
    const { q, to } = read();
    const [px, py] = placeIn(plane, event), [x, y] = to.back(px - (held.x ?? 0), py - (held.y ?? 0));
    const next = q.slice(), d = dims();
    if (held.part === "body") [next[0], next[1]] = d > 1 ? [x, y] : [x, q[1]];
    if (held.part === "across") next[d] = within(Math.abs(x - q[0]) / 2, NARROWEST, WIDEST);
    if (held.part === "up") next[3] = within(Math.abs(y - q[1]) / 2, NARROWEST, WIDEST);
    return next;
  }

  plane.onpointerdown = (event) => {
    if (event.button || !read()) return;
    [held, pressed, carried] = [grab(event), placeIn(plane, event), false];
    if (!held) return;
    plane.setPointerCapture?.(event.pointerId);
    plane.classList.add("held");
  };
  plane.onpointermove = (event) => {
    if (!pressed) return;
    const [px, py] = placeIn(plane, event);
    carried ||= Math.hypot(px - pressed[0], py - pressed[1]) > STILL;
    if (held && carried) moved(follow(event));
  };
  plane.onpointerup = plane.onpointercancel = (event) => {
    if (!pressed) return;
    if (!carried && event.type === "pointerup") chosen(read().to.back(...pressed).slice(0, dims()));
    if (held && carried) done(read().q);
    held = pressed = null;
    plane.classList.remove("held");
  };
  plane.onkeydown = (event) => {
    if (event.key === "Enter" && read()) return chosen(read().q.slice(0, dims()));
    const way = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowDown: [1, -1], ArrowUp: [1, 1] }[event.key];
    if (!way || event.ctrlKey || event.metaKey || !read() || (way[0] === 1 && dims() === 1)) return;
    event.preventDefault();
    const q = read().q.slice(), d = dims();
    if (event.shiftKey) q[d + way[0]] = within(q[d + way[0]] * 1.1 ** way[1], NARROWEST, WIDEST);
    else q[way[0]] += 0.25 * way[1] * q[d + way[0]];
    moved(q);
    clearTimeout(timer);
    timer = setTimeout(() => done(read().q), 300);
  };
  return () => clearTimeout(timer);
}
