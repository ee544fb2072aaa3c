// The lecture on the KL term: scenes over one family of models. Everything is in the browser; Python hears where we are.
import { colour, number, percent } from "../paper.js";
import { listen, onShelf } from "../shelf/shelf.js";
import { sparkline } from "./chart.js";
import { createCost } from "./cost.js";
import { handoutOf } from "./handout.js";
import { createHumps } from "./humps.js";
import { createRemedies } from "./remedies.js";
import { drawCollapse, drawMultiples, drawPlane, createLinear, createReally, sayForetold } from "./slides.js";
import { createSquares, decoderOf } from "./squares.js";
import { QUESTIONS, SCENES, beta, claimOf } from "./words.js";

const lectures = new WeakMap();
const DESIGNED = [1920, 1080]; // the hall's screen; every length is a share of it
const BEAT = 1500; // ms of a model while the film plays
const WITHOUT_RAIL = ["cost", "humps", "remedies", "really"]; // they have a control of their own
const QUIET = 250; // ms without a change before the address follows

export default function ({ data, parentElement, setTriggerValue }) {
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
    if (data.present) document.documentElement.dataset.vaePresents = "";
    $(".present").textContent = data.present ? "end" : "present";
    layout();
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

  function enter(name) {
    if (name === scene) return;
    stop();
    ask(false);
    scene = name;
    asked = performance.now();
    place({ scene });
    layout();
  }

  const turn = (by) => {
    const names = SCENES.map(([name]) => name), next = names[names.indexOf(scene) + by];
    if (by > 0 && "asking" in root.dataset) return ask(false);
    if (!next) return;
    enter(next);
    ask(by > 0 && presents());
  };

  // In a hall a scene begins with its question alone; the next key, or a click, shows the answer.
  function ask(on) {
    root.toggleAttribute("data-asking", on);
    $(".room").textContent = on ? QUESTIONS[scene] : "";
  }
  $(".room").onclick = () => ask(false);

  const presents = () => "vaePresents" in document.documentElement.dataset;

  // -- the whole -------------------------------------------------------------------------------------------------------
  function layout() {
    const width = root.clientWidth;
    if (!width) return;
    const phone = width < 700, full = document.fullscreenElement || presents();
    root.classList.toggle("phone", phone);
    root.classList.toggle("full", Boolean(full));
    const top = full ? 0 : root.getBoundingClientRect().top + globalThis.scrollY;
    const height = Math.max(600, globalThis.innerHeight - top - (full ? 0 : 12));
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
    const m = model();
    if (!WITHOUT_RAIL.includes(scene)) words(...claimOf(scene, m, models, { ...data.spectrum, bounds: data.bounds }));
    $(".minimised").innerHTML = ["beta", "plane"].includes(scene) ? `minimised: <b class="reconstruction">${number(-m.reconstruction, 1)}</b> + <i class="symbol kl">β</i> <b class="kl">${beta(m)}</b> × <b class="kl">${number(m.kl, m.kl < 1 ? 2 : 1)}</b> = <b>${number(m.objective, 1)}</b> nats` : "";
    const pick = (index) => { stop(); select(index); };
    let whole = true;
    if (scene === "beta") { whole = squares.show(m, calm.matches || "printing" in root.dataset); five(m); }
    else if (scene === "cost") cost.draw();
    else if (scene === "humps") humps.draw();
    else if (scene === "remedies") remedies.draw(models);
    else if (scene === "numbers") drawMultiples($(".multiples"), models, at, pick, scaleOf());
    else if (scene === "plane") drawPlane($(".of-plane .chart"), models, at, pick, scaleOf());
    else if (scene === "collapse") { drawCollapse($(".of-collapse .chart"), models, at, data.spectrum, pick, scaleOf()); linear.draw(scaleOf()); sayForetold($(".foretold"), models, data.spectrum); }
    else whole = really.draw(models);
    offer();
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
      ["KL", "nats", number(m.kl, m.kl < 1 ? 2 : 1), "kl", models.map((o) => o.kl), { log: true, floor: 0.05 }],
      ["ELBO", "nats", number(m.elbo, 1), "elbo", models.map((o) => o.elbo), {}],
      ["prior without codes", "", m.holes ? percent(m.holes).split(" ").slice(0, -1).join(" ") : 0, "ink", models.map((o) => o.holes), {}, "%"],
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
  track.onpointerdown = (event) => { stop(); track.setPointerCapture(event.pointerId); select(under(event)); track.focus({ preventScroll: true }); event.preventDefault(); };
  track.onpointermove = (event) => { if (track.hasPointerCapture(event.pointerId)) select(under(event)); };
  track.onkeydown = (event) => {
    const to = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, Home: 0, End: models.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    stop();
    select(to);
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
    for (const button of root.querySelectorAll(".scenes button")) button.onclick = () => enter(button.dataset.scene);
  }

  $(".present").onclick = () => {
    const on = !presents();
    present(on);
    if (on) document.documentElement.requestFullscreen?.().catch(() => {}); // without it the page is as large as its window
    else if (document.fullscreenElement) document.exitFullscreen();
  };

  // All scenes as they would stand here, in light colours, on a sheet of their own that can be printed.
  $(".handout").onclick = () => {
    const sheet = globalThis.open("", "_blank"), here = scene;
    if (!sheet) return;
    root.style.colorScheme = "light";
    root.dataset.printing = "";
    const show = (name) => { scene = name; layout(); };
    sheet.document.write(handoutOf(root, models, data.trials, show));
    sheet.document.close();
    delete root.dataset.printing;
    root.style.colorScheme = "";
    show(here);
  };

  function present(on) {
    if (on) document.documentElement.dataset.vaePresents = "";
    else delete document.documentElement.dataset.vaePresents;
    if (!on) ask(false);
    place({ present: on ? "1" : "" });
    $(".present").textContent = on ? "end" : "present";
    setTimeout(layout, 60);
  }

  const fullscreen = () => { if (!document.fullscreenElement && presents()) present(false); else layout(); };
  document.addEventListener("fullscreenchange", fullscreen);

  // A clicker sends PageUp and PageDown; arrows turn the page where nothing has the focus.
  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !root.isConnected) return;
    const typing = event.composedPath().some((node) => /^(input|textarea|select)$/i.test(node.tagName ?? "") && node.type !== "range");
    const free = event.composedPath()[0] === document.body || event.composedPath()[0] === root;
    const by = { PageDown: 1, PageUp: -1 }[event.key] ?? (free ? { ArrowRight: 1, ArrowLeft: -1 }[event.key] : undefined);
    if (event.key === "Escape" && presents()) return present(false);
    const step = free && presents() && !WITHOUT_RAIL.includes(scene) ? { ArrowUp: 1, ArrowDown: -1 }[event.key] : 0; // nothing scrolls there
    if (step) { event.preventDefault(); stop(); return select(at + step); }
    if (!by || typing) return;
    event.preventDefault();
    turn(by);
  }
  document.addEventListener("keydown", pressed);

  for (const [name, words] of [["draws", ["on the same plane", "of 169 draws from the prior"]], ["marginals", ["(hatched): prior mass that no code reaches", "and marginals: q(z) against the prior, dashed"]]]) {
    const button = $(`.of-${name}`);
    button.onclick = () => {
      squares.look[name] = !squares.look[name];
      button.textContent = words[Number(squares.look[name])];
      draw();
    };
  }

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
      $(".square figcaption").innerHTML = `<b class="mu">Codes</b> q(z|x): ${root.dataset.covering || "none"} cover the pointer`;
    });
  };
  plane.onpointerleave = () => {
    squares.point(null);
    $(".square figcaption").innerHTML = '<b class="mu">Codes</b> q(z|x), ellipses at 2σ';
  };
  let before = "";
  const watch = new ResizeObserver(() => {
    const now = `${root.clientWidth} ${globalThis.innerHeight}`;
    if (now !== before) { before = now; layout(); }
  });
  watch.observe(root);
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
    document.removeEventListener("fullscreenchange", fullscreen);
    document.removeEventListener("keydown", pressed);
    delete document.documentElement.dataset.vaePresents;
    deaf();
    stop();
    squares.stop();
    clearTimeout(idle);
    clearTimeout(telling);
  };
  return { update, forget };
}
