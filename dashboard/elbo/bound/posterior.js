// The exact posterior as contours, q as an ellipse on it, the best Gaussian dashed, and the way there.
import { colour, css, number, sharpen } from "../../shared/js/canvas.js";

const DROPS = [[0.5, 2], [2, 1.6], [4.5, 1.1]]; // nats below the peak, width of the line: 1, 2, 3 sigma of a Gaussian
const FINER = 4;

// A field (ny, nx) on cell centres, refined by Catmull-Rom splines along both axes: smooth contours from few numbers.
export function refined(field, nx, ny, finer = FINER) {
  const along = (values, count) => {
    const out = new Float32Array(count * finer), at = (i) => values[Math.max(0, Math.min(count - 1, i))];
    for (let k = 0; k < out.length; k++) {
      const u = (k + 0.5) / finer - 0.5, i = Math.floor(u), t = u - i;
      const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
      out[k] = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
    }
    return out;
  };
  const wide = nx * finer, tall = ny * finer, half = new Float32Array(ny * wide), whole = new Float32Array(tall * wide);
  for (let r = 0; r < ny; r++) half.set(along(field.subarray(r * nx, (r + 1) * nx), nx), r * wide);
  for (let c = 0; c < wide; c++) {
    const column = Float32Array.from({ length: ny }, (_, r) => half[r * wide + c]);
    along(column, ny).forEach((v, r) => { whole[r * wide + c] = v; });
  }
  return { values: whole, nx: wide, ny: tall };
}

// Marching squares: line segments [x0, y0, x1, y1] in units of cells, where the field crosses the level.
export function contour({ values, nx, ny }, level) {
  const segments = [];
  for (let r = 0; r < ny - 1; r++) {
    for (let c = 0; c < nx - 1; c++) {
      const k = r * nx + c, above = (at) => values[at] > level;
      if (above(k) === above(k + 1) && above(k) === above(k + nx) && above(k) === above(k + nx + 1)) continue; // as nearly all
      const corner = [values[k], values[k + 1], values[k + nx + 1], values[k + nx]].map((v) => v - level), points = [];
      [[0, 1, 0, 0, 1, 0], [1, 2, 1, 0, 0, 1], [2, 3, 1, 1, -1, 0], [3, 0, 0, 1, 0, -1]].forEach(([i, j, x, y, dx, dy]) => {
        if (corner[i] > 0 === corner[j] > 0) return;
        const t = corner[i] / (corner[i] - corner[j]);
        points.push([c + 0.5 + x + t * dx, r + 0.5 + y + t * dy]);
      });
      for (let p = 0; p + 1 < points.length; p += 2) segments.push([...points[p], ...points[p + 1]]);
    }
  }
  return segments;
}

// Where z lies on the screen: both axes have one scale, whatever the panel's proportions are.
export function projection(view, width, height) {
  const spans = view.map(([low, high]) => high - low);
  const unit = view.length === 1 ? width / spans[0] : Math.min(width / spans[0], height / spans[1]);
  const middle = view.map(([low, high]) => (low + high) / 2);
  return {
    unit, width, height,
    x: (z) => width / 2 + (z - middle[0]) * unit,
    y: (z) => height / 2 - (z - (middle[1] ?? 0)) * unit,
    back: (px, py) => [middle[0] + (px - width / 2) / unit, (middle[1] ?? 0) - (py - height / 2) / unit],
  };
}

