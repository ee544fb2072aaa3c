// The scenes: what each of them draws of the model that the lecture is at.
import { number, percent } from "../../shared/js/canvas.js";
import { sparkline } from "../../shared/js/chart.js";
import { createBuilds } from "./builds.js";
import { createClosing } from "./closing.js";
import { drawCollapse, sayForetold } from "./collapse.js";
import { createCost } from "./cost.js";
import { createFactors } from "./factors.js";
import { html, keyFigure } from "../../shared/js/html.js";
import { createHumps } from "./humps.js";
import { adding } from "../../shared/js/numbers.js";
import { lengthShare } from "./layout.js";
import { createLoss } from "./loss.js";
import { drawMultiples } from "./multiples.js";
import { createOpening } from "./opening.js";
import { drawPlane } from "./rate_distortion.js";
import { createRemedies } from "./remedies.js";
import { SCENES, beta, holesOf, lowerKl, nats } from "./words.js";

const STEPPED = ["vae", "factors", "closing"]; // what is seen of them depends on the step alone
const SPARK = [120, 64]; // width and height of a curve, in its own pixels
const SHOWN = ["reconstruction", "kl", "elbo"]; // of the figures, those that symbols.js knows

// `words` shows a claim, `place` puts something into the address, `go` chooses a model, `walk` that of a beta while a clicker
// walks through a scene, `chose` hears which image the opening has, `retried` follows another trial.
export function createScenes(root, now, squares, { words, place, go, walk, chose, retried }) {
  const $ = (selector) => root.querySelector(selector), { data } = now;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const share = () => lengthShare(root);
  const inAddress = (value) => number(value).replace("\u2212", "-");
  const cost = createCost($(".of-cost"), data.gaussians, (values) => place({ g: values.map(inAddress).join(",") }), words);
  const humps = createHumps($(".of-humps"), data.distance, (distance) => place({ d: String(distance) }), words);
  const remedies = createRemedies($(".of-remedies"), data.trials, data.tried, (tried) => {
    place({ try: tried.join(",") });
    retried();
  }, words);
  const still = () => calm.matches || "printing" in root.dataset;
  const opening = createOpening($(".of-vae"), data, { words, calm: still, chose }), closing = createClosing($(".of-closing"), { words });
  const factors = createFactors($(".of-factors"), data.factors, { words });
  const loss = createLoss($(".of-really"), data, { words, squares, told: (choice) => place({ loss: choice }) });

  const drawn = {
    vae({ models, data: { examples } }) {
      opening.take(examples);
      return opening.draw(models, squares.square);
    },
    beta({ models, at }) {
      $(".five").innerHTML = figuresOf(models, at);
      return squares.show(models[at], still());
    },
    cost: cost.draw,
    humps: () => (now.toPoint ? humps.drawPoint() : humps.draw()),
    numbers({ models, at }) { drawMultiples($(".multiples"), models, at, go, share()); },
    plane({ models, at }) {
      $(".answer").textContent = lowerKl(models);
      drawPlane($(".of-plane .chart"), models, at, go, share());
    },
    collapse({ models, at, data: { spectrum } }) {
      sayForetold($(".of-collapse .foretold"), models, spectrum);
      drawCollapse($(".of-collapse .chart"), models, at, spectrum, go, share());
    },
    remedies: ({ models }) => (now.toPoint ? remedies.drawPoint(models) : remedies.draw(models)),
    really: ({ models }) => loss.draw(models),
    factors: factors.draw,
    closing: ({ models, data }) => closing.draw(models, data),
  };
  const builds = createBuilds({ opening, cost, humps, remedies, loss, factors, closing }, now, walk);

  // Of each scene only the one that is shown is drawn. False: something of it is not here yet.
  return {
    draw: () => drawn[now.scene](now) !== false,
    builds: (scene) => builds[scene],
    whole() { for (const scene of [opening, factors, closing]) scene.whole(); }, // nothing waits for a clicker
    mirror: createMirror({ builds, opening, cost, humps, remedies, loss }, now),
    trained: remedies.trained,
  };
}

// What a presenter has set in a scene, set here as well; what has not changed is left alone, unless all of it is set anew.
function createMirror({ builds, opening, cost, humps, remedies, loss }, now) {
  const last = {};
  const set = {
    g: cost.show,
    d: humps.show,
    try: (text) => { const [beta, method] = text.split(","); remedies.show(Number(beta), method); },
    loss: (text) => { const [error, pixels, dims, weight] = text.split(","); loss.show({ error, pixels, dims, weight }); },
    image: opening.show,
    step: (step) => { if (STEPPED.includes(now.scene)) builds[now.scene][step]?.(); },
  };
  const of = {
    vae: ["image", "step"], cost: ["g"], humps: ["d"], remedies: ["try"], really: ["loss"], factors: ["step"], closing: ["step"],
  };
  return (to, anew) => {
    if (anew) for (const key of Object.keys(last)) delete last[key];
    for (const key of of[to.scene] ?? []) {
      const text = JSON.stringify([to.scene, to[key]]);
      if (to[key] === undefined || last[key] === text) continue;
      last[key] = text;
      set[key](to[key]);
    }
  };
}

// Five numbers, each with its curve over all models.
function figuresOf(models, at) {
  const m = models[at];
  const holes = m.holes ? percent(m.holes).split(" ").slice(0, -1).join(" ") : 0; // its unit stands behind it
  const figures = [
    { key: "reconstruction", name: "reconstruction", unit: "nats", value: number(m.reconstruction, 1), tint: "reconstruction" },
    { key: "kl", name: "KL", unit: "nats", value: nats(m.kl), tint: "kl", bend: { log: true, floor: 0.05 } },
    { key: "elbo", name: "ELBO", unit: "nats", value: number(m.elbo, 1), tint: "elbo" },
    { key: "holes", name: "prior in holes", unit: holesOf(m), value: holes, tint: "ink", after: "%" },
    { key: "active_units", name: "active dimensions", value: m.active_units, tint: "z", after: `of ${m.mean_sigma.length}` },
  ];
  const curve = ({ key, tint, bend }) => html`
    <svg viewBox="0 0 ${SPARK.join(" ")}" class="${tint}" aria-hidden="true">
      ${sparkline(models.map((o) => o[key]), at, ...SPARK, bend)}
    </svg>`;
  const shows = ({ key }) => (SHOWN.includes(key) ? key : "");
  return figures.map((figure) => keyFigure({ ...figure, shows: shows(figure), curve: curve(figure) })).join("");
}

// What training minimised, as a sum whose terms give it.
export function minimisedOf(m) {
  const [error, kl] = adding([-m.reconstruction, m.kl], [1, m.beta], 1);
  return `minimised: <b class="reconstruction">${error}</b> + <i class="symbol kl">β</i> <b class="kl">${beta(m)}</b>`
    + ` × <b class="kl">${kl}</b> = <b>${number(m.objective, 1)}</b> nats`;
}

export const sceneButtons = () => SCENES.map(([name, title], k) => html`
  <button type="button" data-scene="${name}" title="${title}">
    <b>${k + 1}</b><span>${title}</span>
  </button>`).join("");
