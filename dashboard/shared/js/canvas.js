// Paper and ink: the page's colours for canvases, images as ink on paper, numbers as text.

// A CSS colour of the page (it may be light-dark(...)) as [r, g, b]: only a real element resolves it. Where the browser
// forces its own colours on every element, all would be the same: the probe is exempt.
export function colour(root, name) {
  const probe = document.createElement("i");
  probe.style.cssText = `forced-color-adjust: none; color: var(--${name})`;
  root.append(probe);
  const text = getComputedStyle(probe).color;
  probe.remove();
  return (text.match(/[\d.]+/g) ?? [0, 0, 0]).slice(0, 3).map(Number); // none where the element was taken away
}

// Muted dots and stronger digits for the ten classes.
export function classColours(root) {
  const ten = (name) => Array.from({ length: 10 }, (_, k) => colour(root, `${name}${k}`));
  return { dots: ten("dot"), glyphs: ten("glyph") };
}

export const css = ([r, g, b], alpha = 1) => `rgb(${r} ${g} ${b} / ${alpha})`;

// 256 shades from pixel 0 to pixel 1. Drawings are ink on paper in both themes; in photographs more is brighter.
export function shades(root, photograph) {
  const ground = colour(root, "ground");
  const ink = colour(root, "ink");
  const sum = (c) => c[0] + c[1] + c[2];
  const [from, to] = photograph && sum(ink) < sum(ground) ? [ink, ground] : [ground, ink];
  const table = new Uint32Array(256);
  const bytes = new Uint8ClampedArray(table.buffer);
  for (let k = 0; k < 256; k++) {
    for (let c = 0; c < 3; c++) bytes[4 * k + c] = Math.round(from[c] + ((to[c] - from[c]) * k) / 255);
    bytes[4 * k + 3] = 255;
  }
  return table;
}

// The numbers of an image of a shape [rows, columns], in colour [rows, columns, 3]: red, green and blue of each pixel.
export const sizeOf = ([rows, columns, colours = 1]) => rows * columns * colours;
export const inColour = (shape) => shape.length > 2;

// Pixel means in [0, 1] -> a rectangle of an ImageData, whose left upper corner is at (left, top). Colours stay what they
// are in both themes.
export function inkInto(picture, image, shape, table, left = 0, top = 0) {
  const out = new Uint32Array(picture.data.buffer), [height, width] = shape, coloured = inColour(shape);
  for (let y = 0, k = 0; y < height; y++) {
    let at = (top + y) * picture.width + left;
    for (let x = 0; x < width; x++) {
      out[at++] = coloured ? opaque(levelOf(image[k++]), levelOf(image[k++]), levelOf(image[k++])) : table[levelOf(image[k++])];
    }
  }
}

function levelOf(mean) {
  const level = mean * 255 + 0.5;
  return level < 0 ? 0 : level > 255 ? 255 : level | 0; // identity means may leave [0, 1]
}

const opaque = (red, green, blue) => 0xff000000 | (blue << 16) | (green << 8) | red;

// The same of levels from 0 to 255, of which the image's begin at `from`.
export function levelsInto(picture, levels, from, shape, table, left = 0, top = 0) {
  const out = new Uint32Array(picture.data.buffer), [height, width] = shape, coloured = inColour(shape);
  for (let y = 0, k = from; y < height; y++) {
    let at = (top + y) * picture.width + left;
    for (let x = 0; x < width; x++) out[at++] = coloured ? opaque(levels[k++], levels[k++], levels[k++]) : table[levels[k++]];
  }
}

// Bytes that Python sends as base64; and of levels of several images, one after the other, of `size` numbers each, image k
// in [0, 1].
export const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
export const imageAt = (levels, k, size) => Float32Array.from(levels.subarray(k * size, (k + 1) * size), (level) => level / 255);

// Makes a canvas, or a new one, show an image pixel by pixel.
export function inkCanvas(canvas, image, shape, table) {
  const [height, width] = shape;
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d"), picture = pen.createImageData(width, height);
  inkInto(picture, image, shape, table);
  pen.putImageData(picture, 0, 0);
  return canvas;
}

export const inkedCanvas = (image, shape, table, more = {}) =>
  inkCanvas(Object.assign(document.createElement("canvas"), more), image, shape, table);

// A canvas of the given CSS size, sharp on this screen; coordinates stay CSS pixels.
export function sharpen(canvas, width, height) {
  const ratio = globalThis.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.setTransform(canvas.width / width, 0, 0, canvas.height / height, 0, 0);
  return pen;
}

export const number = (value, digits = 2) =>
  (Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value).toFixed(digits).replace("-", "\u2212");

// As many decimals as its error leaves, two at most: 14.45, 0.23 -> "14.5"; and that error, "± 0.2", where it shows.
export const decimals = (error) => (error > 0 ? Math.max(0, Math.min(2, -Math.floor(Math.log10(error)))) : 2);
export const rounded = (value, error) => number(value, decimals(error));
export const plusMinus = (error) => (error >= 0.005 ? `± ${rounded(error, error)}` : "");

// 0.27 -> "27 %", 0.0004 -> "0.04 %", 1e-9 -> "< 0.01 %"
export function percent(share) {
  const p = 100 * share;
  if (p > 0 && p < 0.01) return "< 0.01 %";
  if (p > 99.5 && p < 100) return `${p > 99.99 ? "> 99.99" : p.toFixed(2)} %`;
  return `${p >= 10 ? p.toFixed(0) : p >= 1 ? p.toFixed(1) : p.toFixed(2)} %`;
}

const small = "\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089";
export const subscript = (n) => [...String(n)].map((digit) => small[digit]).join("");

export const quantised = (z) => z.map((value) => Math.round(value * 1000) / 1000);

// Spend at most `budget` ms per frame on a generator's steps; returns a function that stops it. Steps that take long, as
// those of a large decoder do, go one after the other, a frame each; and none goes on while the hand needs all the time.
const SLOW = 6; // ms
let busyUntil = 0, slowIn = -1; // when it may go on; the frame in which somebody has taken long

// What the hand does has taken so many ms: where that is long, all that is spread waits until the hand rests.
export function handTook(ms) {
  if (ms > SLOW) busyUntil = performance.now() + Math.max(60, 3 * ms);
}

export function spread(steps, budget, each = () => {}) {
  let frame = requestAnimationFrame(function go(now) {
    const start = performance.now(), end = start + budget;
    if (start < busyUntil || slowIn === now) {
      frame = requestAnimationFrame(go);
      return;
    }
    let step;
    do step = steps.next(); while (!step.done && performance.now() < end);
    if (performance.now() - start > budget + SLOW) slowIn = now;
    each(step.done);
    if (!step.done) frame = requestAnimationFrame(go);
  });
  return () => cancelAnimationFrame(frame);
}

// Where an event is in an element, in the element's own pixels from its left top, however much the page is zoomed.
export function placeIn(element, { clientX, clientY }) {
  const { left, top, width, height } = element.getBoundingClientRect();
  const wide = element.offsetWidth ?? element.clientWidth, tall = element.offsetHeight ?? element.clientHeight;
  return [((clientX - left) * wide) / width, ((clientY - top) * tall) / height];
}
