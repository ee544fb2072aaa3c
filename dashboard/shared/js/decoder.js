// A decoder network in plain JavaScript: z -> the mean image, read from the blob that vae_core.runs.export writes.
// The blob: uint32 length of a JSON header, the header, then per layer float32 W (outputs, inputs) row by row, then b.

const GROUP = 4; // images decoded together: each weight is loaded once for four of them

const activations = {
  identity: () => {},
  relu: (h) => { for (let i = 0; i < h.length; i++) if (h[i] < 0) h[i] = 0; },
  tanh: (h) => { for (let i = 0; i < h.length; i++) h[i] = Math.tanh(h[i]); },
  softplus: (h) => { for (let i = 0; i < h.length; i++) if (h[i] < 30) h[i] = Math.log1p(Math.exp(h[i])); },
  silu: (h) => { for (let i = 0; i < h.length; i++) h[i] /= 1 + Math.exp(-h[i]); },
};

const sigmoid = (h) => { for (let i = 0; i < h.length; i++) h[i] = 1 / (1 + Math.exp(-h[i])); };

export function readHeader(bytes) {
  const own = bytes.slice(); // a copy starts at byte 0 of its buffer, as Float32Array demands
  const length = new DataView(own.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(own.subarray(4, 4 + length)));
  return { header, buffer: own.buffer, offset: 4 + length };
}

export function readDecoder(bytes) {
  const { header, buffer, offset } = readHeader(bytes);
  const pixels = header.shape[0] * header.shape[1];
  let at = offset;
  const take = (count) => { const part = new Float32Array(buffer, at, count); at += 4 * count; return part; };
  const layers = header.layers.map(([inputs, outputs, activation]) => {
    if (!activations[activation]) throw new Error(`This page knows no activation called ${activation}.`);
    return { inputs, outputs, weight: take(inputs * outputs), bias: take(outputs), activate: activations[activation] };
  });
  const last = layers.pop();
  const hidden = layers.map((layer) => withBuffers(layer, layer.outputs, layer.activate));
  // Some likelihoods squash the output to a mean in (0, 1), the others use it as it is.
  // A Gaussian likelihood's last layer also gives log variances; a mean image needs only the first rows.
  const squash = header.squash === "sigmoid" ? sigmoid : activations.identity;
  const means = [...hidden, withBuffers(last, pixels, squash)];
  return { ...header, pixels, squash, layers: [...hidden, withBuffers(last)], means, mean: new Float32Array(pixels) };
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

function forward(layers, x, product, buffer) {
  let h = x;
  for (const layer of layers) {
    product(layer, h, layer[buffer]);
    h = layer[buffer];
    layer.activate(h);
  }
  return h;
}

// The decoder's whole output at z, one or two numbers per pixel. The array is reused by the next call.
export const parameters = (decoder, z) => forward(decoder.layers, z, affine, "one");

// The mean image, from the output at z.
export function meanOf(decoder, output) {
  decoder.mean.set(decoder.pixels < output.length ? output.subarray(0, decoder.pixels) : output);
  decoder.squash(decoder.mean);
  return decoder.mean;
}

export const decode = (decoder, z) => forward(decoder.means, z, affine, "one");

// Mean images of many z, in groups of four: calls draw(index, image) for each. A generator, so that whoever
// iterates decides how long to go on before the next frame.
export function* decodeMany(decoder, points, draw) {
  const { latent_dim: dims, pixels, means } = decoder;
  const x = new Float32Array(GROUP * dims);
  for (let first = 0; first < points.length; first += GROUP) {
    const count = Math.min(GROUP, points.length - first);
    for (let g = 0; g < GROUP; g++) x.set(points[first + Math.min(g, count - 1)], g * dims);
    const images = forward(means, x, affineGroup, "group");
    for (let g = 0; g < count; g++) draw(first + g, images.subarray(g * pixels, (g + 1) * pixels));
    yield first + count;
  }
}
