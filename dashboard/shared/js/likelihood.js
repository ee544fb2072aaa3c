// p(x|z) in plain JavaScript, from a decoder's output at z: the same formulas as vae_core/model/likelihoods.py.
import { meanOf } from "./decoder.js";
import { quantile } from "./gaussian.js";

const LOG_2PI = Math.log(2 * Math.PI);
const LOW = Math.log(0.01), HIGH = Math.log(1); // bounds of a learned log sigma

// Independent pixels N(mean, sigma^2); logSigma(decoder, output, variance) gives log sigma as a function of the place.
const normal = (logSigma) => ({
  logPx(decoder, output, x, variance) {
    const mean = meanOf(decoder, output), logS = logSigma(decoder, output, variance);
    let sum = 0;
    for (let k = 0; k < x.length; k++) {
      const s = logS(k);
      sum -= 0.5 * LOG_2PI + s + 0.5 * ((x[k] - mean[k]) * Math.exp(-s)) ** 2;
    }
    return sum;
  },
  sample(decoder, output, u, variance, into) {
    const mean = meanOf(decoder, output), logS = logSigma(decoder, output, variance);
    for (let k = 0; k < into.length; k++) into[k] = mean[k] + Math.exp(logS(k)) * quantile(u[k]);
  },
});

const bernoulli = {
  logPx(decoder, output, x) {
    let sum = 0;
    for (let k = 0; k < x.length; k++) { // x l - softplus(l), from the logits
      const l = output[k];
      sum += x[k] * l - (l > 0 ? l + Math.log1p(Math.exp(-l)) : Math.log1p(Math.exp(l)));
    }
    return sum;
  },
  sample(decoder, output, u, variance, into) {
    const mean = meanOf(decoder, output);
    for (let k = 0; k < into.length; k++) into[k] = u[k] < mean[k] ? 1 : 0;
  },
};

const perPixel = normal(({ pixels }, output) => (k) => LOW + (HIGH - LOW) / (1 + Math.exp(-output[pixels + k])));
const oneVariance = normal((decoder, output, variance) => () => 0.5 * Math.log(variance));

// By their names in vae_core/registry.py.
export const LIKELIHOODS = {
  bernoulli, gaussian: perPixel, fixed_gaussian: oneVariance, isotropic_gaussian: oneVariance,
};

function known(name) {
  if (!LIKELIHOODS[name]) throw new Error(`This page knows no likelihood called ${name}.`);
  return LIKELIHOODS[name];
}

// log p(x|z) in nats.
export function logLikelihood(decoder, output, x, variance) {
  return known(decoder.likelihood).logPx(decoder, output, x, variance);
}

// Pixels drawn from p(x|z), into the array `into`. The same u gives a picture that does not flicker while z moves.
export function samplePixels(decoder, output, u, variance, into) {
  known(decoder.likelihood).sample(decoder, output, u, variance, into);
  return into;
}
