// The lecture on the KL term: scenes over one family of models. Everything is in the browser; Python hears where we are.
import { saveBlob } from "../../shared/js/files.js";
import { NOISE, canvasReadable } from "../../shared/js/png.js";
import { colour, number, percent } from "../../shared/js/canvas.js";
import { listen, onShelf } from "../../shared/js/blobs.js";
import { sparkline } from "./chart.js";
import { createCost } from "./cost.js";
import { PAPER, csvOf, handoutOf, tallOf } from "./handout.js";
import { createHumps } from "./humps.js";
import { createPresenter } from "./present.js";
import { createRemedies } from "./remedies.js";
import { drawingOf, saveScene } from "./save.js";
import { drawCollapse, drawMultiples, drawPlane, createLinear, createReally, sayForetold } from "./slides.js";
import { createSquares, decoderOf } from "./squares.js";
import { QUESTIONS, SCENES, WITHOUT_RAIL, adding, beta, claimOf, holesOf, lowerKl, nats } from "./words.js";
import { columnOf } from "../../shared/streamlit_internals.js";

const lectures = new WeakMap();
const DESIGNED = [1920, 1080]; // the hall's screen; every length is a share of it
const BEAT = 1500; // ms of a model while the film plays
const QUIET = 250; // ms without a change before the address follows
const CODES = '<b class="mu">Codes</b> of MNIST test images, ellipses at 2σ';

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".beta");
  if (!lectures.has(root)) lectures.set(root, createLecture(root, data));
  const lecture = lectures.get(root);
  lecture.update(data, setTriggerValue);
  return () => { lecture.forget(); lectures.delete(root); };
}

