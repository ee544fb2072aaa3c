// The drawings of Bayes' theorem: three rows over the line or under the lens, and what the decoder draws along it.
import { colour, inkCanvas, inkedCanvas, number, shades } from "../../shared/js/canvas.js";
import { area, line, numbersBelow, rule, scale, svgOf, text, ticksOf } from "../../shared/js/chart.js";
import { decode } from "../../shared/js/decoder.js";
import { floats } from "../../shared/js/base64.js";
import { logPrior } from "../../shared/js/gaussian.js";
import { html } from "../../shared/js/html.js";

const TILES = 13, LEFT = 34; // images along the line; pixels for × and =
const ROWS = [
  ["prior p(z)", "z", "", "p"], ["likelihood p(x|z)", "reconstruction", "×", "reconstruction"],
  ["posterior p(z|x)", "evidence", "=", "posterior", " = prior × likelihood ÷ p(x)"],
];

// Prior, likelihood (largest: 1) and posterior, at places with their log p(x|z). All that is needed is Bayes' theorem.
export function threeOf(places, logPx) {
  const most = Math.max(...places.map(([, log]) => log));
  return [
    places.map(([z]) => [z, Math.exp(logPrior([z]))]),
    places.map(([z, log]) => [z, Math.exp(log - most)]),
    places.map(([z, log]) => [z, Math.exp(logPrior([z]) + log - logPx)]),
  ];
}

// One of the two drawings; gives what turns its pixels back into z.
export function drawThree(plot, name, places, z, bayes) {
  const { [name]: { from, to }, close, logPx } = bayes, wide = name === "wide";
  const width = plot.clientWidth, height = plot.clientHeight, tall = (height - 26) / 3;
  const x = scale(from, to, LEFT, width - 6), three = threeOf(places, logPx), bottom = 3 * tall - 4;
  const inside = z >= from && z <= to;
  plot.innerHTML = svgOf(plot, html`
    ${wide ? `<rect class="lens" x="${x(close.from)}" y="4" width="${x(close.to) - x(close.from)}" height="${bottom - 4}"/>` : ""}
    ${inside ? rule(x(z), 4, x(z), bottom, 'class="z-mark" data-symbol="z"') : ""}
    ${ROWS.map((row, k) => rowOf(row, three[k], x, (k + 1) * tall - 4, tall, width))}
    ${numbersBelow(ticksOf(from, to, 4), x, height - 4)}
    ${inside ? `<circle class="handle z" data-symbol="z" cx="${x(z)}" cy="${bottom}" r="9"/>` : ""}`,
  `Prior, likelihood and posterior, ${wide ? "over the whole line" : "enlarged"}`);
  return scale(LEFT, width - 6, from, to);
}

function rowOf([title, tint, sign, shows, formula = ""], values, x, base, tall, width) {
  const most = Math.max(...values.map(([, v]) => v)), y = scale(0, most, base, base - tall + 30);
  const points = values.map(([at, v]) => [x(at), y(v)]);
  const high = tint === "reconstruction" ? "" : `, up to ${number(most, most < 10 ? 2 : 0)}`; // the likelihood's own height means nothing
  return html`
    <g data-symbol="${shows}"><path class="${tint} soft" d="${area(points, base)}"/>${line(points, `class="${tint}-line"`)}</g>
    ${rule(LEFT, base, width - 6, base, 'class="axis"')}
    ${text(0, base - tall / 3, sign, 'class="sign"')}
    ${text(LEFT, base - tall + 22, `${title}${width < 400 ? formula && " = product ÷ p(x)" : formula}${high}`,
      `class="halo ${tint} asks" data-symbol="${shows}"`)}`;
}

// What the decoder draws along the line, anew where `known` is not what it shows.
export function drawTiles(box, decoder, edge, { photograph, shape }, known) {
  const key = `${decoder.sha256} ${edge} ${colour(box, "ink")}`;
  if (key === known) return key;
  const table = shades(box, photograph), places = Array.from({ length: TILES }, (_, k) => edge * ((2 * k + 1) / TILES - 1));
  box.replaceChildren(...places.map((z) => inkedCanvas(decode(decoder, [z]), shape, table)));
  return key;
}

// What it draws at z, beside the image.
export function drawHere(box, decoder, z, { photograph, shape, x }) {
  const table = shades(box, photograph);
  if (!box.children.length) box.innerHTML = "<canvas></canvas><span>the decoder’s image at z</span><canvas></canvas><span>x</span>";
  const [drawn, , given] = box.children;
  inkCanvas(drawn, decode(decoder, [z]), shape, table);
  inkCanvas(given, floats(x), shape, table);
}
