// On its way to where another image, a link or Back has put it, the point passes through what lies between.
import { quantised } from "../../shared/js/canvas.js";
import { calm } from "./pulse.js";

const LASTS = 300; // ms

// `draw()` shows pad.z where it is now.
export function createGlide(pad, draw) {
  let frame = 0, target = null;

  function to(point) {
    settle();
    if (!pad.scene || calm()) return void (pad.z = point.slice());
    const start = performance.now(), from = pad.z;
    target = point.slice();
    frame = requestAnimationFrame(function go(now) {
      const t = Math.max(0, (now - start) / LASTS), share = t * t * (3 - 2 * t);
      if (t >= 1) settle();
      else {
        pad.z = quantised(from.map((value, d) => value + share * (point[d] - value)));
        frame = requestAnimationFrame(go);
      }
      draw();
    });
  }

  // The point is where it was going to.
  function settle() {
    cancelAnimationFrame(frame);
    if (target) pad.z = target;
    target = null;
  }

  return { to, settle };
}