export function drawField(canvas, root, to, known) {
  const pen = sharpen(canvas, to.width, to.height);
  if (!known?.fine) return;
  const { fine: { values, nx, ny }, box: [[left, right], [low, high]], peak } = known;
  const ink = colour(root, "evidence");
  const sheet = new OffscreenCanvas(nx, ny), brush = sheet.getContext("2d"), picture = brush.createImageData(nx, ny);
  const pixels = new Uint32Array(picture.data.buffer), [red, green, blue] = ink, plain = (blue << 16) | (green << 8) | red;
  for (let r = 0, k = 0; r < ny; r++) { // the field's rows go upwards, a picture's downwards
    for (let c = 0, at = (ny - 1 - r) * nx; c < nx; c++) pixels[at++] = plain | (Math.round(150 * Math.exp(values[k++] - peak)) << 24);
  }
  brush.putImageData(picture, 0, 0);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(sheet, to.x(left), to.y(high), to.x(right) - to.x(left), to.y(low) - to.y(high));
  const px = (u) => to.x(left + (u / nx) * (right - left)), py = (v) => to.y(low + (v / ny) * (high - low));
  pen.strokeStyle = css(ink);
  pen.lineCap = "round";
  for (const [drop, width] of DROPS) {
    pen.lineWidth = width;
    pen.beginPath();
    for (const [a, b, c, d] of contour(known.fine, peak - drop)) { pen.moveTo(px(a), py(b)); pen.lineTo(px(c), py(d)); }
    pen.stroke();
  }
}

// D = 1: densities over the line.
export function drawLine(canvas, root, to, known, curves) {
  const pen = sharpen(canvas, to.width, to.height), floor = to.height - 36;
  const all = curves.map(({ q, dash }) => ({ f: densityOf(q), name: "mu", dash }));
  if (known) all.unshift({ f: posteriorOf(known), name: "evidence", fill: true });
  const zs = Array.from({ length: Math.floor(to.width) + 1 }, (_, px) => to.back(px, 0)[0]);
  const most = Math.max(...all.flatMap(({ f }) => zs.map(f)));
  for (const { f, name, fill, dash } of all) {
    pen.beginPath();
    zs.forEach((z, px) => pen.lineTo(px, floor - (f(z) / most) * (floor - 24)));
    pen.setLineDash(dash ? [6, 4] : []);
    pen.lineWidth = 2;
    pen.strokeStyle = css(colour(root, name));
    pen.stroke();
    if (!fill) continue;
    pen.lineTo(to.width, floor);
    pen.lineTo(0, floor);
    pen.fillStyle = css(colour(root, name), 0.25);
    pen.fill();
  }
}

const densityOf = ([mu, sigma]) => (z) => Math.exp(-0.5 * ((z - mu) / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI));

// The exact posterior's density, between the cells on which its logarithm is known.
const posteriorOf = ({ field, box: [[low, high]], logPx }) => (z) => {
  const at = ((z - low) / (high - low)) * field.length - 0.5, k = Math.floor(at);
  if (!(k in field) || !(k + 1 in field)) return 0;
  return Math.exp(field[k] + (at - k) * (field[k + 1] - field[k]) - logPx);
};

// -- what lies on it, as SVG -------------------------------------------------------------------------------------------
const ellipse = (to, q, k, more) =>
  `<ellipse cx="${to.x(q[0])}" cy="${to.y(q[1])}" rx="${k * q[2] * to.unit}" ry="${k * q[3] * to.unit}" ${more}/>`;

// Pixels from q's middle to the grip that stretches it: two deviations, but never on top of the middle.
export const gripAt = (to, sigma) => Math.max(2 * sigma * to.unit, 18);

const grip = (way, x, y) => `<circle class="grip grip-${way}" cx="${x}" cy="${y}" r="5"/>`;
const SHOWS = { mu: "q", evidence: "posterior" }; // by the colour of the words
const Q = '<tspan class="serif">q(z|x)</tspan>', POSTERIOR = '<tspan class="serif">p(z|x)</tspan> exact';

