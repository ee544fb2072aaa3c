// The prior on a square: dashed circles at one and two sigma, each with its name.
import { css } from "../../shared/js/canvas.js";

export function drawPrior(pen, { side, edge, colours, x, y }, onTiles = false) {
  const size = Math.max(14, side * 0.0335);
  Object.assign(pen, { textAlign: "center", textBaseline: "middle", font: `600 ${size}px "Source Sans", sans-serif` });
  for (const sigmas of [1, 2]) {
    Object.assign(pen, { strokeStyle: css(colours.ink, onTiles ? 0.8 : 0.7), lineWidth: Math.max(1.6, side * 0.0065) });
    pen.setLineDash([7, 5]);
    pen.beginPath();
    pen.arc(x(0), y(0), (sigmas * side) / (2 * edge), 0, 7);
    pen.stroke();
    pen.setLineDash([]);
    const left = x(sigmas * Math.SQRT1_2), top = y(sigmas * Math.SQRT1_2), words = `${sigmas}σ`;
    const wide = pen.measureText(words).width + size * 0.7;
    pen.fillStyle = css(colours.panel, 0.92);
    pen.beginPath();
    pen.roundRect(left - wide / 2, top - size * 0.72, wide, size * 1.44, size * 0.72);
    pen.fill();
    pen.fillStyle = css(colours.ink2);
    pen.fillText(words, left, top + 1);
  }
}
