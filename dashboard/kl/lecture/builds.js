// What a clicker shows of a scene, one step after the other, before it goes on to the next one.
const stay = () => {};

// `parts` are the scenes that have a state of their own, `walk` goes to the model of a beta. The first step comes with the answer.
export function createBuilds({ opening, cost, humps, remedies, loss, closing }, walk) {
  const to = (...betas) => betas.map((value) => () => walk(value));
  return {
    vae: opening.steps,
    beta: to(0, 1, 4, 64),
    cost: [stay, () => cost.show([1, 1, 0, 1]), () => cost.show([0, 0.5, 0, 1])],
    humps: [() => humps.show(4), () => humps.show(5.5), () => humps.show(6.5)],
    numbers: [stay, ...to(0, 64)],
    plane: [stay, ...to(0, 16)],
    collapse: [stay, ...to(20, 28, 40)],
    remedies: [() => remedies.show(8, "plain"), () => remedies.show(8, "warm-up")],
    really: [stay, () => loss.show({ pixels: "sum" }), () => loss.show({ error: "mse", pixels: "mean" })],
    closing: closing.steps,
  };
}
