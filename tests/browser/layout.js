// What a page looks like in numbers: what lies outside it, which texts lie on each other or are cut, and its sizes.
// Evaluated in the page by test_layout.py; open shadow roots are looked into.
const SEEN = { visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true };
const INK = 0.34; // half of a text's height without ascenders and descenders, in font sizes
const SLACK = 1.5; // px

// Every element that is seen, inside open shadow roots too.
function* elements(root) {
  for (const e of root.querySelectorAll("*")) {
    if (e.checkVisibility(SEEN)) yield e;
    if (e.shadowRoot) yield* elements(e.shadowRoot);
  }
}

const parent = (e) => e.assignedSlot ?? e.parentElement ?? e.getRootNode().host ?? null;

function* ancestors(e) {
  for (let up = parent(e); up; up = parent(up)) yield up;
}

const named = (e) => [e.localName, ...[...e.classList].filter((name) => !name.includes("emotion"))].join(".");

// What of a box is seen, and whether what is cut off can be reached: by scrolling, or it ends in an ellipsis.
function clipped(box, e) {
  const seen = { left: box.left, right: box.right, top: box.top, bottom: box.bottom };
  let reached = false, fixed = getComputedStyle(e).position === "fixed";
  for (const up of [e, ...ancestors(e)]) {
    if (fixed) break;
    const style = getComputedStyle(up);
    fixed = style.position === "fixed";
    if (style.overflowX === "visible" || style.display === "inline" || style.display === "contents") continue;
    const edge = up.getBoundingClientRect();
    const cut = seen.right > edge.right + SLACK || seen.left < edge.left - SLACK;
    reached ||= cut && (/auto|scroll/.test(style.overflowX) || style.textOverflow === "ellipsis");
    seen.left = Math.max(seen.left, edge.left);
    seen.right = Math.min(seen.right, edge.right);
    if (style.overflowY === "visible" || up.matches(".stMain")) continue; // which scrolls the page
    reached ||= /auto|scroll/.test(style.overflowY) && (seen.bottom > edge.bottom || seen.top < edge.top);
    seen.top = Math.max(seen.top, edge.top);
    seen.bottom = Math.min(seen.bottom, edge.bottom);
  }
  const lost = Math.max(seen.left - box.left, box.right - seen.right, 0);
  return { ...seen, reached, lost };
}

// Every line of text: what it says, where it is, in px from the top left of the window.
function texts() {
  document.querySelector(".stMain")?.scrollTo(0, 0);
  const found = [];
  for (const e of elements(document.body)) {
    if (e.matches("style, script, option, title, desc, noscript")) continue;
    const size = parseFloat(getComputedStyle(e).fontSize);
    for (const node of e.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE || !node.data.trim() || !size) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const line of range.getClientRects()) {
        if (line.width < 2) continue;
        const middle = (line.top + line.bottom) / 2;
        const box = { left: line.left, right: line.right, top: middle - INK * size, bottom: middle + INK * size };
        found.push({ e, size, said: node.data.trim().slice(0, 40), whole: box, ...clipped(box, e) });
      }
    }
  }
  return found.filter((line) => line.right - line.left > 2 && line.bottom - line.top > 2);
}

const touch = (a, b) =>
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > SLACK && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > SLACK;

// What is laid over the page on purpose hides what is under it: one text of the two is not seen there.
const LAID = ["fixed", "sticky"];
const OPENED = "[data-testid=stPopoverBody], .menu, details[open] > div"; // lists and menus, each with a ground of its own
const lies = (up) => LAID.includes(getComputedStyle(up).position) || up.matches(OPENED);
const layerOf = (e) => [e, ...ancestors(e)].find(lies) ?? null;

function overlaps(lines) {
  const found = [];
  lines.forEach((a, i) => {
    for (const b of lines.slice(i + 1)) {
      if (a.e === b.e || !touch(a, b) || layerOf(a.e) !== layerOf(b.e)) continue;
      found.push(`"${a.said}" (${named(a.e)}) lies on "${b.said}" (${named(b.e)})`);
    }
  });
  return found;
}

