// What Python answers on Explore, answered in the browser: another image, its q(z|x), other axes, pins and the way between
// them. The page without Python (shared/saved_pages/host.js) asks it as Streamlit asks explore.py.
import { onShelf } from "../../shared/js/blobs.js";
import { quantised } from "../../shared/js/canvas.js";
import { codesAlong, viewOf } from "../../shared/saved_pages/codes.js";
import { TOUCHED } from "../plane/arrival.js";
import { firstLayer } from "./first_layer.js";
import { createImages } from "./images.js";
import { WAYS, wayBetween } from "./ways.js";

// Of a model that only Python decodes, in a file.
const UNDRAWN = { drawnBy: "not drawn here", undrawn: "Only Python computes this decoder." };

export default createAnswers;

function createAnswers(host) {
  const recorded = host.data("pad"), { facts } = host;
  const z = pointOf(host.address.z, recorded.z.length) ?? recorded.z; // its own address first, as a server would
  const page = {
    z, axes: recorded.axes, pins: {}, via: WAYS[0], y: recorded.given, look: recorded.look, encoder: null, image: null,
  };
  const show = createShow(host, page, recorded), images = createImages(host, page);

  async function choose(z = null) {
    page.encoder = await host.encoder;
    page.image = await images.chosen();
    if (facts.knows) page.y = images.given() ?? page.image?.label ?? page.y;
    show.image(images, z ?? images.start(page.image));
    host.python?.chosen(page.image);
  }

  async function pick(wish) {
    if (await images.answer(wish)) await choose(wish.z);
    else host.update("pad", { chooser: images.offer(page.image) });
  }

  const give = (y) => { images.give(y); return choose(page.z); };
  const turn = (axes) => { page.axes = axes; show.axes(); };
  const setters = settersFor(page, show, { pick, give, turn });
  begin(host, page, recorded, show);
  if (z !== recorded.z) show.place(z);
  const { i } = host.address, wanted = /^(prior)?\d+$/.test(i) ? wishFor(i) : null;
  if (wanted) pick({ ...wanted, z: host.address.z ? page.z : undefined });
  else if (facts.codes || facts.images || host.python) choose(page.z);
  else host.update("pad", { chooser: images.offer(null) });
  return {
    open() { if (String(host.session.z ?? page.z) !== String(page.z)) show.place(host.session.z); },
    pad: {
      z: (z) => { page.z = z; host.update("pad", { z }); show.rows(); },
      axes: turn, pick,
      look: (seen) => { page.look = { ...page.look, ...seen }; },
      pins: (pins) => { page.pins = pins; show.way(); },
    },
    way: { via: (via) => { page.via = via; show.way(); } },
    "class-row": { y: give },
    article: { set: (text) => { for (const [key, value] of new URLSearchParams(text)) (setters[key] ?? host.need)(value); } },
  };
}

// Recorded was the page with all that it may be asked to show; it begins with what was asked for.
function begin(host, page, recorded, show) {
  const asked = Object.assign({}, host.facts.asked, host.address), { backdrops } = recorded;
  page.look = { ...page.look, back: backdrops.includes(asked.back) ? asked.back : backdrops[0] };
  for (const name of ["A", "B"]) {
    const pin = pointOf(asked[name.toLowerCase()], recorded.z.length);
    if (pin) page.pins[name] = pin;
  }
  host.update("pad", { look: page.look, tests: null, near: null, ...(recorded.model || host.python ? {} : UNDRAWN) });
  show.way();
  if (!Object.keys(asked).length) return;
  try { sessionStorage.setItem(TOUCHED, "yes"); } catch { /* then the point travels once */ }
}

// "0.9,-1.35", as an address has it; null: it is no such point.
function pointOf(text, dims) {
  const z = numbersOf(text ?? "");
  return z.length === dims && z.every(Number.isFinite) && text ? z : null;
}

// The image "341" or "prior7", as an address has it.
const wishFor = (i) => (i.startsWith("prior") ? { by: "prior", draw: Number(i.slice(5)) } : { by: "number", number: Number(i) });

const numbersOf = (text) => text.split(",").map(Number);

// What the components are given.
function createShow(host, page, recorded) {
  const { facts } = host, hatched = String(recorded.axes);
  let nonces = 0;
  const model = () => (page.y === null ? recorded.model : `${facts.decoder}/${page.y}`);
  const clipped = (value, [low, high]) => Math.min(high, Math.max(low, value));
  const within = (z) => quantised(z.map((value, d) => clipped(value, recorded.spans[d])));

  // `more` comes with the point: for the pad one step, which one Undo takes back.
  function place(z, more = {}) {
    page.z = within(z);
    host.update("pad", { ...more, z: page.z, nonce: `saved ${++nonces}` });
    rows();
  }

  function rows() {
    host.session.z = page.z;
    const known = host.data("sliders").rows, order = [...page.axes, ...recorded.order.filter((d) => !page.axes.includes(d))];
    const row = (dim) => ({ ...known.find((each) => each.dim === dim), model: model(), value: page.z[dim] });
    host.update("sliders", { rows: order.map(row) });
    host.update("class-row", { z: page.z, model: model(), given: page.y });
  }

  function image(images, z) {
    const { image: chosen } = page;
    place(z, {
      chooser: images.offer(chosen), q: chosen?.mean ? { mean: chosen.mean, sigma: chosen.sigma } : null, start: images.start(chosen),
      model: model(), given: page.y, encoder: chosen?.hidden ? firstLayer(page.encoder, chosen.hidden, facts) : null,
    });
  }

  function axes() {
    const { holes, hatch } = String(page.axes) === hatched ? recorded : { holes: "", hatch: "" };
    host.update("pad", { axes: page.axes, codes: codesAlong(facts, page.axes), view: viewOf(recorded, page.axes), holes, hatch });
    rows();
  }

  function way() {
    const { A, B } = page.pins, found = A && B ? wayBetween(A, B, page.via, onShelf(facts.codes), facts) : null;
    host.update("pad", { pins: page.pins, path: found?.points ?? [] });
    if (found) host.update("way", { ...found, via: page.via, model: model() });
    host.showPart("way", Boolean(found));
  }

  function look(part) {
    page.look = { ...page.look, ...part, nonce: page.look.nonce + 1 };
    host.update("pad", { look: page.look });
  }

  return { place, rows, image, axes, way, look, first: recorded.backdrops[0] };
}

// What a link of the article sets, by the key of the address.
function settersFor(page, show, { pick, give, turn }) {
  const pinAt = (name) => (text) => {
    page.pins = { ...page.pins, [name]: numbersOf(text) };
    if (!text) delete page.pins[name];
    show.way();
  };
  return {
    z: (text) => show.place(numbersOf(text)),
    i: (text) => pick(wishFor(text)),
    axes: (text) => turn(numbersOf(text).map((d) => d - 1)),
    back: (text) => show.look({ back: text || show.first }),
    pixels: (text) => show.look({ pixels: text || "mean" }),
    hide: (text) => show.look({ hide: text ? numbersOf(text) : [] }),
    zoom: (text) => show.look({ zoom: text ? numbersOf(text) : null }),
    a: pinAt("A"), b: pinAt("B"),
    via: (text) => { page.via = text || WAYS[0]; show.way(); },
    class: (text) => give(Number(text)),
  };
}