function createLecture(root, first) {
  const $ = (selector) => root.querySelector(selector), track = $(".track");
  const calm = matchMedia("(prefers-reduced-motion: reduce)"), theme = matchMedia("(prefers-color-scheme: dark)");
  let data = first, models = data.models, at = data.at, scene = data.scene, tell = () => {}, telling = null, film = null, frames = 0;
  let asked = null, idle = null, pending = {}, known = "";
  const squares = createSquares(root, data);
  const cost = createCost($(".of-cost"), data.gaussians, (values) => place({ g: values.map((v) => number(v).replace("\u2212", "-")).join(",") }), words);
  const humps = createHumps($(".of-humps"), data.distance, (value) => place({ d: String(value) }), words);
  const remedies = createRemedies($(".of-remedies"), data.trials, data.tried, (tried) => { place({ try: tried.join(",") }); offer(); }, words);
  const really = createReally($(".of-really"), data, { words, squares, told: (loss) => place({ loss }) });

  const linear = createLinear($(".linear"), data.spectrum, () => scaleOf());
  const model = () => models[at];

  // Python answers each change of the address; what is being drawn goes on undisturbed.
  function update(next, trigger) {
    tell = (value) => trigger("place", value);
    const now = next.models.map((m) => m.codes).join();
    if (now === known) return;
    known = now;
    [data, models] = [next, next.models];
    at = Math.min(at, models.length - 1);
    layRail();
    layScenes();
    if (data.present) presenter.begin();
    else layout();
  }

  // -- where we are ----------------------------------------------------------------------------------------------------
  function place(part) {
    pending = { ...pending, ...part };
    clearTimeout(telling);
    telling = setTimeout(() => { tell(pending); pending = {}; }, QUIET);
  }

  function select(index, told = true) {
    const next = Math.min(models.length - 1, Math.max(0, index));
    if (next === at) return;
    at = next;
    asked = performance.now();
    if (told) place({ beta: beta(model()) });
    draw();
  }

  function enter(name, index = at) {
    if (name === scene) return;
    stop();
    presenter.ask(false);
    place({ scene: name, ...(index === at ? {} : { beta: beta(models[index]) }) });
    [scene, at] = [name, index];
    asked = performance.now();
    layout();
  }

  const betas = () => models.map((m) => m.beta);

  // By hand, or by a key: what is chosen so stays.
  function go(index) {
    presenter.byHand();
    stop();
    if (index >= 0) select(index);
  }

  const presenter = createPresenter(root, { now: () => ({ scene, at }), betas, enter, go, place, layout });

  // -- the whole -------------------------------------------------------------------------------------------------------
  function layout() {
    const width = root.clientWidth;
    if (!width) return;
    const printing = "printing" in root.dataset ? Number(root.dataset.printing) : undefined;
    const phone = width < 700, full = !printing && (document.fullscreenElement || presenter.presents());
    root.classList.toggle("phone", phone);
    root.classList.toggle("full", Boolean(full));
    const top = full ? 0 : root.getBoundingClientRect().top + globalThis.scrollY;
    const height = printing ?? Math.max(600, globalThis.innerHeight - top - (full ? 0 : 12));
    root.style.setProperty("--s", phone ? 0.6 : Math.min(1.5, Math.max(0.58, Math.min((width - (full ? 112 : 0)) / (DESIGNED[0] - 112), height / DESIGNED[1]))).toFixed(4));
    root.style.setProperty("--tall", phone ? "auto" : `${height}px`);
    for (const part of root.querySelectorAll(".scene")) part.hidden = !part.classList.contains(`of-${scene}`);
    $(".rail").hidden = WITHOUT_RAIL.includes(scene);
    for (const button of root.querySelectorAll(".scenes button")) button.setAttribute("aria-current", button.dataset.scene === scene ? "page" : "false");
    $(".question span").textContent = QUESTIONS[scene];
    if (scene === "beta") {
      const box = $(".squares"), caption = box.querySelector("figcaption").offsetHeight;
      const across = phone ? width : (box.clientWidth - 2 * 48 * scaleOf()) / 3;
      const side = Math.floor(phone ? across : Math.min(across, box.clientHeight - caption));
      box.style.setProperty("--side", `${side}px`);
      squares.lay(side);
    } else squares.lay(300);
    draw();
  }

  const scaleOf = () => Number(root.style.getPropertyValue("--s"));

  function draw() {
    rail();
    offer(); // words first: pictures have what they leave
    const m = model();
    if (!WITHOUT_RAIL.includes(scene)) words(...claimOf(scene, m, models, { ...data.spectrum, bounds: data.bounds, network: data.network }));
    const [error, kl] = adding([-m.reconstruction, m.kl], [1, m.beta], 1);
    $(".minimised").innerHTML = ["beta", "plane"].includes(scene) ? `minimised: <b class="reconstruction">${error}</b> + <i class="symbol kl">β</i> <b class="kl">${beta(m)}</b> × <b class="kl">${kl}</b> = <b>${number(m.objective, 1)}</b> nats` : "";
    let whole = true;
    if (scene === "beta") { whole = squares.show(m, calm.matches || "printing" in root.dataset); five(m); }
    else if (scene === "cost") cost.draw();
    else if (scene === "humps") humps.draw();
    else if (scene === "remedies") remedies.draw(models);
    else if (scene === "numbers") drawMultiples($(".multiples"), models, at, go, scaleOf());
    else if (scene === "plane") { $(".answer").textContent = lowerKl(models); drawPlane($(".of-plane .chart"), models, at, go, scaleOf()); }
    else if (scene === "collapse") { sayForetold($(".of-collapse .foretold"), models, data.spectrum); drawCollapse($(".of-collapse .chart"), models, at, data.spectrum, go, scaleOf()); linear.draw(scaleOf()); }
    else whole = really.draw(models);
    Object.assign(root.dataset, { scene, beta: beta(m), frames: ++frames, complete: String(whole) });
    if (asked !== null && whole) {
      const since = asked;
      asked = null;
      requestAnimationFrame(() => { root.dataset.took = (performance.now() - since).toFixed(1); });
    }
    clearTimeout(idle);
    if (scene === "beta") idle = setTimeout(ahead, 60, [...models.keys()].sort((a, b) => Math.abs(a - at) - Math.abs(b - at)));
  }

  // The Train page with the settings of what is on screen.
  function offer() {
    const link = $(".train"), to = scene === "remedies" ? remedies.trained()?.train : WITHOUT_RAIL.includes(scene) ? "" : model().train;
    link.hidden = !to;
    if (to) link.href = to;
    link.textContent = scene === "remedies" ? "train this run" : `train β = ${beta(model())}`;
  }

  // What other models will show is drawn while nobody waits, one model at a time.
  function ahead([next, ...rest]) {
    squares.prepare(models[next]);
    if (rest.length) idle = setTimeout(ahead, 30, rest);
    else root.dataset.ready = String(models.filter(decoderOf).length);
  }

  function words(claim, explains) {
    const [title, sub] = [$(".claim-of"), $(".explains")];
    if (title.textContent !== claim) title.textContent = claim;
    if (sub.textContent !== explains) sub.textContent = explains;
    $(".spoken").textContent = claim;
  }

  // Five numbers, each with its curve over all models.
  function five(m) {
    const dims = m.mean_sigma.length;
    const numbers = [
      ["reconstruction", "nats", number(m.reconstruction, 1), "reconstruction", models.map((o) => o.reconstruction), {}],
      ["KL", "nats", nats(m.kl), "kl", models.map((o) => o.kl), { log: true, floor: 0.05 }],
      ["ELBO", "nats", number(m.elbo, 1), "elbo", models.map((o) => o.elbo), {}],
      ["prior in holes", holesOf(m), m.holes ? percent(m.holes).split(" ").slice(0, -1).join(" ") : 0, "ink", models.map((o) => o.holes), {}, "%"],
      ["active dimensions", "", m.active_units, "z", models.map((o) => o.active_units), {}, `of ${dims}`],
    ];
    $(".five").innerHTML = numbers.map(([name, unit, value, tint, curve, options, after = ""]) =>
      `<div class="one"><p>${name}${unit ? ` <small>${unit}</small>` : ""}</p><b class="${tint}">${value}${after ? `<small>${after}</small>` : ""}</b><svg viewBox="0 0 120 64" class="${tint}" aria-hidden="true">${sparkline(curve, at, 120, 64, options)}</svg></div>`).join("");
  }

  // -- the rail --------------------------------------------------------------------------------------------------------
  const share = (index) => (100 * (index + 0.5)) / models.length;

  function layRail() {
    $(".stops").innerHTML = models.map((m, k) => `<span data-at="${k}" style="left:${share(k)}%">${beta(m)}</span>`).join("");
    Object.entries({ valuemin: 0, valuemax: models.length - 1 }).forEach(([name, value]) => track.setAttribute(`aria-${name}`, value));
  }

  function rail() {
    $(".done").style.width = $(".thumb").style.left = `${share(at)}%`;
    for (const stop of $(".stops").children) stop.classList.toggle("now", Number(stop.dataset.at) === at);
    track.setAttribute("aria-valuenow", at);
    track.setAttribute("aria-valuetext", `beta ${beta(model())}`);
    $(".play").textContent = film ? "❚❚" : "▶";
  }

  const under = (event) => {
    const box = track.getBoundingClientRect();
    return Math.floor(((event.clientX - box.left) / box.width) * models.length);
  };
  track.onpointerdown = (event) => { track.setPointerCapture(event.pointerId); go(Math.max(0, under(event))); track.focus({ preventScroll: true }); event.preventDefault(); };
  track.onpointermove = (event) => { if (track.hasPointerCapture(event.pointerId)) select(under(event)); };
  track.onkeydown = (event) => {
    const to = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, Home: 0, End: models.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    go(to);
  };

  function stop() {
    clearTimeout(film);
    film = null;
    rail();
  }
  $(".play").onclick = () => {
    if (film) return stop();
    if (at === models.length - 1) select(0);
    const go = () => {
      if (!document.hidden) select(at + 1);
      film = at < models.length - 1 ? setTimeout(go, BEAT) : null;
      rail();
    };
    film = setTimeout(go, at === 0 ? BEAT : 300);
    rail();
  };

  // -- scenes ----------------------------------------------------------------------------------------------------------
  function layScenes() {
    $(".scenes").innerHTML = SCENES.map(([name, title], k) => `<button type="button" data-scene="${name}" title="${title}"><b>${k + 1}</b><span>${title}</span></button>`).join("");
    for (const button of root.querySelectorAll(".scenes button")) button.onclick = () => { enter(button.dataset.scene); presenter.ask(presenter.presents()); };
  }

  // Whether a scene can be taken from the screen; only a drawing without pictures can where canvases cannot be read.
  function lasts(as) {
    const can = (as === "svg" && scene !== "beta" && scene !== "really") || canvasReadable();
    if (!can) presenter.say(NOISE);
    return can;
  }

  const menu = $(".save");
  menu.onclick = async ({ target }) => {
    const { as } = target.dataset;
    if (as === "csv") saveBlob(new Blob([csvOf(models)], { type: "text/csv" }), "beta-family.csv");
    else if (as && !lasts(as)) return;
    else if (as) await saveScene(onPaper((show) => { show(scene, tallOf(scene)); return drawingOf(root); }), as, `${scene}${WITHOUT_RAIL.includes(scene) ? "" : `-beta-${beta(model())}`}`);
    if (target.closest("button")) menu.open = false;
  };
  const shut = (event) => { if (!event.composedPath().includes(menu)) menu.open = false; };
  document.addEventListener("pointerdown", shut);

  // Scenes in light colours, laid out for paper, while `work` reads them; nobody sees it.
  function onPaper(work) {
    const here = scene, there = at;
    root.style.colorScheme = "light";
    root.style.width = `${PAPER}px`;
    const show = (name, height, index = there) => {
      [scene, at] = [name, index];
      root.dataset.printing = height;
      layout();
      return root.dataset.complete === "true";
    };
    try { return work(show); } finally {
      delete root.dataset.printing;
      root.style.colorScheme = root.style.width = "";
      [scene, at] = [here, there];
      layout();
    }
  }

  // On a sheet of its own, which can be printed.
  $(".handout").onclick = () => {
    if (!lasts("handout")) return;
    const sheet = globalThis.open("", "_blank");
    if (!sheet) return;
    const usual = Math.max(0, betas().indexOf(1)), chosen = scene === "beta" || WITHOUT_RAIL.includes(scene) ? usual : at; // the first scene walks through them
    const three = [0, 1, 64].map((value) => betas().indexOf(value)).filter((k) => k >= 0);
    sheet.document.write(onPaper((show) => handoutOf(root, models, data.trials, (name, height, index = chosen) => show(name, height, index), three)));
    sheet.document.close();
  };

  const draws = $(".of-draws"), marginals = $(".of-marginals");
  draws.onclick = () => {
    squares.look.draws = !squares.look.draws;
    draws.textContent = squares.look.draws ? "of 169 draws from the prior" : "on the same plane";
    draw();
  };
  marginals.onclick = () => {
    squares.look.marginals = !squares.look.marginals;
    marginals.setAttribute("aria-pressed", String(squares.look.marginals));
    draw();
  };

  // -- the outside world -----------------------------------------------------------------------------------------------
  const plane = $(".squares");
  let hovering = null;
  plane.onpointermove = (event) => {
    const canvas = event.target.closest?.("canvas");
    if (!canvas || film || hovering || event.pointerType === "touch") return;
    hovering = requestAnimationFrame(() => {
      hovering = null;
      const box = canvas.getBoundingClientRect(), of = (share) => data.edge * (2 * share - 1);
      squares.point([of((event.clientX - box.left) / box.width), -of((event.clientY - box.top) / box.height)]);
      $(".of-codes").innerHTML = `<b class="mu">Codes</b> q(z|x): ${root.dataset.covering || "none"} cover the pointer`;
    });
  };
  plane.onpointerleave = () => {
    squares.point(null);
    $(".of-codes").innerHTML = CODES;
  };
  plane.onpointerleave();
  let before = "";
  const watch = new ResizeObserver(() => {
    const now = `${root.clientWidth} ${root.getBoundingClientRect().top + globalThis.scrollY} ${globalThis.innerHeight}`;
    if (now !== before) { before = now; layout(); }
  });
  watch.observe(root);
  const page = columnOf(root);
  if (page) watch.observe(page); // a notice above comes and goes
  globalThis.addEventListener("resize", layout);
  let ground = "";
  const themed = () => setTimeout(() => { const now = colour(root, "paper").join(); if (now !== ground) { ground = now; layout(); } }, 50);
  theme.addEventListener("change", themed);
  document.fonts.ready.then(layout);
  const deaf = listen("shelf", (key) => {
    const m = model();
    if ([m.codes, onShelf(m.codes)?.decoder].includes(key) || (scene === "really" && root.dataset.complete === "false")) draw();
    else if (scene === "beta") { clearTimeout(idle); idle = setTimeout(ahead, 60, [...models.keys()].sort((a, b) => Math.abs(a - at) - Math.abs(b - at))); }
  });
  const forget = () => {
    watch.disconnect();
    globalThis.removeEventListener("resize", layout);
    theme.removeEventListener("change", themed);
    document.removeEventListener("pointerdown", shut);
    presenter.forget();
    deaf();
    stop();
    squares.stop();
    clearTimeout(idle);
    clearTimeout(telling);
  };
  return { update, forget };
}
