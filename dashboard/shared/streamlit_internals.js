// Every hook of a component into Streamlit's page that its documentation does not promise, read from Streamlit 1.67;
// streamlit_internals.py has those of the server, and tests/pages/test_streamlit_internals.py looks for each.
let here = null;

// A component stands in a shadow root: the nearest element of the page around it that the selector names.
export const around = (node, selector) => node.getRootNode().host?.closest(selector);

// What Streamlit lays a component into, with the gap that follows it.
export const elementOf = (node) => around(node, "[data-testid=stElementContainer]");

// The same of a part that is not in a shadow.
export const containerOf = (node) => node.closest("[data-testid=stElementContainer]");

// What scrolls: all of a page but its header.
export const scroller = () => document.querySelector(".stMain");

// What has the page's colours, light or dark.
export const coloured = () => document.querySelector(".stApp");

// The page's column, whose height is that of what is on the page.
export const column = () => document.querySelector(".stMainBlockContainer");

// The same of a part, in which the notices stand above a component.
export const columnOf = (node) => around(node, ".stMainBlockContainer");

// The element of the page with this key; `part` is one of the component in it, which stands in its shadow.
export function keyed(key, part = null) {
  const whole = document.querySelector(`.st-key-${key}`);
  const shadow = part && [...(whole?.querySelectorAll("*") ?? [])].find((node) => node.shadowRoot)?.shadowRoot;
  return shadow?.querySelector(part) ?? whole;
}

// Tells style.css that this part of the page has its size, in the second frame from now: in the first it is measured. Until
// then, and until somebody touches the page, what comes after it waits.
export function stands(root) {
  const host = root.getRootNode().host;
  if (!host || host.hasAttribute("data-stands")) return;
  requestAnimationFrame(() => requestAnimationFrame(() => host.setAttribute("data-stands", "")));
  for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, touched, { capture: true, once: true });
}

const touched = () => document.documentElement.setAttribute("data-touched", "");

// On a narrow screen the list of pages stays open after a choice; by itself it closes on what calls itself a phone.
export function arrived(page) {
  const close = "[data-testid=stSidebar][data-collapsed=false] [data-testid=stSidebarCollapseButton] button";
  if (here !== null && here !== page && innerWidth < 768) document.querySelector(close)?.click();
  here = page;
}

// Each address that is written would be an entry of the history, a new page several: Backs that show nothing. What is
// written after one touch is one entry, and what a page writes by itself is none.
export function oneEntryPerTouch(history, events = globalThis) {
  if (history.oneEntryPerTouch) return;
  history.oneEntryPerTouch = true;
  const push = history.pushState.bind(history);
  let touched = false;
  for (const name of ["pointerdown", "keydown", "click"]) {
    events.addEventListener(name, (event) => { touched ||= event.isTrusted; }, true);
  }
  history.pushState = (...entry) => {
    if (touched) push(...entry);
    else history.replaceState(...entry);
    touched = false;
  };
}

// Where Streamlit keeps the theme that was chosen for a path: "Light", "Dark" or "System", as JSON. It reads it when a page
// is loaded; storage that is forbidden is no error.
const THEME = (path) => `stActiveTheme-${path}-v2`;

// Whether the browser keeps anything for this address: one that refuses cookies forbids even the question.
export function keepsThemes() {
  try {
    return Boolean(localStorage);
  } catch {
    return false;
  }
}

export function keptTheme(path) {
  try {
    return JSON.parse(localStorage.getItem(THEME(path))) ?? "System";
  } catch {
    return "System";
  }
}

export function keepTheme(path, name) {
  try {
    localStorage.setItem(THEME(path), JSON.stringify(name));
  } catch { /* private: the page keeps the system's colours */ }
}
