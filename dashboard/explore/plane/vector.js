// The plane as SVG, for a paper: axes, the prior's circles, codes, class glyphs, q(z|x) and the point. No pixels in it.
import { density } from "../../shared/js/gaussian.js";
import { htmlOf, nameOf } from "../../shared/js/classes.js";
import { css, number } from "../../shared/js/canvas.js";
import { dotSize, glyphPlaces, inSight, priorDraws, tagsOfPrior, tickDigits, tickValues } from "./backdrop.js";

const BORDER = 44; // around the plane, for the numbers

// A colour as old readers of SVG know it: the alpha apart.
function tint(name, colour) {
  const [r, g, b, alpha = 1] = colour.match(/[\d.]+/g);
  return `${name}="rgb(${r},${g},${b})"` + (Number(alpha) === 1 ? "" : ` ${name}-opacity="${alpha}"`);
}

const place = (x, y) => `cx="${x.toFixed(2)}" cy="${y.toFixed(2)}"`;
const words = (x, y, text, more = "") => `<text x="${x.toFixed(2)}" y="${y.toFixed(2)}"${more}>${text}</text>`;

// Where the plane shows a raster (tiles, density, holes) its codes are drawn instead.
export function vectorPlane(scene, name, point) {
  const whole = scene.side + 2 * BORDER, { side, colours } = scene;
  const parts = [lattice(scene), name === "prior" ? draws(scene) : dots(scene), rings(scene), ellipses(scene), here(scene, point)];
  const sheet = `viewBox="${-BORDER} ${-BORDER} ${whole} ${whole}" width="${whole}" height="${whole}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${sheet} font-family="sans-serif" font-size="14">
<defs><clipPath id="inside"><rect width="${side}" height="${side}"/></clipPath></defs>
<rect x="${-BORDER}" y="${-BORDER}" width="${whole}" height="${whole}" ${tint("fill", css(colours.paper))}/>
<rect width="${side}" height="${side}" ${tint("fill", css(colours.panel))}/>
${numbers(scene)}
<g clip-path="url(#inside)">
${parts.filter(Boolean).join("\n")}
</g>
</svg>
`;
}

function lattice({ side, view, dims, colours, toX, toY }) {
  const line = (value, d) => `<path d="${d}" ${tint("stroke", css(value === 0 ? colours.rule : colours.hair))}/>`;
  const across = tickValues(view.x).map((x) => line(x, `M${toX(x).toFixed(2)} 0V${side}`));
  const up = dims > 1 ? tickValues(view.y).map((y) => line(y, `M0 ${toY(y).toFixed(2)}H${side}`)) : [];
  return `<g class="lattice">${[...across, ...up].join("")}</g>`;
}

function numbers({ side, view, dims, colours, toX, toY }) {
  const across = tickValues(view.x).map((x) => words(toX(x), side + 20, number(x, tickDigits(view.x)), ' text-anchor="middle"'));
  const up = dims > 1 ? tickValues(view.y).map((y) => words(-8, toY(y) + 5, number(y, tickDigits(view.y)), ' text-anchor="end"')) : [];
  return `<g class="ticks" ${tint("fill", css(colours.ink2))}>${[...across, ...up].join("")}</g>`;
}

function dots(scene) {
  const { codes, colours, dims, phone } = scene;
  if (!codes) return "";
  const seen = inSight(scene), r = dotSize(seen.length, phone) / 2;
  const fill = (i) => tint("fill", codes.labels ? colours.dots[codes.labels[i] % 10] : colours.plain);
  const all = seen.map(([x, y, i]) => `<circle ${place(x, y)} r="${r}" ${fill(i)}/>`);
  const halo = `${tint("stroke", css(colours.panel))} stroke-width="3" stroke-linejoin="round" paint-order="stroke"`;
  const glyph = ([x, y, label]) =>
    words(x, y + 5, htmlOf(nameOf(scene.names, label)), ` ${tint("fill", colours.glyphs[label % 10])}`);
  const glyphs = codes.labels && dims > 1 ? glyphPlaces(scene).map(glyph) : [], font = 'font-size="15" font-weight="700"';
  return `<g class="codes">${all.join("")}</g>\n`
    + `<g class="glyphs" ${font} text-anchor="middle" ${halo}>${glyphs.join("")}</g>`;
}

function draws(scene) {
  const drawn = priorDraws(scene), r = dotSize(drawn.length, scene.phone) / 2;
  const all = drawn.map(([x, y]) => `<circle ${place(x, y)} r="${r}"/>`);
  return `<g class="draws" ${tint("fill", css(scene.colours.noise, 0.5))}>${all.join("")}</g>`;
}

// The prior: circles in the plane, its density over a line.
function rings(scene) {
  if (scene.points) return "";
  const { side, view, dims, colours, toX, toY } = scene;
  const dashed = `fill="none" ${tint("stroke", css(colours.ink, 0.6))} stroke-width="1.25" stroke-dasharray="5 4"`;
  if (dims === 1) {
    const z = (x) => view.x[0] + ((view.x[1] - view.x[0]) * x) / side;
    const curve = Array.from({ length: Math.floor(side / 3) + 1 }, (_, k) => `${3 * k} ${toY(density(z(3 * k))).toFixed(2)}`);
    return `<path class="prior" d="M${curve.join("L")}" ${dashed}/>`;
  }
  const tags = tagsOfPrior(scene), halo = `${tint("stroke", css(colours.panel))} stroke-width="4" paint-order="stroke"`;
  const round = tags.map(({ r }) => `<circle ${place(toX(0), toY(0))} r="${r.toFixed(2)}" ${dashed}/>`);
  const look = ` text-anchor="middle" ${tint("fill", css(colours.ink2))} ${halo}`;
  const said = tags.filter((tag) => tag.legible).map(({ x, y, text }) => words(x, y + 5, text, look));
  return `<g class="prior">${round.join("")}${said.join("")}</g>`;
}

function ellipses({ q, dims, axes, colours, toX, toY }) {
  if (!q?.sigma || dims === 1) return "";
  const unit = toX(1) - toX(0), [sx, sy] = axes.map((d) => q.sigma[d] * unit);
  const centre = place(toX(q.mean[axes[0]]), toY(q.mean[axes[1]]));
  const one = (times) => `<ellipse ${centre} rx="${(times * sx).toFixed(2)}" ry="${(times * sy).toFixed(2)}"/>`;
  return `<g class="q" fill="none" ${tint("stroke", css(colours.sigma))}>${one(1)}${one(2)}</g>`;
}

function here({ side, dims, axes, colours, toX, toY }, z) {
  const at = place(toX(z[axes[0]]), dims > 1 ? toY(z[axes[1]]) : side - 14);
  return `<circle class="z" ${at} r="8" ${tint("fill", css(colours.z))} ${tint("stroke", css(colours.paper))} stroke-width="2"/>`;
}
