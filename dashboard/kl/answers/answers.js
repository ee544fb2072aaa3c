// What Python answers on the lecture, answered in the browser: where its own address and the links of its article lead. Where
// the lecture goes stands in no address here; it is remembered, for a link may name a scene alone, or a beta.
import { SCENES, beta } from "../lecture/words.js";
import { askedOf } from "./address.js";

export default createAnswers;

function createAnswers(host) {
  const { models, scene, at } = host.data("beta"), known = SCENES.map(([name]) => name), here = { scene, at };
  let links = 0;

  function nearest(beta) {
    const far = models.map((model) => Math.abs(model.beta - beta));
    return far.indexOf(Math.min(...far));
  }

  function set(text) {
    const asked = new URLSearchParams(text);
    remember({ scene: asked.get("scene"), beta: asked.get("beta") });
    host.update("beta", { ...here, nonce: `link ${++links}` });
  }

  // `named`: Present begins at this scene.
  function remember(place) {
    if (known.includes(place.scene)) Object.assign(here, { scene: place.scene, named: true });
    if (Number.isFinite(Number.parseFloat(place.beta))) here.at = nearest(Number.parseFloat(place.beta));
  }

  function place(part) {
    remember(part);
    if (here.named) host.update("beta", { named: true });
  }

  // As the server says it; kl.py has the sentence, too.
  function sayNearest(wanted) {
    const model = models[nearest(wanted)], [least, most] = [models[0], models.at(-1)].map(beta);
    if (model.beta === wanted) return;
    const there = `the ${models.length} models have β from ${least} to ${most}`;
    host.say(`There is no model of β = ${wanted}: ${there}, the nearest is β = ${beta(model)}.`);
  }

  host.update("beta", askedOf(host.address, host.data("beta")));
  if (host.address.scene || host.address.beta) set(location.search);
  const wanted = Number.parseFloat(host.address.beta);
  if (wanted >= 0 && Number.isFinite(wanted)) sayNearest(wanted);
  return { article: { set }, beta: { place } };
}