export function drawGuesses(svg, to, { q, best, tilted, path, name, contours }) {
  const x = to.x(q[0]), y = to.y(q[1]);
  const filled = 'class="body" fill="var(--mu)" fill-opacity=".13" stroke="var(--mu)"';
  const solid = ellipse(to, q, 2, `${filled} stroke-width="1.6"`) + ellipse(to, q, 1, `${filled} stroke-width="2.4"`) +
    `<circle class="body" cx="${x}" cy="${y}" r="5" fill="var(--mu)"/>`;
  const grips = grip("across", x + gripAt(to, q[2]), y) + grip("up", x, y - gripAt(to, q[3]));
  const words = labels(to, q, { best, name, contours, path: path ?? [] });
  const others = `${track(to, path ?? [])}${dashed(to, best)}${dotted(to, tilted)}`;
  svg.innerHTML = `${others}<g data-symbol="q">${solid}${grips}</g>${words}${scaleBar(to)}`;
}

// The way to the best Gaussian, a dot for each step but the first.
function track(to, path) {
  if (!path.length) return "";
  const dots = path.map((p) => [to.x(p[0]).toFixed(1), to.y(p[1]).toFixed(1)]);
  return `<polyline points="${dots.map((at) => at.join(",")).join(" ")}" fill="none" stroke="var(--mu)"
      stroke-width="1.5" stroke-dasharray="2 3"/>` +
    dots.map(([x, y], k) => `<circle cx="${x}" cy="${y}" r="${k ? 2.6 : 0}" fill="var(--mu)"/>`).join("");
}

function dashed(to, best) {
  if (!best) return "";
  return ellipse(to, best, 1, 'class="dashed" fill="none" stroke="var(--mu)" stroke-width="2.2" stroke-dasharray="6 4"') +
    ellipse(to, best, 2, 'fill="none" stroke="var(--mu)" stroke-width="1.5" stroke-dasharray="6 4"');
}

// The best Gaussian with a covariance L L': its axes are turned.
export function axesOf([[a], [b, c]]) {
  const across = a * a, up = b * b + c * c, middle = (across + up) / 2, half = Math.hypot((across - up) / 2, a * b);
  return { long: Math.sqrt(middle + half), short: Math.sqrt(Math.max(0, middle - half)), turn: Math.atan2(2 * a * b, across - up) / 2 };
}

function dotted(to, tilted) {
  if (!tilted) return "";
  const { long, short, turn } = axesOf(tilted.cholesky), [x, y] = [to.x(tilted.mean[0]), to.y(tilted.mean[1])];
  const turned = `transform="rotate(${(-180 * turn) / Math.PI} ${x} ${y})"`;
  const look = `${turned} fill="none" stroke="var(--mu)" stroke-dasharray="1.5 4"`;
  const ring = (k, width) =>
    `<ellipse class="dotted" cx="${x}" cy="${y}" rx="${k * long * to.unit}" ry="${k * short * to.unit}" ${look} stroke-width="${width}"/>`;
  return ring(1, 2.2) + ring(2, 1.8);
}

export function drawGuessesOnLine(svg, to, { q, name }) {
  const y = to.height - 36, x = to.x(q[0]), [side, anchor] = x > to.width / 2 ? [16, "start"] : [to.width - 16, "end"];
  const word = (down, colour, html) => `<text x="${side}" y="${down}" text-anchor="${anchor}" fill="var(--${colour})"
    data-symbol="${SHOWS[colour]}">${html}</text>`;
  svg.innerHTML = `<path d="M0 ${y}H${to.width}" stroke="var(--rule)"/>
    <circle class="body" cx="${x}" cy="${y}" r="6" fill="var(--mu)"/>${grip("across", x + gripAt(to, q[1]), y)}
    ${word(28, "mu", `${Q} ${name}`)}${word(50, "evidence", POSTERIOR)}${scaleBar(to)}`;
}

