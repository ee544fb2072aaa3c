// The little plane of z: a point to drag among the circles of the prior. Arrow keys move it by 0.05.
import { colour, css, number, quantised, sharpen } from "../../shared/js/canvas.js";

const SIDE = 128, STEP = 0.05;

export function createLittlePlane(box, { moved, done }) {
  const label = "The point z, the same for all models. Arrow keys move it.";
  box.innerHTML = `<canvas data-symbol='z' tabindex='0' role='application' aria-label='${label}'></canvas><span class='readout z'></span>`;
  const canvas = box.firstChild, readout = box.lastChild;
  let z = [0, 0], reach = 3, held = false;

  function update(at, far) {
    if (!held) z = at.slice();
    reach = far;
  }

  function paint() {
    const pen = sharpen(canvas, SIDE, SIDE), middle = SIDE / 2, unit = middle / reach;
    pen.fillStyle = css(colour(box, "panel"));
    pen.fillRect(0, 0, SIDE, SIDE);
    pen.strokeStyle = css(colour(box, "ink2"), 0.7);
    pen.setLineDash([3, 3]);
    for (const radius of [1, 2]) {
      pen.beginPath();
      pen.arc(middle, middle, radius * unit, 0, 7);
      pen.stroke();
    }
    pen.setLineDash([]);
    const [x, y] = [middle + z[0] * unit, middle - z[1] * unit];
    pen.fillStyle = css(colour(box, "paper"));
    pen.beginPath();
    pen.arc(x, y, 9, 0, 7);
    pen.fill();
    pen.fillStyle = css(colour(box, "z"));
    pen.beginPath();
    pen.arc(x, y, 7, 0, 7);
    pen.fill();
    readout.innerHTML = `<i class="symbol">z</i> = ${number(z[0])}, ${number(z[1])}`;
  }

  const move = (next) => {
    z = quantised(next.map((v) => Math.max(-reach, Math.min(reach, v))));
    paint();
    moved(z);
  };
  const under = (event) => {
    const rect = canvas.getBoundingClientRect(), half = rect.width / 2;
    move([((event.clientX - rect.left - half) / half) * reach, ((rect.top + half - event.clientY) / half) * reach]);
  };
  canvas.onpointerdown = (event) => { held = true; canvas.setPointerCapture(event.pointerId); under(event); };
  canvas.onpointermove = (event) => held && under(event);
  canvas.onpointerup = canvas.onpointercancel = () => { if (held) { held = false; done(z); } };
  canvas.onkeydown = (event) => {
    const by = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] }[event.key];
    if (!by) return;
    event.preventDefault();
    move(z.map((v, d) => v + by[d]));
    done(z);
  };
  return { update, paint };
}
