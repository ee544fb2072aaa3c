// One code and one pixel: z ~ N(0, 1), x|z ~ N(f(z), sigma^2), as vae_core/analysis/vanishing_gap.py has it.
const LOG_2PI = Math.log(2 * Math.PI);

export const DECODERS = {
  straight: (z) => z,
  bent: (z) => z + 0.45 * Math.sin(2 * z),
  folded: (z) => z * z,
};

export const logJoint = (f, z, x, sigma) => -0.5 * (((x - f(z)) / sigma) ** 2 + z * z) - Math.log(sigma) - LOG_2PI;

// p(z|x), given log p(x).
export const posterior = (f, x, sigma, evidence) => (z) => Math.exp(logJoint(f, z, x, sigma) - evidence);

export const gaussian = (mean, stddev) => (z) => Math.exp(-0.5 * ((z - mean) / stddev) ** 2 - 0.5 * LOG_2PI) / stddev;
