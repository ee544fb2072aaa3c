// Files for a visitor: numbers as a table, a drawing as it stands on the page.
import { colour, css } from "./canvas.js";

const LOOK = ["fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "text-anchor", "font"];

// Numbers in full, with a plain minus; null is an empty cell. A name that a spreadsheet would take for a formula gets an apostrophe.
const cell = (value) => {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  if (typeof value === "number") return String(value);
  const text = value.replace(/^(?=[=+@\-\t])/, "'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const csv = (rows) => rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");

export const saveTable = (rows, name) => saveBlob(new Blob(["\ufeff", csv(rows)], { type: "text/csv" }), `${name}.csv`);

// mnist-2d, "test 0", elbo -> mnist-2d-test-0-elbo
export const fileName = (...parts) => parts.join(" ").replace(/[^\w.]+/g, "-");

// A drawing with the colours and letters that the page's style sheet gives it, on paper.
export function saveDrawing(svg, root, name) {
  const copy = svg.cloneNode(true), { width, height } = svg.getBoundingClientRect(), space = "http://www.w3.org/2000/svg";
  const paper = document.createElementNS(space, "rect"), box = { x: -8, y: -8, width: width + 16, height: height + 16 };
  const set = (node, attributes) => Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
  [...svg.querySelectorAll("*")].forEach((from, k) => {
    const look = getComputedStyle(from), to = copy.querySelectorAll("*")[k];
    for (const name of LOOK) to.style.setProperty(name, look.getPropertyValue(name));
  });
  set(copy, { xmlns: space, width, height, viewBox: Object.values(box).join(" ") });
  set(paper, { ...box, fill: css(colour(root, "paper")) });
  copy.prepend(paper);
  saveBlob(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }), `${name}.svg`);
}

// Hands a file to the visitor.
export function saveBlob(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export const saveCanvas = (canvas, name) => canvas.toBlob((blob) => saveBlob(blob, name), "image/png");
