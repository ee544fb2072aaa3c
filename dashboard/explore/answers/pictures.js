// The pictures that can be x in a file: its test images, or what the model draws from their codes; a draw from the prior;
// and x itself, as vae_core/data/datasets.py makes it of grey levels.
import { onShelf } from "../../shared/js/blobs.js";
import { sizeOf } from "../../shared/js/canvas.js";
import { decode, meanOf, parameters } from "../../shared/js/decoder.js";
import { normals, uniforms } from "../../shared/js/gaussian.js";
import { samplePixels } from "../../shared/js/likelihood.js";

const HALF = () => 0.5;
const clipped = (value) => Math.min(1, Math.max(0, value));

// `page.y` is the class that a conditional model is given where an image has none.
export function createPictures({ facts }, recorded, page) {
  const { shape, variance, model } = recorded, pixels = sizeOf(shape);
  const codes = () => onShelf(facts.codes), tests = () => onShelf(facts.images);
  const count = () => tests()?.count ?? codes()?.count ?? 0;
  const labelOf = (index) => codes()?.labels?.[index] ?? null;
  const decoderOf = (y) => onShelf(facts.knows ? `${facts.decoder}/${y ?? page.y ?? 0}` : model);
  const levelsOf = (mean) => Uint8Array.from(mean.subarray(0, pixels), (value) => Math.round(255 * clipped(value)));

  function codeOf(index) {
    const { mean, dims } = codes();
    return [...mean.subarray(index * dims, (index + 1) * dims)];
  }

  function sigmaOf(index) {
    const { logvar, dims } = codes();
    return [...logvar.subarray(index * dims, (index + 1) * dims)].map((value) => Math.exp(value / 2));
  }

  // Grey levels of a test image; null while there is nothing to draw it with.
  function grey(index) {
    if (tests()) return tests().levels.slice(index * pixels, (index + 1) * pixels);
    const decoder = decoderOf(labelOf(index));
    return decoder ? levelsOf(decode(decoder, codeOf(index))) : null;
  }

  // u: a pixel is black where it is more than that share black.
  function observed(levels, u = HALF) {
    if (facts.binary) return Float32Array.from(levels, (level) => (level / 255 > u() ? 1 : 0));
    return Float32Array.from(levels, (level) => (facts.pixels === "dequantised" ? (level + u()) / 256 : level / 255));
  }

  function test(index, seed) {
    const levels = grey(index);
    if (!levels) return null;
    const u = seed ? uniforms(index * 100_003 + seed) : HALF, name = tests() ? `test ${index}` : `test ${index}, as the model draws it`;
    return { grey: levels, x: observed(levels, u), name, label: labelOf(index) };
  }

  function prior(seed) {
    const normal = normals(seed + 1), z = page.z.map(() => normal()), decoder = decoderOf(null);
    if (!decoder) return null;
    const output = parameters(decoder, z), levels = levelsOf(meanOf(decoder, output));
    const x = samplePixels(decoder, output, Float32Array.from({ length: pixels }, uniforms(seed + 7)), variance, new Float32Array(pixels));
    return { grey: levels, x: facts.binary ? x : x.map(clipped), name: "a sample", label: null };
  }

  const indices = (label) => [...(codes()?.labels ?? []).subarray(0, count()).keys()].filter((i) => labelOf(i) === label);

  return { pixels, codes, count, labelOf, codeOf, sigmaOf, grey, observed, test, prior, indices };
}
