// The latent plane: drag a point, the decoder draws what lies there. z goes to Python when the hand lets go.
import { createChooser } from "../../shared/image_picker/image_picker.js";
import { COLOURS, colourOf, shortNames } from "../../shared/js/classes.js";
import { meanOf, parameters } from "../../shared/js/decoder.js";
import { normals, uniforms } from "../../shared/js/gaussian.js";
import { logLikelihood, samplePixels } from "../../shared/js/likelihood.js";
import { classColours, colour, css, inkInto, number, quantised, shades, sharpen } from "../../shared/js/canvas.js";
import { axisChoice, fitImage, portrait, radio } from "../../shared/js/widgets.js";
import { listen, onShelf, tell } from "../../shared/js/blobs.js";
import { caption, drawBackdrop } from "./backdrop.js";
import { createFrame, write } from "./frame.js";
import { createPosterior } from "./posterior.js";
import { enlarged, printed } from "./print.js";
import { saveBlob, saveCanvas } from "../../shared/js/files.js";
import { createReadouts } from "./readouts.js";
import { vectorPlane } from "./vector.js";
import { asNumbers, containing, fromNumbers, hands, panned, zoomed } from "./zoom.js";

const LOOKS = ["mean", "sample"];
const REMEMBERED = 100; // points to undo
const pads = new WeakMap();

export default function ({ data: [data], parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".pad");
  if (!pads.has(root)) pads.set(root, createPad(root));
  const pad = pads.get(root);
  pad.update(data, setStateValue, setTriggerValue);
  return () => { pad.forget(); pads.delete(root); };
}

