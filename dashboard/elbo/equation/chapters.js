// The chapters of the page: links to them, and which of them is being read.
import { keyed } from "../../shared/streamlit_internals.js";

// The name in the address, what is written, and where the heading is: the component's key.
const CHAPTERS = [
  ["this-image", "This image", "elbo"], ["the-gap", "The posterior and the gap", "elbo"],
  ["one-sample", "One sample at a time", "draws"], ["derivation", "The derivation", "draws"],
  ["test-set", "The test set", "spread"],
];
const TRIES = 16, WAIT = 250; // how often a page that opens is moved to its chapter, ms
const HEADER = 60, NEAR = 60; // pixels: of the page's own header; above a heading, from which on its chapter is being read

export function createChapters(root) {
  const nav = root.querySelector("nav");
  const link = ([id, title], k) => `<a href="#${id}" data-chapter="${id}"><b>${k + 1}</b> <span>${title}</span></a>`;
  nav.innerHTML = CHAPTERS.map(link).join("");

  const headingOf = ([id, , key]) => keyed(key, `#${id}`);
  const find = (id) => headingOf(CHAPTERS.find(([one]) => one === id) ?? []);

  function press(event) {
    const link = event.target.closest("a"), heading = link && find(link.dataset.chapter);
    if (!heading || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    heading.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
    heading.focus({ preventScroll: true });
    history.replaceState(history.state, "", link.hash);
  }

  // A link to a chapter leads there, while what stands above it is still being drawn; a hand is faster.
  function arrive(wanted) {
    if (!CHAPTERS.some(([id]) => id === wanted)) return;
    let left = TRIES;
    const stop = () => clearInterval(arriving);
    arriving = setInterval(() => {
      find(wanted)?.scrollIntoView({ block: "start" });
      if (!--left) stop();
    }, WAIT);
    for (const touch of ["wheel", "pointerdown", "keydown"]) addEventListener(touch, stop, { once: true, passive: true });
  }

  // The last chapter whose heading has passed below the equation.
  function mark() {
    const edge = HEADER + root.getBoundingClientRect().height + NEAR;
    const passed = CHAPTERS.filter((chapter) => (headingOf(chapter)?.getBoundingClientRect().top ?? Infinity) < edge);
    const here = (passed.at(-1) ?? CHAPTERS[0])[0];
    for (const one of nav.children) {
      if (one.dataset.chapter === here) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
    }
  }

  let frame = null, arriving = 0;
  const scrolled = () => { frame ??= requestAnimationFrame(() => { frame = null; mark(); }); };
  nav.addEventListener("click", press);
  arrive(location.hash.slice(1));
  document.addEventListener("scroll", scrolled, { capture: true, passive: true }); // it is a part of the page that scrolls
  const forget = () => {
    cancelAnimationFrame(frame);
    clearInterval(arriving);
    document.removeEventListener("scroll", scrolled, { capture: true });
  };
  return { mark, forget };
}
