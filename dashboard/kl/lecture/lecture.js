// The lecture on the KL term: scenes over one family of models. Everything is in the browser; Python hears where we are.
import { createAddress } from "../../shared/js/address.js";
import { colour } from "../../shared/js/canvas.js";
import { listen, onShelf } from "../../shared/js/blobs.js";
import { mounted, onNewLook } from "../../shared/js/mounted.js";
import { columnOf } from "../../shared/streamlit_internals.js";
import { createHall } from "../hall/hall.js";
import { createFilesMenu } from "./files_menu.js";
import { fadeIn, fitSquares, fitStage } from "./layout.js";
import { createPresenter } from "./present.js";
import { createQuestion } from "./question.js";
import { createRail } from "./rail.js";
import { createScenes, minimisedOf, sceneButtons } from "./scenes.js";
import { createSquareControls } from "./square_controls.js";
import { createSquares, decoderOf } from "./squares.js";
import { WITHOUT_RAIL, beta, claimOf } from "./words.js";

const UNSEEN = 300; // pixels of a square while another scene is shown

export default mounted(".beta", createLecture);

function createLecture(root, data) {
  const now = { data, models: data.models, at: data.at, scene: data.scene }; // where the lecture is
  const address = createAddress(), squares = createSquares(root, data);
  const hall = createHall(root, now, {
    address, squares, enter, go, scenes: () => screen.scenes, say: (text) => presenter.say(text),
  });
  const { place } = hall, preparation = createPreparation(root, now, squares);
  const rail = createRail(root, now, { go, select }), question = createQuestion(root);
  const presenter = createPresenter(root, now, { enter, go, place, layout, hall, question, scenes: () => screen.scenes });
  const screen = createScreen(root, now, {
    rail, squares, preparation, place, go, walk: (value) => presenter.walkTo(value), chose: hall.chosen,
  });
  let known = "", look = "", nonce = data.nonce;

  // Python answers each change of the address; what is being drawn goes on undisturbed.
  function update(next, { setTriggerValue }) {
    address.tellTo((value) => setTriggerValue("place", value));
    const more = next.examples && !now.data.examples;
    now.data = next;
    if (more && known && now.scene === "vae") screen.draw();
    const family = next.models.map((m) => m.codes).join();
    if (family === known) return follow(next);
    [known, nonce] = [family, next.nonce];
    Object.assign(now, { models: next.models, at: Math.min(now.at, next.models.length - 1) });
    rail.lay();
    laySceneButtons(root, (scene) => { enter(scene); presenter.ask(presenter.presents()); });
    if (next.present) presenter.begin();
    else layout();
  }

  // The address was changed elsewhere: by a link of the article below, or by Back.
  function follow(next) {
    if (next.nonce === nonce) return;
    nonce = next.nonce;
    if (next.scene === now.scene) go(next.at);
    else enter(next.scene, next.at);
  }

  function select(index) {
    const next = Math.min(now.models.length - 1, Math.max(0, index));
    if (next === now.at) return;
    now.at = next;
    screen.asked();
    place({ beta: beta(now.models[next]) });
    screen.draw();
    hall.moved();
  }

  function enter(scene, at = now.at) {
    if (scene === now.scene) return;
    rail.stop();
    presenter.ask(false);
    place({ scene, ...(at === now.at ? {} : { beta: beta(now.models[at]) }) });
    Object.assign(now, { scene, at });
    screen.asked();
    layout();
    hall.moved();
  }

  // By hand, or by a key: what is chosen so stays.
  function go(index) {
    presenter.byHand();
    rail.stop();
    if (index >= 0) select(index);
  }

  function layout() {
    if (!fitStage(root, presenter.presents())) return;
    showScene(root, now.scene);
    question.show(now.data.questions[now.scene]);
    squares.lay(now.scene === "beta" ? fitSquares(root) : UNSEEN);
    screen.draw();
  }

  // After a new size, place or theme. What is drawn here may call it again: then nothing has changed.
  function redraw() {
    const top = root.getBoundingClientRect().top + globalThis.scrollY;
    const seen = `${root.clientWidth} ${top} ${globalThis.innerHeight} ${colour(root, "paper")}`;
    if (seen === look) return;
    look = seen;
    layout();
  }

  createSquareControls(root, squares, data.edge, { draw: screen.draw, busy: rail.plays, pointed: hall.pointed });
  const ends = [
    createFilesMenu(root, now, { layout, say: presenter.say, results: hall.results }),
    followWindow(root, { layout, redraw }),
    followShelf(root, now, { draw: screen.draw, prepare: preparation.begin }),
    presenter.forget, hall.forget, rail.stop, squares.stop, preparation.stop, address.stop,
  ];
  return { update, redraw, forget: () => { for (const end of ends) end(); } };
}

