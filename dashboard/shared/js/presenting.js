// A component that fills the screen of a hall: a button begins and ends it, a clicker or the keyboard turns the pages,
// B makes the screen black until the next key. style.css hides the header meanwhile.
const TYPED_INTO = /^(input|textarea|select)$/i;
const CLICKER = { PageDown: 1, PageUp: -1 }, KEYBOARD = { " ": 1, ArrowRight: 1, ArrowLeft: -1 };

// `turn(by)` goes on or back, `keys` has functions for letters, `layout()` follows when the size may have changed.
export function createPresenting(root, button, { turn, keys, layout }) {
  const on = () => "presents" in root.dataset;

  function show(whether) {
    root.toggleAttribute("data-presents", whether);
    document.documentElement.toggleAttribute("data-vae-presents", whether);
    root.removeAttribute("data-black");
    button.textContent = whether ? "End" : "Present";
    if (whether) root.focus({ preventScroll: true });
    setTimeout(layout, 60); // the header is gone, or back
  }

  function begin() {
    show(true);
    document.documentElement.requestFullscreen?.().catch(() => {}); // without it the page is as large as its window
  }

  const end = () => (document.fullscreenElement ? document.exitFullscreen() : show(false));
  const changed = () => (!document.fullscreenElement && on() ? show(false) : layout());

  function pressed(event) {
    if (!on() || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape") return show(false);
    const act = actionOf(event, root, { turn, keys });
    if (!act) return;
    event.preventDefault();
    act();
  }

  button.onclick = () => (on() ? end() : begin());
  root.addEventListener("click", () => { if (on()) root.focus({ preventScroll: true }); }); // Space stays "next"
  document.addEventListener("keydown", pressed);
  document.addEventListener("fullscreenchange", changed);
  return {
    on,
    forget() {
      document.removeEventListener("keydown", pressed);
      document.removeEventListener("fullscreenchange", changed);
      if (on()) document.documentElement.removeAttribute("data-vae-presents");
    },
  };
}

function actionOf(event, root, { turn, keys }) {
  const [first] = event.composedPath(), key = event.key.toLowerCase();
  if (TYPED_INTO.test(first.tagName ?? "")) return null;
  if ("black" in root.dataset || key === "b") return () => root.toggleAttribute("data-black");
  if (keys[key]) return keys[key];
  const free = first === document.body || first === root; // else Space presses the button that has the focus
  const by = CLICKER[event.key] ?? (free ? KEYBOARD[event.key] : 0);
  return by ? () => turn(by) : null;
}
