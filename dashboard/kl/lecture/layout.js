// How large the lecture is: all lengths are shares of a hall's screen, the stage is as high as the window leaves it.
const DESIGNED = [1920, 1080]; // the hall's screen
const SIDES = 112; // pixels beside a full screen
const LOWEST = 600; // pixels of height
const APART = 48; // between two squares, on the hall's screen
const FADE = 200; // ms in which another scene comes

export const lengthShare = (root) => Number(root.style.getPropertyValue("--s"));

// Fits the stage into the window, or into data-printing pixels of height on paper. False: it has no width yet.
export function fitStage(root, presents) {
  const width = root.clientWidth;
  if (!width) return false;
  const printing = "printing" in root.dataset ? Number(root.dataset.printing) : undefined;
  const phone = width < 700, full = Boolean(!printing && (document.fullscreenElement || presents));
  root.classList.toggle("phone", phone);
  root.classList.toggle("full", full);
  const height = printing ?? Math.max(LOWEST, heightLeft(root, full));
  root.style.setProperty("--s", phone ? 0.6 : shareOf(width - (full ? SIDES : 0), height).toFixed(4));
  root.style.setProperty("--tall", phone ? "auto" : `${height}px`);
  return true;
}

// Another scene fades in; it is there at once for keys and readers.
export function fadeIn(root) {
  if ("printing" in root.dataset || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const parts = root.querySelectorAll(":scope > :is(header, .rail, .stage, .room)");
  for (const part of parts) part.animate({ opacity: [0, 1] }, { duration: FADE, easing: "ease-out" });
}

function heightLeft(root, full) {
  if (full) return globalThis.innerHeight;
  return globalThis.innerHeight - (root.getBoundingClientRect().top + globalThis.scrollY) - 12;
}

const shareOf = (width, height) =>
  Math.min(1.5, Math.max(0.58, Math.min(width / (DESIGNED[0] - SIDES), height / DESIGNED[1])));

// The side of the three squares: side by side, or one below the other on a phone.
export function fitSquares(root) {
  const box = root.querySelector(".squares"), caption = box.querySelector("figcaption").offsetHeight;
  const third = (box.clientWidth - 2 * APART * lengthShare(root)) / 3;
  const side = Math.floor(root.classList.contains("phone") ? root.clientWidth : Math.min(third, box.clientHeight - caption));
  box.style.setProperty("--side", `${side}px`);
  return side;
}
