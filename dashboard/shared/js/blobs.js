// What several components need once: decoders, codes and ready pictures, kept by key; and the current point z.
// Python mounts one of these per blob; the other components take it from here, so that moving z sends no weights.
import { sizeOf } from "./canvas.js";
import { givenClass, readDecoder, readHeader } from "./decoder.js";

const KEPT = 48; // a family of models takes 26
const lab = (globalThis.vaeLab ??= { shelf: new Map(), events: new EventTarget(), point: null });

export function put(key, item) {
  lab.shelf.delete(key);
  lab.shelf.set(key, item);
  while (lab.shelf.size > KEPT) lab.shelf.delete(lab.shelf.keys().next().value);
  lab.events.dispatchEvent(new CustomEvent("shelf", { detail: key }));
}

// What is kept under a key; of a conditional decoder "key/3" is the one given class 3.
export function onShelf(key) {
  const [whole, y] = String(key).split("/"), item = lab.shelf.get(whole);
  return y === undefined || !item ? item : givenClass(item, Number(y));
}

export const currentPoint = () => lab.point;

// Tell everybody where z is now. `by` is the teller, `done` is true when the hand has let go.
export function tell(type, detail) {
  if (type === "point") lab.point = detail;
  lab.events.dispatchEvent(new CustomEvent(type, { detail }));
}

export function listen(type, heard) {
  const listener = (event) => heard(event.detail);
  lab.events.addEventListener(type, listener);
  return () => lab.events.removeEventListener(type, listener);
}

const readers = {
  decoder: readDecoder,
  codes(bytes) {
    const { header, buffer, offset } = readHeader(bytes);
    const { count, dims } = header;
    const mean = new Float32Array(buffer, offset, count * dims);
    const logvar = new Float32Array(buffer, offset + 4 * count * dims, count * dims);
    const labels = header.labels ? new Uint8Array(buffer, offset + 8 * count * dims, count) : null;
    return { ...header, mean, logvar, labels };
  },
  member(bytes) {
    const codes = readers.codes(bytes), { buffer, offset } = readHeader(bytes), { count, dims, cells } = codes;
    return { ...codes, levels: new Uint8Array(buffer, offset + 8 * count * dims + count, cells * cells) };
  },
  holes(bytes) {
    const { header, buffer, offset } = readHeader(bytes);
    return { ...header, ratio: new Uint8Array(buffer, offset, header.cells * header.cells) };
  },
  image(bytes) {
    const { header, buffer, offset } = readHeader(bytes);
    const x = new Float32Array(buffer, offset, header.count);
    return { ...header, x, grey: new Uint8Array(buffer, offset + 4 * header.count, header.count) };
  },
  table(bytes) {
    const { header, buffer, offset } = readHeader(bytes), { names, count } = header, after = offset + 4 * names.length * count;
    const columns = Object.fromEntries(names.map((name, k) => [name, new Float32Array(buffer, offset + 4 * k * count, count)]));
    const images = new Uint32Array(buffer, after, count), labels = header.labels ? new Uint16Array(buffer, after + 4 * count, count) : null;
    return { ...header, columns, images, labels };
  },
  film(bytes) {
    const { header, buffer, offset } = readHeader(bytes), { steps, shape, tiles, codes, kept } = header;
    const size = sizeOf(shape), board = tiles * tiles * size, each = board + 8 * codes + kept * size;
    const originals = steps.length * each;
    return {
      ...header, bytes: new Uint8Array(buffer, offset), originals,
      at: (k) => ({ tiles: k * each, again: k * each + board + 8 * codes }),
      codesAt: (k) => new Float32Array(buffer.slice(offset + k * each + board, offset + k * each + board + 8 * codes)),
      labelled: header.labels ? new Uint8Array(buffer, offset + originals + kept * size, codes) : null,
    };
  },
  pictures(bytes) {
    const { header, buffer, offset } = readHeader(bytes);
    return { ...header, levels: new Uint8Array(buffer, offset, header.count * sizeOf(header.shape)) };
  },
};

export function shelve(bytes) {
  const { header } = readHeader(bytes);
  put(header.sha256, readers[header.kind ?? "decoder"](bytes));
  for (let y = 0; y < (header.layers && header.classes ? header.classes : 0); y++) tell("shelf", `${header.sha256}/${y}`);
}
