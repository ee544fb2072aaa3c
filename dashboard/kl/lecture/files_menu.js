// What can be taken along: a scene as a file, the numbers of the family, and the lecture on paper.
import { drawingOf, saveDrawnPage } from "../../shared/js/drawing.js";
import { saveBlob } from "../../shared/js/files.js";
import { NOISE, canvasReadable } from "../../shared/js/png.js";
import { keyed } from "../../shared/streamlit_internals.js";
import { PAPER, TALL, csvOf, handoutOf } from "./handout.js";
import { WITHOUT_RAIL, beta } from "./words.js";

const MAKING = "The page is being made, which takes up to a minute; then your browser saves it.";
const MADE = "The page is made.";
const LOOK = 100, PATIENCE = 100; // ms between two looks whether Python knows where the lecture is, and how many
const ON_PAPER = [0, 1, 64]; // the betas at which the first scene is shown there

// `layout` lays out the scene that `now` names, `say` says a sentence, `results()` becomes what a hall has voted. Returns what ends it.
export function createFilesMenu(root, now, { layout, say, results }) {
  const $ = (selector) => root.querySelector(selector), menu = $(".save");

  // Whether a scene can be taken from the screen; only a drawing without pictures can where canvases cannot be read.
  function readable(as) {
    const can = (as === "svg" && now.scene !== "beta" && now.scene !== "really") || canvasReadable();
    if (!can) say(NOISE);
    return can;
  }

  // Scenes in light colours, laid out for paper, while `work` reads them; nobody sees it.
  function onPaper(work, toPoint = false) {
    const { scene, at } = now;
    now.toPoint = toPoint; // scenes that come to their point by themselves
    root.style.colorScheme = "light";
    root.style.width = `${PAPER}px`;
    const show = (name, height, index = at) => {
      Object.assign(now, { scene: name, at: index });
      root.dataset.printing = height;
      layout();
      if (name === "beta") layout(); // its squares take what its words leave
      return root.dataset.complete === "true";
    };
    try { return work(show); } finally {
      delete root.dataset.printing;
      root.style.colorScheme = root.style.width = "";
      Object.assign(now, { scene, at, toPoint: false });
      layout();
    }
  }

  const nameOfScene = () => (WITHOUT_RAIL.includes(now.scene) ? now.scene : `${now.scene}-beta-${beta(now.models[now.at])}`);

  function drawing(show) {
    show(now.scene, TALL);
    return drawingOf(root);
  }

  menu.onclick = async ({ target }) => {
    const { as } = target.dataset;
    if (as === "csv") saveBlob(new Blob([csvOf(now.models)], { type: "text/csv" }), "beta-family.csv");
    else if (as && !readable(as)) return;
    else if (as) await saveDrawnPage(onPaper(drawing), as, nameOfScene());
    if (target.closest("button")) menu.open = false;
  };

  // On a sheet of its own, which can be printed.
  $(".handout").onclick = async () => {
    if (!readable("handout")) return;
    const sheet = globalThis.open("", "_blank");
    if (!sheet) return;
    const indexOf = (value) => now.models.findIndex((m) => m.beta === value);
    const everywhere = now.scene === "beta" || WITHOUT_RAIL.includes(now.scene) ? Math.max(0, indexOf(1)) : now.at;
    const first = ON_PAPER.map(indexOf).filter((k) => k >= 0); // the first scene walks through them
    const between = indexOf(28), indexIn = (name) => (name === "collapse" && between >= 0 ? between : everywhere);
    const facts = { ...now.data, models: now.models, results: await results() };
    sheet.document.write(onPaper((show) =>
      handoutOf(root, facts, (name, height, index = indexIn(name)) => show(name, height, index), first), true));
    sheet.document.close();
    sheet.document.querySelector(".bar button").onclick = () => sheet.print();
  };

  const known = () => now.data.scene === now.scene && now.data.at === now.at; // to Python, as it answers where the lecture is

  // The server makes it, asked by the button below the article, which cannot be pressed meanwhile.
  $(".as-page").onclick = async () => {
    const button = keyed("save-page")?.querySelector("button");
    if (!button || button.disabled) return;
    say(MAKING, true);
    for (let k = 0; k < PATIENCE && !known(); k++) await new Promise((after) => { setTimeout(after, LOOK); });
    const making = new MutationObserver(() => {
      if (button.disabled) return;
      making.disconnect();
      say(MADE);
    });
    making.observe(button, { attributes: true });
    button.click();
  };

  // A saved page has no such button.
  menu.ontoggle = () => { $(".as-page").hidden = !keyed("save-page"); };

  const shut = (event) => { if (!event.composedPath().includes(menu)) menu.open = false; };
  document.addEventListener("pointerdown", shut);
  return () => document.removeEventListener("pointerdown", shut);
}
