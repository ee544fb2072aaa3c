// A film strip of its own, over a slider.
import { createStrip } from "./film.js";

const strips = new WeakMap();

export default function ({ data: [data], parentElement }) {
  const root = parentElement.querySelector(".strip");
  if (!strips.has(root)) strips.set(root, createStrip(root));
  const strip = strips.get(root);
  strip.update(data);
  return () => { strip.forget(); strips.delete(root); };
}
