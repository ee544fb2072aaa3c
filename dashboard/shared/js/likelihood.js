// p(x|z) in plain JavaScript, from a decoder's output at z: the same formulas as vae_core/model/likelihoods.py.
import { langevin, meanOf } from "./decoder.js";
import { quantile } from "./gaussian.js";

const LOG_2PI = Math.log(2 * Math.PI);
const LOW = Math.log(0.01), HIGH = Math.log(1); // bounds of a learned log sigma

// A likelihood has three formulas. log(decoder, output, variance) gives a function (k, value): the log density of pixel k
// there, in nats; deviation(...) one of k, its standard deviation; sample(..., u, variance, into) draws all pixels.

// Independent pixels N(mean, sigma^2); logSigma(decoder, output, variance) gives log sigma as a function of the place.
const normal = (logSigma) => ({
  log(decoder, output, variance) {
    const mean = meanOf(decoder, output), logS = logSigma(decoder, output, variance);
    return (k, value) => { const s = logS(k); return -0.5 * LOG_2PI - s - 0.5 * ((value - mean[k]) * Math.exp(-s)) ** 2; };
  },
  deviation(decoder, output, variance) {
    const logS = logSigma(decoder, output, variance);
    return (k) => Math.exp(logS(k));
  },
  sample(decoder, output, u, variance, into) {
    const mean = meanOf(decoder, output), logS = logSigma(decoder, output, variance);
    for (let k = 0; k < into.length; k++) into[k] = mean[k] + Math.exp(logS(k)) * quantile(u[k]);
  },
});

const softplus = (l) => (l > 0 ? l + Math.log1p(Math.exp(-l)) : Math.log1p(Math.exp(l)));

const bernoulli = {
  log: (decoder, output) => (k, value) => value * output[k] - softplus(output[k]), // from the logits
  deviation(decoder, output) {
    const mean = meanOf(decoder, output);
    return (k) => Math.sqrt(mean[k] * (1 - mean[k]));
  },
  sample(decoder, output, u, variance, into) {
    const mean = meanOf(decoder, output);
    for (let k = 0; k < into.length; k++) into[k] = u[k] < mean[k] ? 1 : 0;
  },
};

// Of the continuous Bernoulli: log of the integral of e^(x l) over [0, 1]; what it adds to a Bernoulli's formula, log C;
// the mean; the x below which a share u lies.
export const logPartition = (l) => Math.max(l, 0) + (l ? Math.log(-Math.expm1(-Math.abs(l)) / Math.abs(l)) : 0);
export const logNormaliser = (l) => Math.log(l ? l / Math.tanh(l / 2) : 2);
export const continuousMean = (l) => 0.5 + 0.5 * langevin(l / 2);
export function continuousQuantile(l, u) {
  if (Math.abs(l) < 1e-12) return u;
  return l < 0 ? 1 - continuousQuantile(-l, 1 - u) : Math.max(0, 1 + Math.log1p((1 - u) * Math.expm1(-l)) / l);
}
const continuousVariance = (l) => (Math.abs(l) < 0.05 ? 1 / 12 - (l * l) / 240 : 1 / l ** 2 - 0.25 / Math.sinh(l / 2) ** 2);

const continuousBernoulli = {
  log: (decoder, output) => (k, value) => value * output[k] - logPartition(output[k]),
  deviation: (decoder, output) => (k) => Math.sqrt(continuousVariance(output[k])),
  sample(decoder, output, u, variance, into) {
    for (let k = 0; k < into.length; k++) into[k] = continuousQuantile(output[k], u[k]);
  },
};

const perPixel = normal(({ pixels }, output) => (k) => LOW + (HIGH - LOW) / (1 + Math.exp(-output[pixels + k])));
const oneVariance = normal((decoder, output, variance) => () => 0.5 * Math.log(variance));

// By their names in vae_core/registry.py.
export const LIKELIHOODS = {
  bernoulli, gaussian: perPixel, fixed_gaussian: oneVariance, isotropic_gaussian: oneVariance,
  continuous_bernoulli: continuousBernoulli,
};

function known(name) {
  if (!LIKELIHOODS[name]) throw new Error(`This page knows no likelihood called ${name}.`);
  return LIKELIHOODS[name];
}

// log p(x|z) in nats.
export function logLikelihood(decoder, output, x, variance) {
  const log = logPixel(decoder, output, variance);
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += log(k, x[k]);
  return sum;
}

// The log density (or probability) of one pixel, a function of (k, value); and its standard deviation, one of k. Both hold
// until the next output.
export const logPixel = (decoder, output, variance) => known(decoder.likelihood).log(decoder, output, variance);
export const deviationOf = (decoder, output, variance) => known(decoder.likelihood).deviation(decoder, output, variance);

// Pixels drawn from p(x|z), into the array `into`. The same u gives a picture that does not flicker while z moves.
export function samplePixels(decoder, output, u, variance, into) {
  known(decoder.likelihood).sample(decoder, output, u, variance, into);
  return into;
}
