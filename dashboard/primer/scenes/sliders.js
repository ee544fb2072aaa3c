// Named sliders with their values: what a hand drags in the drawing, a key moves here.
import { number } from "../../shared/js/canvas.js";
import { html } from "../../shared/js/html.js";

export const sliderOf = ({ key, name, low, high, step = 0.01, tint = "ink", log = false }) => html`
  <label class="slider ${tint}">
    <span>${name}</span><b></b>
    <input type="range" data-key="${key}" data-log="${log ? 1 : ""}" min="${log ? Math.log(low) : low}" max="${log ? Math.log(high) : high}"
      step="${log ? 0.01 : step}">
  </label>`;

// `read(key)` is a value, `write(key, value)` takes one; the function that comes back shows them all.
export function wired(box, read, write, shown = (_, value) => number(value)) {
  const inputs = [...box.querySelectorAll("input[data-key]")];
  for (const input of inputs) {
    input.oninput = () => write(input.dataset.key, rounded(input.dataset.log ? Math.exp(Number(input.value)) : Number(input.value)));
  }
  return () => {
    for (const input of inputs) {
      const value = read(input.dataset.key), words = shown(input.dataset.key, value);
      input.value = input.dataset.log ? Math.log(value) : value;
      input.setAttribute("aria-valuetext", words);
      input.previousElementSibling.textContent = words;
    }
  };
}

export const rounded = (value) => Math.round(1000 * value) / 1000;
export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
export const inAddress = (values) => values.map((value) => String(rounded(value))).join(",");

// Nats or bits: the unit's name, and a value in it as text.
export const unitOf = (bits) => ({
  name: bits ? "bits" : "nats",
  value: (nats) => (bits ? nats / Math.LN2 : nats),
  text: (nats, digits = 2) => number(bits ? nats / Math.LN2 : nats, digits),
});

export const unitChoice = html`
  <div class="segments units" role="radiogroup" aria-label="Unit"></div>`;