// What other models will show is drawn while nobody waits, one model at a time, the nearest first.
function createPreparation(root, now, squares) {
  let idle = null;
  function begin() {
    stop();
    const distance = (index) => Math.abs(index - now.at);
    if (now.scene === "beta") idle = setTimeout(next, 60, [...now.models.keys()].sort((a, b) => distance(a) - distance(b)));
  }
  function next([first, ...rest]) {
    squares.prepare(now.models[first]);
    if (rest.length) idle = setTimeout(next, 30, rest);
    else root.dataset.ready = String(now.models.filter(decoderOf).length);
  }
  const stop = () => clearTimeout(idle);
  return { begin, stop };
}

// What is on the screen: the claim, the rail, the link to the Train page and the scene.
function createScreen(root, now, { rail, squares, preparation, place, go, walk, chose }) {
  const $ = (selector) => root.querySelector(selector);
  const scenes = createScenes(root, now, squares, { words, place, go, walk, chose, retried: offerTraining });
  let asked = null, frames = 0;

  function draw() {
    const { scene, models, at, data: { spectrum, bounds, network } } = now, model = models[at];
    rail.mark();
    offerTraining(); // words first: pictures have what they leave
    if (!WITHOUT_RAIL.includes(scene)) words(...claimOf(scene, model, models, { ...spectrum, bounds, network }));
    $(".minimised").innerHTML = ["beta", "plane"].includes(scene) ? minimisedOf(model) : "";
    const complete = scenes.draw(), before = root.dataset.scene;
    if (before && before !== scene) fadeIn(root);
    Object.assign(root.dataset, { scene, beta: beta(model), frames: ++frames, complete: String(complete) });
    if (complete) measure();
    preparation.begin();
  }

  // The time from what was asked for until it is seen, in ms.
  function measure() {
    if (asked === null) return;
    const since = asked;
    asked = null;
    requestAnimationFrame(() => { root.dataset.took = (performance.now() - since).toFixed(1); });
  }

  function words(claim, explains) {
    const [title, sub] = [$(".claim-of"), $(".explains")];
    if (title.textContent !== claim) title.textContent = claim;
    if (sub.textContent !== explains) sub.textContent = explains;
    $(".spoken").textContent = claim;
  }

  // The Train page with the settings of what is on screen.
  function offerTraining() {
    const link = $(".train"), ofTrial = now.scene === "remedies", model = now.models[now.at];
    const settings = ofTrial ? scenes.trained()?.train : WITHOUT_RAIL.includes(now.scene) ? "" : model.train;
    link.hidden = !settings;
    if (settings) link.href = settings;
    link.textContent = ofTrial ? "Train this run" : `Train β = ${beta(model)}`;
  }

  return { draw, scenes, asked: () => { asked = performance.now(); } };
}

function laySceneButtons(root, choose) {
  root.querySelector(".scenes").innerHTML = sceneButtons();
  for (const button of root.querySelectorAll(".scenes button")) button.onclick = () => choose(button.dataset.scene);
}

function showScene(root, scene) {
  for (const part of root.querySelectorAll(".scene")) part.hidden = !part.classList.contains(`of-${scene}`);
  root.querySelector(".rail").hidden = WITHOUT_RAIL.includes(scene);
  for (const button of root.querySelectorAll(".scenes button")) {
    button.setAttribute("aria-current", button.dataset.scene === scene ? "page" : "false");
  }
}

// The window's height, a notice above that comes and goes, fonts that arrive. Returns what ends it.
function followWindow(root, { layout, redraw }) {
  const page = columnOf(root);
  const stopPage = page ? onNewLook(page, redraw) : () => {};
  globalThis.addEventListener("resize", layout);
  document.fonts.ready.then(layout);
  return () => {
    stopPage();
    globalThis.removeEventListener("resize", layout);
  };
}

// A blob has come: of the model on screen, or of another one, which can be prepared.
function followShelf(root, now, { draw, prepare }) {
  return listen("shelf", (key) => {
    const { codes } = now.models[now.at], waits = ["vae", "really", "factors"].includes(now.scene) && root.dataset.complete === "false";
    if (waits || [codes, onShelf(codes)?.decoder].includes(key)) draw();
    else if (now.scene === "beta") prepare();
  });
}
