// A decoder network in plain JavaScript: z -> the mean image, read from the blob that vae_core.runs.export writes.
// The blob: uint32 length of a JSON header, the header, of a conditional model per class float32 w (first outputs), then
// per layer float32 W (outputs, inputs) row by row, or of a transposed convolution (inputs, outputs, 4, 4), then b.

const GROUP = 4; // images decoded together: each weight of a fully connected layer is loaded once for four of them

const activations = {
  identity: () => {},
  relu: (h) => { for (let i = 0; i < h.length; i++) if (h[i] < 0) h[i] = 0; },
  tanh: (h) => { for (let i = 0; i < h.length; i++) h[i] = Math.tanh(h[i]); },
  softplus: (h) => { for (let i = 0; i < h.length; i++) if (h[i] < 30) h[i] = Math.log1p(Math.exp(h[i])); },
  silu: (h) => { for (let i = 0; i < h.length; i++) h[i] /= 1 + Math.exp(-h[i]); },
};

// What makes a mean of an output: by the names in vae_core/registry.py.
const SQUASHES = {
  identity: () => {},
  sigmoid: (h) => { for (let i = 0; i < h.length; i++) h[i] = 1 / (1 + Math.exp(-h[i])); },
  langevin: (h) => { for (let i = 0; i < h.length; i++) h[i] = 0.5 + 0.5 * langevin(h[i] / 2); },
};

// coth y - 1/y, near 0 its series
export function langevin(y) {
  if (Math.abs(y) > 0.05) return 1 / Math.tanh(y) - 1 / y;
  return y * (1 / 3 - (y * y) / 45 + (2 * y ** 4) / 945);
}

export function readHeader(bytes) {
  const own = bytes.slice(); // a copy starts at byte 0 of its buffer, as Float32Array demands
  const length = new DataView(own.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(own.subarray(4, 4 + length)));
  return { header, buffer: own.buffer, offset: 4 + length };
}

export function readDecoder(bytes) {
  const { header, buffer, offset } = readHeader(bytes);
  const [height, width, colours = 1] = header.shape, pixels = height * width * colours;
  let at = offset;
  const take = (count) => { const part = new Float32Array(buffer, at, count); at += 4 * count; return part; };
  const columns = Array.from({ length: header.classes ?? 0 }, () => take(header.layers[0][1]));
  const layers = header.layers.map(([inputs, outputs, activation, ...sides]) => {
    if (!activations[activation]) throw new Error(`This page knows no activation called ${activation}.`);
    const weight = take(inputs * outputs * (sides.length ? TAPS : 1)), bias = take(outputs), activate = activations[activation];
    return sides.length ? convolution(inputs, outputs, sides, { weight, bias, activate }) : { inputs, outputs, weight, bias, activate };
  });
  const last = { ...layers.pop(), colours };
  const hidden = layers.map((layer) => withBuffers(layer, layer.outputs, layer.activate));
  // A Gaussian likelihood's last layer also gives log variances; a mean image needs only the first rows.
  const squash = SQUASHES[header.squash];
  const means = [...hidden, withBuffers(last, pixels, squash)];
  const whole = [...hidden, withBuffers(last)];
  return { ...header, pixels, squash, columns, layers: whole, means, mean: new Float32Array(pixels), given: [] };
}

// A conditional model's decoder given class y, made once: an ordinary one whose first bias has taken the class in.
export function givenClass(decoder, y) {
  const { columns, layers, means } = decoder;
  if (!columns[y]) return undefined;
  const told = ([first, ...rest]) => {
    const layer = { ...first, bias: first.bias.map((value, row) => value + columns[y][row]) };
    return [withBuffers(layer), ...rest];
  };
  decoder.given[y] ??= { ...decoder, layers: told(layers), means: told(means), mean: new Float32Array(decoder.pixels), given: [] };
  return decoder.given[y];
}

const withBuffers = (layer, outputs = layer.outputs, activate = layer.activate) =>
  ({ ...layer, outputs, activate, one: new Float32Array(outputs), group: new Float32Array(GROUP * outputs) });

// h = W x + b for one x. Four partial sums, so that an addition need not wait for the one before it.
function affine({ inputs, outputs, weight, bias }, x, h) {
  const whole = inputs - (inputs % 4);
  for (let row = 0, w = 0; row < outputs; row++) {
    let a = bias[row], b = 0, c = 0, d = 0, i = 0;
    for (; i < whole; i += 4, w += 4) {
      a += weight[w] * x[i];
      b += weight[w + 1] * x[i + 1];
      c += weight[w + 2] * x[i + 2];
      d += weight[w + 3] * x[i + 3];
    }
    for (; i < inputs; i++, w++) a += weight[w] * x[i];
    h[row] = a + b + (c + d);
  }
}

// The same for four x that lie one after the other.
function affineGroup({ inputs, outputs, weight, bias }, x, h) {
  for (let row = 0, w = 0; row < outputs; row++) {
    let a = bias[row], b = a, c = a, d = a;
    for (let i = 0; i < inputs; i++, w++) {
      const v = weight[w];
      a += v * x[i];
      b += v * x[i + inputs];
      c += v * x[i + 2 * inputs];
      d += v * x[i + 3 * inputs];
    }
    h[row] = a;
    h[row + outputs] = b;
    h[row + 2 * outputs] = c;
    h[row + 3 * outputs] = d;
  }
}

