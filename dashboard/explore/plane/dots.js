// The dots of the plane are test images: which one is under the mouse, a ring around it, and a card with its image.
import { bytesOf, imageAt, inkCanvas, sizeOf } from "../../shared/js/canvas.js";
import { fetchBlob } from "../../shared/js/blob_encoding.js";
import { nameOf } from "../../shared/js/classes.js";
import { readHeader } from "../../shared/js/decoder.js";
import { write } from "./frame.js";

const REACH = 8; // pixels from a dot, within which the mouse means it
const KEPT = 64; // packets of images

// The number of the dot nearest to (x, y) in pixels, -1 if none is near.
export function dotAt({ codes, toX, toY, without, dims }, x, y) {
  if (!codes || dims === 1) return -1;
  const { mean, labels, count } = codes;
  let best = -1, least = REACH ** 2;
  for (let i = 0; i < count; i++) {
    if (labels && without.has(labels[i])) continue;
    const far = (toX(mean[2 * i]) - x) ** 2 + (toY(mean[2 * i + 1]) - y) ** 2;
    if (far < least) [best, least] = [i, far];
  }
  return best;
}

export function createDots(root, pad) {
  const $ = (selector) => root.querySelector(selector), ring = $(".lit-dot"), card = $(".dot-card"), canvas = $(".dot-card canvas");
  const packets = new Map(); // of images, by name
  let here = -1;

  const dotted = () => ["codes", "holes"].includes(pad.look.shown(pad.data));

  // The dot under the mouse, at (x, y) of the plane; -1 for none.
  function over(x, y) {
    const index = pad.scene && dotted() ? dotAt(pad.scene, x, y) : -1;
    light(index);
    if (index === here && index >= 0) return stand(x, y);
    here = index;
    card.hidden = index < 0;
    for (const thumb of root.querySelectorAll(".thumb")) thumb.classList.toggle("of-dot", Number(thumb.dataset.index) === index);
    if (index < 0) return;
    const { labels } = pad.scene.codes, name = labels ? nameOf(pad.data.classes, labels[index]) : "";
    write($(".dot-card span"), `${name ? `${name}\n` : ""}test image ${index}`);
    canvas.hidden = true;
    stand(x, y);
    picture(index).then((image) => {
      if (!image || here !== index) return;
      inkCanvas(canvas, image, pad.data.shape, pad.table);
      canvas.hidden = false;
      stand(x, y);
    });
  }

  // A ring around a dot, -1: around none.
  function light(index) {
    const { codes, toX, toY, dims } = pad.scene ?? {}, seen = index >= 0 && codes && dims > 1 && index < codes.count;
    ring.style.display = seen ? "block" : "none";
    if (!seen) return;
    ring.setAttribute("cx", toX(codes.mean[2 * index]).toFixed(1));
    ring.setAttribute("cy", toY(codes.mean[2 * index + 1]).toFixed(1));
  }

  // The card beside the mouse, within the plane.
  function stand(x, y) {
    const { side } = pad, { offsetWidth: wide, offsetHeight: tall } = card;
    const left = x + 16 + wide > side ? x - 16 - wide : x + 16, top = Math.min(side - tall - 4, Math.max(4, y - tall - 10));
    card.style.transform = `translate(${left.toFixed(0)}px, ${top.toFixed(0)}px)`;
  }

  // A test image in [0, 1], if it is to be had: out of a packet of images that the server keeps.
  async function picture(index) {
    const { tests, shape } = pad.data, name = tests?.names[Math.floor(index / tests.each)];
    if (!name) return null;
    if (!packets.has(name)) packets.set(name, fetchBlob(name).catch(() => null));
    if (packets.size > KEPT) packets.delete(packets.keys().next().value);
    const bytes = await packets.get(name);
    if (!bytes) return packets.delete(name) && null; // asked for again the next time
    const { buffer, offset } = readHeader(bytes);
    return imageAt(new Uint8Array(buffer, offset), index % tests.each, sizeOf(shape));
  }

  // The test images with the nearest codes: each is shown on the plane while it is pointed at, and chosen by a press.
  function neighbours(thumbs, choose) {
    const { near, shape } = pad.data, levels = bytesOf(near.levels), size = sizeOf(shape);
    while (thumbs.children.length < near.names.length) thumbs.append(thumbButton());
    while (thumbs.children.length > near.names.length) thumbs.lastChild.remove();
    [...thumbs.children].forEach((button, k) => {
      const name = `${near.names[k]}: take it as your image`;
      inkCanvas(button.firstChild, imageAt(levels, k, size), shape, pad.table);
      Object.assign(button, { title: name, onclick: () => choose(near.indices[k]) });
      button.setAttribute("aria-label", name);
      button.dataset.index = near.indices[k];
      button.onpointerenter = button.onfocus = () => light(near.indices[k]);
      button.onpointerleave = button.onblur = () => light(-1);
    });
  }

  return { over, none: () => over(-1e6, -1e6), neighbours };
}

function thumbButton() {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "thumb" });
  button.append(document.createElement("canvas"));
  return button;
}
