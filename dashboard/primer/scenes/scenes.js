// Five scenes before the first KL: which one is shown, the keys between them, and the address that reopens the view.
import { createAddress } from "../../shared/js/address.js";
import { listen } from "../../shared/js/blobs.js";
import { html } from "../../shared/js/html.js";
import { mounted } from "../../shared/js/mounted.js";
import { createBayes } from "./bayes.js";
import { createDivergence } from "./divergence.js";
import { createEntropy } from "./entropy.js";
import { createInformation } from "./information.js";
import { sceneOfKey } from "./keys.js";
import { createPrior } from "./prior.js";

export const SCENES = [
  ["Information", createInformation], ["Entropy", createEntropy], ["KL", createDivergence],
  ["Bayes", createBayes], ["Why N(0, I)", createPrior],
];

export default mounted(".primer", createPrimer);

function createPrimer(root, data) {
  const $ = (selector) => root.querySelector(selector), address = createAddress(), made = new Map();
  let now = data, send = () => {}, scene = Number(data.scene), spoken = 0;
  const helpers = {
    say, told: address.place, bits: () => now.unit === "bits", toggle,
    wish: (wish) => send("wish", { ...wish, nonce: Date.now() }),
  };

  function update(next, { setTriggerValue }) {
    send = setTriggerValue;
    address.tellTo((value) => send("place", value));
    if (made.size && next.nonce !== now.nonce) startAnew(next);
    now = { ...next, unit: made.size ? now.unit : next.unit };
    for (const part of made.values()) part.update(now);
    redraw();
  }

  // The address was changed by somebody else, as by Back: the scenes are as it says.
  function startAnew(next) {
    made.get(scene)?.leave?.();
    made.clear();
    scene = Number(next.scene);
  }

  // A scene is made when it is first seen.
  function current() {
    if (!made.has(scene)) {
      const part = SCENES[scene - 1][1]($(`.of-${scene}`), now, helpers);
      made.set(scene, part);
      part.update(now);
    }
    return made.get(scene);
  }

  function redraw() {
    const width = root.getBoundingClientRect().width;
    if (!width) return;
    root.classList.toggle("phone", width < 700);
    root.classList.toggle("mid", width >= 700 && width < 1100);
    SCENES.forEach((_, k) => { $(`.of-${k + 1}`).hidden = k + 1 !== scene; });
    for (const button of root.querySelectorAll(".scenes button")) {
      button.setAttribute("aria-current", button.dataset.scene === String(scene) ? "page" : "false");
    }
    current().draw();
    root.dataset.scene = scene;
    root.dataset.frames = Number(root.dataset.frames ?? 0) + 1;
  }

  function enter(to) {
    if (to < 1 || to > SCENES.length || to === scene) return;
    made.get(scene)?.leave?.();
    scene = to;
    address.place({ scene: String(scene) });
    redraw();
  }

  // The claim and what explains it; only a claim that has come to rest is read out.
  function say(claim, explains) {
    $(".claim-of").innerHTML = claim;
    $(".explains").innerHTML = explains;
    clearTimeout(spoken);
    spoken = setTimeout(() => { $(".spoken").textContent = $(".claim-of").textContent; }, 700);
  }

  function toggle(unit) {
    now = { ...now, unit };
    address.place({ unit: unit === "nats" ? "" : unit });
    redraw();
  }

  function byKey(event) {
    const to = sceneOfKey(event, scene, SCENES.length);
    if (to === scene) return;
    event.preventDefault();
    enter(to);
  }

  $(".scenes").innerHTML = SCENES.map(([title], k) => html`
    <button type="button" data-scene="${k + 1}"><b>${k + 1}</b><span>${title}</span></button>`).join("")
    + '<span class="keys">keys 1 to 5, or Page Down</span>';
  for (const button of root.querySelectorAll(".scenes button")) button.onclick = () => enter(Number(button.dataset.scene));
  document.addEventListener("keydown", byKey);
  const ends = [listen("shelf", redraw), () => document.removeEventListener("keydown", byKey), address.stop, () => clearTimeout(spoken)];
  return { update, redraw, forget() { made.get(scene)?.leave?.(); for (const end of ends) end(); } };
}
