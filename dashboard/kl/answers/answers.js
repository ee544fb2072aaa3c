// What Python answers on the lecture, answered in the browser: where its own address and the links of its article lead. Where
// the lecture goes stands in no address here; it is remembered, for a link may name a scene alone, or a beta.
import { SCENES } from "../lecture/words.js";

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

  if (host.address.scene || host.address.beta) set(location.search);
  return { article: { set }, beta: { place } };
}
