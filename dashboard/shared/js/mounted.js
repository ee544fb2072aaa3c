import { stands } from "../streamlit_internals.js";
import { listen, tell } from "./blobs.js";
import { answerSymbols } from "./symbols.js";

// A component lives as long as its element: made once, given new data, drawn again when its size or the theme changes.
const living = new WeakMap();

// `create(root, data)` gives { update, redraw, forget }, of which the last two may be absent. update(data, send) follows
// each time Python draws the component; send has Streamlit's setStateValue and setTriggerValue. Its symbols answer.
export const mounted = (selector, create) => ({ data: [data], parentElement, ...send }) => {
  const root = parentElement.querySelector(selector);
  if (!living.has(root)) living.set(root, alive(root, create(root, data)));
  living.get(root).update(data, send);
  return () => { living.get(root)?.forget(); living.delete(root); };
};

function alive(root, { update, redraw, forget = () => {} }) {
  let drawn = false;
  const end = redraw ? onNewLook(root, () => drawn && redraw()) : () => {}, unanswered = answerSymbols(root);
  return {
    update(data, send) {
      update(data, send);
      drawn = true;
      stands(root);
    },
    forget() { end(); unanswered(); forget(); },
  };
}

// Calls `redraw` whenever the element's size or the theme changes, until the function that comes back is called.
export function onNewLook(root, redraw) {
  const seen = () => { if (root.isConnected) redraw(); }; // an element that is taken away has no colours to read
  const resized = new ResizeObserver(seen);
  resized.observe(root);
  const themed = () => setTimeout(seen, 50); // the page's colours change a moment after the theme does
  const themes = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
  for (const theme of themes) theme.addEventListener("change", themed);
  const deaf = listen("colours", themed);
  return () => {
    resized.disconnect();
    deaf();
    for (const theme of themes) theme.removeEventListener("change", themed);
  };
}

// Other colours were chosen on the page itself, which no browser tells.
export const coloursChanged = () => tell("colours");
