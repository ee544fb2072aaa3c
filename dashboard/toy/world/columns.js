// The columns of W, pixel by pixel: dots for the fit; once it is revealed, rings for the truth.
import { subscript } from "../../shared/js/canvas.js";
import { linear, opened, rows } from "../axes.js";

const TALL = 132, LEFT = 36, GAP = 26;

export function drawColumns(data, fit, width) {
  const right = width - 6, pixels = fit.columns[0].length, x = linear(-0.5, pixels - 0.5, LEFT, right);
  const most = 1.05 * Math.max(...[...data.columns, ...fit.columns].flat().map(Math.abs));
  const column = (values, k) => {
    const top = k * (TALL + GAP) + 20, y = linear(-most, most, top + TALL, top);
    const zero = y(0).toFixed(1);
    const stems = values.map((v, i) => `
      <path d="M${x(i).toFixed(1)} ${zero}V${y(v).toFixed(1)}" stroke="var(--reconstruction)" stroke-width="1.5"/>
      <circle cx="${x(i).toFixed(1)}" cy="${y(v).toFixed(1)}" r="3.5" fill="var(--reconstruction)"/>`);
    const rings = data.shown ? data.columns[k].map((v, i) =>
      `<circle cx="${x(i).toFixed(1)}" cy="${y(v).toFixed(1)}" r="6.5" fill="none" stroke="var(--ink)" stroke-width="1.5"/>`) : [];
    return `<text x="${LEFT}" y="${top - 6}">column ${k + 1}: the direction of z${subscript(k + 1)}</text>
      ${rows(-most, most, y, { left: LEFT, right, about: 3 })}
      <path d="M${LEFT} ${zero}H${right}" stroke="var(--rule)"/>${stems.join("")}${rings.join("")}`;
  };
  const height = 2 * TALL + GAP + 44;
  return `${opened(width, height, `The two columns of W over the ${pixels} pixels`)}
    ${fit.columns.map(column).join("")}
    <text x="${right}" y="${height - 4}" text-anchor="end">the ${pixels} pixels</text></svg>`;
}
