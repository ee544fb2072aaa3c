// The linear-Gaussian model: an axis lives while its variance is above beta c. Exact, for any number of dimensions.
import { number } from "../../shared/js/canvas.js";
import { dot, hairlines, line, numbersBelow, rule, scale, svgOf, text } from "./chart.js";
import { html } from "./html.js";

const LOW = 0.003, HIGH = 12; // of beta c
const PRICE = '<i class="symbol kl">β c</i>';
const log10 = Math.log10;

const pageOf = (covariance) => html`
  <h2>The linear case, exactly</h2>
  <p></p>
  <p class="which">
    Linear model: x|z ~ N(Wz + b, c I), with <i class="symbol">c</i> the variance of a pixel’s noise, given z.
    This slider sets <i class="symbol">β c</i>, not the <i class="symbol kl">β</i> above.
    The variances are eigenvalues of the grey pixels’ covariance (${largest(covariance)} …),
    another matrix than the correlation of the binarised ones.
  </p>
  <div class="chart"></div>
  <label>
    <i class="symbol">β c</i>
    <input type="range" min="0" max="1" step="0.002" aria-label="beta times the pixel variance">
    <b></b>
  </label>`;

const largest = (covariance) => covariance.slice(0, 3).map((value) => number(value)).join(", ");

export function createLinear(box, { covariance, pixels }, told) {
  let price = 0.1;
  box.innerHTML = pageOf(covariance);
  const $ = (selector) => box.querySelector(selector), input = $("input");
  input.oninput = () => {
    price = Number((LOW * (HIGH / LOW) ** Number(input.value)).toPrecision(2));
    draw();
  };

  function draw(s = told()) {
    const alive = covariance.filter((value) => value > price);
    input.value = Math.log(price / LOW) / Math.log(HIGH / LOW);
    $("label b").textContent = String(price);
    const sum = alive.reduce((all, value) => all + 0.5 * Math.log(value / price), 0);
    const together = alive.length ? `, together ${number(sum, 1)}` : "";
    $("p").innerHTML = `<b>${alive.length} of ${pixels}</b> axes of MNIST have a variance above ${PRICE}; `
      + `each costs ½ ln(variance / ${PRICE}) nats${together}.`;
    drawVariances($(".chart"), covariance, price, alive.length, s); // what the words leave it
  }

  return { draw };
}

// The variances along the principal axes, both on a scale of decades, and the threshold across them.
function drawVariances(chart, covariance, price, alive, s) {
  const width = chart.clientWidth, height = chart.clientHeight, left = 66 * Math.max(0.7, s), foot = 64 * Math.max(0.7, s);
  if (!width) return;
  const right = width - 10, bottom = height - foot;
  const toX = scale(0, log10(covariance.length), left, right), toY = scale(log10(LOW), log10(HIGH), bottom, 10);
  const x = (axis) => toX(log10(axis)), y = (variance) => toY(log10(variance)), threshold = y(price);
  const points = covariance.map((value, k) => [x(k + 1), y(Math.max(value, LOW))]);
  const count = alive
    ? text(Math.min(width - 120, x(alive) + 12), Math.max(40, threshold - 14), `${alive} live`, 'class="strong halo t-z"')
    : text(left + 12, threshold - 12, "none lives", 'class="strong halo t-z"');
  chart.innerHTML = svgOf(chart, html`
    ${hairlines([0.01, 0.1, 1, 10], y, left, right, 10)}
    ${numbersBelow([1, 10, 100], x, bottom + 28 * Math.max(0.8, s))}
    ${text(right, height - 6, "principal axis", 'class="small end"')}
    ${text(left + 8, 26, "variance along it", 'class="small"')}
    ${rule(left, bottom, right, bottom, 'class="axis"')}
    ${rule(left, threshold, right, threshold, 'stroke="var(--kl)" stroke-width="3"')}
    ${line(points.slice(alive ? alive - 1 : 0), 'stroke="var(--ink2)" stroke-width="2" stroke-dasharray="3 4"')}
    ${line(points.slice(0, alive), 'stroke="var(--z)" stroke-width="3"')}
    ${points.slice(0, Math.min(alive, 12)).map((point) => dot(...point, 5, 'fill="var(--z)"'))}
    ${count}`, "Variances of the principal axes and the threshold beta c");
}
