// The charts of one code and one pixel: the decoder over the code with both densities below, both magnified, and the gap.
import { number } from "../../shared/js/canvas.js";
import { density } from "../../shared/js/gaussian.js";
import { linear, logarithmic, opened, polyline, rows, under } from "../axes.js";
import { DECODERS, gaussian, posterior } from "./posterior.js";

const END = 3; // of z
const SHAPE = 170, GAP = 190, LEFT = 44;
const UPPER = 230, LOWER = 126; // the decoder, and the densities of its codes
const along = (from, to, count) => Array.from({ length: count + 1 }, (_, k) => from + (k * (to - from)) / count);
const filled = (points, base) => {
  const corners = [...points, [points.at(-1)[0], base], [points[0][0], base]].map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`);
  return `<path d="M${corners.join("L")}Z" data-symbol="posterior" fill="var(--evidence)" fill-opacity=".16"/>`;
};
const Q = 'data-symbol="q" stroke="var(--mu)" stroke-width="2.5" stroke-dasharray="7 4"';
const P = 'data-symbol="posterior" stroke="var(--evidence)" stroke-width="2"';

const named = (words, kind, tint = "") => `<tspan class="${tint} asks" data-symbol="${kind}">${words}</tspan>`;

export function drawDecoder({ decoder, image, sigma, q }, width) {
  const f = DECODERS[decoder], observed = Number(image), right = width - 8, base = UPPER + 30 + LOWER;
  const [low, high] = decoder === "folded" ? [-0.8, 4.2] : [-3.4, 3.4];
  const x = linear(-END, END, LEFT, right), y = linear(low, high, UPPER, 6);
  const inside = (value) => Math.max(6, Math.min(UPPER, value));
  const curve = along(-END, END, 240).map((z) => [x(z), y(f(z))]);
  const p = posterior(f, observed, sigma, q.log_px), dense = finely(q, [-END, END]);
  const g = gaussian(q.mean, q.stddev), tall = Math.max(density(0), g(q.mean), ...dense.map(p));
  const v = linear(0, 1.08 * tall, base, base - LOWER);
  const points = (read) => dense.map((z) => [x(z), v(read(z))]), ofP = points(p);
  return `${opened(width, base + 42, "The decoder, and below it the posterior of the image and the nearest Gaussian")}
    <clipPath id="above"><rect x="${LEFT}" y="6" width="${right - LEFT}" height="${UPPER - 6}"/></clipPath>
    ${rows(low, high, y, { left: LEFT, right })}
    <g clip-path="url(#above)"><rect data-symbol="sigma" x="${LEFT}" width="${right - LEFT}" y="${inside(y(observed + sigma)).toFixed(1)}"
      height="${(inside(y(observed - sigma)) - inside(y(observed + sigma))).toFixed(1)}" fill="var(--sigma)" fill-opacity=".14"/>
      ${polyline(curve, 'data-symbol="reconstruction" stroke="var(--reconstruction)" stroke-width="2.5"')}</g>
    <path data-symbol="x" d="M${LEFT} ${y(observed).toFixed(1)}H${right}" stroke="var(--ink)" stroke-width="1.5"/>
    <text x="${LEFT + 6}" y="${(y(observed) - 7).toFixed(1)}" class="strong halo" data-symbol="x">x = ${number(observed, 1)}</text>
    <path d="M${LEFT} ${base}H${right}" stroke="var(--rule)"/>
    ${polyline(along(-END, END, 120).map((z) => [x(z), v(density(z))]), 'data-symbol="p" stroke="var(--ink2)" stroke-dasharray="2 4"')}
    ${filled(ofP, base)}${polyline(ofP, P)}${polyline(points(g), Q)}
    <text x="${LEFT + 4}" y="${base - LOWER + 12}">
      ${named("p(z|x)", "posterior", "evidence")}  ${named("- - q", "q", "q")}  ${named("··· p(z)", "p")}</text>
    ${under([-3, -2, -1, 0, 1, 2, 3], x, base + 20)}<text x="${right}" y="${base + 38}" text-anchor="end">code z</text></svg>`;
}

// Codes as close as the narrowest bump needs, and some everywhere; both bumps of a folded decoder.
function finely({ mean, stddev }, [low, high]) {
  const near = [mean, -mean].flatMap((middle) => along(middle - 6 * stddev, middle + 6 * stddev, 120));
  return [...along(low, high, 240), ...near].filter((z) => z >= low && z <= high).sort((a, b) => a - b);
}

// The window of the magnified chart: four deviations of q each way.
export const windowOf = ({ mean, stddev }) => [mean - 4 * stddev, mean + 4 * stddev];

export function drawShape({ decoder, image, sigma, q }, width) {
  const [low, high] = windowOf(q), floor = SHAPE - 24, right = width - 8;
  const x = linear(low, high, LEFT, right), zs = along(low, high, 200);
  const p = posterior(DECODERS[decoder], Number(image), sigma, q.log_px), g = gaussian(q.mean, q.stddev);
  const y = linear(0, 1.08 * Math.max(...zs.map(p), g(q.mean)), floor, 4), points = (read) => zs.map((z) => [x(z), y(read(z))]);
  const digits = q.stddev < 0.05 ? 3 : 2;
  return `${opened(width, SHAPE, "Posterior and nearest Gaussian within four of its deviations")}
    <path d="M${LEFT} ${floor}H${right}" stroke="var(--rule)"/>
    ${filled(points(p), floor)}${polyline(points(p), P)}${polyline(points(g), Q)}
    ${under([-3, 0, 3].map((k) => q.mean + k * q.stddev), x, floor + 18, (z) => number(z, digits))}</svg>`;
}

export function drawGap({ decoder, kls, sigmas, at }, width) {
  const floor = GAP - 40, right = width - 8;
  const high = Math.max(0.05, 1.12 * Math.max(...kls, decoder === "folded" ? Math.LN2 : 0));
  const x = logarithmic(sigmas[0], sigmas.at(-1), LEFT, right), y = linear(0, high, floor, 8);
  const level = decoder === "folded" ? `
    <path d="M${LEFT} ${y(Math.LN2).toFixed(1)}H${right}" stroke="var(--ink)" stroke-dasharray="3 4"/>
    <text x="${right}" y="${(y(Math.LN2) - 7).toFixed(1)}" text-anchor="end" class="halo">ln 2 = ${number(Math.LN2)}</text>` : "";
  return { x, svg: `${opened(width, GAP, `The gap is ${number(kls[at], 3)} nats at sigma ${sigmas[at]}`)}
    ${rows(0, high, y, { left: LEFT, right, about: 3 })}${level}
    <path d="M${x(sigmas[at]).toFixed(1)} 8V${floor}" stroke="var(--rule)"/>
    ${polyline(kls.map((kl, k) => [x(sigmas[k]), y(Math.max(0, kl))]), 'data-symbol="gap" stroke="var(--elbo)" stroke-width="2.5"')}
    <circle cx="${x(sigmas[at]).toFixed(1)}" cy="${y(Math.max(0, kls[at])).toFixed(1)}" r="5.5" data-symbol="gap" fill="var(--elbo)"/>
    ${under([0.01, 0.03, 0.1, 0.3, 1, 3], x, floor + 18, String)}
    <text x="${right}" y="${floor + 36}" text-anchor="end">noise σ of the decoder</text></svg>` };
}
