// p(x|z) in plain JavaScript, from a decoder's output at z: the same formulas as vae_core/model/likelihoods.py.
import { meanOf } from "./decoder.js";
import { quantile } from "./gaussian.js";

const LOG_2PI = Math.log(2 * Math.PI);
const LOW = Math.log(0.01), HIGH = Math.log(1); // bounds of a learned log sigma

// log sigma of each pixel as a function of its place
function logSigma({ likelihood, pixels }, output, variance) {
  if (likelihood !== "gaussian") return () => 0.5 * Math.log(variance);
  return (k) => LOW + (HIGH - LOW) / (1 + Math.exp(-output[pixels + k]));
}

// log p(x|z) in nats. Bernoulli: x l - softplus(l), from the logits.
export function logLikelihood(decoder, output, x, variance) {
  let sum = 0;
  if (decoder.likelihood === "bernoulli") {
    for (let k = 0; k < x.length; k++) {
      const l = output[k];
      sum += x[k] * l - (l > 0 ? l + Math.log1p(Math.exp(-l)) : Math.log1p(Math.exp(l)));
    }
    return sum;
  }
  const mean = meanOf(decoder, output), logS = logSigma(decoder, output, variance);
  for (let k = 0; k < x.length; k++) {
    const s = logS(k);
    sum -= 0.5 * LOG_2PI + s + 0.5 * ((x[k] - mean[k]) * Math.exp(-s)) ** 2;
  }
  return sum;
}

// Pixels drawn from p(x|z), into the array `into`. The same u gives a picture that does not flicker while z moves.
export function samplePixels(decoder, output, u, variance, into) {
  const mean = meanOf(decoder, output);
  if (decoder.likelihood === "bernoulli") {
    for (let k = 0; k < into.length; k++) into[k] = u[k] < mean[k] ? 1 : 0;
    return into;
  }
  const logS = logSigma(decoder, output, variance);
  for (let k = 0; k < into.length; k++) into[k] = mean[k] + Math.exp(logS(k)) * quantile(u[k]);
  return into;
}
