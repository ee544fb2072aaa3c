// The scene as a file: every word, line and picture where it stands, as SVG; and that drawing as PNG.
import { saveBlob } from "../../shared/js/files.js";

const PAINT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity", "paint-order", "text-anchor", "font-family", "font-size", "font-weight", "font-style"];
const TIMES = 2; // dots of the PNG to a pixel
const escaped = (words) => words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
const clear = (colour) => /^rgba\(.*, 0\)$/.test(colour);

// A copy of a part of a chart with its looks in itself, for outside there is no style sheet.
function inked(node) {
  const copy = node.cloneNode(false);
  if (node.nodeType !== 1) return copy;
  const look = getComputedStyle(node);
  for (const name of ["class", "style", "tabindex", "role"]) copy.removeAttribute(name);
  if (!/^(svg|g|defs|pattern|clippath)$/i.test(node.tagName)) for (const name of PAINT) copy.setAttribute(name, clear(look.getPropertyValue(name)) ? "none" : look.getPropertyValue(name));
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

// What is seen of the header and the stage.
export function drawingOf(root) {
  const { left, top, width, height } = root.getBoundingClientRect(), parts = [], pen = document.createElement("canvas").getContext("2d");
  const place = (box) => `x="${(box.left - left).toFixed(1)}" y="${(box.top - top).toFixed(1)}" width="${box.width.toFixed(1)}" height="${box.height.toFixed(1)}"`;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) => (node.parentElement.closest("svg, .spoken") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const look = getComputedStyle(node.nodeType === 1 ? node : node.parentElement);
    if (look.visibility === "hidden") continue;
    if (node.nodeType === 3) {
      pen.font = `${look.fontStyle} ${look.fontWeight} ${look.fontSize} ${look.fontFamily}`;
      const rise = pen.measureText("x").fontBoundingBoxAscent;
      for (const line of linesOf(node)) parts.push(`<text x="${(line.left - left).toFixed(1)}" y="${(line.top - top + rise).toFixed(1)}" textLength="${(line.right - line.left).toFixed(1)}" fill="${look.color}" font-family="${escaped(look.fontFamily)}" font-size="${look.fontSize}" font-weight="${look.fontWeight}" font-style="${look.fontStyle}">${escaped(line.words)}</text>`);
      continue;
    }
    const box = node.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    if (node.tagName === "CANVAS") parts.push(`<image ${place(box)} href="${node.toDataURL()}"/>`);
    else if (node.tagName === "svg") {
      const copy = inked(node);
      for (const [name, value] of place(box).matchAll(/(\w+)="([^"]*)"/g).map(([, name, value]) => [name, value])) copy.setAttribute(name, value);
      copy.setAttribute("overflow", "visible");
      parts.push(new XMLSerializer().serializeToString(copy));
    } else {
      if (!clear(look.backgroundColor)) parts.push(`<rect ${place(box)} fill="${look.backgroundColor}" opacity="${look.opacity}"/>`);
      if (parseFloat(look.borderTopWidth)) parts.push(`<rect ${place({ left: box.left, top: box.top, width: box.width, height: parseFloat(look.borderTopWidth) })} fill="${look.borderTopColor}"/>`);
    }
  }
  return { width, height, inside: `<rect width="${width}" height="${height}" fill="${getComputedStyle(root).backgroundColor}"/>\n${parts.join("\n")}` };
}

const svgText = ({ width, height, inside }, style = "") => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-24 -24 ${width + 48} ${height + 48}" width="${width + 48}" height="${height + 48}">${style}<rect x="-24" y="-24" width="${width + 48}" height="${height + 48}" fill="white"/>\n${inside}\n</svg>\n`;

// The page's fonts, as rules whose addresses hold anywhere.
export const fontRules = () => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].filter((rule) => rule instanceof CSSFontFaceRule && rule.cssText.includes("Source "))
  .map((rule) => rule.cssText.replace(/url\("?([^")]+)"?\)/g, (_, where) => `url("${new URL(where, sheet.href ?? document.baseURI)}")`)));

// A picture loads nothing: its fonts go with it.
async function embedded() {
  const inline = async (where) => {
    const blob = await (await fetch(where)).blob();
    return new Promise((done) => { const reader = new FileReader(); reader.onload = () => done(reader.result); reader.readAsDataURL(blob); });
  };
  return Promise.all(fontRules().map(async (rule) => { const where = rule.match(/url\("([^"]+)"\)/)?.[1]; return where ? rule.replace(where, await inline(where)) : ""; }));
}

export async function saveScene(drawing, as, name) {
  if (as === "svg") return saveBlob(new Blob([svgText(drawing)], { type: "image/svg+xml" }), `${name}.svg`);
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(drawing, `<style>${(await embedded()).join("")}</style>`))}`;
  await picture.decode();
  const canvas = new OffscreenCanvas(TIMES * picture.width, TIMES * picture.height);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  saveBlob(await canvas.convertToBlob({ type: "image/png" }), `${name}.png`);
}
