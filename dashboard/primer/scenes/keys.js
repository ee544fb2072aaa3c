// Which scene a key leads to: the keys of a clicker wherever the focus is, digits and arrows where nothing else wants them.
const PAGES = { PageDown: 1, PageUp: -1 }, ARROWS = { ArrowRight: 1, ArrowLeft: -1 };
const TYPED = "input:not([type=range], [type=radio], [type=checkbox]), select, textarea, [contenteditable]"; // what digits are for
const WANTS = `${TYPED}, input, [role=slider], [role=radio], [role=menu] *`; // arrows

export function sceneOfKey(event, scene, count) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return scene;
  const wanted = (what) => event.composedPath().some((e) => e.matches?.(what));
  const digit = /^[1-9]$/.test(event.key) ? Number(event.key) : 0;
  if (digit) return wanted(TYPED) || digit > count ? scene : digit;
  const by = PAGES[event.key] ?? (wanted(WANTS) ? 0 : ARROWS[event.key]) ?? 0;
  return Math.min(count, Math.max(1, scene + by));
}
