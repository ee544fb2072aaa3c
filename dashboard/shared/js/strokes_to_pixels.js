// A drawing as a model knows its images: what vae_core/data/preprocessing.py does, digit for digit. MNIST's digits were
// cropped to their ink, fitted into 20 of the 28 pixels, and moved until their centre of mass was the middle.
const BOX = 20 / 28; // of the picture's side
const INK = 0.1; // of the range from paper to ink: a pixel below it is paper
const BITS = 22; // of a weight in Pillow's resampling, which rounds to grey levels after each of its two passes

const box = { reach: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) };
const bicubic = {
  reach: 2,
  at(x) {
    const a = -0.5, far = Math.abs(x);
    if (far < 1) return ((a + 2) * far - (a + 3)) * far * far + 1;
    return far < 2 ? (((far - 5) * far + 8) * far - 4) * a : 0;
  },
};

// Grey levels (bright ink) of a square canvas of `side` pixels -> grey levels of an image [rows, columns]; null: no ink.
export function centred(levels, side, [rows, columns]) {
  const ink = inkOf(levels, side);
  if (!ink) return null;
  const { top, left, high, wide } = ink, cut = new Uint8Array(high * wide);
  for (let r = 0; r < high; r++) cut.set(levels.subarray((top + r) * side + left, (top + r) * side + left + wide), r * wide);
  const [tall, broad] = [rows, columns].map((length) => Math.max(1, evenRound(BOX * length)));
  const fit = Math.min(tall / high, broad / wide), filter = fit < 1 ? box : bicubic;
  const [height, width] = [high, wide].map((length) => Math.max(1, evenRound(fit * length)));
  const small = resampled(cut, [high, wide], [height, width], filter);
  const down = offsetOf(sums(small, [height, width], 0), rows), right = offsetOf(sums(small, [height, width], 1), columns);
  const picture = new Uint8Array(rows * columns);
  for (let r = 0; r < height; r++) picture.set(small.subarray(r * width, (r + 1) * width), (down + r) * columns + right);
  return picture;
}

// The middle of a drawing in the right proportions, for models of photographs.
export function cropped(levels, side, [rows, columns]) {
  const wider = columns > rows, high = wider ? (side * rows) / columns : side, wide = wider ? side : (side * columns) / rows;
  const frame = [(side - high) / 2, (side - wide) / 2, high, wide];
  return resampled(levels, [side, side], [rows, columns], box, frame);
}

function inkOf(levels, side) {
  let [top, bottom, left, right] = [side, -1, side, -1];
  levels.forEach((level, k) => {
    if (level <= INK * 255) return;
    const row = Math.floor(k / side), column = k % side;
    [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
    [left, right] = [Math.min(left, column), Math.max(right, column)];
  });
  return bottom < 0 ? null : { top, left, high: bottom - top + 1, wide: right - left + 1 };
}

// Half to even, as Python rounds.
function evenRound(value) {
  const down = Math.floor(value), rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2) ? down + 1 : down;
}

// First across, then down, each rounded to whole levels; `frame` is the part that is taken: top, left, height, width.
function resampled(levels, [high, wide], [height, width], filter, frame = [0, 0, high, wide]) {
  const across = weightsOf(wide, width, filter, frame[1], frame[3]), down = weightsOf(high, height, filter, frame[0], frame[2]);
  const between = wide === width && frame[3] === wide ? levels : new Uint8Array(high * width), out = new Uint8Array(height * width);
  if (between !== levels) {
    for (let r = 0; r < high; r++) for (let c = 0; c < width; c++) between[r * width + c] = mixed(across[c], (k) => levels[r * wide + k]);
  }
  if (high === height && frame[2] === high) return between;
  for (let r = 0; r < height; r++) for (let c = 0; c < width; c++) out[r * width + c] = mixed(down[r], (k) => between[k * width + c]);
  return out;
}

const mixed = ({ first, weights }, level) => {
  const sum = weights.reduce((all, weight, k) => all + weight * level(first + k), 2 ** (BITS - 1));
  return Math.max(0, Math.min(255, Math.floor(sum / 2 ** BITS)));
};

// For each pixel of the new line the pixels of the old one that it is made of.
function weightsOf(from, to, { reach, at }, start, length) {
  const scale = length / to, wider = Math.max(1, scale), support = reach * wider;
  return Array.from({ length: to }, (_, k) => {
    const centre = start + (k + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - support + 0.5)), end = Math.min(from, Math.floor(centre + support + 0.5));
    const raw = Array.from({ length: end - first }, (__, j) => at((first + j - centre + 0.5) / wider));
    const all = raw.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: raw.map((weight) => roundAway((weight / all) * 2 ** BITS)) };
  });
}

const roundAway = (value) => Math.trunc(value + (value < 0 ? -0.5 : 0.5));

// Of each row (axis 0) or column (axis 1).
function sums(picture, [height, width], axis) {
  const found = new Float64Array(axis ? width : height);
  picture.forEach((level, k) => { found[axis ? k % width : Math.floor(k / width)] += level; });
  return found;
}

// Where a strip with this mass per pixel begins, so that its centre of mass lies in the pixel right of the middle.
function offsetOf(mass, side) {
  const all = mass.reduce((sum, value) => sum + value, 0), centre = mass.reduce((sum, value, k) => sum + value * (k + 0.5), 0) / all;
  return Math.max(0, Math.min(side - mass.length, Math.ceil(side / 2 - centre)));
}