function createPad(root) {
  const $ = (selector) => root.querySelector(selector);
  const plane = $(".plane"), drawn = $(".drawn");
  const brush = drawn.getContext("2d");
  const random = normals(1);
  const frameAround = createFrame(root), posterior = createPosterior(root), readouts = createReadouts(root);
  const chooser = createChooser($(".chooser"), {
    send: (wish) => { waits(); trigger("pick", wish); },
    sketching: (is, blank) => {
      write($(".said-x"), is ? "as the model sees it" : "pick one");
      empty = blank;
      if (scene) showPosterior();
    },
  });
  let data, send, trigger, decoder, codes, image, colours, table, picture, scene, side = 0;
  let z = [], nonce = null, asked = null, told = null, frame = 0, moved = false, frames = 0, timer = 0, before = null;
  let view, backdropName, look, without, noise = [], pixels = new Float32Array(0), chance = null, past = [], draws = 0;
  let empty = false, undoing = false, lookNonce = null; // empty: a sheet to draw on, and nothing on it
  let stopBackdrop = () => {};

  // -- from Python ---------------------------------------------------------------------------------------------------
  function update(next, setStateValue, setTriggerValue) {
    const last = data;
    [data, send, trigger] = [next, setStateValue, setTriggerValue];
    const seen = lookNonce === data.look.nonce;
    if (!seen || last?.model !== data.model || last?.name !== data.name || String(last.axes) !== String(data.axes)) adopt(last, seen);
    if (nonce !== data.nonce || !sameImage(last.chooser.asked)) {
      if (nonce !== null && last.name === data.name && !undoing) remember(z, last.chooser.asked);
      undoing = false;
    }
    if (nonce !== data.nonce) { // only then: a rerun never pulls the point from under a hand
      nonce = data.nonce;
      z = data.z.slice();
      told = String(z);
      asked = null;
      view = containing(view, z[data.axes[0]], data.dims > 1 ? z[data.axes[1]] : view.y[0], data.view);
    }
    if (asked === null || String(asked) === String(data.z)) settle();
    showPicture();
    neighbours();
    for (const part of root.querySelectorAll(".of-prior")) part.hidden = data.points;
    if (last && seen && scene?.view === view && lasting(last) === lasting(data)) return onTop();
    radio($(".layers"), data.backdrops, shown, (name) => { backdropName = name; legend(); backdrop(); keepLook(); });
    radio($(".looks"), data.model ? LOOKS : [], () => look, (name) => { if (look === name) draws++; look = name; chances(); refresh(); keepLook(); });
    axisChoice($(".axes"), data, (axes) => send("axes", axes));
    const where = data.dims === 1 ? "line" : "plane";
    plane.setAttribute("aria-label", `Latent ${where}. Arrow keys move z by 0.05, with Shift by 0.01, with Alt by 0.25; plus and minus zoom, 0 shows all.`);
    drawn.setAttribute("aria-label", "The decoded image");
    layout();
  }

  // What lies behind the point has not changed, only what lies on top of it.
  const ON_TOP = { z: 0, nonce: 0, start: 0, picture: 0, near: 0, logFit: 0, q: 0, chooser: 0, pins: 0, path: 0, holes: 0, look: 0 };
  const lasting = (all) => JSON.stringify({ ...all, ...ON_TOP });

  function onTop() {
    image = onShelf(data.chooser.image);
    scene.pins = data.pins;
    if (shown() === "holes") legend();
    chooser.update(data.chooser);
    showPosterior();
    pins();
  }

  const q = () => (empty ? null : data.q);

  function showPosterior() {
    scene.q = q();
    posterior.lay(scene);
    $(".resample").hidden = $(".noise").hidden = !scene.q?.sigma;
    refresh();
  }

  // What only the browser changes is taken from the address when the model or its axes are new, and when anyone but
  // this pad has changed it there: the browser's Back.
  function adopt(last, seen) {
    const same = last?.name === data.name;
    lookNonce = data.look.nonce;
    view = fromNumbers(same && seen ? null : data.look.zoom, data.view);
    if (same && seen) return;
    backdropName = data.look.back;
    look = data.look.pixels;
    without = new Set(data.look.hide);
    if (!same) past = [];
    draws = data.look.draw;
    chances();
  }

  // The uniform numbers of a draw of pixels; kept while z moves, so that the picture does not flicker.
  function chances() {
    const draw = uniforms(draws);
    chance = Float32Array.from({ length: data.shape[0] * data.shape[1] }, draw);
  }

  const keepLook = () => send("look", {
    back: shown(), pixels: look, draw: draws, hide: [...without].sort((a, b) => a - b),
    zoom: String(view.x) === String(data.view.x) ? null : asNumbers(view),
  });

  function settle() {
    root.classList.remove("asked");
    document.documentElement.removeAttribute("data-vae-asked");
  }

  const waits = () => root.classList.add("asked");

  // -- the size of things ----------------------------------------------------------------------------------------------
  function layout() {
    decoder = onShelf(data.model);
    codes = onShelf(data.codes);
    image = onShelf(data.chooser.image);
    const width = root.getBoundingClientRect().width;
    if (!width) return;
    const phone = width < 700, mid = !phone && width < 1150;
    root.classList.toggle("phone", phone);
    root.classList.toggle("mid", mid);
    const room = width - 128 - 36 - (mid ? 2 * 28 : 3 * 36 + 184);
    const large = phone ? portrait(width) : Math.min(364, Math.floor((room * 0.404) / 28) * 28);
    side = Math.floor(phone ? Math.min(width, 620) : Math.min(540, room - large));
    root.style.setProperty("--side", `${side}px`);
    root.style.setProperty("--picture", `${large}px`);
    picture = fitImage(drawn, data.shape, large, phone);
    pixels = new Float32Array(data.shape[0] * data.shape[1]);
    paint();
  }

  function paint() {
    const names = ["ground", "panel", "ink", "ink2", "rule", "hair", "noise", "mu", "sigma", "z", "paper"];
    colours = Object.fromEntries(names.map((name) => [name, colour(root, name)]));
    const { dots, glyphs } = classColours(root);
    colours.dots = dots.map((dot) => css(dot, 0.5));
    colours.faint = dots.map((dot) => css(dot, 0.28));
    colours.fills = dots.map((dot) => css(dot, 0.75));
    colours.glyphs = glyphs.map((glyph) => css(glyph));
    colours.plain = css(colours.mu, 0.4);
    table = shades(root, data.photograph);
    legend();
    chooser.update(data.chooser);
    neighbours();
    backdrop();
    refresh();
  }

  // -- behind the point ------------------------------------------------------------------------------------------------
  const shown = () => (data.backdrops.includes(backdropName) ? backdropName : data.backdrops[0]);

  function backdrop() {
    stopBackdrop();
    const name = shown(), { axes, dims, shape, points } = data;
    const toX = (x) => ((x - view.x[0]) / (view.x[1] - view.x[0])) * side;
    const toY = (y) => ((view.y[1] - y) / (view.y[1] - view.y[0])) * side;
    const phone = root.classList.contains("phone");
    const hatch = onShelf(data.hatch);
    scene = {
      side, view, axes, dims, shape, codes, hatch, decoder, colours, table, z, toX, toY, phone, q: q(), points, without,
      names: shortNames(data.classes), pins: data.pins,
    };
    const missing = (["codes", "density", "holes"].includes(name) && !codes) || (name === "tiles" && !decoder);
    write($(".said"), caption(name, scene));
    write($(".coming"), missing && data.codes ? (name === "tiles" ? "The decoder is being sent." : "The codes are being sent.") : "");
    write($(".said-image"), data.model && !decoder ? "drawn by the server for now" : "what the decoder draws there");
    frameAround.lay(scene);
    showPosterior();
    pins();
    stopBackdrop = missing ? () => {} : drawBackdrop(sharpen($(".backdrop"), side, side), scene, name);
    Object.assign(root.dataset, { backdrop: name, hatched: name === "holes" && hatch ? hatch.sha256 : "" });
    root.dataset.view = Object.values(view).flat().join();
  }

  // Under the map: classes to be switched off, or what is hatched.
  function legend() {
    const name = shown(), box = $(".legend");
    if (name === "holes") return void (box.innerHTML = data.holes);
    if (name !== "codes" || !codes?.labels || data.dims === 1) return box.replaceChildren();
    const word = Object.assign(document.createElement("span"), { textContent: "classes" });
    const there = new Set(codes.labels), short = shortNames(data.classes);
    const note = Object.assign(document.createElement("span"), { textContent: "colours repeat" });
    const scrolled = box.scrollTop;
    box.replaceChildren(word, ...data.classes.map((name, label) => classButton(name, short[label], label, there.has(label))), ...(data.classes.length > COLOURS ? [note] : []));
    box.scrollTop = scrolled;
  }

  // Switches the codes of a class off and on; a class that no test image has is named, and said to have none.
  function classButton(name, short, label, there) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: short, disabled: !there });
    button.style.color = colourOf(label);
    button.title = there ? name : `${name}: no test image`;
    button.setAttribute("aria-label", there ? `codes of class ${name}` : `class ${name}: no test image`);
    button.setAttribute("aria-pressed", String(there && !without.has(label)));
    button.onclick = () => {
      if (!without.delete(label)) without.add(label);
      legend();
      backdrop();
      keepLook();
      $(".legend").querySelectorAll("button")[label].focus();
    };
    return button;
  }

  function pins() {
    const { toX, toY } = scene, flat = data.dims === 1;
    const at = (point) => [toX(point[data.axes[0]]), flat ? side - 14 : toY(point[data.axes[1]])];
    const flags = Object.entries(data.pins).map(([name, point]) => {
      const [x, y] = at(point);
      return `<g transform="translate(${x.toFixed(1)} ${y.toFixed(1)})"><circle r="4"/><text x="9" y="-7">${name}</text></g>`;
    });
    $(".pins").innerHTML = flags.join("");
    $(".way").setAttribute("points", data.path.map((point) => at(point).map((v) => v.toFixed(1)).join()).join(" "));
    write($(".pin"), "A" in data.pins ? ("B" in data.pins ? "Unpin" : "Pin B") : "Pin A");
  }

  // -- the view --------------------------------------------------------------------------------------------------------
  let redraw = 0;
  function look_at(next) {
    if (data.dims === 1) return;
    view = next;
    cancelAnimationFrame(redraw);
    redraw = requestAnimationFrame(backdrop);
    clearTimeout(look_at.timer);
    look_at.timer = setTimeout(keepLook, 400);
  }

  const zoom = (factor, at) => look_at(zoomed(view, factor, at, data.view));
  const here = () => [scene.toX(z[data.axes[0]]) / side, scene.toY(z[data.axes[1]]) / side].map((v) => (v >= 0 && v <= 1 ? v : 0.5));
  $(".in").onclick = () => zoom(1 / 1.6, here());
  $(".out").onclick = () => zoom(1.6, here());

  // -- the point -------------------------------------------------------------------------------------------------------
  function moveTo(point) {
    z = quantised(point.map((value, d) => Math.min(data.spans[d][1], Math.max(data.spans[d][0], value))));
    document.documentElement.setAttribute("data-vae-asked", "");
    waits();
    if (frame) return void (moved = true);
    refresh(); // at once, for browsers deliver moves at the start of a frame; what else comes in this frame, at its end
    frame = requestAnimationFrame(() => {
      frame = 0;
      if (moved) refresh();
      moved = false;
    });
  }

  function refresh() {
    if (!side || !table || !scene) return;
    const start = performance.now();
    let logFit = data.logFit ?? NaN;
    if (decoder) {
      const output = parameters(decoder, z);
      if (image) logFit = logLikelihood(decoder, output, image.x, data.variance);
      const shownPixels = look === "sample" ? samplePixels(decoder, output, chance, data.variance, pixels) : meanOf(decoder, output);
      inkInto(picture, shownPixels, data.shape, table);
      brush.putImageData(picture, 0, 0);
    }
    place();
    readouts.show({ z, axes: data.axes, dims: data.dims, codes, classes: data.classes, logFit: image && !empty ? logFit : NaN });
    tell("point", { model: data.model, z });
    root.dataset.cost = (performance.now() - start).toFixed(3);
    root.dataset.frames = ++frames;
    root.dataset.z = z.join(",");
  }

  function place() {
    frameAround.place(z[data.axes[0]], data.dims > 1 ? z[data.axes[1]] : 0);
    posterior.place(z);
  }

  // The hand has let go: tell Python. z was rounded while it moved, so that canvas, address and Python agree.
  function commit() {
    refresh();
    asked = z.slice();
    if (before) remember(before);
    before = null;
    if (shown() === "tiles" && data.dims > 2) backdrop(); // the other dimensions may have moved
    write($(".spoken"), `z is ${z.map((value) => number(value)).join(", ")}`);
    if (String(asked) === told) return asked.join() === data.z.join() ? settle() : undefined;
    told = String(asked);
    send("z", asked);
  }

  const jump = (point) => { before = z.slice(); moveTo(point); commit(); };
  const remember = (point, x = data.chooser.asked) => { past = [...past.slice(1 - REMEMBERED), { z: point.slice(), x }]; };
  const sameImage = (x) => JSON.stringify(x) === JSON.stringify(data.chooser.asked);

  // Back to the point and the image before the last step. Of what was drawn or opened only the last one is kept.
  function undo() {
    let last = past.pop();
    while (last?.x.i === "none" && last.x.own !== data.chooser.own) last = past.pop();
    if (!last) return;
    if (!sameImage(last.x)) {
      undoing = true;
      waits();
      return trigger("pick", { by: "back", i: last.x.i, seed: last.x.seed, z: last.z });
    }
    moveTo(last.z);
    commit();
  }

  // As long as there is no decoder here the server draws: base64 grey levels, after the hand has let go.
  function showPicture() {
    if (onShelf(data.model)) return;
    const levels = Uint8Array.from(atob(data.picture), (c) => c.charCodeAt(0));
    if (!table || !picture) return requestAnimationFrame(showPicture);
    inkInto(picture, Array.from(levels, (level) => level / 255), data.shape, table);
    brush.putImageData(picture, 0, 0);
  }

  // The test images with the nearest codes, from the server.
  function neighbours() {
    const { near, shape: [rows, columns] } = data;
    write($(".near-what"), near ? "nearest test images" : codes?.labels ? (codes.count > 1 ? `${Math.min(20, codes.count)} nearest codes` : "the one code") : "nearest code");
    $(".near").hidden = !near && !codes;
    if (!near) return $(".thumbs").replaceChildren();
    if (!table) return;
    const levels = Uint8Array.from(atob(near.levels), (c) => c.charCodeAt(0));
    $(".thumbs").replaceChildren(...near.names.map((name, k) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: columns, height: rows, title: name });
      const pen = canvas.getContext("2d"), tile = pen.createImageData(columns, rows);
      inkInto(tile, Array.from(levels.subarray(k * rows * columns, (k + 1) * rows * columns), (v) => v / 255), data.shape, table);
      pen.putImageData(tile, 0, 0);
      return canvas;
    }));
  }

  // -- hands -----------------------------------------------------------------------------------------------------------
  function pointAt([u, v]) {
    const point = z.slice(), { axes, dims } = data;
    point[axes[0]] = view.x[0] + u * (view.x[1] - view.x[0]);
    if (dims > 1) point[axes[1]] = view.y[1] - v * (view.y[1] - view.y[0]);
    return point;
  }

  hands(plane, {
    grab(at) { before = z.slice(); root.dataset.held = ""; moveTo(pointAt(at)); },
    drag(at) { if ("held" in root.dataset) moveTo(pointAt(at)); },
    drop(meant) {
      if (!("held" in root.dataset)) return;
      delete root.dataset.held;
      if (!meant) { moveTo(before); before = null; }
      commit();
    },
    pan: (right, down) => look_at(panned(view, right, down, data.view)),
    zoom,
  });

  plane.onkeydown = (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "z") { event.preventDefault(); return undo(); }
    const wide = { "+": 1 / 1.6, "=": 1 / 1.6, "-": 1.6, 0: Infinity }[event.key];
    if (wide) return zoom(wide, here());
    const way = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowDown: [1, -1], ArrowUp: [1, 1] }[event.key];
    if (!way || event.ctrlKey || event.metaKey || (way[0] === 1 && data.dims === 1)) return;
    event.preventDefault();
    const point = z.slice();
    before ??= z.slice();
    point[data.axes[way[0]]] += way[1] * (event.altKey ? 0.25 : event.shiftKey ? 0.01 : 0.05);
    moveTo(point);
    clearTimeout(timer);
    timer = setTimeout(commit, 250);
  };

  // -- buttons ---------------------------------------------------------------------------------------------------------
  const noisy = () => {
    const scale = Number($(".noise input").value);
    write($(".scale"), `\u00d7\u2009${number(scale, 1)}`);
    return scene.q.mean.map((mu, d) => mu + scale * scene.q.sigma[d] * (noise[d] ?? 0));
  };
  const freshNoise = () => { noise = z.map(() => random()); };
  $(".sample").onclick = () => jump(z.map(() => random()));
  $(".resample").onclick = () => { freshNoise(); jump(noisy()); };
  $(".noise input").oninput = () => {
    if (noise.length !== z.length) freshNoise();
    before ??= z.slice();
    moveTo(noisy());
  };
  $(".noise input").onchange = commit;
  $(".reset").onclick = () => { look_at(data.view); jump(data.start.slice()); };
  $(".undo-move").onclick = undo;
  $(".pin").onclick = () => {
    const { A, B } = data.pins;
    if (A && !B) globalThis.vaeLab.wayComes = true; // below the fold: it brings itself into view
    send("pins", !A ? { A: quantised(z) } : !B ? { A, B: quantised(z) } : {});
  };

  // -- the outside world -----------------------------------------------------------------------------------------------
  const watch = new ResizeObserver(() => { if (data && root.getBoundingClientRect().width) layout(); });
  watch.observe(root);
  const theme = matchMedia("(prefers-color-scheme: dark)");
  const themed = () => setTimeout(() => { if (data) { paint(); chooser.themed(); } }, 50);
  theme.addEventListener("change", themed);
  document.fonts.ready.then(() => data && side && backdrop());
  const deaf = [
    listen("shelf", (key) => {
      if (!data) return;
      if ([data.model, data.codes, data.hatch].includes(key)) layout();
      if (key === data.chooser.image || key === data.chooser.samples) { image = onShelf(data.chooser.image); chooser.paint(); refresh(); }
    }),
    listen("print", ({ what }) => {
      if (what === "image") enlarged(picture).then((blob) => saveBlob(blob, `${data.name}-image.png`));
      else if (scene && what === "vector") saveBlob(new Blob([vectorPlane(scene, shown(), z)], { type: "image/svg+xml" }), `${data.name}-plane.svg`);
      else if (scene) printed(scene, shown(), z, (canvas) => saveCanvas(canvas, `${data.name}-plane.png`));
    }),
    listen("wish", ({ dim, value, done, z: whole = z }) => {
      const point = whole.slice();
      if (dim !== undefined) point[dim] = value;
      before ??= z.slice();
      moveTo(point);
      if (done) commit();
    }),
  ];
  const forget = () => {
    watch.disconnect();
    theme.removeEventListener("change", themed);
    deaf.forEach((stop) => stop());
    stopBackdrop();
    clearTimeout(timer);
    clearTimeout(look_at.timer);
  };
  return { update, forget };
}
