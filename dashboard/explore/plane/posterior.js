// q(z|x) of the chosen image: an ellipse to scale on the plane, and a loupe that shows it large.
import { nameOf } from "../../shared/js/classes.js";
import { css, number, sharpen } from "../../shared/js/canvas.js";
import { tagsOfPrior, tiny } from "./backdrop.js";
import { write } from "./frame.js";

const FILLED = 0.7; // of the loupe's radius, by two sigma
const SMALL = 3; // pixels: an ellipse below is found by its ring
const RING = 11;
const DIGITS = 60; // at most, of codes inside the loupe
const LABEL = { wide: 50, tall: 18 }; // pixels, about, of "q(z|x)" on the plane

// Where the label of q is written: beside it, right before left, where it covers neither a pin nor a circle's tag.
export function freeSide(scene, { x, y, apart, up, wide }) {
  const { side, axes, dims, toX, toY, pins } = scene, { tall } = LABEL;
  const box = (left, top, w, h) => ({ left, top, right: left + w, bottom: top + h });
  const taken = Object.values(pins).map((p) => box(toX(p[axes[0]]) - 6, (dims > 1 ? toY(p[axes[1]]) : side - 14) - 22, 28, 28));
  for (const tag of tagsOfPrior(scene)) if (tag.legible) taken.push(box(tag.x - 5 * tag.text.length, tag.y - 10, 10 * tag.text.length, 20));
  const covers = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const places = [[true, -up], [false, -up], [true, up], [false, up], [true, -up - 26], [false, up + 26]];
  return places.map(([right, down]) => ({ right, x: right ? x + apart : x - apart, y: y + 5 + down })).find((place) => {
    const own = box(place.right ? place.x : place.x - wide, place.y - tall + 4, wide, tall);
    return own.left > 0 && own.right < side && own.top > 0 && own.bottom < side && !taken.some((other) => covers(own, other));
  });
}

export function createPosterior(root) {
  const $ = (selector) => root.querySelector(selector);
  let scene = null, lens = null;

  // Draws both; the scene's q is { mean, sigma } over all dimensions, null without an image.
  function lay(next) {
    scene = next;
    const { q } = scene, known = Boolean(q && q.sigma);
    $(".of-p").innerHTML = priorRings(scene);
    const ellipse = drawOnPlane($(".marks"), scene);
    if (ellipse) root.dataset.ellipse = ellipse.map((v) => v.toFixed(3)).join();
    show(q, known);
    lens = known ? drawLens($(".lens canvas"), scene) : null;
    if (lens) write($(".times"), `\u00d7${lens.magnified >= 10 ? lens.magnified.toFixed(0) : lens.magnified.toPrecision(2)}`);
  }

  // mu and sigma as numbers, or why there are none.
  function show(q, known) {
    $(".q-none").hidden = known;
    for (const part of [".lens", ".noise"]) $(part).hidden = !known;
    $(".of-mu").hidden = !q;
    $(".of-q").hidden = $(".of-sigma").hidden = !known;
    write($(".q-none"), q ? "Its code is a point: an autoencoder has no \u03c3 and no q(z|x)." : "");
    const shown = (values, digits) => scene.axes.map((d) => number(values[d], digits)).join(", ");
    if (q) write($(".mu"), shown(q.mean, 2));
    if (known) write($(".sigma"), shown(q.sigma, Math.min(...scene.axes.map((d) => q.sigma[d])) < 0.1 ? 3 : 2));
  }

  // The point in the loupe, while it moves.
  function place(z) {
    const dot = $(".lens .z-dot");
    if (!lens) return void (dot.hidden = true);
    const { axes, dims, q } = scene, { middle, scale } = lens;
    const x = (z[axes[0]] - q.mean[axes[0]]) * scale, y = dims > 1 ? (q.mean[axes[1]] - z[axes[1]]) * scale : 0;
    dot.hidden = x * x + y * y > middle * middle;
    dot.style.transform = `translate(${middle + x}px, ${middle + y}px)`;
  }

  return { lay, place };
}

// The prior's circles, seen while somebody asks where p(z) is.
const priorRings = (scene) => (scene.dims === 1 ? [] : tagsOfPrior(scene))
  .map(({ r }) => `<circle cx="${scene.toX(0).toFixed(1)}" cy="${scene.toY(0).toFixed(1)}" r="${r.toFixed(1)}"/>`).join("");

