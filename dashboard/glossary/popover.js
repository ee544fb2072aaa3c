// The first ELBO, KL, prior and nat of a page's own texts become buttons that open their entry of the glossary; so do the
// words of a component that html.js marks as terms.
import { mounted } from "../shared/js/mounted.js";
import { coloured, keyed, scroller } from "../shared/streamlit_internals.js";

const TEXTS = ".claim h1, .claim p, p.caption", LATE = 150, GAP = 8; // ms after the page has changed; px

export default mounted(".words-of-the-page", createWords);

// Where a word first stands as a word of its own, one or several of it; null: nowhere
export function placeOf(word, text) {
  const several = word === word.toLowerCase() ? "s?" : "";
  return text.match(new RegExp(`(?<![\\p{L}\\p{N}-])${word}${several}(?![\\p{L}\\p{N}(-])`, "u"));
}

function createWords() {
  const able = "popover" in HTMLElement.prototype, marks = new Map(); // word: its button
  const card = Object.assign(document.createElement("div"), { className: "term-card", popover: "auto", tabIndex: -1 });
  const changes = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(mark, LATE); });
  let known = [], linked = [], timer = null;
  card.setAttribute("role", "dialog");

  function update({ terms, marked }) {
    [known, linked] = [terms, marked];
    if (!able) return;
    if (!card.isConnected) (coloured() ?? document.body).append(card);
    const page = scroller();
    if (page) changes.observe(page, { childList: true, subtree: true });
    timer = setTimeout(mark, LATE);
  }

  // A mark stays until its text is written anew; then its word is looked for again.
  function mark() {
    const article = keyed("article", ".article");
    const roots = [...document.querySelectorAll(TEXTS), ...(article?.classList.contains("article") ? [article] : [])];
    for (const term of known) {
      if (marks.get(term.word)?.isConnected) continue;
      for (const root of roots) {
        const button = wrapped(root, term);
        if (button) { marks.set(term.word, button); break; }
      }
    }
    changes.takeRecords();
  }

  function wrapped(root, term) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const found = text.parentElement.closest("a, button") ? null : placeOf(term.word, text.data);
      if (!found) continue;
      const word = text.splitText(found.index), button = document.createElement("button");
      word.splitText(found[0].length);
      Object.assign(button, { type: "button", className: "term", textContent: found[0], onclick: () => open(button, term) });
      button.setAttribute("aria-haspopup", "dialog");
      word.replaceWith(button);
      return button;
    }
    return null;
  }

  function open(button, { name, sign, meaning, anchor }) {
    const title = sign && sign !== name ? `${name} <span>${sign}</span>` : name;
    card.innerHTML = `<b>${title}</b><p>${meaning}</p><a href="glossary#${anchor}" target="_self">In the glossary</a>`;
    card.setAttribute("aria-label", name);
    card.showPopover();
    place(button.getBoundingClientRect());
    card.focus();
  }

  function follow(event) {
    const link = event.composedPath().find((node) => node.dataset?.term);
    const term = linked.find(({ name }) => name === link?.dataset.term);
    if (!able || !term || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link, term);
  }

  function place({ left, top, bottom }) {
    const { offsetWidth: wide, offsetHeight: tall } = card, below = bottom + GAP + tall < innerHeight;
    card.style.left = `${Math.max(GAP, Math.min(left, innerWidth - wide - GAP))}px`;
    card.style.top = `${below ? bottom + GAP : Math.max(GAP, top - GAP - tall)}px`;
  }

  document.addEventListener("click", follow, true); // before what else follows links

  function forget() {
    document.removeEventListener("click", follow, true);
    changes.disconnect();
    clearTimeout(timer);
    card.remove();
  }

  return { update, forget };
}
