// The lecture on paper: every scene in light colours, laid out for the sheet, two to a page, then its numbers.
import { number, percent } from "../../shared/js/canvas.js";
import { fontRules } from "../../shared/js/drawing.js";
import { resultOf, safe } from "../hall/ballot.js";
import { html } from "../../shared/js/html.js";
import { answerOf, firstSheet, formulas, notesOf, pointOf } from "./handout_words.js";
import { meansOf, nameOf } from "./remedies.js";
import { SCENES, WITHOUT_RAIL, beta, holesOf, split } from "./words.js";

export const PAPER = 1040; // pixels across a scene on paper
const PAGE = 718; // pixels across an A4 sheet, within its margins
export const TALL = 540; // of a scene that is saved by itself, in its own pixels
const HALF = 470; // of one in the handout: with its words two to a page
const THIRD = 415; // of the scene that stands there at three betas, on a page of its own
const LINES = 3; // for notes
const HEADS = ["β", "reconstruction", "KL", "−ELBO", "information", "mismatch", "holes", "active"];
const TRIAL_HEADS = ["β", "training", "", "reconstruction", "KL", "−ELBO", "β KL − reconstruction"];
const USELESS = "[hidden], .spoken, .room, .follow, .rail, footer, input, .chips, .pick, .try, .of-marginals, "
  + ".choices button[aria-checked=false]";
const OF_THE_SCREEN = ["--s", "--tall", "--side"]; // sizes, which are set anew on paper

// The look of the sheet itself.
const SHEET = `
@page { size: A4 portrait; margin: 10mm }
body { margin: 0; background: var(--paper); color: var(--ink); print-color-adjust: exact; -webkit-print-color-adjust: exact }
@media screen { body { padding: 24px } }
.bar { display: flex; align-items: center; gap: 24px; margin-bottom: 16px; font: 16px "Source Sans", sans-serif; color: var(--ink2) }
.bar b { color: var(--ink) }
.bar button { font: inherit; color: var(--ink); background: none; border: 1px solid var(--ink2); border-radius: 4px; padding: 8px 14px }
@media print { .bar { display: none } }
.sheet { break-inside: avoid; zoom: ${(PAGE / PAPER).toFixed(4)}; width: ${PAPER}px }
.sheet > p { font: 20px/1.35 "Source Sans", sans-serif; margin: 0 0 6px; color: var(--ink2) }
.sheet > h2 { font: 600 26px "Source Serif", serif; margin: 24px 0 6px }
.sheet > p b { color: var(--ink) }
.sheet table { border-collapse: collapse; font: 20px/1.5 "Source Sans", sans-serif; font-variant-numeric: tabular-nums }
.sheet th, .sheet td { padding: 2px 22px 2px 0; text-align: right; font-weight: 400; border-bottom: 1px solid var(--rule) }
.sheet th { color: var(--ink2) }
.sheet .beta { margin-bottom: 10px }
.first { margin-bottom: 24px }
.first .title { display: flow-root; font: 20px/1.35 "Source Sans", sans-serif; color: var(--ink2) }
.first .title svg { float: right; width: 168px; height: 168px; margin-left: 28px; border: 1px solid var(--rule) }
.first h1 { font: 600 48px/1.2 "Source Serif", serif; margin: 0 0 6px; color: var(--ink) }
.first .title p { margin: 0 }
.first dl { display: grid; grid-template-columns: 280px 1fr; gap: 8px 28px; margin: 0 }
.first dt { font: 600 21px/1.4 "Source Sans", sans-serif; color: var(--ink) }
.first dd { font: 400 21px/1.4 "Source Sans", sans-serif; margin: 0 }
.formulas ul { font: 24px/1.7 "Source Serif", serif; padding-left: 1em; margin: 0 }
.sheet .point { color: var(--ink); font-size: 22px }
.sheet:is([data-scene=vae], [data-scene=beta]) { break-after: page }
.notes { font: 18px/36px "Source Sans", sans-serif; color: var(--ink2); margin-bottom: 12px }
.notes i { display: block; height: 36px; border-bottom: 1px solid var(--rule) }
.notes i:first-of-type { margin-top: -36px }`;

export function rowsOf(models) {
  return models.map((m) => {
    const { information, mismatch } = split(m);
    const shares = [information, mismatch].map((value) => number(value));
    return [beta(m), number(m.reconstruction), number(m.kl), number(-m.elbo), ...shares, percent(m.holes), m.active_units];
  });
}

function rowsOfTrials(trials) {
  const groups = Map.groupBy(trials.toSorted((a, b) => a.beta - b.beta), (t) => `${t.beta} ${t.method}`);
  return [...groups.values()].map(meansOf).map((t) => {
    const spread = t.spread >= 0 ? ` ± ${number(t.spread)}` : "";
    return [t.beta, nameOf(t.method), t.seeds, number(t.reconstruction), number(t.kl), number(-t.elbo), `${number(t.objective)}${spread}`];
  });
}

// What a share of holes is a share of, and of which codes.
function ofHoles(models) {
  const counts = [...new Set(models.map(holesOf))];
  return `Holes: the share of the prior where q(z) of ${counts.join(" or ")} is below p(z)/20.`;
}

