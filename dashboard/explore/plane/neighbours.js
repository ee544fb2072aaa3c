// The test images with the nearest codes, which come from the server.
import { bytesOf, imageAt, inkedCanvas } from "../../shared/js/canvas.js";
import { write } from "./frame.js";

const MOST = 20;

function title({ near }, codes) {
  if (near) return "nearest test images";
  if (!codes?.labels) return "nearest code";
  return codes.count > 1 ? `${Math.min(MOST, codes.count)} nearest codes` : "the one code";
}

export function showNeighbours(root, { data, codes, table }) {
  const { near, shape } = data, thumbs = root.querySelector(".thumbs");
  write(root.querySelector(".near-what"), title(data, codes));
  root.querySelector(".near").hidden = !near && !codes;
  if (!near) return thumbs.replaceChildren();
  if (!table) return;
  const levels = bytesOf(near.levels), pixels = shape[0] * shape[1];
  thumbs.replaceChildren(...near.names.map((name, k) => inkedCanvas(imageAt(levels, k, pixels), shape, table, { title: name })));
}
