// All that the pad draws: what lies behind the point, the point with q(z|x), the decoded image and its numbers.
import { cut, nameOf, shortNames } from "../../shared/js/classes.js";
import { classColours, colour, css, handTook, shades, sharpen } from "../../shared/js/canvas.js";
import { onShelf, tell } from "../../shared/js/blobs.js";
import { caption, drawBackdrop } from "./backdrop.js";
import { createDecoded } from "./decoded.js";
import { createDots } from "./dots.js";
import { createFrame, write } from "./frame.js";
import { createMorph } from "./morph.js";
import { showNeighbours } from "./neighbours.js";
import { createNetworks } from "./networks.js";
import { drawPins } from "./pins.js";
import { createPosterior } from "./posterior.js";
import { createReadouts } from "./readouts.js";

// `chosen(index)` hears which test image somebody wants as x.
export function createDrawing(root, pad, chosen) {
  const $ = (selector) => root.querySelector(selector);
  const frame = createFrame(root), posterior = createPosterior(root), readouts = createReadouts(root);
  const decoded = createDecoded($(".drawn"), pad), networks = createNetworks(root, pad), dots = createDots(root, pad);
  const morph = createMorph(root);
  let frames = 0, colours, stopBackdrop = () => {};

  // Gives the plane and the image their sizes, where there is room for them at all.
  function fit() {
    const width = root.getBoundingClientRect().width;
    if (!width) return false;
    const tall = (globalThis.vaeLab?.tall ?? innerHeight) - (pad.data.given === null ? 0 : CLASS_ROW);
    const { phone, mid, flat, side, large } = sizes(width, tall);
    for (const [name, is] of Object.entries({ phone, mid, flat, inside: phone || mid })) root.classList.toggle(name, is);
    root.style.setProperty("--side", `${side}px`);
    root.style.setProperty("--picture", `${large}px`);
    pad.side = side;
    decoded.fit(large, phone);
    colours = coloursOf(root);
    pad.table = shades(root, pad.data.photograph);
    networks.lay(colours);
    return true;
  }

  function backdrop() {
    stopBackdrop();
    const { data, look } = pad, name = look.shown(data);
    const scene = (pad.scene = sceneOf(root, pad, colours));
    const { codes, decoder, hatch } = scene;
    const missing = (["codes", "density", "holes"].includes(name) && !codes) || (name === "tiles" && !decoder);
    const sent = name === "tiles" ? "The decoder is being sent." : "The codes are being sent.";
    write($(".said"), caption(name, scene));
    write($(".coming"), missing && data.codes ? sent : "");
    frame.lay(scene);
    showPosterior();
    stopBackdrop = missing ? () => {} : draw(scene, name);
    Object.assign(root.dataset, { backdrop: name, hatched: name === "holes" && hatch ? hatch.sha256 : "" });
    root.dataset.view = Object.values(scene.view).flat().join();
  }

  // What was there gives way to it: by fading where it is of another kind, dot by dot where it is of the same images.
  function draw(scene, name) {
    const { side, codes } = scene, dotted = name === "codes" && scene.dims > 1 && codes;
    if ((root.dataset.backdrop ?? name) !== name) morph.fade();
    if (!dotted) morph.forget();
    const pen = sharpen($(".backdrop"), side, side), whole = () => drawBackdrop(pen, scene, name);
    return (dotted && morph.fly(pen, scene, pad.data.codes, () => { stopBackdrop = whole(); })) || whole();
  }

  function showPosterior() {
    const { scene } = pad;
    Object.assign(scene, { q: posteriorOf(pad), pins: pad.data.pins }); // its name gives way to pins
    posterior.lay(scene);
    $(".resample").hidden = $(".noise").hidden = !scene.q?.sigma;
    drawPins(root, pad.data, scene);
    point();
  }

  // What follows the point while it moves.
  function point() {
    const { data, side, table, scene, z, codes, image, empty } = pad;
    if (!side || !table || !scene) return;
    const start = performance.now(), { axes, dims, classes } = data, logFit = decoded.show();
    delete root.dataset.hovers;
    write($(".undrawn"), data.undrawn ?? "");
    write($(".said-image"), !scene.decoder ? data.drawnBy ?? "drawn by the server for now" : drawnThere(data));
    networks.show();
    frame.place(z[axes[0]], dims > 1 ? z[axes[1]] : 0);
    posterior.place(z);
    readouts.show({ z, axes, dims, codes, classes, logFit: image && !empty ? logFit : NaN });
    tell("point", { model: data.model, z });
    const took = performance.now() - start;
    handTook(took);
    root.dataset.cost = took.toFixed(3);
    root.dataset.frames = ++frames;
    root.dataset.z = z.join(",");
  }

  return {
    fit, backdrop, point, posterior: showPosterior, neighbours: () => showNeighbours(root, pad, dots, chosen), dots,
    encoded: networks.image, served: decoded.showServed, preview: (z) => { decoded.preview(z); networks.show(); },
    picture: decoded.picture, stop: () => stopBackdrop(),
  };
}

