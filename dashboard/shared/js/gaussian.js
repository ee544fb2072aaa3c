// Gaussians as numbers for a page: the standard normal prior in D dimensions, and closed forms of N(m, s^2) on a line.

// log p(z) in nats
export const logPrior = (z) => -0.5 * (squaredNorm(z) + z.length * Math.log(2 * Math.PI));

export const squaredNorm = (z) => z.reduce((sum, value) => sum + value * value, 0);

// KL(N(mean, sigma^2) || N(0, 1)) of one dimension in nats, in its two parts, neither below 0: one for the distance of the
// mean from 0, one for the width. Their sum over the dimensions is the KL of a diagonal Gaussian to N(0, I).
export const klToStandardNormal = (mean, sigma) => ({
  ofMean: (mean * mean) / 2,
  ofSigma: (sigma * sigma - 1) / 2 - Math.log(sigma),
});

export const density = (x) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

// Entropy, cross-entropy and KL of N(m1, s1^2) and N(m2, s2^2) in nats: entropy_normal, cross_entropy_normal and
// kl_normal of vae_core/model/gaussians.py.
export const HALF_LOG = 0.5 * Math.log(2 * Math.PI);
export const entropyOf = (s) => HALF_LOG + 0.5 + Math.log(s);
export const crossEntropyOf = (m1, s1, m2, s2) => HALF_LOG + Math.log(s2) + (s1 * s1 + (m1 - m2) ** 2) / (2 * s2 * s2);
export const klOfTwo = (m1, s1, m2, s2) => Math.log(s2 / s1) + (s1 * s1 + (m1 - m2) ** 2) / (2 * s2 * s2) - 0.5;

// Numerical Recipes' Chebyshev fit, relative error below 1.2e-7 everywhere
export function erfc(x) {
  const t = 1 / (1 + 0.5 * Math.abs(x));
  const c = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
    -0.82215223, 0.17087277];
  const tail = t * Math.exp(-x * x + c.reduceRight((sum, value) => value + t * sum, 0));
  return x >= 0 ? tail : 2 - tail;
}

// P(z < x)
export const cumulative = (x) => 0.5 * erfc(-x / Math.SQRT2);

// The x below which a share u of the standard normal lies: Acklam's rational fit, relative error below 1.2e-9.
export function quantile(u) {
  if (u > 0.5) return -quantile(1 - u);
  const ratio = (over, under, t) => over.reduce((sum, c) => sum * t + c, 0) / under.reduce((sum, c) => sum * t + c, 0);
  if (u < 0.02425) {
    const over = [-7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
      4.374664141464968, 2.938163982698783];
    const under = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1];
    return ratio(over, under, Math.sqrt(-2 * Math.log(u)));
  }
  const over = [-3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
    -3.066479806614716e1, 2.506628277459239];
  const under = [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
    -1.328068155288572e1, 1];
  return (u - 0.5) * ratio(over, under, (u - 0.5) ** 2);
}

// P(|z|^2 > r2) for z ~ N(0, I_D): the chi-square survival function, a finite sum for every whole D.
export function furtherOut(r2, dims) {
  const half = r2 / 2;
  const odd = dims % 2;
  let term = odd ? 2 * Math.sqrt(half / Math.PI) * Math.exp(-half) : Math.exp(-half);
  let sum = odd ? erfc(Math.sqrt(half)) : 0;
  for (let k = odd ? 1.5 : 1; k <= dims / 2; k++) {
    sum += term;
    term *= half / k;
  }
  return Math.min(1, sum);
}

// Uniform numbers in [0, 1) from a seed (mulberry32), so that the same clicks give the same pictures.
export function uniforms(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// Normal numbers from a seed (Box-Muller).
export function normals(seed) {
  const uniform = uniforms(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
