// The drawings of the prior: a cloud of draws, of which eight are numbered, and what the decoder draws of these.
import { bytesOf, colour, css, imageAt, inkedCanvas, shades, sharpen, sizeOf } from "../../shared/js/canvas.js";

const NUMBERED = 8;
// Pixels of a cloud's side; on a wide screen it may be larger, as scenes.css has it.
const largest = () => Math.min(460, Math.max(300, 0.24 * globalThis.innerWidth - 40));

// `points` are where the draws `z` have come to; those with z1 > 0 are filled, so that one sees which went where.
export function drawCloud(canvas, points, z, edge, label) {
  const side = Math.min(canvas.parentElement.clientWidth, largest()), pen = sharpen(canvas, side, side);
  const place = ([a, b]) => [a, -b].map((value) => side / 2 + (value / edge) * (side / 2 - 8));
  const [ink, panel, tint] = ["ink", "panel", "z"].map((name) => colour(canvas.parentElement, name));
  const disc = (point, radius) => {
    pen.beginPath();
    pen.arc(...place(point), radius, 0, 7);
  };
  canvas.setAttribute("aria-label", label);
  pen.fillStyle = css(panel);
  pen.fillRect(0, 0, side, side);
  Object.assign(pen, { fillStyle: css(tint, 0.75), strokeStyle: css(tint, 0.75), lineWidth: 1.2 });
  points.forEach((point, k) => {
    disc(point, 2.6);
    if (z[k][0] > 0) pen.fill();
    else pen.stroke();
  });
  Object.assign(pen, { font: '600 15px "Source Sans", sans-serif', textAlign: "center", textBaseline: "middle" });
  points.slice(0, NUMBERED).forEach((point, k) => {
    const [x, y] = place(point);
    disc(point, 10);
    pen.fillStyle = css(ink);
    pen.fill();
    pen.fillStyle = css(panel);
    pen.fillText(String(k + 1), x, y + 1);
  });
}

// The images of the numbered draws, anew where `known` is not what is shown.
export function drawImages(box, { images, photograph, shape }, known) {
  const key = `${colour(box, "ink")} ${images}`;
  if (key === known) return key;
  const table = shades(box, photograph), grey = bytesOf(images);
  box.replaceChildren(...Array.from({ length: NUMBERED }, (_, k) => {
    const figure = document.createElement("figure"), caption = document.createElement("figcaption");
    caption.textContent = String(k + 1);
    figure.append(inkedCanvas(imageAt(grey, k, sizeOf(shape)), shape, table), caption);
    return figure;
  }));
  return key;
}
