// Cross-entropy and the KL, both ways round, of two Gaussians that one drags. Numbers are closed forms; the area is a sum.
import { number } from "../../shared/js/canvas.js";
import { area, dot, grid, line, numbersBelow, path, rule, scale, svgOf, text, ticksOf } from "../../shared/js/chart.js";
import { HALF_LOG, crossEntropyOf, density, entropyOf, klOfTwo } from "../../shared/js/gaussian.js";
import { html, term } from "../../shared/js/html.js";
import { asking, symbol } from "../../shared/js/symbols.js";
import { radio } from "../../shared/js/widgets.js";
import { draggable, nearest } from "./drag.js";
import { clamp, inAddress, rounded, sliderOf, unitChoice, unitOf, wired } from "./sliders.js";

const MEAN = 4, NARROWEST = 0.05, WIDEST = 4; // as the lecture has them
const EDGE = 6; // of the line
const LINE = grid(-EDGE, EDGE, 1200), STEP = LINE[1] - LINE[0];
const NAMES = ["mean of q", "σ of q", "mean of p", "σ of p"], TINTS = ["mu", "mu", "ink", "ink"];
const WAYS = ["q‖p", "p‖q"];
const POSES = [
  ["the same", [0, 1, 0, 1]], ["beside it", [1.2, 1, 0, 1]],
  ["narrow in wide", [0, 0.3, 0, 1.5]], ["wide over narrow", [0, 1.5, 0, 0.3]],
];
const Q = symbol("q", "q", "mu"), P = symbol("p", "p", "ink");

const logDensity = (v, m, s) => -HALF_LOG - Math.log(s) - 0.5 * ((v - m) / s) ** 2;

// a (-log b) and a (-log a) along the line, of N(m1, s1^2) and N(m2, s2^2): the KL is the area between the two.
export function integrands(m1, s1, m2, s2, along = LINE) {
  const own = along.map((v) => density((v - m1) / s1) / s1);
  return {
    cross: own.map((a, k) => -a * logDensity(along[k], m2, s2)),
    entropy: own.map((a, k) => -a * logDensity(along[k], m1, s1)),
  };
}

// What counts for the KL and what against it: the areas where the first curve is the higher one, and where it is the lower.
export function areasBetween({ cross, entropy }, step = STEP) {
  const difference = cross.map((value, k) => (value - entropy[k]) * step);
  return [1, -1].map((sign) => difference.reduce((sum, value) => sum + Math.max(0, sign * value), 0));
}

export const areaBetween = ({ cross, entropy }, step = STEP) => cross.reduce((sum, value, k) => sum + (value - entropy[k]) * step, 0);

const PAGE = html`
  <div class="two-to-one">
    <div><div class="plot two"></div><div class="plot integrand-of"></div></div>
    <div class="sums-of"><div class="both-ways"></div>
      <div class="pick">
        <span>drawn below the two:</span>
        <div class="segments ways" role="radiogroup" aria-label="Which KL is drawn"></div>
      </div>
      <p class="drawn-of"></p>
      <div class="chips" role="group" aria-label="Poses">
        ${POSES.map(([name], k) => `<button type="button" data-pose="${k}">${name}</button>`)}
      </div>
    </div>
  </div>
  <div class="sliders">
    ${NAMES.map((name, k) => sliderOf({
      key: k, name, low: k % 2 ? NARROWEST : -MEAN, high: k % 2 ? WIDEST : MEAN, tint: TINTS[k], log: k % 2 === 1,
    }))}
    ${unitChoice}
  </div>`;

