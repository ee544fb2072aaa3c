// Which pixel costs what: alpha = (loss / the largest loss)^0.6, the image's outline on top.
import { colour, css, number } from "../../shared/js/canvas.js";

// Per pixel, what is lost against a pixel that is certain; for densities, which have no such best, against the best one.
export function losses(nats, binary) {
  const best = binary ? 0 : Math.max(...nats);
  return Float32Array.from(nats, (value) => Math.max(0, best - value));
}

export function worst(loss) {
  return loss.reduce((most, value, k) => (value > loss[most] ? k : most), 0);
}

export function drawHeat(canvas, root, { x, pixels, shape, binary, size }) {
  const [rows, columns] = shape, cell = Math.floor(size / Math.max(rows, columns)) || size / Math.max(rows, columns);
  const ratio = globalThis.devicePixelRatio || 1;
  Object.assign(canvas, { width: columns * cell * ratio, height: rows * cell * ratio });
  Object.assign(canvas.style, { width: `${columns * cell}px`, height: `${rows * cell}px` });
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const loss = losses(pixels, binary), most = Math.max(...loss) || 1;
  const stain = colour(root, "reconstruction");
  loss.forEach((value, k) => {
    pen.fillStyle = css(stain, (value / most) ** 0.6);
    pen.fillRect((k % columns) * cell, Math.floor(k / columns) * cell, cell, cell);
  });
  if (!binary) return;
  const inked = (r, c) => r >= 0 && c >= 0 && r < rows && c < columns && x[r * columns + c] > 0.5;
  pen.strokeStyle = css(colour(root, "ink"), 0.75);
  pen.lineWidth = 1;
  pen.beginPath();
  for (let r = 0; r <= rows; r++) {
    for (let c = 0; c <= columns; c++) {
      if (inked(r, c) !== inked(r, c - 1)) { pen.moveTo(c * cell, r * cell); pen.lineTo(c * cell, (r + 1) * cell); }
      if (inked(r, c) !== inked(r - 1, c)) { pen.moveTo(c * cell, r * cell); pen.lineTo((c + 1) * cell, r * cell); }
    }
  }
  pen.stroke();
}

// A pixel's value, in colour red, green and blue.
function valueAt(image, k, [, , colours = 1]) {
  const values = Array.from(image.subarray(k * colours, (k + 1) * colours), (value) => number(value));
  return colours > 1 ? `(${values.join(", ")})` : values[0];
}

// One pixel in words: its expected nats, and the formula at the code that q is centred on.
export function pixelWords(k, { x, pixels, image, shape, binary }, prefix = "") {
  const place = `${prefix}row ${Math.floor(k / shape[1]) + 1}, column ${(k % shape[1]) + 1}: <b>${number(pixels[k])}</b> nats`;
  if (!binary) return `${place}, <i class="symbol ink">x</i> = ${valueAt(x, k, shape)}, mean ${valueAt(image, k, shape)}`;
  const y = image[k], on = x[k] > 0.5;
  const value = on ? `y = ${y.toFixed(3)}` : `1 − y = ${(1 - y).toFixed(3)}`;
  return `${place} · x = ${on ? 1 : 0}, y<sup>x</sup>(1 − y)<sup>1−x</sup> = ${value}`;
}
