// What one model makes of the image: its mean and a sample, the browser's own decoder; and the pixel that is looked at.
import { decode, parameters } from "../../shared/js/decoder.js";
import { inkCanvas, shades } from "../../shared/js/canvas.js";
import { uniforms } from "../../shared/js/gaussian.js";
import { onShelf } from "../../shared/js/blobs.js";
import { logPixel, samplePixels } from "../../shared/js/likelihood.js";
import { followPointer } from "../../shared/js/pixel_pointer.js";
import { showPixel } from "../density.js";

// `now()` is { data, at }: what Python sent, and the place of the dial.
export function createPictures(root, now) {
  const $ = (selector) => root.querySelector(selector);
  let seed = 1, pixel = null, shown = null;

  // As soon as this model's decoder is here.
  function paint() {
    const { data, at } = now(), decoder = onShelf(data.decoders[at]), { mean } = data.image[at], { variance } = data.rows[at];
    root.classList.toggle("waits", !decoder);
    if (!decoder) return;
    const table = shades(root, data.photograph), u = Float32Array.from({ length: data.pixels }, uniforms(seed));
    shown = { decoder, output: parameters(decoder, mean).slice(), image: decode(decoder, mean).slice(), variance };
    const sample = samplePixels(decoder, shown.output, u, variance, new Float32Array(data.pixels));
    inkCanvas($(".of-mean canvas"), shown.image, data.shape, table);
    inkCanvas($(".of-sample canvas"), sample, data.shape, table);
    inspect();
  }

  const seen = () => onShelf(now().data.offer.image)?.x ?? null;

  // The pixel that the mean misses most: where one begins.
  function worst() {
    const x = seen(), off = (k) => Math.abs(shown.image[k] - x[k]);
    return x ? shown.image.reduce((most, _, k) => (off(k) > off(most) ? k : most), 0) : 0;
  }

  function inspect() {
    if (!shown) return;
    const k = pixel ?? worst(), { decoder, output, variance, image } = shown, log = logPixel(decoder, output, variance);
    const columns = now().data.shape[1], observed = seen()?.[k] ?? null;
    const one = { log: (value) => log(k, value), binary: false, mean: image[k], sigma: Math.sqrt(variance), observed };
    showPixel(root, k, columns, one, 176);
    $(".which").textContent = pixel === null ? "where the mean misses most" : "";
  }

  for (const picture of root.querySelectorAll(".picture")) {
    followPointer(picture.querySelector(".frame"), {
      canvas: picture.querySelector("canvas"), shape: () => now().data.shape, current: () => pixel, first: worst,
      point: (k) => { pixel = k; inspect(); },
    });
  }
  $(".again").onclick = () => { seed += 1; paint(); };
  return { paint, inspect };
}