export function createDivergence(box, data, { say, told, bits, toggle }) {
  let four = data.g.slice(), way = data.way, places = [], along = () => 0;
  box.innerHTML = PAGE;
  const $ = (selector) => box.querySelector(selector);
  const show = wired(box, (k) => four[k], (k, value) => change(Number(k), value));

  function change(k, value) {
    four = four.with(k, k % 2 ? clamp(rounded(value), NARROWEST, WIDEST) : clamp(rounded(value), -MEAN, MEAN));
    told({ g: inAddress(four) });
    draw();
  }

  draggable($(".two"), {
    find: (x, y) => nearest(places, x, y),
    move: (k, x) => change(k, k % 2 ? along(x) - four[k - 1] : along(x)),
  });
  for (const button of box.querySelectorAll("[data-pose]")) {
    button.onclick = () => { [, four] = POSES[button.dataset.pose]; told({ g: inAddress(four) }); draw(); };
  }

  function draw() {
    const unit = unitOf(bits()), [m1, s1, m2, s2] = four, back = [m2, s2, m1, s1];
    const forward = klOfTwo(...four), reverse = klOfTwo(...back), first = way === WAYS[0];
    show();
    radio($(".units"), ["nats", "bits"], () => (bits() ? "bits" : "nats"), toggle);
    radio($(".ways"), WAYS, () => way, (next) => { way = next; told({ way: next === WAYS[0] ? "" : next }); draw(); });
    $(".both-ways").innerHTML = sumOf(Q, P, forward, crossEntropyOf(...four), entropyOf(s1), unit)
      + sumOf(P, Q, reverse, crossEntropyOf(...back), entropyOf(s2), unit);
    drawTwo($(".two"));
    const parts = integrands(...(first ? four : back)), seen = areaBetween(parts), kl = first ? forward : reverse;
    drawIntegrand($(".integrand-of"), parts, first, first ? [m1, s1] : [m2, s2]);
    $(".drawn-of").innerHTML = areasOf(parts, unit)
      + (Math.abs(seen - kl) < 0.005 ? ", the KL above." : "; the rest of the KL lies outside of the picture.");
    say(...claimOf(forward, reverse, unit));
    Object.assign(box.dataset, { kl: unit.text(forward), reverse: unit.text(reverse), area: unit.text(seen) });
  }

  function drawTwo(plot) {
    const [m1, s1, m2, s2] = four, width = plot.clientWidth, height = plot.clientHeight, base = height - 26;
    const peaks = [s1, s2].map((s) => Math.exp(-HALF_LOG) / s), most = clamp(Math.max(...peaks), 0.1, 2.2);
    const x = scale(-EDGE, EDGE, 0, width), y = scale(0, most * 1.12, base, 10);
    along = scale(0, width, -EDGE, EDGE);
    const curve = (m, s) => LINE.map((v) => [x(v), y(density((v - m) / s) / s)]);
    const high = (m, s, v) => [x(v), Math.max(16, y(density((v - m) / s) / s))];
    places = [high(m1, s1, m1), high(m1, s1, m1 + s1), high(m2, s2, m2), high(m2, s2, m2 + s2)];
    plot.innerHTML = svgOf(plot, html`
      <defs><clipPath id="above"><rect width="${width}" height="${base}"/></clipPath></defs>
      <g clip-path="url(#above)">
        <g data-symbol="p"><path class="ink soft" d="${area(curve(m2, s2), base)}"/>${line(curve(m2, s2), 'class="p-line"')}</g>
        <g data-symbol="q"><path class="mu soft" d="${area(curve(m1, s1), base)}"/>${line(curve(m1, s1), 'class="q-line"')}</g>
      </g>
      ${rule(0, base, width, base, 'class="axis"')}
      ${numbersBelow(ticksOf(-EDGE + 1, EDGE - 1, 5), x, height - 6)}
      ${[2, 3, 0, 1].map((k) => dot(...places[k], k % 2 ? 8 : 11, `class="handle ${TINTS[k]}" data-symbol="${k < 2 ? "q" : "p"}"`))}
      ${text(places[2][0] - 16, places[2][1] + 6, "p", 'class="serif end halo ink asks" data-symbol="p"')}
      ${text(places[0][0] - 16, places[0][1] + 6, "q", 'class="serif end halo mu asks" data-symbol="q"')}`,
    "The densities q and p");
  }

  return { update() {}, draw };
}

