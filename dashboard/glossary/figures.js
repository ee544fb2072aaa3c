// One small figure per word: figure(pen, t, inks, images). t, from 0 to 1, is where the pointer is. All of them are closed
// forms, of which the tests compare the numbers, or images that a bundled model decodes.
import { cumulative, density, klOfTwo, klToStandardNormal, quantile } from "../shared/js/gaussian.js";
import { number } from "../shared/js/canvas.js";
import { EDGE, FLOOR, SIDE, bar, curve, dot, floor, hatch, heightOf, line, placeOf, ring, show, trapezoid, write } from "./shapes.js";

export const START = { code: 0.7, dead: 0.3, rate: 0.35, kl: 0.75, binarised: 0.5, warmup: 0.4, free: 0.3, collapse: 0.2, bernoulli: 0.7 };

const bell = (mean, sigma) => (x) => density((x - mean) / sigma) / sigma;
const PEAK = density(0);
const PLACES = Array.from({ length: 60 }, (_, k) => [quantile((k + 0.5) / 60), quantile(((k * 0.618034) % 1) * 0.98 + 0.01)]);

// -- numbers that the figures show -----------------------------------------------------------------------------------------
// log p(x) and the ELBO of q = N(m, s^2) where p(z) = N(0, 1) and p(x|z) = N(z, c): the posterior is N(x/(1+c), c/(1+c)).
export function linearBound(x, c, m, s) {
  const evidence = Math.log(bell(0, Math.sqrt(1 + c))(x));
  return { evidence, elbo: evidence - klOfTwo(m, s, x / (1 + c), Math.sqrt(c / (1 + c))) };
}

const xlog = (p) => (p > 0 ? p * Math.log(p) : 0);
export const coinEntropy = (p) => -xlog(p) - xlog(1 - p);
export const coinCross = (q, p) => -q * Math.log(p) - (1 - q) * Math.log(1 - p);

// The normaliser of the continuous Bernoulli, Loaiza-Ganem & Cunningham (2019), equation 5
export const continuousNormaliser = (l) => (Math.abs(l - 0.5) < 1e-4 ? 2 : (2 * Math.atanh(1 - 2 * l)) / (1 - 2 * l));

// w = p(x, z)/q(z) of nine draws at the quantiles of q, as shares of their sum; 1/sum of squares counts those that matter
export function weights(shift) {
  const z = Array.from({ length: 9 }, (_, k) => quantile((k + 0.5) / 9));
  const all = z.map((value) => bell(shift, 0.7)(value) / density(value)), sum = all.reduce((a, b) => a + b);
  return { z, shares: all.map((w) => w / sum), effective: 1 / all.reduce((a, w) => a + (w / sum) ** 2, 0) };
}

// -- the figures -----------------------------------------------------------------------------------------------------------
const networks = (middle) => (pen, t, inks) => {
  trapezoid(pen, 24, 20, 56, 24, inks.mu);
  trapezoid(pen, 76, 20, 24, 56, inks.reconstruction);
  write(pen, "x", 13, 64, inks.x);
  write(pen, "x\u0302", 107, 64, inks.x);
  middle(pen, t, inks);
};

const twoBells = (pen, t, inks) => {
  const mean = 3 * t - 1.5, sigma = 0.6, both = [-3, 3];
  floor(pen, inks.rule);
  curve(pen, density, { range: both, top: 0.7, ink: inks.z });
  curve(pen, bell(mean, sigma), { range: both, top: 0.7, ink: inks.mu, fill: inks.mu });
  return { mean, sigma };
};

const mixture = (spread) => {
  const parts = [-2.1, -1.5, 0.7, 1.2, 2].map((mean) => bell(spread * mean, 0.35));
  return (x) => parts.reduce((sum, part) => sum + part(x), 0) / parts.length;
};

const plane = (pen, inks, sigmas) => sigmas.forEach((r) => ring(pen, 60, 60, r * 22, inks.z, [3, 3]));
const nearest = (t, count) => Math.min(count - 1, Math.floor(t * count));

