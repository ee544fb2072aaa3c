// Where the nats of this image go, in two sentences: reconstruction and KL; and which part of the picture costs most.
import { number, rounded } from "../../shared/js/canvas.js";

const TRIMMED = 0.015; // of all losses: so much may lie beyond each side of the figure
const UNEVEN = 0.1; // the share of the losses that a part has beyond its share of the figure

const tagged = (kind, text) => `<b class="${kind}" data-symbol="${kind === "bound" ? "elbo" : kind}">${text}</b>`;

// The first sentence, with the equation's own numbers. Where probabilities are, they are what it costs; a density may exceed
// 1, and then it is worth something.
export function billInWords({ reconstruction, kl, elbo }, error) {
  const [pixels, all] = [reconstruction, elbo].map((value) => (of) => rounded(of * value, error)), code = number(kl);
  if (reconstruction >= 0) {
    return `The reconstruction of the pixels is worth ${tagged("reconstruction", pixels(1))} nats (a density may exceed 1) and the KL ` +
      `of the code costs ${tagged("kl", code)}: ${tagged("bound", all(1))} are left.`;
  }
  const paid = `${tagged("kl", kl < 0.005 ? "none" : code)} the KL of the code${kl < 0.005 ? ", which says nothing" : ""}`;
  return `Of ${tagged("bound", all(-1))} nats, ${tagged("reconstruction", pixels(-1))} are the reconstruction of the pixels and ${paid}.`;
}

// An autoencoder's: it pays nothing for its code.
export const pointsInWords = (reconstruction) => {
  const pixels = tagged("reconstruction", number(Math.abs(reconstruction)));
  const worth = reconstruction >= 0 ? `The reconstruction of the pixels is worth ${pixels} nats (a density may exceed 1)`
    : `All ${pixels} nats are the reconstruction of the pixels`;
  return `${worth}: an autoencoder pays no KL for its code.`;
};

// The second one. `nats`: of each pixel; `binary`: a pixel that is certain costs nothing.
export function placeInWords({ nats, loss, binary, shape }) {
  const part = partOf(loss, shape, binary);
  if (!part) return binary ? "What it costs is spread evenly over the figure." : "No part of the picture fits much worse than the rest.";
  const inside = cellsOf(part, shape), there = sum(inside.map((k) => nats[k])), all = sum(nats);
  if (binary) {
    const share = there / all, some = tagged("reconstruction", number(-there, 1));
    if (share >= 0.5) return `Most of the reconstruction, ${some} nats, lies ${part.name}.`;
    return `The reconstruction costs most ${part.name}: ${some} of its nats lie there.`;
  }
  const here = tagged("reconstruction", number(there / inside.length)), elsewhere = (all - there) / (nats.length - inside.length);
  return `The picture fits worst ${part.name}: ${here} nats per pixel there, ${number(elsewhere)} elsewhere.`;
}

// The part of the figure with the most losses beyond its size: its name and its rows and columns, ends excluded; null: even.
// The figure of an ink drawing is where anything is lost, that of a photograph all of it.
export function partOf(loss, shape, ink) {
  const all = sum(loss);
  if (!(all > 0)) return null;
  const [top, bottom, left, right] = ink ? figureOf(loss, shape, all) : [0, shape[0], 0, shape[1]], size = (bottom - top) * (right - left);
  const scored = partsOf(top, bottom, left, right).map((part) => {
    const cells = cellsOf(part, shape);
    return { ...part, excess: sum(cells.map((k) => loss[k])) / all - cells.length / size };
  });
  const best = scored.reduce((kept, part) => (part.excess > kept.excess ? part : kept));
  return best.excess > UNEVEN ? best : null;
}

const sum = (values) => values.reduce((a, b) => a + b, 0);

export const cellsOf = ({ rows, columns }, shape) => {
  const found = [];
  for (let r = rows[0]; r < rows[1]; r++) for (let c = columns[0]; c < columns[1]; c++) found.push(r * shape[1] + c);
  return found;
};

// The rows and columns outside of which hardly anything is lost
function figureOf(loss, [rows, columns], all) {
  const ofRows = Array.from({ length: rows }, (_, r) => sum(loss.slice(r * columns, (r + 1) * columns)));
  const ofColumns = Array.from({ length: columns }, (_, c) => sum(ofRows.map((_, r) => loss[r * columns + c])));
  return [...trimmed(ofRows, all), ...trimmed(ofColumns, all)];
}

function trimmed(sums, all) {
  let from = 0, to = sums.length, lost = 0;
  while (from < to - 1 && (lost += sums[from]) < TRIMMED * all) from++;
  lost = 0;
  while (to > from + 1 && (lost += sums[to - 1]) < TRIMMED * all) to--;
  return [from, to];
}

// Thirds across and down, quarters and the centre
function partsOf(top, bottom, left, right) {
  const cut = (from, to, share) => Math.round(from + share * (to - from));
  const third = (from, to, k) => [cut(from, to, k / 3), cut(from, to, (k + 1) / 3)];
  const half = (from, to, k) => [cut(from, to, k / 2), cut(from, to, (k + 1) / 2)];
  const [rows, columns] = [[top, bottom], [left, right]];
  const across = ["at the top", "across the middle", "at the bottom"].map((name, k) => ({ name, rows: third(...rows, k), columns }));
  const down = ["on the left", "down the middle", "on the right"].map((name, k) => ({ name, rows, columns: third(...columns, k) }));
  const quarters = ["at the top left", "at the top right", "at the bottom left", "at the bottom right"].map((name, k) =>
    ({ name, rows: half(...rows, k >> 1), columns: half(...columns, k & 1) }));
  const centre = { name: "in the centre", rows: third(...rows, 1), columns: third(...columns, 1) };
  return [...across, ...down, ...quarters, centre].filter(({ rows: r, columns: c }) => r[1] > r[0] && c[1] > c[0]);
}