function drawIntegrand(plot, { cross, entropy }, first, [m, s]) {
  const width = plot.clientWidth, height = plot.clientHeight, x = scale(-EDGE, EDGE, 0, width);
  const y = scale(Math.min(-0.1, ...cross, ...entropy), Math.max(0.5, ...cross, ...entropy), height - 8, 34);
  const points = (values) => values.map((v, k) => [x(LINE[k]), y(v)]);
  const from = (edge) => `${path(points(edge))}L${points(entropy).reverse().map(([a, b]) => `${a.toFixed(1)} ${b.toFixed(1)}`).join("L")}Z`;
  const [above, below] = [Math.max, Math.min].map((edge) => from(cross.map((value, k) => edge(value, entropy[k]))));
  const [a, b] = first ? ["q", "p"] : ["p", "q"], left = m + s > 0;
  plot.innerHTML = svgOf(plot, html`
    <defs><pattern id="against" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <path class="hatch" d="M0 0V6"/></pattern></defs>
    <path class="kl soft" data-symbol="kl" d="${above}"/><path class="against" data-symbol="kl" d="${below}"/>
    ${rule(0, y(0), width, y(0), 'class="axis"')}
    ${line(points(entropy), 'class="own-line" data-symbol=""')}${line(points(cross), 'class="kl-line" data-symbol="kl"')}
    ${text(left ? 0 : width, 18, html`
      <tspan class="kl">${a} (−log ${b})</tspan> and <tspan class="own">${a} (−log ${a})</tspan>, dashed`,
    `class="halo ${left ? "" : "end"}"`)}`, "The cross-entropy and the entropy as areas: the first minus the second is the KL");
}

// The two areas and their difference, whose shown digits add up.
export function areasOf(parts, unit) {
  const [sum, minus] = [areaBetween(parts), areasBetween(parts)[1]].map((value) => Number(unit.value(value).toFixed(2)));
  const [above, below] = [sum + minus, minus].map((value) => number(value));
  return html`
    <span><i class="sample plus"></i>solid above dashed, counts as positive: <b>${above}</b></span>
    <span><i class="sample minus"></i>solid below dashed, counts as negative: <b>${below}</b></span>
    <span>${above} − ${below} = </span><b class="kl">${number(sum)} ${unit.name}</b>`;
}

// One way round: KL = cross-entropy - entropy, whose shown digits give the shown difference.
export function sumOf(a, b, kl, cross, entropy, unit) {
  const shown = (value) => Number(unit.value(value).toFixed(2));
  const difference = shown(kl), second = shown(entropy), sum = number(difference + second);
  return html`
    <p class="sum-of"><span>${asking("KL", "kl")}(${a} ‖ ${b})</span> <b class="kl" data-symbol="kl">${number(difference)}</b>
      <small>= H(${a}, ${b}) − H(${a}) = ${sum} − ${second < 0 ? `(${number(second)})` : number(second)} ${unit.name}</small></p>`;
}

export function claimOf(forward, reverse, unit) {
  if (forward < 0.005 && reverse < 0.005) {
    return ["Where q and p are the same, the KL is 0", explains("Drag one of them away.")];
  }
  return [
    `Expect ${P} where ${Q} is true, and you pay ${unit.text(forward)} ${unit.name}; the other way round ${unit.text(reverse)}`,
    explains("It is never negative, and changes when the two swap places: it is not a distance."),
  ];
}

const explains = (last) => `If events come from ${Q} and you expect ${P}, they surprise you by −log ${P} each: on average the `
  + `<b>${term("cross-entropy")}</b> H(${Q}, ${P}). Had you expected ${Q} itself, it would be the ${term("entropy")} H(${Q}). `
  + `The excess is the <b>${asking(term("Kullback–Leibler divergence"), "kl")}</b> (KL): `
  + `below, the pink area minus the hatched one. ${last}`;