const cuts = (lines) =>
  lines.filter((line) => line.lost > SLACK && !line.reached && line.whole.right - line.whole.left > 3)
    .map((line) => `"${line.said}" (${named(line.e)}) is cut by ${Math.round(line.lost)} px`);

// Boxes beyond the window's sides that nothing clips or scrolls.
function outside() {
  const width = document.documentElement.clientWidth, found = [];
  for (const e of elements(document.body)) {
    const box = e.getBoundingClientRect();
    if (!box.width || !box.height || (e.closest("svg") && !e.matches("svg"))) continue;
    if (box.right <= width + SLACK && box.left >= -SLACK) continue;
    const seen = clipped(box, e);
    if (seen.right <= width + SLACK && seen.left >= -SLACK) continue;
    found.push(`${named(e)} from ${Math.round(box.left)} to ${Math.round(box.right)} of ${width}`);
  }
  const main = document.querySelector(".stMain");
  for (const e of [document.documentElement, main].filter(Boolean)) {
    if (e.scrollWidth > e.clientWidth + 1) found.push(`${named(e)} scrolls sideways: ${e.scrollWidth} of ${e.clientWidth}`);
  }
  return found;
}

const CONTROLS = "button, select, summary, input:not([type=range], [type=checkbox], [type=radio], [type=file]), .segments";

// A frame or a ground makes a control of a word; pictures, rows of a list and what lies within a frame have other sizes.
function framed(e) {
  const style = getComputedStyle(e);
  const held = e.closest(".segments") !== null && !e.matches(".segments");
  const pictured = e.querySelector("canvas, img, svg") !== null;
  const border = style.borderTopStyle !== "none" && parseFloat(style.borderTopWidth) > 0 && !/, 0\)$/.test(style.borderTopColor);
  return border && !held && !pictured;
}

// How often each size of type and each height of a control occurs. Symbols have a face with smaller letters, a little larger.
function scale(lines) {
  const count = (values) => values.reduce((sum, value) => ({ ...sum, [value]: (sum[value] ?? 0) + 1 }), {});
  const main = document.querySelector(".stMain");
  const inside = (e) => main && [e, ...ancestors(e)].includes(main);
  const small = (e) => [e, ...ancestors(e)].some((up) => up.matches(".symbol, sub, sup, svg, code"));
  const controls = [...elements(document.body)].filter((e) => e.matches(CONTROLS) && inside(e) && framed(e));
  const tall = (e) => Math.round(e.getBoundingClientRect().height);
  const sized = lines.filter((line) => inside(line.e) && !small(line.e));
  return {
    type: count(sized.map((line) => Math.round(line.size * 10) / 10)),
    controls: count(controls.map(tall)),
    sizes: [...new Set(sized.map((line) => `${line.size.toFixed(1)} ${named(line.e)} "${line.said}"`))],
    heights: [...new Set(controls.map((e) => `${tall(e)} ${named(e)} "${e.textContent.trim()}"`))],
  };
}

// Numbers below zero with the hyphen of a keyboard.
const HYPHEN = /(^|[\s(=×·,±])-[0-9.]/;
const hyphens = (lines) =>
  lines.filter((line) => HYPHEN.test(line.said) && !line.e.closest("code, pre")).map((line) => `"${line.said}" (${named(line.e)})`);

// Prose of several lines that are too long to be read: more than MEASURE characters, of a mean width in this face.
const MEASURE = 100, CHARACTER = 0.45; // font sizes
function wide(lines) {
  const found = [];
  for (const e of new Set(lines.map((line) => line.e))) {
    const { width, height } = e.getBoundingClientRect(), { fontSize, lineHeight } = getComputedStyle(e);
    const characters = width / (parseFloat(fontSize) * CHARACTER), rows = height / parseFloat(lineHeight);
    if (!e.matches("p, li") || characters <= MEASURE || rows < 1.5) continue;
    found.push(`${Math.round(characters)} characters in ${named(e)}: ${e.textContent.trim().slice(0, 40)}`);
  }
  return found;
}

window.layout = () => {
  const lines = texts();
  const found = { overlaps: overlaps(lines), cuts: cuts(lines), hyphens: hyphens(lines), wide: wide(lines) };
  return { ...found, outside: outside(), scale: scale(lines) };
};
