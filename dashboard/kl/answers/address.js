// What an address asks of the scenes of the lecture, by the names that they have it by, as kl.py reads it; what makes no
// sense is left out.
import { FARTHEST } from "../lecture/humps.js";
import { CHOICES } from "../lecture/loss.js";

const NARROWEST = 0.05, EDGE = 4; // of the Gaussians

export function askedOf(address, { trials }) {
  const found = { gaussians: gaussiansOf(address.g), distance: distanceOf(address.d), loss: lossOf(address.loss) };
  const tried = trials.find(({ beta, method }) => `${beta},${method}` === address.try);
  if (tried) found.tried = [tried.beta, tried.method];
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null));
}

function gaussiansOf(text = "") {
  const values = text.split(",").map(Number);
  const sound = values.length === 4 && values.every((v) => Math.abs(v) <= EDGE) && Math.min(values[1], values[3]) >= NARROWEST;
  return sound ? values : null;
}

const distanceOf = (text) => (text && Number(text) >= 0 && Number(text) <= FARTHEST ? Number(text) : null);

function lossOf(text = "") {
  const chosen = text.split(",");
  const sound = chosen.length === CHOICES.length && CHOICES.every(([, , options], k) => options.some(([value]) => value === chosen[k]));
  return sound ? Object.fromEntries(CHOICES.map(([key], k) => [key, chosen[k]])) : null;
}