// Words beside their things: for each the first place of several that is free and inside the panel.
function labels(to, q, { best, name, contours, path }) {
  const x = to.x(q[0]), y = to.y(q[1]), [rx, ry] = [gripAt(to, q[2]), gripAt(to, q[3])];
  const held = [x - rx - 6, y - ry - 6, 2 * (rx + 6), 2 * (ry + 6)]; // q with its grips
  const grips = [[x + rx, y], [x, y - ry], [x, y]].map(([a, b]) => [a - 12, b - 12, 24, 24]);
  const taken = [[12, to.height - 34, 190, 30], held, ...(best ? [around(to, best, 1.6)] : [])]; // the first: the scale's
  taken.push(...path.map((p) => [to.x(p[0]) - 5, to.y(p[1]) - 5, 10, 10]));
  const over = (at) => overlap(at, taken) + 50 * overlap(at, grips); // a grip must stay in reach
  const put = (colour, html, wide, thing) => {
    const place = places(to, wide, thing).reduce((kept, p) => (over(p) < over(kept) - 1 ? p : kept));
    taken.push(place);
    return `<text x="${place[0]}" y="${place[1] + 16}" fill="var(--${colour})" data-symbol="${SHOWS[colour]}">${html}</text>`;
  };
  return put("mu", `${Q} ${name}`, 60 + 7.6 * name.length, held) +
    (contours ? put("evidence", POSTERIOR, 94, contours) : "") +
    (best ? put("mu", "best Gaussian", 98, around(to, best, 2)) : "");
}

// The rectangle [left, top, width, height] around a Gaussian's ellipse of k deviations
const around = (to, g, k) =>
  [to.x(g[0]) - k * g[2] * to.unit, to.y(g[1]) - k * g[3] * to.unit, 2 * k * g[2] * to.unit, 2 * k * g[3] * to.unit];

// Where a word may stand beside a rectangle: right, left, above, below, at its corners; never outside the panel.
function places(to, wide, [left, top, w, h]) {
  return [
    [left + w + 8, top + 0.22 * h], [left + w + 8, top + 0.8 * h], [left - wide - 8, top + 0.8 * h], [left - wide - 8, top + 0.22 * h],
    [left + w / 2 - wide / 2, top - 24], [left + w / 2 - wide / 2, top + h + 4], [left + 0.85 * w, top - 4], [left + 0.8 * w, top + h - 16],
  ].map(([x, y]) => [Math.max(8, Math.min(to.width - wide - 8, x)), Math.max(6, Math.min(to.height - 28, y)), wide, 22]);
}

// The area that a rectangle shares with others
function overlap([a, b, c, d], others) {
  const common = (from, to, low, high) => Math.max(0, Math.min(to, high) - Math.max(from, low));
  return others.reduce((sum, [x, y, u, v]) => sum + common(a, a + c, x, x + u) * common(b, b + d, y, y + v), 0);
}

function scaleBar(to) {
  const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5].find((s) => s * to.unit > 60) ?? 10;
  const y = to.height - 18, wide = step * to.unit;
  const length = `${number(step, step < 0.1 ? 2 : step < 1 ? 1 : 0)} ${step === 1 ? "unit" : "units"} of z`;
  return `<path d="M16 ${y - 4}v8M16 ${y}h${wide}m0 -4v8" stroke="var(--ink)" stroke-width="1.3" fill="none"/>` +
    `<text class="scale" x="${24 + wide}" y="${y + 5}">${length}</text>`;
}

// A cross at a code.
export function markCode(to, z) {
  const x = to.x(z[0]), y = z.length > 1 ? to.y(z[1]) : to.height - 36;
  const cross = (name, wide) =>
    `<path d="M${x - 8} ${y}h16M${x} ${y - 8}v16" stroke="var(--${name})" stroke-width="${wide}" stroke-linecap="round"/>`;
  return `<g class="code">${cross("panel", 6)}${cross("z", 2.5)}</g>`;
}

// The screen rectangle that a contour of the field fills.
export function extentOf(to, { fine, box: [[left, right], [low, high]], peak }, drop = 4.5) {
  const xs = [], ys = [];
  for (const [a, b] of contour(fine, peak - drop)) {
    xs.push(to.x(left + (a / fine.nx) * (right - left)));
    ys.push(to.y(low + (b / fine.ny) * (high - low)));
  }
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return xs.length ? [x, y, Math.max(...xs) - x, Math.max(...ys) - y] : null;
}
