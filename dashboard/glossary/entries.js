// The terms as cards: a figure that follows the pointer, and a search while one types.
import { bytesOf, colour, imageAt, inkedCanvas, shades, sharpen } from "../shared/js/canvas.js";
import { mounted } from "../shared/js/mounted.js";
import { FIGURES, START } from "./figures.js";

const SIDE = 120; // px
const INKS = ["ink", "ink2", "rule", "panel", "paper", "x", "z", "mu", "sigma", "noise", "reconstruction", "kl", "elbo", "evidence"];

export default mounted(".glossary", createGlossary);

// Letters and digits as one searches for them: "Kullback–Leibler" -> "kullback leibler"
export const plain = (text) =>
  text.replace(/<[^>]*>/g, "").normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, " ").trim();

// Whether a term is meant: each word that was typed begins a word of its name, sign or meaning.
export function isMeant(term, typed) {
  const words = ` ${plain(`${term.name} ${term.sign} ${term.meaning}`)}`;
  return plain(typed).split(" ").every((word) => words.includes(` ${word}`));
}

function createGlossary(root) {
  const $ = (selector) => root.querySelector(selector), input = $("input");
  let all = [], inks = {}, pictures = [], built = "";

  function update({ groups, images }) {
    const asked = JSON.stringify(groups);
    if (asked !== built) build(groups);
    built = asked;
    pictures = images ? unpacked(images) : [];
    draw();
    goThere();
  }

  function build(groups) {
    all = [];
    $(".groups").replaceChildren(...Object.entries(groups).map(([name, terms]) => {
      const group = make("section", "group"), list = make("dl");
      group.append(Object.assign(make("h2"), { textContent: name }), list);
      for (const term of terms) {
        const card = cardOf(term);
        all.push({ term, card, t: START[term.figure] ?? 0.5 });
        list.append(card);
      }
      return group;
    }));
    for (const one of all) follow(one);
  }

  // Moving over a figure changes what it shows; it stays as it was left.
  function follow(one) {
    const canvas = one.card.querySelector("canvas");
    if (!canvas) return;
    canvas.onpointermove = (event) => {
      one.t = Math.max(0, Math.min(1, event.offsetX / canvas.clientWidth));
      paint(one);
    };
  }

  function draw() {
    inks = Object.fromEntries(INKS.map((name) => [name, `rgb(${colour(root, name).join(" ")})`]));
    inks.table = shades(root, false);
    for (const one of all) paint(one);
    root.dataset.frames = Number(root.dataset.frames ?? 0) + 1;
  }

  function paint({ term, card, t }) {
    const canvas = card.querySelector("canvas");
    if (!canvas) return;
    const pen = sharpen(canvas, SIDE, SIDE);
    Object.assign(pen, { lineWidth: 1.75, lineJoin: "round", lineCap: "round", font: '14px "Source Sans", sans-serif' });
    const picture = (k) => inkedCanvas(pictures[k], [28, 28], inks.table);
    FIGURES[term.figure](pen, t, inks, { count: pictures.length, picture, pictures });
  }

  function search() {
    const typed = input.value.trim();
    for (const { term, card } of all) card.hidden = !isMeant(term, typed);
    const left = all.filter(({ card }) => !card.hidden).length;
    $(".found").textContent = !typed ? "" : left ? `${left} of ${all.length} terms` : "No term fits. Try fewer letters.";
    root.dataset.found = left;
  }

  // A link from another page names its term: glossary#nat.
  function goThere() {
    const name = location.hash.slice(1), card = name && all.find(({ term }) => term.anchor === name)?.card;
    if (!card || card.classList.contains("wanted")) return;
    card.classList.add("wanted");
    setTimeout(() => card.scrollIntoView({ block: "center" }), 200);
  }

  input.oninput = search;
  return { update, redraw: draw };
}

function cardOf(term) {
  const card = make("div", "entry"), sign = term.sign ? `<b class="symbol ${term.symbol}">${term.sign}</b>` : "";
  const there = term.link ? ` <a href="${term.link.address}" target="_self">${term.link.title}</a>` : "";
  const source = term.source ? `<span class="source">${term.source}</span>` : "";
  const figure = term.figure ? '<canvas aria-hidden="true"></canvas>' : '<span class="none"></span>';
  const name = term.name === term.sign ? sign : `${term.name} ${sign}`;
  card.innerHTML = `<dt>${figure}<span class="name">${name}</span></dt><dd>${term.meaning}${there}${source}</dd>`;
  card.id = term.anchor;
  return card;
}

const unpacked = ({ levels, side }) => Array.from({ length: side * side }, (_, k) => imageAt(bytesOf(levels), k, 784));

const make = (tag, name = "") => Object.assign(document.createElement(tag), { className: name });
