// Nine quantities over beta, each as a small chart of its own.
import { number, percent, placeIn } from "../../shared/js/canvas.js";
import { dot, line, rule, scale, text } from "../../shared/js/chart.js";
import { html, nameWithUnit } from "../../shared/js/html.js";
import { beta, split } from "./words.js";

const LEFT = 26, RIGHT = 70; // pixels beside a curve

export function drawMultiples(box, models, at, choose, s) {
  const quantities = quantitiesOf(models, models[at]);
  box.innerHTML = quantities.map(({ name, unit = "", value, tint, detail, shows = "" }) => html`
    <div class="multiple ${tint}${detail ? " detail" : ""}" data-symbol="${shows}">
      <p><span class="ink2">${nameWithUnit(name, unit)}</span><b>${value}</b></p>
      <svg></svg>
    </div>`).join("");
  box.querySelectorAll("svg").forEach((svg, k) => drawCurves(svg, models, at, quantities[k], choose, s));
}

// Name and unit, the value of this model, and a curve, or one for each dimension, over all models. A curve may be cut
// at `cap`; `stack` are two parts of a sum; `mark` is a value to compare with; a `detail` is not for a hall.
function quantitiesOf(models, m) {
  const each = (read) => models.map(read), parts = split(m), eachDimension = m.mean_sigma.map((_, d) => d);
  const dimensions = (name) => ({
    value: m[name].map((value) => number(value)).join(", "),
    curves: eachDimension.map((d) => each((o) => o[name][d])),
  });
  return [
    {
      name: "distortion, −reconstruction", unit: "nats", tint: "reconstruction", shows: "reconstruction",
      value: number(-m.reconstruction, 1), curves: [each((o) => -o.reconstruction)],
    },
    {
      name: "KL = information + mismatch", tint: "kl", shows: "kl", cap: 16,
      value: `${number(parts.information)} + ${number(parts.mismatch)}`,
      stack: [each((o) => Math.max(0, o.information)), each((o) => Math.max(0, o.mismatch))],
    },
    { name: "KL per dimension", unit: "nats", tint: "kl", shows: "kl", cap: 8, ...dimensions("kl_per_dimension") },
    { name: "−ELBO", unit: "nats", tint: "elbo", shows: "elbo", value: number(-m.elbo, 1), curves: [each((o) => -o.elbo)] },
    {
      name: "share of the prior in holes", tint: "ink", suffix: " %",
      value: percent(m.holes), curves: [each((o) => 100 * o.holes)],
    },
    {
      name: "continuity, Jacobian of the decoder", unit: "per σ", tint: "mu", detail: true,
      value: m.continuity === null ? "none" : number(m.continuity, 1), curves: [each((o) => o.continuity ?? 0)],
    },
    { name: "mean σ of q(z|x)", tint: "sigma", shows: "sigma q", detail: true, ...dimensions("mean_sigma") },
    { name: "E z², 1 under the prior", tint: "z", shows: "z p", cap: 8, mark: 1, detail: true, ...dimensions("mean_square") },
    {
      name: "active dimensions", unit: `of ${eachDimension.length}`, tint: "z",
      value: m.active_units, curves: [each((o) => o.active_units)],
    },
  ];
}

function drawCurves(svg, models, at, quantity, choose, s) {
  const width = svg.clientWidth, height = svg.clientHeight, foot = 28 * Math.max(0.72, s);
  if (!width || height < 30) return;
  const { tint, stack, cap = Infinity, mark } = quantity;
  const curves = stack ? [stack[0].map((value, k) => value + stack[1][k])] : quantity.curves;
  const { low, high } = rangeOf(curves, cap, stack);
  const x = scale(0, models.length - 1, LEFT, width - RIGHT), y = scale(low, high, height - foot, 10);
  const points = (values) => values.map((value, k) => [x(k), y(Math.min(value, cap))]);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.innerHTML = html`
    <defs>
      <pattern id="gap" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path d="M0 0V9" stroke="var(--ink)" stroke-width="2.4"/>
      </pattern>
    </defs>
    ${rule(0, y(low), width, y(low), 'class="axis"')}
    ${mark === undefined ? "" : rule(0, y(mark), width, y(mark), 'class="hair"')}
    ${rule(x(at), 4, x(at), y(low), 'class="now-line"')}
    ${stack ? filledParts(stack, curves[0], points) : ""}
    ${curves.map((values, k) =>
    line(points(values), `stroke="var(--${tint})" stroke-width="2.4" ${k ? 'stroke-dasharray="7 4"' : ""}`))}
    ${curves.map((values) => dot(...points(values)[at], 6, `fill="var(--${tint})"`))}
    ${stack ? text(x(0.4), y(high / 5), "information", 'class="small" style="fill:var(--ink)"') : ""}
    ${stack ? text(x(2.3), y(high * 0.66), "mismatch KL(q(z)‖p(z))", 'class="small halo"') : ""}
    ${betasBelow(models, at, x, height - 4)}
    ${endsOf(curves, quantity, low, high, width, y)}`;
  const under = (event) => (placeIn(svg, event)[0] - LEFT) / (width - LEFT - RIGHT);
  svg.onclick = (event) => choose(Math.round(under(event) * (models.length - 1)));
}

// From zero where the curves come near it.
function rangeOf(curves, cap, stack) {
  const all = curves.flat().map((value) => Math.min(value, cap)), least = Math.min(...all), high = Math.max(...all);
  return { low: stack || least < 0.3 * high ? 0 : least, high };
}

// Two parts of a sum, one above the other, down to the axis at zero.
function filledParts([lower], sum, points) {
  const through = (places) => places.map(([x, y]) => `${x} ${y}`).join("L");
  const between = (values, from, look) => `<path d="M${through(points(values))}L${through(points(from).reverse())}Z" ${look}/>`;
  return between(lower, lower.map(() => 0), 'fill="var(--kl)" opacity=".45"')
    + between(sum, lower, 'fill="url(#gap)"')
    + line(points(lower), 'stroke="var(--kl)" stroke-width="2"');
}

// Every second beta and the chosen one, but none beside it.
function betasBelow(models, at, x, y) {
  const shown = (k) => k === at || (k % 2 === 0 && Math.abs(k - at) !== 1);
  return models.map((m, k) =>
    (shown(k) ? text(x(k), y, beta(m), `class="middle ${k === at ? "strong t-kl" : "small"}"`) : ""));
}

// The largest value at the right edge, or where the curve is cut; and the least, where it is not zero.
function endsOf(curves, { cap = Infinity, suffix = "" }, low, high, width, y) {
  const cut = curves.flat().some((value) => value > cap), digits = high >= 100 ? 0 : high >= 3 ? 1 : 2;
  const upper = text(width, y(high) + 7, cut ? `cut at ${cap}` : number(high, digits) + suffix, 'class="small end"');
  return upper + (low ? text(width, y(low) - 7, number(low, digits) + suffix, 'class="small end"') : "");
}
