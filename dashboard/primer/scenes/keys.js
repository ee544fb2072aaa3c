// Which scene a key leads to: the keys of a clicker wherever the focus is, digits and arrows where nothing else wants them.
const PAGES = { PageDown: 1, PageUp: -1 }, ARROWS = { ArrowRight: 1, ArrowLeft: -1 };
const WANTS = "input, select, textarea, [contenteditable], [role=slider], [role=radio], [role=menu] *";

export function sceneOfKey(event, scene, count) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return scene;
  const taken = event.composedPath().some((e) => e.matches?.(WANTS));
  const digit = /^[1-9]$/.test(event.key) ? Number(event.key) : 0;
  if (digit) return taken || digit > count ? scene : digit;
  const by = PAGES[event.key] ?? (taken ? 0 : ARROWS[event.key]) ?? 0;
  return Math.min(count, Math.max(1, scene + by));
}
