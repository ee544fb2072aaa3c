// A part of a page as a file: every word, line and picture where it stands, as SVG; and that drawing as PNG.
import { saveBlob } from "./files.js";
import { html } from "./html.js";

const PAINT = [
  "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity", "paint-order", "text-anchor",
  "font-family", "font-size", "font-weight", "font-style",
];
const PAINTLESS = /^(svg|g|defs|pattern|clippath)$/i;
const TIMES = 2; // dots of the PNG to a pixel
const MARGIN = 24; // pixels around the drawing
const escaped = (words) => words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
const clear = (colour) => /^rgba\(.*, 0\)$/.test(colour);

// A copy of a part of a chart with its looks in itself, for outside there is no style sheet.
function inked(node) {
  const copy = node.cloneNode(false);
  if (node.nodeType !== Node.ELEMENT_NODE) return copy;
  const look = getComputedStyle(node);
  for (const name of ["class", "style", "tabindex", "role"]) copy.removeAttribute(name);
  for (const name of PAINTLESS.test(node.tagName) ? [] : PAINT) {
    const value = look.getPropertyValue(name);
    copy.setAttribute(name, clear(value) ? "none" : value);
  }
  copy.append(...[...node.childNodes].map(inked));
  return copy;
}

// The lines of a text as they are broken on the screen.
function* linesOf(node) {
  const range = document.createRange();
  let line = null;
  for (const { index, 0: word } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    if (line && Math.abs(box.top - line.top) < 3) Object.assign(line, { words: `${line.words} ${word}`, right: box.right });
    else {
      if (line) yield line;
      line = { words: word, left: box.left, right: box.right, top: box.top };
    }
  }
  if (line) yield line;
}

// What is seen of an element, without the parts that are named, such as buttons.
export function drawingOf(root, without = ".spoken") {
  const { left, top, width, height } = root.getBoundingClientRect(), pen = document.createElement("canvas").getContext("2d");
  const leftOut = (node) => node.parentElement.closest("svg, .spoken") || (node.closest ? node : node.parentElement).closest(without);
  const seen = (node) => (leftOut(node) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, seen);
  const parts = [`<rect width="${width}" height="${height}" fill="${getComputedStyle(root).backgroundColor}"/>`];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const words = node.nodeType === Node.TEXT_NODE, look = getComputedStyle(words ? node.parentElement : node);
    if (look.visibility !== "hidden") parts.push(...(words ? wordsOf(node, look, { left, top, pen }) : boxOf(node, look, { left, top })));
  }
  return { width, height, inside: parts.join("\n") };
}

// A text, line by line; each line is as wide as on the screen.
function wordsOf(node, look, { left, top, pen }) {
  pen.font = `${look.fontStyle} ${look.fontWeight} ${look.fontSize} ${look.fontFamily}`;
  const rise = pen.measureText("x").fontBoundingBoxAscent;
  return [...linesOf(node)].map((line) => html`
    <text x="${(line.left - left).toFixed(1)}" y="${(line.top - top + rise).toFixed(1)}" textLength="${(line.right - line.left).toFixed(1)}"
      fill="${look.color}" font-family="${escaped(look.fontFamily)}" font-size="${look.fontSize}" font-weight="${look.fontWeight}"
      font-style="${look.fontStyle}">${escaped(line.words)}</text>`);
}

// What an element shows beside its words: a picture, a chart, its ground and the line above it.
function boxOf(node, look, { left, top }) {
  const box = node.getBoundingClientRect(), edge = parseFloat(look.borderTopWidth);
  if (!box.width || !box.height) return [];
  const [x, y, width, height] = [box.left - left, box.top - top, box.width, box.height].map((value) => value.toFixed(1));
  const place = { x, y, width, height };
  const at = (where) => Object.entries(where).map(([name, value]) => `${name}="${value}"`).join(" ");
  if (node.tagName === "CANVAS") return [`<image ${at(place)} href="${node.toDataURL()}"/>`];
  if (node.tagName === "svg") return [chartAt(node, place)];
  const ground = clear(look.backgroundColor) ? [] : [`<rect ${at(place)} fill="${look.backgroundColor}" opacity="${look.opacity}"/>`];
  return edge ? [...ground, `<rect ${at({ ...place, height: edge.toFixed(1) })} fill="${look.borderTopColor}"/>`] : ground;
}

function chartAt(node, place) {
  const copy = inked(node);
  for (const [name, value] of Object.entries({ ...place, overflow: "visible" })) copy.setAttribute(name, value);
  return new XMLSerializer().serializeToString(copy);
}

function svgText({ width, height, inside, ground = "white" }, style = "") {
  const [wide, tall] = [width + 2 * MARGIN, height + 2 * MARGIN], size = `width="${wide}" height="${tall}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-MARGIN} ${-MARGIN} ${wide} ${tall}" ${size}>${style}`
    + `<rect x="${-MARGIN}" y="${-MARGIN}" ${size} fill="${ground}"/>\n${inside}\n</svg>\n`;
}

// The page's fonts, as rules whose addresses hold anywhere.
export function fontRules() {
  const fonts = (sheet) => [...sheet.cssRules].filter((rule) => rule instanceof CSSFontFaceRule && rule.cssText.includes("Source "));
  return [...document.styleSheets].flatMap((sheet) => fonts(sheet).map((rule) =>
    rule.cssText.replace(/url\("?([^")]+)"?\)/g, (_, where) => `url("${new URL(where, sheet.href ?? document.baseURI)}")`)));
}

// A picture loads nothing: its fonts go with it.
async function embedded() {
  const rules = fontRules().map(async (rule) => {
    const where = rule.match(/url\("([^"]+)"\)/)?.[1];
    return where ? rule.replace(where, await dataAddress(where)) : "";
  });
  return (await Promise.all(rules)).join("");
}

async function dataAddress(where) {
  const blob = await (await fetch(where)).blob(), reader = new FileReader();
  return new Promise((done) => {
    reader.onload = () => done(reader.result);
    reader.readAsDataURL(blob);
  });
}

export async function saveDrawnPage(drawing, as, name) {
  if (as === "svg") return saveBlob(new Blob([svgText(drawing)], { type: "image/svg+xml" }), `${name}.svg`);
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(drawing, `<style>${await embedded()}</style>`))}`;
  await picture.decode();
  const canvas = new OffscreenCanvas(TIMES * picture.width, TIMES * picture.height);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  saveBlob(await canvas.convertToBlob({ type: "image/png" }), `${name}.png`);
}
