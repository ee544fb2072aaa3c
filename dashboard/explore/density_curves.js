// log p(z) and log q(z) along the way from A to B.
import { colour, css, number, sharpen } from "../shared/js/canvas.js";

const TALL = 120, PAD = 14; // pixels
const DEEP = 30; // nats below the highest point: farther down the curves are cut off

export function drawDensities(canvas, root, { points, logPrior, logAggregate }, width) {
  const pen = sharpen(canvas, width, TALL), all = [...(logPrior ?? []), ...(logAggregate ?? [])];
  canvas.hidden = !all.length; // points have neither
  if (!all.length) return;
  const top = Math.max(...all), least = Math.min(...all), bottom = Math.max(least, top - DEEP);
  const y = (value) => PAD + ((top - Math.max(bottom, value)) / (top - bottom || 1)) * (TALL - 2 * PAD);
  const x = (k) => (k / (points.length - 1)) * width;
  pen.font = '14px "Source Sans", sans-serif';
  pen.fillStyle = css(colour(root, "ink2"));
  pen.strokeStyle = css(colour(root, "hair"));
  const words = (value) => (value === bottom && least < bottom ? `\u2264\u2009${number(value, 0)}` : number(value, 1)); // a floor
  for (const value of [top, bottom]) {
    pen.beginPath();
    pen.moveTo(0, y(value));
    pen.lineTo(width, y(value));
    pen.stroke();
    pen.fillText(`${words(value)} nats`, 2, y(value) - 3);
  }
  if (logPrior) {
    const at = Math.round(logPrior.length * 0.86), above = logAggregate ? logPrior[at] >= logAggregate[at] : true;
    curve(pen, logPrior, { x, y, colour: css(colour(root, "ink")), dashes: [5, 4], word: "log p(z)", at, above });
  }
  if (logAggregate) {
    const at = Math.round(logAggregate.length * 0.7), above = logPrior[at] < logAggregate[at];
    curve(pen, logAggregate, { x, y, colour: css(colour(root, "mu")), dashes: [], word: "log q(z)", at, above });
  }
}

// A curve with its name at point `at`, above or below it.
function curve(pen, values, { x, y, colour: style, dashes, word, at, above }) {
  pen.strokeStyle = pen.fillStyle = style;
  pen.lineWidth = 2;
  pen.setLineDash(dashes);
  pen.beginPath();
  values.forEach((value, k) => pen.lineTo(x(k), y(value)));
  pen.stroke();
  pen.setLineDash([]);
  pen.font = 'italic 600 16px "Source Serif", serif';
  pen.fillText(word, x(at), Math.min(TALL - 8, Math.max(14, y(values[at]) + (above ? -7 : 18))));
}