// -- transposed convolutions of kernel 4, stride 2 and padding 1, as in vae_core/model/networks.py -----------------------

const TAPS = 16;

// A layer from `inputs` channels of (height, width) to `outputs` channels of twice the sides.
function convolution(inputs, outputs, [height, width], numbers) {
  const area = height * width, framed = new Float32Array(inputs * (height + 2) * (width + 2)); // each channel in a frame of zeros
  return { ...numbers, inputs: inputs * area, outputs: outputs * 4 * area, from: inputs, to: outputs, height, width, framed };
}

// Channel by channel, or in the last layer pixel by pixel: red, green and blue of one side by side.
function convolve(layer, x, h) {
  const { bias, from, to, height, width, framed, outputs, colours = 1 } = layer, area = 4 * height * width;
  for (let c = 0, k = 0; c < from; c++) {
    for (let y = 0; y < height; y++, k += width) {
      framed.set(x.subarray(k, k + width), (c * (height + 2) + y + 1) * (width + 2) + 1);
    }
  }
  for (let o = 0; o * area < outputs; o++) {
    const start = Math.floor(o / colours) * colours * area + (o % colours);
    for (let k = 0, at = start; k < area; k++, at += colours) h[at] = bias[o];
    for (let c = 0; c < from; c++) addChannel(layer, c, (c * to + o) * TAPS, h, start);
  }
}

// What one input channel adds to one output channel by the 16 weights from place t on: each input pixel and its neighbours
// make a square of four.
function addChannel({ height, width, framed, weight, colours = 1 }, c, t, h, start) {
  const w00 = weight[t], w01 = weight[t + 1], w02 = weight[t + 2], w03 = weight[t + 3];
  const w10 = weight[t + 4], w11 = weight[t + 5], w12 = weight[t + 6], w13 = weight[t + 7];
  const w20 = weight[t + 8], w21 = weight[t + 9], w22 = weight[t + 10], w23 = weight[t + 11];
  const w30 = weight[t + 12], w31 = weight[t + 13], w32 = weight[t + 14], w33 = weight[t + 15];
  const across = width + 2, down = 2 * width * colours;
  for (let y = 0; y < height; y++) {
    let k = (c * (height + 2) + y + 1) * across, at = start + 2 * y * down;
    let a0 = framed[k - across], b0 = framed[k], c0 = framed[k + across];
    let a1 = framed[k - across + 1], b1 = framed[k + 1], c1 = framed[k + across + 1];
    for (let x = 0; x < width; x++, k++, at += 2 * colours) {
      const a2 = framed[k - across + 2], b2 = framed[k + 2], c2 = framed[k + across + 2];
      h[at] += w11 * b1 + w13 * b0 + w31 * a1 + w33 * a0;
      h[at + colours] += w12 * b1 + w10 * b2 + w32 * a1 + w30 * a2;
      h[at + down] += w21 * b1 + w23 * b0 + w01 * c1 + w03 * c0;
      h[at + down + colours] += w22 * b1 + w20 * b2 + w02 * c1 + w00 * c2;
      a0 = a1; b0 = b1; c0 = c1;
      a1 = a2; b1 = b2; c1 = c2;
    }
  }
}

// ------------------------------------------------------------------------------------------------------------------------

function forward(layers, x, product, buffer) {
  let h = x;
  for (const layer of layers) {
    (layer.framed ? convolve : product)(layer, h, layer[buffer]);
    h = layer[buffer];
    layer.activate(h);
  }
  return h;
}

// The decoder's whole output at z, one or two numbers per pixel. The array is reused by the next call.
export const parameters = (decoder, z) => forward(decoder.layers, z, affine, "one");

// What reads an output that came from elsewhere: no network, but everything that a likelihood asks for.
export const readerOf = ({ likelihood, squash, pixels }) =>
  ({ likelihood, pixels, squash: SQUASHES[squash], mean: new Float32Array(pixels) });

// The mean image, from the output at z.
export function meanOf(decoder, output) {
  decoder.mean.set(decoder.pixels < output.length ? output.subarray(0, decoder.pixels) : output);
  decoder.squash(decoder.mean);
  return decoder.mean;
}

export const decode = (decoder, z) => forward(decoder.means, z, affine, "one");

// Mean images of many z, in groups of four, or one by one by a convolutional decoder, which takes longer and gains nothing
// from groups: calls draw(index, image) for each. A generator, so that whoever iterates decides how long to go on before
// the next frame.
export function* decodeMany(decoder, points, draw) {
  const { latent_dim: dims, pixels, means } = decoder;
  if (means.some((layer) => layer.framed)) {
    for (let k = 0; k < points.length; k++) {
      draw(k, decode(decoder, points[k]));
      yield k + 1;
    }
    return;
  }
  const x = new Float32Array(GROUP * dims);
  for (let first = 0; first < points.length; first += GROUP) {
    const count = Math.min(GROUP, points.length - first);
    for (let g = 0; g < GROUP; g++) x.set(points[first + Math.min(g, count - 1)], g * dims);
    const images = forward(means, x, affineGroup, "group");
    for (let g = 0; g < count; g++) draw(first + g, images.subarray(g * pixels, (g + 1) * pixels));
    yield first + count;
  }
}