const SINGLE = [
  "beta", "reconstruction", "kl", "elbo", "elbo_error", "objective", "information", "information_error", "mismatch", "mismatch_error",
  "holes", "holes_error", "holes_codes", "holes_held_out", "continuity", "active_units",
];
const OF_EACH_DIMENSION = ["kl_per_dimension", "mean_sigma", "mean_square"];

// The family's numbers for a spreadsheet: unrounded, with a decimal point and a plain minus sign; nats per image.
export function csvOf(models) {
  const dims = models[0].mean_sigma.map((_, d) => d);
  const each = (cell) => OF_EACH_DIMENSION.flatMap((name) => dims.map((d) => cell(name, d)));
  const heads = [...SINGLE, ...each((name, d) => `${name}_${d + 1}`)];
  const row = (m) => [...SINGLE.map((name) => m[name]), ...each((name, d) => m[name][d])].map((value) => value ?? "");
  return `${[heads, ...models.map(row)].map((cells) => cells.join(",")).join("\n")}\n`;
}

// A copy of what is drawn, its canvases as pictures.
function copyOf(root) {
  const copy = root.cloneNode(true), drawn = [...root.querySelectorAll("canvas")];
  copy.querySelectorAll("canvas").forEach((canvas, k) => {
    const picture = document.createElement("img");
    picture.src = drawn[k].toDataURL();
    const { clientWidth: width, clientHeight: height } = drawn[k], { imageRendering } = getComputedStyle(drawn[k]);
    picture.style.cssText = `display:block;image-rendering:${imageRendering};${canvas.style.cssText};width:${width}px;height:${height}px`;
    canvas.replaceWith(picture);
  });
  for (const part of copy.querySelectorAll(USELESS)) part.remove();
  return copy.outerHTML;
}

// Everything the sheet needs, for it loads nothing: this component's rules, the page's tokens and its fonts.
function styles(root) {
  const scope = root.getRootNode(), adopted = [...(scope.adoptedStyleSheets ?? [])].flatMap((sheet) => [...sheet.cssRules]);
  const written = [...scope.querySelectorAll("style")].map((style) => style.textContent).join("\n");
  const rules = `${written}\n${adopted.map((rule) => rule.cssText).join("\n")}`;
  return `${fontRules().join("\n")}\n:root{color-scheme:light;${tokensIn(rules + root.innerHTML, root)}}\n${rules}\n${SHEET}`;
}

// The custom properties that a text uses, with the values that they have here.
function tokensIn(text, root) {
  const names = new Set([...text.matchAll(/var\((--[\w-]+)/g)].map(([, name]) => name)), look = getComputedStyle(root);
  return [...names].filter((name) => !OF_THE_SCREEN.includes(name)).map((name) => `${name}:${look.getPropertyValue(name)}`).join(";");
}

// For who sees it on a screen.
const BAR = html`
  <div class="bar">
    <b>The KL regularizer, a handout</b><button type="button">Print or save as PDF</button><span>A4, two scenes to a page</span>
  </div>`;

const cellsOf = (row, tag) => `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
const tableOf = (heads, rows) => html`
  <table>
    <thead>${cellsOf(heads, "th")}</thead>
    <tbody>${rows.map((row) => cellsOf(row, "td"))}</tbody>
  </table>`;

function numbersOf(models, trials) {
  const family = html`
    <section class="sheet">
      <h2>The series over β: 10,000 MNIST test images, nats per image</h2>
      ${tableOf(HEADS, rowsOf(models))}
      <p>${ofHoles(models)}</p>
    </section>`;
  if (!trials.length) return family;
  return html`
    ${family}
    <section class="sheet">
      <h2>From random weights: means, ± standard deviation over the seeds</h2>
      ${tableOf(TRIAL_HEADS, rowsOfTrials(trials))}
    </section>`;
}

// `show(scene, height, model)` lays a scene out for paper, false where a model is not here yet; `first` are the models of
// the first scene. Returns the document as text.
export function handoutOf(root, facts, show, first) {
  const { models, trials } = facts;
  const drawn = (name) => {
    if (name === "beta") return first.map((index) => (show(name, THIRD, index) ? copyOf(root) : "")).join("");
    show(name, HALF);
    return copyOf(root);
  };
  const sheets = SCENES.map(([name, title], k) => {
    const scene = drawn(name); // first, for the scene's beta is that of the model it shows
    const at = name === "beta" || WITHOUT_RAIL.includes(name) ? "" : `, β = ${root.dataset.beta}`;
    const point = pointOf(name, facts), said = point.startsWith(root.querySelector(".claim-of").textContent);
    return html`
      <section class="sheet" data-scene="${name}">
        <p><b>${k + 1}. ${title}${at}${title.endsWith("?") ? "" : "."}</b> ${safe(facts.questions[name].ask)}
          ${facts.results[name] ? `<b>${safe(resultOf(facts.results[name]))}</b>` : ""}</p>
        ${scene}
        <p class="point">${said ? "" : point}</p>
        ${answerOf(facts.questions[name])}
        ${notesOf(LINES)}
      </section>`;
  });
  return html`
    <!doctype html>
    <html lang="en">
    <head>
      <meta charset="utf-8">
      <title>The KL regularizer: a lecture in ${SCENES.length} scenes</title>
      <style>${styles(root)}</style>
    </head>
    <body>${BAR}${firstSheet(facts.codes)}${sheets}${formulas}${numbersOf(models, trials)}</body>
    </html>`;
}