const set = (node, attributes) => Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));

// One and two sigma around the mean, and the name beside them; gives the centre and the half axes in pixels.
function drawOnPlane(svg, scene) {
  const { axes, dims, toX, toY, side, q } = scene, flat = dims === 1;
  svg.setAttribute("viewBox", `0 0 ${side} ${side}`);
  for (const part of svg.querySelectorAll(".of-q-plane")) part.style.display = q ? "" : "none";
  if (!q) return null;
  const unit = toX(1) - toX(0), sigma = q.sigma ?? [0, 0];
  const x = toX(q.mean[axes[0]]), y = flat ? side - 14 : toY(q.mean[axes[1]]);
  const rx = sigma[axes[0]] * unit, ry = flat ? 0 : sigma[axes[1]] * unit;
  for (const [part, times] of [[".one-sigma", 1], [".two-sigma", 2]]) {
    set(svg.querySelector(part), { cx: x, cy: y, rx: times * rx, ry: flat ? 4 : times * ry });
  }
  const small = Math.max(rx, ry) < SMALL, ring = svg.querySelector(".ring");
  ring.style.display = small ? "" : "none";
  set(ring, { cx: x, cy: y, r: RING });
  set(svg.querySelector(".mode"), { cx: x, cy: y, r: small ? 2 : 2.5 });
  const apart = small ? RING + 5 : Math.min(side / 3, 2 * rx * Math.SQRT1_2 + 6);
  const up = small ? 0 : Math.min(side / 3, 2 * ry * Math.SQRT1_2);
  nameOnPlane(svg.querySelector(".word"), scene, { x, y: flat ? y - 22 : y, apart, up }); // above the ticks
  return [x, y, rx, ry];
}

function nameOnPlane(word, scene, around) {
  const { sigma } = scene.q, free = freeSide(scene, { ...around, wide: sigma ? LABEL.wide : 1.6 * LABEL.wide });
  word.textContent = sigma ? "q(z|x)" : "code of x";
  word.style.display = free ? "" : "none";
  if (free) set(word, { x: free.x, y: free.y, "text-anchor": free.right ? "start" : "end" });
}

// Returns the middle of the loupe, its pixels to a unit of z, and how many times larger than on the plane that is.
function drawLens(canvas, scene) {
  const { axes, dims, colours, codes, toX, q } = scene, size = canvas.parentElement.clientWidth || 124;
  const pen = sharpen(canvas, size, size), middle = size / 2, flat = dims === 1;
  const sx = q.sigma[axes[0]], sy = flat ? 0 : q.sigma[axes[1]];
  const scale = (FILLED * middle) / (2 * Math.max(sx, sy));
  pen.fillStyle = css(colours.panel);
  pen.fillRect(0, 0, size, size);
  for (const [times, strength] of [[2, 0.14], [1, 0.2]]) {
    pen.beginPath();
    pen.ellipse(middle, middle, times * sx * scale, flat ? 5 : times * sy * scale, 0, 0, 7);
    pen.fillStyle = css(colours.mu, strength);
    pen.fill();
    pen.strokeStyle = css(colours.sigma);
    pen.lineWidth = times === 1 ? 2 : 1.25;
    pen.stroke();
  }
  if (codes && !flat) writeCodes(pen, scene, middle, scale);
  pen.fillStyle = css(colours.mu);
  pen.beginPath();
  pen.arc(middle, middle, 4, 0, 7);
  pen.fill();
  return { middle, scale, magnified: scale / (toX(1) - toX(0)) };
}

// The codes of other test images that fall into the loupe, as digits; as dots where their classes have longer names.
function writeCodes(pen, scene, middle, scale) {
  const { codes: { mean, labels, count }, axes, colours, names, q } = scene, named = labels && tiny(scene);
  pen.font = '600 12px "Source Sans", sans-serif';
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (let i = 0, written = 0; i < count && written < DIGITS; i++) {
    const x = (mean[2 * i] - q.mean[axes[0]]) * scale, y = (q.mean[axes[1]] - mean[2 * i + 1]) * scale;
    if (x * x + y * y > middle * middle) continue;
    written++;
    pen.fillStyle = labels ? colours.glyphs[labels[i] % 10] : colours.plain;
    if (named) pen.fillText(nameOf(names, labels[i]), middle + x, middle + y);
    else pen.fillRect(middle + x - 1.5, middle + y - 1.5, 3, 3);
  }
}