const bound = (pen, t, inks, marked) => {
  const x = 1, c = 0.3, best = Math.sqrt(c / (1 + c)), range = [-1, 2.6], m = range[0] + t * (range[1] - range[0]);
  const elbo = (at) => linearBound(x, c, at, best).elbo - linearBound(x, c, range[0], best).elbo;
  const top = 1.1 * elbo(x / (1 + c)), y = heightOf(elbo(x / (1 + c)), top), at = placeOf(m, range);
  if (marked) hatch(pen, at - 8, y, 16, heightOf(elbo(m), top) - y, inks.ink2);
  line(pen, EDGE, y, SIDE - EDGE, y, inks.evidence, [4, 3]);
  curve(pen, elbo, { range, top, ink: inks.elbo });
  dot(pen, at, heightOf(elbo(m), top), inks.elbo);
  write(pen, "log p(x)", SIDE - EDGE, y - 5, inks.evidence, "right");
};

export const FIGURES = {
  vae: networks((pen, t, inks) => {
    const path = (x) => 72 - 40 * density((x - 60) / 5);
    pen.strokeStyle = inks.mu;
    pen.beginPath();
    for (let x = 46; x <= 74; x++) pen.lineTo(x, path(x));
    pen.stroke();
    dot(pen, 48 + 24 * t, 72, inks.z, 3.5);
    write(pen, "q, z", 60, 96, inks.ink2);
  }),
  autoencoder: networks((pen, t, inks) => {
    dot(pen, 60, 60, inks.z, 4);
    write(pen, "z", 60, 96, inks.ink2);
  }),
  encoder(pen, t, inks) {
    trapezoid(pen, 34, 34, 76, 26, inks.mu);
    write(pen, "x", 18, 64, inks.x);
    ring(pen, 94, 60, 5 + 12 * t, inks.mu);
    dot(pen, 94, 60, inks.mu, 2.5);
  },
  decoder(pen, t, inks, images) {
    trapezoid(pen, 26, 32, 22, 66, inks.reconstruction);
    dot(pen, 12, 60, inks.z);
    if (images.count) show(pen, images.picture(10 + nearest(t, 5)), 64, 36, 48);
  },
  image(pen, t, inks, images) {
    if (images.count) show(pen, images.picture(nearest(t, images.count)), 4, 4, 112);
  },
  strokes(pen, t, inks, images) {
    const from = nearest(t, 3);
    for (let k = 0; k < 9 && images.count; k++) {
      const row = Math.floor(k / 3), column = k % 3;
      show(pen, images.picture(10 * row + column + from), 3 + column * 38, 3 + row * 38, 38);
    }
  },
  binarised(pen, t, inks, images) {
    if (!images.count) return;
    const grey = images.pictures[12], size = 4;
    grey.forEach((level, k) => { // the same fixed draws: a pixel is 1 where its grey value exceeds its draw
      const drawn = (k * 0.618034) % 1, x = (k % 28) * size, y = Math.floor(k / 28) * size, left = x < t * 112;
      Object.assign(pen, { globalAlpha: left ? Number(level > drawn) : level, fillStyle: inks.ink });
      pen.fillRect(4 + x, 4 + y, size, size);
    });
    pen.globalAlpha = 1;
    line(pen, 4 + t * 112, 4, 4 + t * 112, 116, inks.z);
  },
  code(pen, t, inks) {
    const x = EDGE + t * (SIDE - 2 * EDGE), y = 90 - 50 * t;
    plane(pen, inks, [1, 2]);
    line(pen, x, y, x, 112, inks.z, [2, 3]);
    line(pen, 8, y, x, y, inks.z, [2, 3]);
    dot(pen, x, y, inks.z, 5);
  },
  prior(pen, t, inks) {
    floor(pen, inks.rule);
    curve(pen, density, { top: 0.45, ink: inks.z, fill: inks.z });
    for (let k = 0; k < 4 + 24 * t; k++) dot(pen, placeOf(quantile(((k + 1) * 0.618034) % 1), [-3, 3]), FLOOR + 7, inks.z, 1.75);
  },
  circles(pen, t, inks) {
    PLACES.forEach(([x, y]) => dot(pen, 60 + 22 * x, 60 + 22 * y, inks.ink2, 1.5));
    plane(pen, inks, [1, 2]);
  },
  inverse(pen, t, inks) {
    const u = 0.02 + 0.96 * t, range = [-3, 3];
    curve(pen, cumulative, { range, top: 1.05, ink: inks.ink });
    for (let k = 0; k < 8; k++) dot(pen, placeOf(quantile((k + 0.5) / 8), range), FLOOR + 6, inks.z, 1.75);
    const x = placeOf(quantile(u), range), y = heightOf(u, 1.05);
    line(pen, EDGE, y, x, y, inks.z, [2, 3]);
    line(pen, x, y, x, FLOOR, inks.z, [2, 3]);
    dot(pen, x, y, inks.z);
  },
  gaussian(pen, t, inks) {
    const sigma = 0.5 + 1.2 * t;
    floor(pen, inks.rule);
    curve(pen, bell(0, sigma), { top: PEAK / 0.5, ink: inks.mu, fill: inks.mu });
    line(pen, 60, FLOOR - 8, placeOf(sigma, [-3, 3]), FLOOR - 8, inks.sigma);
    write(pen, `σ = ${number(sigma, 1)}`, SIDE - 8, 22, inks.sigma, "right");
  },
  bernoulli(pen, t, inks) {
    floor(pen, inks.rule);
    bar(pen, 26, 26, 1 - t, inks.ink2, 0.6);
    bar(pen, 70, 26, t, inks.reconstruction);
    write(pen, "0", 39, 117, inks.ink2);
    write(pen, "1", 83, 117, inks.ink2);
    write(pen, `p = ${number(t, 2)}`, 60, 12, inks.ink2);
  },
  continuous(pen, t, inks) {
    const l = 0.04 + 0.92 * t, c = continuousNormaliser(l);
    floor(pen, inks.rule);
    curve(pen, (x) => c * l ** x * (1 - l) ** (1 - x), { range: [0, 1], top: 3.4, ink: inks.reconstruction, fill: inks.reconstruction });
  },
  density(pen, t, inks) {
    const wide = 0.25 + 1.5 * t, x = placeOf(0, [0, 2]), to = placeOf(wide, [0, 2]), y = heightOf(1 / wide, 4);
    line(pen, EDGE, heightOf(1, 4), SIDE - EDGE, heightOf(1, 4), inks.rule, [3, 3]);
    Object.assign(pen, { fillStyle: inks.reconstruction, globalAlpha: 0.35 });
    pen.fillRect(x, y, to - x, FLOOR - y);
    pen.globalAlpha = 1;
    write(pen, number(1 / wide, 1), to + 4, y + 5, inks.ink2, "left");
    write(pen, number(wide, 1), (x + to) / 2, 117, inks.ink2);
  },
  variance(pen, t, inks) {
    const c = 0.15 + 1.2 * t;
    floor(pen, inks.rule);
    curve(pen, (x) => (x * x) / (2 * c), { range: [-2, 2], top: 6, ink: inks.sigma });
    write(pen, `c = ${number(c, 2)}`, 60, 22, inks.sigma);
  },
  likelihood(pen, t, inks) {
    const x = 4 * t - 2;
    floor(pen, inks.rule);
    curve(pen, bell(x, 0.55), { top: 0.8, ink: inks.reconstruction, fill: inks.reconstruction });
    write(pen, "z", SIDE - 8, 117, inks.z, "right");
  },
  posterior(pen, t, inks) {
    const x = 4 * t - 2, c = 0.3;
    floor(pen, inks.rule);
    curve(pen, density, { top: 1, ink: inks.z, dash: [4, 3] });
    curve(pen, bell(x, Math.sqrt(c)), { top: 1, ink: inks.reconstruction, dash: [4, 3] });
    curve(pen, bell(x / (1 + c), Math.sqrt(c / (1 + c))), { top: 1, ink: inks.evidence, fill: inks.evidence });
  },
  nat(pen, t, inks) {
    const nats = 0.5 + 1.5 * t;
    [[nats, "nats", inks.ink], [nats / Math.LN2, "bits", inks.ink2]].forEach(([value, unit, ink], k) => {
      pen.fillStyle = ink;
      pen.fillRect(10, 34 + 42 * k, 34 * value, 12);
      write(pen, `${number(value, 2)} ${unit}`, 10, 28 + 42 * k, ink, "left");
    });
  },
  information(pen, t, inks) {
    const p = 0.03 + 0.96 * t, range = [0.02, 1];
    curve(pen, (q) => -Math.log(q), { range, top: 4, ink: inks.ink });
    dot(pen, placeOf(p, range), heightOf(-Math.log(p), 4), inks.z);
    floor(pen, inks.rule);
    write(pen, `${number(-Math.log(p), 2)} nats`, SIDE - 8, 22, inks.ink2, "right");
  },
  entropy(pen, t, inks) {
    floor(pen, inks.rule);
    curve(pen, coinEntropy, { range: [0, 1], top: 0.8, ink: inks.ink });
    dot(pen, placeOf(t, [0, 1]), heightOf(coinEntropy(t), 0.8), inks.z);
    write(pen, `${number(coinEntropy(t), 2)} nats`, 60, 96, inks.ink2);
  },
  cross(pen, t, inks) {
    const q = 0.3, p = 0.03 + 0.94 * t, range = [0.03, 0.97];
    line(pen, EDGE, heightOf(coinEntropy(q), 2), SIDE - EDGE, heightOf(coinEntropy(q), 2), inks.rule, [3, 3]);
    curve(pen, (at) => coinCross(q, at), { range, top: 2, ink: inks.ink });
    dot(pen, placeOf(p, range), heightOf(coinCross(q, p), 2), inks.z);
    write(pen, "H(q)", SIDE - EDGE, heightOf(coinEntropy(q), 2) + 15, inks.ink2, "right");
  },
  elbo: (pen, t, inks) => bound(pen, t, inks, false),
  gap: (pen, t, inks) => bound(pen, t, inks, true),
  kl(pen, t, inks) {
    const { mean, sigma } = twoBells(pen, t, inks);
    write(pen, `${number(klOfTwo(mean, sigma, 0, 1), 2)} nats`, SIDE / 2, 118, inks.kl);
  },
  price(pen, t, inks) {
    const mean = 3 * t - 1.5, { ofMean, ofSigma } = klToStandardNormal(mean, 0.4);
    floor(pen, inks.rule);
    curve(pen, density, { top: 1.1, ink: inks.z, dash: [4, 3] });
    curve(pen, bell(mean, 0.4), { top: 1.1, ink: inks.mu, fill: inks.mu });
    write(pen, `${number(ofMean + ofSigma, 2)} nats`, SIDE / 2, 118, inks.kl);
  },
  weights(pen, t, inks) {
    const { z, shares } = weights(2.4 * t - 1.2);
    curve(pen, density, { top: 0.7, ink: inks.mu });
    curve(pen, bell(2.4 * t - 1.2, 0.7), { top: 0.7, ink: inks.evidence, dash: [4, 3] });
    z.forEach((value, k) => dot(pen, placeOf(value, [-3, 3]), FLOOR, inks.z, Math.sqrt(400 * shares[k] / Math.PI)));
  },
  effective(pen, t, inks) {
    const { shares, effective } = weights(2.4 * t - 1.2), most = Math.max(...shares);
    shares.forEach((share, k) => bar(pen, 11 + 11 * k, 8, (0.8 * share) / most, inks.evidence));
    write(pen, `${number(effective, 1)} of 9`, 60, 117, inks.ink2);
  },
  reparameterisation(pen, t, inks) {
    const sigma = 0.2 + 0.9 * t, mu = 0.6;
    for (let k = 0; k < 7; k++) {
      const e = quantile((k + 0.5) / 7), from = placeOf(e, [-2.2, 2.2]), to = placeOf(mu + sigma * e, [-2.2, 2.2]);
      line(pen, from, 30, to, 88, inks.rule);
      dot(pen, from, 30, inks.noise, 3);
      dot(pen, to, 88, inks.z, 3);
    }
    write(pen, "ε", EDGE, 20, inks.noise);
    write(pen, "μ + σε", 60, 110, inks.z);
  },
  beta(pen, t, inks) { // error exp(-2 KL) of a Gaussian source: least where its slope is -beta
    const beta = 0.1 + 1.9 * t, range = [0, 2], loss = (kl) => Math.exp(-2 * kl) + beta * kl, best = Math.log(2 / beta) / 2;
    floor(pen, inks.rule);
    curve(pen, (kl) => Math.exp(-2 * kl), { range, top: 2, ink: inks.reconstruction, dash: [4, 3] });
    curve(pen, loss, { range, top: 2, ink: inks.ink });
    dot(pen, placeOf(best, range), heightOf(loss(best), 2), inks.kl);
    write(pen, `β = ${number(beta, 1)}`, 60, 16, inks.kl);
    write(pen, "KL", SIDE - EDGE, 117, inks.kl, "right");
  },
  aggregate(pen, t, inks) {
    floor(pen, inks.rule);
    [-2.1, -1.5, 0.7, 1.2, 2].forEach((mean) => curve(pen, (x) => bell((0.5 + t) * mean, 0.35)(x) / 5, { top: 0.5, ink: inks.rule }));
    curve(pen, mixture(0.5 + t), { top: 0.5, ink: inks.mu, fill: inks.mu });
  },
  hole(pen, t, inks) {
    const q = mixture(0.6 + t), range = [-3, 3];
    for (let x = -3; x < 3; x += 0.06) {
      if (q(x) < density(x) / 20) hatch(pen, placeOf(x, range), 20, 1.2, FLOOR - 20, inks.ink2);
    }
    floor(pen, inks.rule);
    curve(pen, density, { top: 0.5, ink: inks.z, dash: [4, 3] });
    curve(pen, q, { top: 0.5, ink: inks.mu });
  },
  collapse(pen, t, inks) {
    floor(pen, inks.rule);
    curve(pen, density, { top: 1.2, ink: inks.z, dash: [4, 3] });
    [-1.6, -0.4, 0.9, 1.7].forEach((mean) => curve(pen, bell(mean * (1 - t), 0.35 + 0.65 * t), { top: 1.2, ink: inks.mu }));
  },
  rate(pen, t, inks) { // of a Gaussian source of variance 1: distortion exp(-2 rate)
    const range = [0, 2], rate = 0.1 + 1.8 * t, f = (r) => Math.exp(-2 * r), slope = -2 * f(rate);
    curve(pen, (r) => f(rate) + slope * (r - rate), { range, top: 1.1, ink: inks.kl, dash: [3, 3] });
    curve(pen, f, { range, top: 1.1, ink: inks.ink });
    dot(pen, placeOf(rate, range), heightOf(f(rate), 1.1), inks.kl);
    write(pen, "rate", SIDE - EDGE, 117, inks.ink2, "right");
    write(pen, "distortion", EDGE, 12, inks.ink2, "left");
  },
  warmup(pen, t, inks) {
    const end = 0.15 + 0.8 * t;
    floor(pen, inks.rule);
    curve(pen, (x) => Math.min(1, x / end), { range: [0, 1], top: 1.2, ink: inks.kl });
    write(pen, "β", EDGE + 4, 20, inks.kl);
    write(pen, "steps", SIDE - EDGE, 117, inks.ink2, "right");
  },
  free(pen, t, inks) {
    const free = 2 * t + 0.2;
    floor(pen, inks.rule);
    curve(pen, (kl) => kl, { range: [0, 3], top: 3, ink: inks.rule });
    curve(pen, (kl) => Math.max(free, kl), { range: [0, 3], top: 3, ink: inks.kl });
    write(pen, "KL", SIDE - EDGE, 117, inks.ink2, "right");
  },
  dead(pen, t, inks) {
    const at = 4 * t - 2, relu = (x) => Math.max(0, x), range = [-2, 2];
    curve(pen, relu, { range, top: 2, ink: inks.ink });
    dot(pen, placeOf(at, range), heightOf(relu(at), 2), at > 0 ? inks.z : inks.ink2);
  },
};
