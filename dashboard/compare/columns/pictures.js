// The pictures of a model: decoded here, or as Python sends them; the test images themselves from the shelf.
import { bytes } from "../../shared/js/base64.js";
import { onShelf } from "../../shared/js/blobs.js";
import { decodeMany } from "../../shared/js/decoder.js";

export const sizeOf = ({ shape }) => shape[0] * shape[1];

const image = (all, k, pixels) => Float32Array.from(all.subarray(k * pixels, (k + 1) * pixels), (level) => level / 255);

// base64 of grey levels -> images
export function levels(text, pixels) {
  const all = bytes(text);
  return Array.from({ length: Math.ceil(all.length / pixels) }, (_, k) => image(all, k, pixels));
}

// The first `count` of the test images that all models are shown
export function sharedImages(model, count) {
  const shelved = onShelf(model.fewX);
  return shelved && Array.from({ length: count }, (_, k) => image(shelved.levels, k, sizeOf(model)));
}

// What a model makes of points: decoded again only where the points have moved.
export function createPictures() {
  const drawn = new Map();

  function of(model, name, points = model.points[name]) {
    if (!points) return null;
    if (model.levels) return levels(model.levels[name], sizeOf(model));
    const decoder = onShelf(model.decoder), place = `${model.key} ${name}`, key = `${model.decoder} ${JSON.stringify(points)}`;
    if (!decoder) return null;
    if (drawn.get(place)?.key === key) return drawn.get(place).found;
    const found = [], steps = decodeMany(decoder, points, (i, made) => { found[i] = made.slice(); });
    while (!steps.next().done);
    drawn.set(place, { key, found });
    return found;
  }

  return { of, forget: () => drawn.clear() };
}
