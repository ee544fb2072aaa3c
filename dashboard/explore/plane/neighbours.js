// The test images with the nearest codes, which come from the server.
import { write } from "./frame.js";

const MOST = 20;

function title({ near }, codes) {
  if (near) return "nearest test images";
  if (!codes?.labels) return "nearest code";
  return codes.count > 1 ? `${Math.min(MOST, codes.count)} nearest codes` : "the one code";
}

// `choose(index)` takes one of them as x.
export function showNeighbours(root, { data, codes, table }, dots, choose) {
  const { near } = data, thumbs = root.querySelector(".thumbs");
  write(root.querySelector(".near-what"), title(data, codes));
  root.querySelector(".near").hidden = !near && !codes;
  if (!near) return thumbs.replaceChildren();
  if (table) dots.neighbours(thumbs, choose);
}