function drawnThere({ given, classes }) {
  return given === null ? "what the decoder draws" : `as the class ${cut(nameOf(classes, given), 12)}`;
}

// Without an image there is none, nor while an empty sheet lies on the image.
const posteriorOf = ({ data, empty }) => (empty ? null : data.q);

const OTHERS = 306; // pixels of a screen's height: header, heading, the plane's own, its ticks, the strips
const CLASS_ROW = 92; // of a conditional model
const LEAST = 380, MOST = 760; // pixels to a side of the plane
const LOW = 700; // pixels of a screen that has no room for images of 252
const FLAT = 560; // pixels of a page at 200 %, where the plane stands between both images
const GAP = 14, GUTTER = 36; // pixels between two parts, and left of the plane

// Pixels to a side of the plane and of x and its decoded image, which are of one size: so that all of it is in sight.
function sizes(width, tall) {
  const phone = width < 860, mid = !phone && width < 1150;
  const flat = phone && width >= 600 && tall < FLAT, kind = { phone, mid, flat };
  if (flat) return { ...kind, side: Math.floor(Math.max(270, Math.min(tall - 92, width - 332))), large: 156 };
  if (phone) {
    const side = Math.floor(Math.min(width, 620));
    return { ...kind, side, large: Math.floor(Math.min(280, (width - 26) / 2)) };
  }
  const large = mid || tall < LOW ? 224 : Math.min(364, Math.max(252, Math.floor((width * 0.2075) / 28) * 28));
  if (mid) return { ...kind, large, side: Math.floor(Math.min(width - 2 * large - 2 * 44 - 4 * 8, Math.max(340, tall - 404))) };
  const network = Math.max(104, width * 0.065), room = width - 2 * large - 2 * network - 4 * GAP - GUTTER;
  return { ...kind, large, side: Math.floor(Math.min(room, MOST, Math.max(LEAST, tall - OTHERS))) };
}

function coloursOf(root) {
  const names = ["ground", "panel", "ink", "ink2", "rule", "hair", "noise", "mu", "sigma", "z", "paper"];
  const colours = Object.fromEntries(names.map((name) => [name, colour(root, name)])), { dots, glyphs } = classColours(root);
  const all = (strength) => dots.map((dot) => css(dot, strength));
  return {
    ...colours, dots: all(0.5), faint: all(0.28), fills: all(0.75), glyphs: glyphs.map((glyph) => css(glyph)),
    plain: css(colours.mu, 0.4),
  };
}

// The plane as it is now, for all that draws on it: what it shows, and where a value of z lies on it.
function sceneOf(root, pad, colours) {
  const { data, side, codes, decoder, table, z, look: { view, without } } = pad, { axes, dims, shape, points } = data;
  const { classList } = root, phone = classList.contains("phone"), inside = classList.contains("inside");
  const toX = (x) => ((x - view.x[0]) / (view.x[1] - view.x[0])) * side;
  const toY = (y) => ((view.y[1] - y) / (view.y[1] - view.y[0])) * side;
  return {
    side, view, axes, dims, shape, codes, hatch: onShelf(data.hatch), decoder, colours, table, z, toX, toY, points, without,
    phone, inside, q: posteriorOf(pad), names: shortNames(data.classes), pins: data.pins,
  };
}
