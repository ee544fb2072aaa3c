// An encoder network in plain JavaScript: x -> q(z|x), read from the blob that vae_core/runs/encoder_blob.py writes.
import { readHeader } from "./decoder.js";

const KERNEL = 4, STRIDE = 2, BORDER = 1; // of every convolution

const sigmoid = (h) => 1 / (1 + Math.exp(-h));
const ACTIVATIONS = {
  identity: (h) => h,
  relu: (h) => Math.max(0, h),
  tanh: Math.tanh,
  softplus: (h) => (h < 30 ? Math.log1p(Math.exp(h)) : h),
  silu: (h) => h * sigmoid(h),
};

function named(activation) {
  if (!ACTIVATIONS[activation]) throw new Error(`This page knows no activation called ${activation}.`);
  return ACTIVATIONS[activation];
}

export function readEncoder(bytes) {
  const { header, buffer, offset } = readHeader(bytes), { classes, convolutions, layers, activation, shape } = header;
  let at = offset;
  const take = (count) => { const part = new Float32Array(buffer, at, count); at += 4 * count; return part; };
  const columns = Array.from({ length: classes }, () => take(layers[0][1]));
  let [rows, across] = shape;
  const convolved = convolutions.map(([inputs, outputs]) => {
    const weight = take(outputs * inputs * KERNEL ** 2), bias = take(outputs);
    const layer = { inputs, outputs, rows, across, weight, bias, act: named(activation) };
    [rows, across] = [rows >> 1, across >> 1];
    return layer;
  });
  const dense = layers.map(([inputs, outputs, name]) =>
    ({ inputs, outputs, weight: take(inputs * outputs), bias: take(outputs), act: named(name) }));
  return { ...header, columns, convolutions: convolved, layers: dense };
}

// q(z|x) of an image x, of a conditional model given its class y: mean and sigma, sigma null for an autoencoder; and what
// the first dense layer of an MLP with hidden layers makes of x, null for others.
export function encode(encoder, x, y = null) {
  const { latent_dim: dims, stochastic, columns, convolutions, layers, shape } = encoder;
  let h = convolutions.reduce((image, layer) => convolve(layer, image), convolutions.length ? planesOf(x, shape) : x), hidden = null;
  layers.forEach((layer, k) => {
    h = affine(layer, h, k || y === null ? null : columns[y]);
    if (!k && layers.length > 1 && !convolutions.length) hidden = h;
  });
  const mean = [...h.subarray(0, dims)], sigma = stochastic ? [...h.subarray(dims)].map((logvar) => Math.exp(logvar / 2)) : null;
  return { mean, sigma, hidden };
}

// Red, green and blue of one pixel after the other -> plane by plane.
function planesOf(x, [rows, across, colours = 1]) {
  const area = rows * across;
  return Float64Array.from(x, (_, k) => x[(k % area) * colours + Math.floor(k / area)]);
}

// act(W x + b), b with the column of a class; most pixels of a drawing are 0 and cost nothing.
function affine({ inputs, outputs, weight, bias, act }, x, column) {
  const some = [], h = new Float64Array(outputs);
  for (let i = 0; i < inputs; i++) if (x[i]) some.push(i);
  for (let row = 0; row < outputs; row++) {
    let sum = bias[row] + (column ? column[row] : 0);
    for (const i of some) sum += weight[row * inputs + i] * x[i];
    h[row] = act(sum);
  }
  return h;
}

// Planes of `rows` x `across` pixels -> planes of half of that: torch's Conv2d(inputs, outputs, 4, stride=2, padding=1).
function convolve({ inputs, outputs, rows, across, weight, bias, act }, x) {
  const high = rows >> 1, wide = across >> 1, h = new Float64Array(outputs * high * wide);
  for (let out = 0, to = 0; out < outputs; out++) {
    for (let r = 0; r < high; r++) {
      for (let c = 0; c < wide; c++, to++) {
        let sum = bias[out];
        for (let plane = 0; plane < inputs; plane++) sum += patch({ rows, across, weight, x }, out * inputs + plane, plane, [r, c]);
        h[to] = act(sum);
      }
    }
  }
  return h;
}

// One kernel over one plane at one place; beyond the border all is 0.
function patch({ rows, across, weight, x }, kernel, plane, [r, c]) {
  const top = STRIDE * r - BORDER, left = STRIDE * c - BORDER, from = kernel * KERNEL ** 2;
  let sum = 0;
  for (let i = Math.max(0, -top); i < KERNEL && top + i < rows; i++) {
    for (let j = Math.max(0, -left); j < KERNEL && left + j < across; j++) {
      sum += weight[from + i * KERNEL + j] * x[(plane * rows + top + i) * across + left + j];
    }
  }
  return sum;
}
