// Symbols that answer: while x, z, q ... is pointed at, has the focus or was pressed, every figure of the page shows where
// that quantity is, and the rest steps back.
//
// Markup: data-symbol="q kl" on an element says which quantities it shows; "" is one that always steps back. What also has
// the class `symbol` (of a word: `asks`) asks when the mouse is over it. A <button class="symbol" data-symbol="q"> is for
// keys and fingers: it asks while it has the focus, and a press holds it.
// Names in use: x z mu sigma noise q p kl gap reconstruction elbo evidence posterior.
import { listen, tell } from "./blobs.js";

// A letter that asks, with the class of its colour; and a word.
export const symbol = (letter, name, tint = name) => `<i class="symbol ${tint}" data-symbol="${name}">${letter}</i>`;
export const asking = (words, name) => `<span class="asks" data-symbol="${name}">${words}</span>`;

const ASKS = ":is(.symbol, .asks)[data-symbol]:not([data-symbol=''])";
const named = (node) => node.dataset.symbol.split(" ").filter(Boolean);

// Has all marks under `root` ask and answer, wherever on the page; ends when the function that comes back is called.
export function answerSymbols(root) {
  const ask = (globalThis.vaeLab.symbols ??= connect(document));
  hear(root, ask);
  return listen("symbol", (asked) => {
    const marks = [...root.querySelectorAll("[data-symbol]")];
    const states = statesOf(marks, asked);
    marks.forEach((mark, k) => {
      mark.classList.toggle("lit", states[k] === "lit");
      mark.classList.toggle("dim", states[k] === "dim");
    });
  });
}

// Of each mark "lit", "dim" or "": a mark that holds a lit one, or lies in one, is left as it is.
export function statesOf(marks, asked) {
  const wanted = asked ? asked.split(" ") : [];
  if (!wanted.length) return marks.map(() => "");
  const lit = marks.filter((mark) => named(mark).some((name) => wanted.includes(name)));
  return marks.map((mark) => {
    if (lit.includes(mark)) return "lit";
    return lit.some((other) => other.contains(mark) || mark.contains(other)) ? "" : "dim";
  });
}

const asker = (event) => event.composedPath()[0]?.closest?.(ASKS);

// What moves within a component never leaves its shadow root: each root listens, and so does the page.
function hear(node, ask) {
  node.addEventListener("pointerover", (event) => { if (event.pointerType !== "touch") ask.over(asker(event)); });
  node.addEventListener("focusin", (event) => {
    const from = asker(event);
    if (from?.matches(":focus-visible")) ask.over(from);
  });
  node.addEventListener("focusout", (event) => { if (asker(event)) ask.hold(null); });
}

// Once for the whole page: what is asked for, and the button that holds it.
function connect(page) {
  let told = "", holder = null;
  function tellOf(from) {
    const symbol = from?.dataset.symbol ?? "";
    if (symbol === told) return;
    told = symbol;
    tell("symbol", symbol);
  }
  const ask = {
    over: (from) => tellOf(from ?? holder),
    hold(button) {
      for (const [one, is] of [[holder, "false"], [button, "true"]]) one?.setAttribute("aria-pressed", is);
      holder = button;
      tellOf(holder);
    },
  };
  hear(page, ask);
  page.addEventListener("click", (event) => {
    const from = asker(event), button = from?.matches("button") ? from : null;
    if (button || holder) ask.hold(button === holder ? null : button);
  });
  page.addEventListener("keydown", (event) => { if (event.key === "Escape" && told) ask.hold(null); });
  return ask;
}
