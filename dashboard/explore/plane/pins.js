// The points A and B that a visitor pins to the plane, and the way between them.
import { quantised } from "../../shared/js/canvas.js";
import { write } from "./frame.js";

export function drawPins(root, { pins, path, axes, dims }, { toX, toY, side }) {
  const $ = (selector) => root.querySelector(selector);
  const at = (point) => [toX(point[axes[0]]), dims === 1 ? side - 14 : toY(point[axes[1]])];
  const flags = Object.entries(pins).map(([name, point]) => {
    const [x, y] = at(point);
    return `<g transform="translate(${x.toFixed(1)} ${y.toFixed(1)})"><circle r="4"/><text x="9" y="-7">${name}</text></g>`;
  });
  $(".pins").innerHTML = flags.join("");
  $(".way").setAttribute("points", path.map((point) => at(point).map((v) => v.toFixed(1)).join()).join(" "));
  write($(".pin"), "A" in pins ? ("B" in pins ? "Unpin" : "Pin B") : "Pin A");
}

// Pins A, then B, then neither.
export function pin(pad) {
  const { A, B } = pad.data.pins, z = quantised(pad.z);
  if (A && !B) globalThis.vaeLab.wayComes = true; // below the fold: it brings itself into view
  pad.send("pins", !A ? { A: z } : !B ? { A, B: z } : {});
}
