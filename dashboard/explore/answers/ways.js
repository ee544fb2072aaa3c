// The way from A to B, as interpolation.py and vae_core/analysis/latent_paths.py have it: its points, how likely they are,
// and which code is nearest.
import { logPrior } from "../../shared/js/gaussian.js";
import { logAggregate, nearest } from "../../shared/saved_pages/codes.js";

export const WAYS = ["straight", "spherical"];
const STEPS = 61;

const dot = (a, b) => a.reduce((sum, value, d) => sum + value * b[d], 0);
const norm = (a) => Math.sqrt(dot(a, a));
const fractions = Array.from({ length: STEPS }, (_, k) => k / (STEPS - 1));

export const straight = (a, b) => fractions.map((t) => a.map((value, d) => value + t * (b[d] - value)));

// The direction turns evenly, and the length changes evenly.
export function spherical(a, b) {
  const radius = norm(a), other = norm(b);
  if (a.length === 1 || !radius || !other) return straight(a, b);
  const u = a.map((value) => value / radius), v = b.map((value) => value / other), along = dot(u, v);
  let across = v.map((value, d) => value - along * u[d]);
  const angle = Math.atan2(norm(across), along);
  if (norm(across) < 100 * Number.EPSILON) {
    const least = u.reduce((best, value, d) => (Math.abs(value) < Math.abs(u[best]) ? d : best), 0);
    across = across.map((_, d) => (d === least ? 1 : 0));
  }
  const away = across.map((value, d) => value - dot(across, u) * u[d]), w = away.map((value) => value / norm(away));
  return fractions.map((t) =>
    u.map((value, d) => (radius + t * (other - radius)) * (Math.cos(t * angle) * value + Math.sin(t * angle) * w[d])));
}

export function wayBetween(a, b, via, codes, { stochastic }) {
  const points = (via === "spherical" ? spherical : straight)(a, b);
  return {
    points,
    logPrior: stochastic ? points.map(logPrior) : null,
    logAggregate: stochastic && codes ? points.map((z) => logAggregate(codes, z)) : null,
    labels: codes?.labels ? points.map((z) => codes.labels[nearest(codes, z)]) : null,
  };
}
