// The lecture on paper: every scene as it stands on the screen, one to a page, in light colours, then its numbers.
import { number, percent } from "../paper.js";
import { QUESTIONS, SCENES, beta } from "./words.js";

const PAGE = 1040; // pixels across an A4 sheet on its side, within its margins
const HEADS = ["β", "reconstruction", "KL", "−ELBO", "information", "mismatch", "holes", "active"];

export function rowsOf(models) {
  return models.map((m) => [beta(m), number(m.reconstruction), number(m.kl), number(-m.elbo), number(m.information), number(m.mismatch), percent(m.holes), m.active_units]);
}

// A copy of what is drawn, its canvases as pictures.
function copyOf(node) {
  const copy = node.cloneNode(true), drawn = [...node.querySelectorAll("canvas")];
  copy.querySelectorAll("canvas").forEach((canvas, k) => {
    const picture = document.createElement("img");
    picture.src = drawn[k].toDataURL();
    picture.style.cssText = `display:block;${canvas.style.cssText}`;
    canvas.replaceWith(picture);
  });
  for (const useless of copy.querySelectorAll("[hidden], .spoken, footer nav, footer .present, footer .train, footer .handout, .play")) useless.remove();
  return copy.outerHTML;
}

// Everything the sheet needs, for it loads nothing: this component's rules, the page's tokens and its fonts.
function styles(root) {
  const own = [...root.getRootNode().querySelectorAll("style")].map((style) => style.textContent).join("\n") + [...(root.getRootNode().adoptedStyleSheets ?? [])].flatMap((sheet) => [...sheet.cssRules]).map((rule) => rule.cssText).join("\n");
  const names = new Set([...own.matchAll(/var\((--[\w-]+)/g), ...root.innerHTML.matchAll(/var\((--[\w-]+)/g)].map((found) => found[1])), read = getComputedStyle(root);
  const tokens = [...names].filter((name) => !["--s", "--tall", "--side"].includes(name)).map((name) => `${name}:${read.getPropertyValue(name)}`).join(";");
  const fonts = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].filter((rule) => rule instanceof CSSFontFaceRule && rule.cssText.includes("Source S"))
    .map((rule) => rule.cssText.replace(/url\("?([^")]+)"?\)/g, (_, where) => `url("${new URL(where, sheet.href ?? document.baseURI)}")`))).join("\n");
  return `${fonts}\n:root{color-scheme:light;${tokens}}\n${own}\n@page{size:A4 landscape;margin:10mm}body{margin:0;background:var(--paper)}@media screen{body{padding:24px}}
    .sheet{break-after:page;break-inside:avoid;zoom:var(--fit);margin-bottom:40px;width:${root.clientWidth}px}.sheet h2{font:600 30px "Source Serif",serif}.sheet p{font:22px "Source Sans",sans-serif}.sheet table{border-collapse:collapse;font:20px/1.5 "Source Sans",sans-serif;font-variant-numeric:tabular-nums}.sheet th,.sheet td{padding:2px 26px 2px 0;text-align:right;font-weight:400;border-bottom:1px solid var(--rule)}.sheet th{color:var(--ink2)}`;
}

// `show(scene)` draws a scene in light colours; returns the document as text.
export function handoutOf(root, models, trials, show) {
  const sheets = SCENES.map(([name]) => { show(name); return `<section class="sheet" data-scene="${name}">${copyOf(root)}</section>`; });
  const cells = (row, tag) => `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
  const table = (heads, rows) => `<table><thead>${cells(heads, "th")}</thead><tbody>${rows.map((row) => cells(row, "td")).join("")}</tbody></table>`;
  const tried = trials.map((t) => [t.beta, t.method, t.seed, number(t.reconstruction), number(t.kl), number(-t.elbo), number(t.objective)]);
  const numbers = `<section class="sheet"><h2>The family: 10,000 test images, nats per image</h2>${table(HEADS, rowsOf(models))}</section><section class="sheet"><h2>The trials from random weights</h2>${table(["β", "training", "seed", "reconstruction", "KL", "−ELBO", "minimised"], tried)}</section>`;
  const questions = `<section class="sheet"><h2>Questions</h2>${SCENES.map(([name, title], k) => `<p>${k + 1}. ${title}: ${QUESTIONS[name]}</p>`).join("")}</section>`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The KL regularizer: a lecture in ${SCENES.length} scenes</title><style>${styles(root)}</style></head><body style="--fit:${(PAGE / root.clientWidth).toFixed(4)}">${sheets.join("")}${numbers}${questions}</body></html>`;
}
