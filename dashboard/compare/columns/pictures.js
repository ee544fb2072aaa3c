// The pictures of a model: decoded here, or as Python sends them; the test images themselves from the shelf.
import { onShelf } from "../../shared/js/blobs.js";
import { bytesOf, imageAt, sizeOf } from "../../shared/js/canvas.js";
import { decode, decodeMany } from "../../shared/js/decoder.js";

// base64 of levels -> images of a shape
export function levels(text, shape) {
  const all = bytesOf(text), size = sizeOf(shape);
  return Array.from({ length: Math.ceil(all.length / size) }, (_, k) => imageAt(all, k, size));
}

// The first `count` of the test images that all models are shown
export function sharedImages(model, count) {
  const shelved = onShelf(model.fewX);
  return shelved && Array.from({ length: count }, (_, k) => imageAt(shelved.levels, k, sizeOf(model.shape)));
}

// What a model makes of points: decoded again only where the points have moved.
export function createPictures() {
  const drawn = new Map();

  function of(model, name, points = model.points[name]) {
    if (!points) return null;
    if (model.levels) return levels(model.levels[name], model.shape);
    const decoder = onShelf(model.decoder), place = `${model.key} ${name}`, key = `${model.decoder} ${JSON.stringify(points)}`;
    if (!decoder) return null;
    if (drawn.get(place)?.key === key) return drawn.get(place).found;
    const found = [], told = model.told[name];
    if (told) return told.map((y, k) => decode(onShelf(`${model.decoder.split("/")[0]}/${y}`), points[k]).slice());
    const steps = decodeMany(decoder, points, (i, made) => { found[i] = made.slice(); });
    while (!steps.next().done);
    drawn.set(place, { key, found });
    return found;
  }

  return { of, forget: () => drawn.clear() };
}
