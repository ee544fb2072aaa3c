// Which image is chosen, as image_picker.py answers it: a test image, one that is drawn here, or a draw from the prior.
// Where a file may not hold the test images, the model draws them from their codes, and their names say so.
import { bytes } from "../../shared/js/base64.js";
import { inColour } from "../../shared/js/canvas.js";
import { onShelf, put } from "../../shared/js/blobs.js";
import { encode } from "../../shared/js/encoder.js";
import { uniforms } from "../../shared/js/gaussian.js";
import { centred, cropped } from "../../shared/js/strokes_to_pixels.js";
import { createPictures } from "./pictures.js";

const CANVAS = 112; // pixels to a side of a drawing
const PER_CLASS = 10; // classes that have a button of their own

// `page` has the point z, the given class y and, once it is there, the encoder.
export function createImages(host, page) {
  const { facts } = host, recorded = host.data("pad"), pictures = createPictures(host, recorded, page);
  const given = facts.asked.class === undefined ? null : Number(facts.asked.class);
  const now = { ...wantedBy(recorded.chooser.asked.i), seed: 0, own: 0, drawn: null, given, note: ["", 0] };
  const commands = commandsFor(now, page, { ...recorded, python: host.python && facts.encodes }, pictures);

  function picture() {
    if (now.kind === "drawn") return now.drawn && { grey: now.drawn, x: pictures.observed(now.drawn), name: "Drawn", label: null };
    return now.kind === "prior" ? pictures.prior(now.number) : pictures.test(now.number, now.seed);
  }

  // With q(z|x); without an encoder here, as it came along with the codes, or as Python gives it in a notebook.
  async function chosen() {
    const found = pictures.count() || now.kind !== "test" ? picture() : null;
    if (!found) return null;
    const y = facts.knows ? found.label ?? now.given ?? page.y ?? 0 : null, image = { ...found, kind: now.kind, number: now.number };
    if (page.encoder) return { ...image, ...encode(page.encoder, found.x, y) };
    return { ...image, ...codeThatCame(), ...(now.kind === "test" ? {} : await host.python?.code(image)) };
  }

  function codeThatCame() {
    const known = now.kind === "test" && pictures.codes();
    const sigma = known && facts.stochastic ? pictures.sigmaOf(now.number) : null, nowhere = facts.codes ? page.z.slice() : null;
    return { mean: known ? pictures.codeOf(now.number) : nowhere, sigma, hidden: null };
  }

  const start = (image) => (now.kind === "test" && pictures.codes() ? pictures.codeOf(now.number) : image?.mean ?? recorded.start);

  function offer(image) {
    const labelled = Boolean(pictures.codes()?.labels), count = pictures.count();
    return {
      ...recorded.chooser, image: image ? lay(image) : "", samples: samples(), ready: true, count,
      missing: count ? "" : "No test images are in this file.", classes: labelled ? recorded.classes : [],
      lacking: labelled ? recorded.classes.map((_, label) => label).filter((label) => !pictures.indices(label).length) : [],
      untrained: [], kind: image?.kind ?? "", label: image?.label ?? null, name: image?.name ?? "", asked: asked(),
      own: now.own, note: now.note,
    };
  }

  function asked() {
    const i = { test: String(now.number), prior: `prior${now.number}`, drawn: "none" }[now.kind];
    return { i, seed: String(now.seed), own: now.kind === "drawn" ? now.own : 0 };
  }

  function lay({ x, grey, name }) {
    const key = `image ${name} ${now.number} ${now.seed} ${now.own}`;
    if (!onShelf(key)) put(key, { count: pictures.pixels, x, grey });
    return key;
  }

  // One test image of each class, for the buttons.
  function samples() {
    const { classes, shape } = recorded, key = `samples ${facts.key}`, { pixels } = pictures;
    if (!pictures.codes()?.labels || classes.length > PER_CLASS) return "";
    if (onShelf(key)) return key;
    const levels = new Uint8Array(classes.length * pixels);
    for (const [label] of classes.entries()) {
      const [first] = pictures.indices(label), grey = first === undefined ? new Uint8Array(pixels) : pictures.grey(first);
      if (!grey) return "";
      levels.set(grey, label * pixels);
    }
    put(key, { count: classes.length, shape, levels });
    return key;
  }

  // Whether the image is another one now.
  async function answer(wish) {
    page.encoder = await host.encoder;
    return commands[wish.by](wish) !== false;
  }

  return { answer, chosen, offer, start, given: () => now.given, give: (y) => { now.given = y; } };
}

// What the chooser can ask for, by name; false: nothing has changed.
function commandsFor(now, page, { classes, shape, photograph, python }, pictures) {
  const { count, indices, labelOf } = pictures;
  const to = (kind, number, seed = 0) => { Object.assign(now, { kind, number, seed, given: kind === "test" ? null : now.given }); };
  // A drawing as a model knows its images, in colour as white on black.
  function drawnOn(levels) {
    const grey = (photograph || inColour(shape) ? cropped : centred)(levels, CANVAS, shape);
    return grey && inColour(shape) ? Uint8Array.from({ length: 3 * grey.length }, (_, k) => grey[Math.floor(k / 3)]) : grey;
  }
  const say = (text) => { now.note = [text, now.note[1] + 1]; return false; };
  return {
    class({ class: label }) {
      const all = indices(label), at = now.kind === "test" && labelOf(now.number) === label ? now.number : -1;
      return all.length ? to("test", all.find((i) => i > at) ?? all[0]) : say(`No test image here is of the class ${classes[label]}.`);
    },
    chance: ({ draw }) => to("test", Math.floor(uniforms(draw)() * count())),
    number({ number }) {
      if (number >= 0 && number < count()) return to("test", number);
      return say(`There is no test image ${number} here: they are numbered from 0 to ${count() - 1}.`);
    },
    prior: ({ draw }) => to("prior", draw % 1e6),
    pixels: () => { now.seed++; },
    drawn({ levels }) {
      if (!page.encoder && !python) return say("This file has no encoder, which runs in Python: a drawing gets no code here.");
      const made = drawnOn(bytes(levels));
      if (!made) return say("There is no ink here yet: draw something.");
      Object.assign(now, { drawn: made, own: now.own + 1 });
      return to("drawn", 0);
    },
    opened: () => say("Opening a picture file needs Python; drawing on x does not."),
    bound: () => say("Sorting all test images by their bound needs Python."),
    back({ i, seed }) {
      const { kind, number } = i === "none" ? { kind: "drawn", number: 0 } : wantedBy(i);
      return to(kind, number, Number(seed));
    },
  };
}

const wantedBy = (i) => ({ kind: i.startsWith("prior") ? "prior" : "test", number: Number(i.replace(/\D/g, "")) || 0 });
