// What lies behind the point changes without a cut: another backdrop fades in, and with another model or other axes the dots
// of the same test images fly to their new places.
import { css } from "../../shared/js/canvas.js";
import { circles, dotSize, lines } from "./backdrop.js";
import { calm } from "./pulse.js";

const LASTS = 300, FADES = 220; // ms
const ALIKE = 64; // labels that tell whether these are the same images

const ease = (t) => t * t * (3 - 2 * t);

export function createMorph(root) {
  const backdrop = root.querySelector(".backdrop"), before = root.querySelector(".before");
  let last = null, flight = null; // the dots that were drawn, { key, labels, x, y }, and those that set out

  // Lays a copy of what is seen over the backdrop, and lets it vanish.
  function fade() {
    if (calm() || !backdrop.width) return;
    Object.assign(before, { width: backdrop.width, height: backdrop.height });
    Object.assign(before.style, { width: backdrop.style.width, height: backdrop.style.height });
    before.getContext("2d").drawImage(backdrop, 0, 0);
    before.animate([{ opacity: 1 }, { opacity: 0 }], { duration: FADES, easing: "ease-out" });
  }

  // Has the dots fly, then calls `done`; gives what stops it, null where there is nothing to fly.
  function fly(pen, scene, key, done) {
    const to = placesOf(scene, key), now = performance.now(), goesOn = flight?.key === key && now - flight.start < LASTS;
    if (!goesOn) flight = last && last.key !== key && sameImages(last, to) ? { key, from: last, start: now } : null;
    last = to;
    if (!flight || calm()) return null;
    const { from, start } = flight, classes = byClass(to.labels, to.x.length);
    let frame = requestAnimationFrame(function go(now) {
      const t = Math.min(1, (now - start) / LASTS);
      if (t === 1) return done();
      paint(pen, scene, classes, from, to, ease(Math.max(0, t)));
      frame = requestAnimationFrame(go);
    });
    return () => cancelAnimationFrame(frame);
  }

  return { fade, fly, forget: () => { last = null; } };
}

function placesOf({ codes: { mean, labels, count }, toX, toY }, key) {
  const at = (k, place) => Float32Array.from({ length: count }, (_, i) => place(mean[2 * i + k]));
  return { key, labels, x: at(0, toX), y: at(1, toY) };
}

export function sameImages(a, b) {
  if (a.x.length !== b.x.length || !a.labels !== !b.labels) return false;
  return !a.labels || a.labels.subarray(0, ALIKE).every((label, k) => label === b.labels[k]);
}

// The dots of each class, so that a colour is set once.
function byClass(labels, count) {
  const classes = Array.from({ length: 10 }, () => []);
  for (let i = 0; i < count; i++) classes[labels ? labels[i] % 10 : 0].push(i);
  return classes;
}

function paint(pen, scene, classes, from, to, share) {
  const { side, colours, codes: { labels, count }, phone, without } = scene, size = dotSize(count, phone);
  pen.fillStyle = css(colours.panel);
  pen.fillRect(0, 0, side, side);
  lines(pen, scene);
  classes.forEach((dots, k) => {
    pen.fillStyle = labels ? colours.dots[k] : colours.plain;
    for (const i of dots) {
      if (labels && without.has(labels[i])) continue;
      pen.fillRect(from.x[i] + share * (to.x[i] - from.x[i]) - size / 2, from.y[i] + share * (to.y[i] - from.y[i]) - size / 2, size, size);
    }
  });
  circles(pen, scene);
}
