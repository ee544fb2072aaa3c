// All that the pad draws: what lies behind the point, the point with q(z|x), the decoded image and its numbers.
import { shortNames } from "../../shared/js/classes.js";
import { classColours, colour, css, shades, sharpen } from "../../shared/js/canvas.js";
import { onShelf, tell } from "../../shared/js/blobs.js";
import { portrait } from "../../shared/js/widgets.js";
import { caption, drawBackdrop } from "./backdrop.js";
import { createDecoded } from "./decoded.js";
import { createFrame, write } from "./frame.js";
import { showNeighbours } from "./neighbours.js";
import { drawPins } from "./pins.js";
import { createPosterior } from "./posterior.js";
import { createReadouts } from "./readouts.js";

export function createDrawing(root, pad) {
  const $ = (selector) => root.querySelector(selector);
  const frame = createFrame(root), posterior = createPosterior(root), readouts = createReadouts(root);
  const decoded = createDecoded($(".drawn"), pad);
  let frames = 0, colours, stopBackdrop = () => {};

  // Gives the plane and the image their sizes, where there is room for them at all.
  function fit() {
    const width = root.getBoundingClientRect().width;
    if (!width) return false;
    const { phone, mid, side, large } = sizes(width);
    root.classList.toggle("phone", phone);
    root.classList.toggle("mid", mid);
    root.style.setProperty("--side", `${side}px`);
    root.style.setProperty("--picture", `${large}px`);
    pad.side = side;
    decoded.fit(large, phone);
    colours = coloursOf(root);
    pad.table = shades(root, pad.data.photograph);
    return true;
  }

  function backdrop() {
    stopBackdrop();
    const { data, look } = pad, name = look.shown(data);
    const scene = (pad.scene = sceneOf(root, pad, colours));
    const { codes, decoder, hatch, side } = scene;
    const missing = (["codes", "density", "holes"].includes(name) && !codes) || (name === "tiles" && !decoder);
    const sent = name === "tiles" ? "The decoder is being sent." : "The codes are being sent.";
    write($(".said"), caption(name, scene));
    write($(".coming"), missing && data.codes ? sent : "");
    frame.lay(scene);
    showPosterior();
    stopBackdrop = missing ? () => {} : drawBackdrop(sharpen($(".backdrop"), side, side), scene, name);
    Object.assign(root.dataset, { backdrop: name, hatched: name === "holes" && hatch ? hatch.sha256 : "" });
    root.dataset.view = Object.values(scene.view).flat().join();
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
    write($(".said-image"), data.model && !scene.decoder ? "drawn by the server for now" : "what the decoder draws there");
    frame.place(z[axes[0]], dims > 1 ? z[axes[1]] : 0);
    posterior.place(z);
    readouts.show({ z, axes, dims, codes, classes, logFit: image && !empty ? logFit : NaN });
    tell("point", { model: data.model, z });
    root.dataset.cost = (performance.now() - start).toFixed(3);
    root.dataset.frames = ++frames;
    root.dataset.z = z.join(",");
  }

  return {
    fit, backdrop, point, posterior: showPosterior, neighbours: () => showNeighbours(root, pad),
    served: decoded.showServed, preview: decoded.preview, picture: decoded.picture, stop: () => stopBackdrop(),
  };
}

// Without an image there is none, nor while an empty sheet lies on the image.
const posteriorOf = ({ data, empty }) => (empty ? null : data.q);

// Pixels to a side of the plane and of the decoded image.
function sizes(width) {
  const phone = width < 700, mid = !phone && width < 1150;
  const room = width - 128 - 36 - (mid ? 2 * 28 : 3 * 36 + 184);
  const large = phone ? portrait(width) : Math.min(364, Math.floor((room * 0.404) / 28) * 28);
  return { phone, mid, large, side: Math.floor(phone ? Math.min(width, 620) : Math.min(540, room - large)) };
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
  const toX = (x) => ((x - view.x[0]) / (view.x[1] - view.x[0])) * side;
  const toY = (y) => ((view.y[1] - y) / (view.y[1] - view.y[0])) * side;
  return {
    side, view, axes, dims, shape, codes, hatch: onShelf(data.hatch), decoder, colours, table, z, toX, toY, points, without,
    phone: root.classList.contains("phone"), q: posteriorOf(pad), names: shortNames(data.classes), pins: data.pins,
  };
}
