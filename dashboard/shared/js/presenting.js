// A component that fills the screen of a hall: a button begins and ends it, a clicker or the keyboard turns the pages,
// B makes the screen black until the next key. style.css hides the header meanwhile.
const CLICKER = { pagedown: 1, pageup: -1 }, ARROWS = { arrowright: 1, arrowleft: -1 }, SPACE = { " ": 1 };

// `turn(by)` goes on or back, on a desk as in a hall. In a hall `keys` has functions for more keys, by their lower-case names,
// and `free` those for keys that mean something else to a control that has the focus. `opening()` comes first after a click
// on the button, `changed(on)` whenever a hall begins or ends, `layout()` when the size may have changed.
export function createPresenting(root, button, { turn, layout, keys = {}, free = {}, opening = () => {}, changed = () => {} }) {
  const on = () => "presents" in root.dataset;

  function show(whether) {
    root.toggleAttribute("data-presents", whether);
    document.documentElement.toggleAttribute("data-vae-presents", whether);
    root.removeAttribute("data-black");
    button.textContent = whether ? "End" : "Present";
    if (whether) root.focus({ preventScroll: true });
    changed(whether);
    setTimeout(layout, 60); // the header is gone, or back
  }

  function begin() {
    opening();
    show(true);
    document.documentElement.requestFullscreen?.().catch(() => {}); // without it the page is as large as its window
  }

  const end = () => (document.fullscreenElement ? document.exitFullscreen() : show(false));
  const resized = () => (!document.fullscreenElement && on() ? show(false) : layout());

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !root.isConnected) return;
    if (event.key === "Escape" && on()) return show(false);
    const act = actionOf(event, root, on(), { turn, keys, free });
    if (!act) return;
    event.preventDefault();
    act();
  }

  button.onclick = () => (on() ? end() : begin());
  root.addEventListener("click", () => { if (on()) root.focus({ preventScroll: true }); }); // Space stays "next"
  document.addEventListener("keydown", pressed);
  document.addEventListener("fullscreenchange", resized);
  return {
    on,
    begin: () => show(true),
    forget() {
      document.removeEventListener("keydown", pressed);
      document.removeEventListener("fullscreenchange", resized);
      if (on()) document.documentElement.removeAttribute("data-vae-presents");
    },
  };
}

const typedInto = (node) => /^(input|textarea|select)$/i.test(node.tagName ?? "") && node.type !== "range";

// What a key does; null: it is left to the control that has the focus, or to the browser.
function actionOf(event, root, presents, { turn, keys, free }) {
  const path = event.composedPath(), key = event.key.toLowerCase();
  const black = () => root.toggleAttribute("data-black"), loose = path[0] === document.body || path[0] === root;
  const button = path[0].matches?.("button:not([role])") && path.includes(root); // arrows mean nothing to it
  if (presents && "black" in root.dataset) return black;
  if (path.some(typedInto)) return null;
  const more = presents ? { b: black, ...keys, ...(loose ? free : {}) } : {};
  if (more[key]) return more[key];
  const by = { ...CLICKER, ...(loose || button ? ARROWS : {}), ...(loose && presents ? SPACE : {}) }[key];
  return by ? () => turn(by) : null;
}
