// What a clicker shows of a scene, one step after the other, before it goes on to the next one.
import { BEYOND } from "./humps.js";

const stay = () => {};

// The scenes that have a state of their own; `now` has the models, `walk` goes to that of a beta. The first step comes with the
// answer.
export function createBuilds({ opening, cost, humps, remedies, loss, factors, closing }, now, walk) {
  const to = (...betas) => betas.map((value) => () => walk(value));
  return {
    vae: opening.steps,
    beta: to(0, 1, 4, 64),
    cost: [() => cost.show(usualCode(now.models)), () => cost.show([1, 1, 0, 1]), () => cost.show([0, 0.5, 0, 1])],
    humps: [() => humps.show(4), () => humps.show(5.5), () => humps.show(BEYOND)],
    numbers: [stay, ...to(0, 64)],
    plane: [stay, ...to(0, 16)],
    collapse: [stay, ...to(20, 28, 40)],
    remedies: [() => remedies.show(8, "plain"), () => remedies.show(8, "warm-up")],
    really: [stay, () => loss.show({ pixels: "sum" }), () => loss.show({ error: "mse", pixels: "mean" })],
    factors: factors.steps,
    closing: closing.steps,
  };
}

// A code of the model at β = 1: as far from the centre, and as wide, as its codes are in the first dimension on average.
function usualCode(models) {
  const { mean_square: square, mean_sigma: sigma } = models.find((m) => m.beta === 1) ?? models[0];
  return [Math.sqrt(square[0]), Math.max(0.05, sigma[0]), 0, 1].map((value) => Math.round(100 * value) / 100);
}
