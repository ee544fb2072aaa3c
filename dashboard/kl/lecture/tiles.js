// What a decoder draws: a picture for each point of a grid on the plane, or for draws from the prior.
import { decodeMany } from "../../shared/js/decoder.js";
import { normals } from "../../shared/js/gaussian.js";
import { inkInto } from "../../shared/js/canvas.js";

const TILES = 13; // to a side

// All pictures on one canvas, in the decoder's own pixels.
export function tileSheet({ edge, shape: [rows, columns], table }, decoder, draws) {
  const sheet = new OffscreenCanvas(TILES * columns, TILES * rows), pen = sheet.getContext("2d");
  const picture = pen.createImageData(TILES * columns, TILES * rows);
  const points = draws ? drawsFromPrior() : gridPoints(edge);
  const place = (k, image) => inkInto(picture, image, [rows, columns], table, (k % TILES) * columns, Math.floor(k / TILES) * rows);
  const steps = decodeMany(decoder, points, place);
  while (!steps.next().done); // at once
  pen.putImageData(picture, 0, 0);
  return sheet;
}

function gridPoints(edge) {
  const middle = (k) => edge * ((2 * k + 1) / TILES - 1);
  return Array.from({ length: TILES * TILES }, (_, k) => [middle(k % TILES), -middle(Math.floor(k / TILES))]);
}

function drawsFromPrior() {
  const normal = normals(1); // the same draws for every member
  return Array.from({ length: TILES * TILES }, () => [normal(), normal()]);
}
