// The latent plane: drag a point, the decoder draws what lies there. z goes to Python when the hand lets go.
import { decode } from "../decoder.js";
import { furtherOut, logPrior, normals, squaredNorm } from "../gaussian.js";
import { classColours, colour, css, inkInto, number, percent, quantised, shades, sharpen, subscript } from "../paper.js";
import { axisChoice, fitImage, portrait, radio } from "../panel.js";
import { listen, onShelf, tell } from "../shelf/shelf.js";
import { caption, drawBackdrop, tickValues } from "./backdrop.js";

const NEAREST = 20;
const pads = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".pad");
  if (!pads.has(root)) pads.set(root, createPad(root));
  const pad = pads.get(root);
  pad.update(data, setStateValue);
  return () => { pad.forget(); pads.delete(root); };
}

function createPad(root) {
  const $ = (selector) => root.querySelector(selector);
  const plane = $(".plane"), drawn = $(".drawn");
  const brush = drawn.getContext("2d");
  const random = normals(1);
  let data, send, decoder, codes, colours, table, picture, scene, side = 0;
  let z = [], nonce = null, asked = null, frame = 0, moved = false, frames = 0, timer = 0;
  let stopBackdrop = () => {};

  // -- from Python ---------------------------------------------------------------------------------------------------
  function update(next, setStateValue) {
    const before = data;
    data = next;
    send = setStateValue;
    if (nonce !== data.nonce) { // only then: a rerun never pulls the point from under a hand
      nonce = data.nonce;
      z = data.z.slice();
      asked = null;
    }
    if (asked === null || String(asked) === String(data.z)) settle();
    if (data.picture) showPicture();
    const lasting = (all) => JSON.stringify({ ...all, z: 0, nonce: 0, picture: 0 });
    if (before && lasting(before) === lasting(data)) return refresh();
    radio($(".segments"), data.backdrops, shownBackdrop, (name) => { root.dataset.backdrop = name; backdrop(); });
    axisChoice($(".axes"), data, (axes) => send("axes", axes));
    const where = data.dims === 1 ? "line" : "plane";
    plane.setAttribute("aria-label", `Latent ${where}. Arrow keys move z by 0.05, with Shift by 0.01, with Alt by 0.25.`);
    drawn.setAttribute("aria-label", "The decoded image");
    layout();
  }

  function settle() {
    root.classList.remove("asked");
    document.documentElement.removeAttribute("data-vae-asked");
  }

  function layout() {
    decoder = onShelf(data.model);
    codes = onShelf(data.codes);
    const width = root.getBoundingClientRect().width;
    if (!width) return;
    const phone = width < 700, mid = !phone && width < 1050;
    root.classList.toggle("phone", phone);
    root.classList.toggle("mid", mid);
    const room = width - 36 - (mid ? 32 : 48 * 2 + 200);
    const image = phone ? portrait(width) : Math.min(476, Math.floor((room * 0.465) / 28) * 28);
    side = Math.floor(phone ? Math.min(width, 620) : Math.min(540, room - image));
    root.style.setProperty("--side", `${side}px`);
    root.style.setProperty("--picture", `${image}px`);
    picture = fitImage(drawn, data.shape, image, phone);
    paint();
  }

  function paint() {
    const names = ["ground", "panel", "ink", "ink2", "rule", "hair", "noise", "mu", "paper"];
    colours = Object.fromEntries(names.map((name) => [name, colour(root, name)]));
    const { dots, glyphs } = classColours(root);
    colours.dots = dots.map((dot) => css(dot, 0.5));
    colours.fills = dots.map((dot) => css(dot, 0.75));
    colours.glyphs = glyphs.map((glyph) => css(glyph));
    colours.plain = css(colours.mu, 0.4);
    table = shades(root, data.photograph);
    ticks();
    backdrop();
    refresh();
  }

  // -- behind the point ------------------------------------------------------------------------------------------------
  const shownBackdrop = () =>
    data.backdrops.includes(root.dataset.backdrop) ? root.dataset.backdrop : data.backdrops[0];

  function backdrop() {
    stopBackdrop();
    const name = shownBackdrop();
    const { view, axes, dims, shape } = data;
    const toX = (x) => ((x - view.x[0]) / (view.x[1] - view.x[0])) * side;
    const toY = (y) => ((view.y[1] - y) / (view.y[1] - view.y[0])) * side;
    const phone = root.classList.contains("phone");
    scene = { side, view, axes, dims, shape, codes, decoder, colours, table, z, toX, toY, phone };
    write(".said", caption(name, scene));
    const missing = (["codes", "density"].includes(name) && !codes) || (name === "tiles" && !decoder);
    stopBackdrop = missing ? () => {} : drawBackdrop(sharpen($(".backdrop"), side, side), scene, name);
  }

  // Numbers at the axes; one that the tag of z would cover steps aside.
  let marks = [];
  function ticks() {
    const phone = root.classList.contains("phone"), { view, dims } = data;
    const along = (axis, values, at) => values.map((value) => ({ axis, text: number(value, 0), at: at(value) }));
    marks = along("x", tickValues(view.x), (x) => ((x - view.x[0]) / (view.x[1] - view.x[0])) * side);
    if (dims > 1) {
      marks.push(...along("y", tickValues(view.y), (y) => ((view.y[1] - y) / (view.y[1] - view.y[0])) * side));
    }
    // On a phone the numbers stand inside the plane, where the outermost would be cut.
    if (phone) marks = marks.filter(({ at }) => at > 24 && at < side - 24);
    for (const mark of marks) {
      mark.span = document.createElement("span");
      mark.span.className = mark.axis;
      mark.span.textContent = mark.text;
      mark.span.style[mark.axis === "x" ? "left" : "top"] = `${mark.at + (mark.axis === "x" && !phone ? 36 : 0)}px`;
    }
    $(".ticks").replaceChildren(...marks.map(({ span }) => span));
  }

  function stepAside(x, y) {
    for (const mark of marks) {
      const covered = mark.axis === "x" ? Math.abs(mark.at - x) < 40 : Math.abs(mark.at - y) < 20;
      if (covered === mark.covered) continue;
      mark.covered = covered;
      mark.span.style.visibility = covered ? "hidden" : "";
    }
  }

  // -- the point -------------------------------------------------------------------------------------------------------
  function moveTo(point) {
    z = point.map((value, d) => Math.min(data.spans[d][1], Math.max(data.spans[d][0], value)));
    document.documentElement.setAttribute("data-vae-asked", "");
    if (!decoder) root.classList.add("asked");
    if (frame) return void (moved = true);
    refresh(); // at once, for browsers deliver moves at the start of a frame; what else comes in this frame, at its end
    frame = requestAnimationFrame(() => {
      frame = 0;
      if (moved) refresh();
      moved = false;
    });
  }

  function refresh() {
    if (!side || !table) return;
    const start = performance.now();
    if (decoder) {
      inkInto(picture, decode(decoder, z), data.shape, table);
      brush.putImageData(picture, 0, 0);
    }
    place();
    readouts();
    tell("point", { model: data.model, z });
    root.dataset.cost = (performance.now() - start).toFixed(3);
    root.dataset.frames = ++frames;
    root.dataset.z = z.join(",");
  }

  function place() {
    const { view, axes, dims } = data;
    const across = z[axes[0]], up = dims > 1 ? z[axes[1]] : 0;
    const x = Math.round(((across - view.x[0]) / (view.x[1] - view.x[0])) * side);
    const y = dims > 1 ? Math.round(((view.y[1] - up) / (view.y[1] - view.y[0])) * side) : side - 14;
    const phone = root.classList.contains("phone");
    const left = phone ? 0 : 36;
    $(".handle").style.transform = `translate(${x}px, ${y}px)`;
    const whole = phone || dims === 1; // else the cross hairs run from the point to the axes
    $(".down").style.transform = whole ? `translateX(${x}px)` : `translate(${x}px, ${y}px) scaleY(${1 - y / side})`;
    $(".across").style.transform = phone ? `translateY(${y}px)` : `translateY(${y}px) scaleX(${x / side})`;
    $(".across").hidden = $(".tag.y").hidden = dims === 1;
    const tagX = phone ? Math.min(side - 52, Math.max(2, x - 25)) : left + x - 25;
    $(".tag.x").style.transform = `translate(${tagX}px, ${phone ? side - 24 : side + 5}px)`;
    $(".tag.y").style.transform = `translateY(${phone ? Math.min(side - 50, Math.max(2, y - 11)) : y - 11}px)`;
    stepAside(x, y);
    write(".tag.x", number(across));
    write(".tag.y", number(up));
  }

  function write(selector, text) {
    const node = $(selector);
    if (node.textContent !== text) node.textContent = text;
  }

  function readouts() {
    const { axes, dims } = data;
    write(".which", dims < 3 ? "z" : axes.map((d) => `z${subscript(d + 1)}`).join(", "));
    write(".where", (dims < 3 ? z : axes.map((d) => z[d])).map((value) => number(value)).join(", "));
    write(".log-prior", number(logPrior(z)));
    write(".further", percent(furtherOut(squaredNorm(z), z.length)));
    nearest();
  }

  // The classes of the codes nearest to z in this plane, by falling number.
  const closest = new Float64Array(NEAREST), whose = new Int32Array(NEAREST);
  function nearest() {
    $(".near").hidden = !codes;
    if (!codes) return;
    write(".near dt", codes.labels ? `${NEAREST} nearest codes` : "nearest code");
    const { mean, labels, count, dims } = codes;
    const a = z[data.axes[0]], b = dims > 1 ? z[data.axes[1]] : 0;
    closest.fill(Infinity);
    for (let i = 0; i < count; i++) {
      const dx = mean[dims * i] - a, dy = dims > 1 ? mean[dims * i + 1] - b : 0;
      const far = dx * dx + dy * dy;
      if (far >= closest[NEAREST - 1]) continue;
      let k = NEAREST - 1;
      for (; k > 0 && closest[k - 1] > far; k--) { closest[k] = closest[k - 1]; whose[k] = whose[k - 1]; }
      closest[k] = far;
      whose[k] = labels ? labels[i] : 0;
    }
    if (!labels) return write(".nearest", `${number(Math.sqrt(closest[0]))} away`);
    const counts = new Map();
    for (const label of whose) counts.set(label, (counts.get(label) ?? 0) + 1);
    const best = [...counts].sort((p, q) => q[1] - p[1]).slice(0, 3);
    const text = best.map(([label, n]) => `${label}:${n}`).join();
    if (root.dataset.nearest === text) return;
    root.dataset.nearest = text;
    $(".nearest").innerHTML = best
      .map(([label, n]) => `<i style="color: var(--glyph${label % 10})"><b>${label}</b> <span>\u00d7\u2009${n}</span></i>`)
      .join("");
  }

  // The hand has let go: round z so that canvas, address and Python agree, and tell Python.
  function commit() {
    z = quantised(z);
    refresh();
    asked = z.slice();
    if (shownBackdrop() === "tiles" && data.dims > 2) backdrop(); // the other dimensions may have moved
    write(".spoken", `z is ${z.map((value) => number(value)).join(", ")}`);
    if (String(asked) === String(data.z)) return settle();
    send("z", asked);
  }

  // A model whose decoder runs on the server: its picture arrives as base64 grey levels, after the hand has let go.
  function showPicture() {
    const levels = Uint8Array.from(atob(data.picture), (c) => c.charCodeAt(0));
    if (!table || !picture) return requestAnimationFrame(showPicture);
    inkInto(picture, Array.from(levels, (level) => level / 255), data.shape, table);
    brush.putImageData(picture, 0, 0);
  }

  // -- hands -----------------------------------------------------------------------------------------------------------
  function pointAt(event) {
    const box = plane.getBoundingClientRect();
    const { view, axes, dims } = data;
    const point = z.slice();
    point[axes[0]] = view.x[0] + ((event.clientX - box.left) / box.width) * (view.x[1] - view.x[0]);
    if (dims > 1) point[axes[1]] = view.y[1] - ((event.clientY - box.top) / box.height) * (view.y[1] - view.y[0]);
    return point;
  }

  plane.onpointerdown = (event) => {
    if (event.button) return;
    plane.setPointerCapture?.(event.pointerId);
    root.dataset.held = "";
    moveTo(pointAt(event));
  };
  plane.onpointermove = (event) => { if ("held" in root.dataset) moveTo(pointAt(event)); };
  plane.onpointerup = plane.onpointercancel = () => {
    if (!("held" in root.dataset)) return;
    delete root.dataset.held;
    commit();
  };
  plane.onkeydown = (event) => {
    const way = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowDown: [1, -1], ArrowUp: [1, 1] }[event.key];
    if (!way || event.ctrlKey || event.metaKey || (way[0] === 1 && data.dims === 1)) return;
    event.preventDefault();
    const point = z.slice();
    point[data.axes[way[0]]] += way[1] * (event.altKey ? 0.25 : event.shiftKey ? 0.01 : 0.05);
    moveTo(point);
    clearTimeout(timer);
    timer = setTimeout(commit, 250);
  };
  $(".sample").onclick = () => { moveTo(z.map(() => random())); commit(); };
  $(".reset").onclick = () => { moveTo(data.start.slice()); commit(); };

  // -- the outside world -----------------------------------------------------------------------------------------------
  const watch = new ResizeObserver(() => { if (data && root.getBoundingClientRect().width) layout(); });
  watch.observe(root);
  const theme = matchMedia("(prefers-color-scheme: dark)");
  const themed = () => setTimeout(() => data && paint(), 50);
  theme.addEventListener("change", themed);
  document.fonts.ready.then(() => data && side && backdrop());
  const deaf = [
    listen("shelf", (key) => { if (data && (key === data.model || key === data.codes)) layout(); }),
    listen("wish", ({ dim, value, done }) => {
      const point = z.slice();
      if (dim !== undefined) point[dim] = value;
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
  };
  return { update, forget };
}
