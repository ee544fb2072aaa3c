// A pulse runs through the picture when another image is chosen or drawn: x, encoder, q, z, decoder, x-hat.
const STOPS = [".x-frame", ".encoder", ".of-q-plane.ring", ".handle", ".decoder", ".image"];
const EACH = 190, LASTS = 520; // ms from one to the next, and that each of them glows

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export function createPulse(root) {
  let shown = null, running = [];

  // `name` is the image's; another one than before has the pulse run, where the visitor does not want calm.
  function image(name) {
    const before = shown;
    shown = name;
    if (before === null || before === name || !name || calm()) return;
    for (const animation of running) animation.cancel();
    running = STOPS.flatMap((stop, k) => [...root.querySelectorAll(stop)].map((part) => glow(part, k * EACH)));
    root.dataset.pulses = Number(root.dataset.pulses ?? 0) + 1;
  }

  return { image, stop: () => running.forEach((animation) => animation.cancel()) };
}

const RING = { boxShadow: "0 0 0 4px color-mix(in srgb, var(--z) 55%, transparent)" };
const SWEEP = { filter: "drop-shadow(0 0 6px var(--z))" };

// Frames are drop shadows: a box's for boxes, the drawn shape's for a trapezoid and for what is drawn in the plane.
export function glow(part, delay = 0) {
  const boxed = part.matches(".x-frame, .image, .handle, .lens"), on = boxed ? RING : SWEEP;
  const off = boxed ? { boxShadow: "0 0 0 0 transparent" } : { filter: "drop-shadow(0 0 0 transparent)" };
  return part.animate([off, { ...on, offset: 0.35 }, off], { duration: LASTS, delay, easing: "ease-in-out" });
}
