// Hands, keys and buttons of the pad: they move the point, and the view of the plane.
import { number } from "../../shared/js/canvas.js";
import { normals } from "../../shared/js/gaussian.js";
import { write } from "./frame.js";
import { pin } from "./pins.js";
import { calm, glow } from "./pulse.js";
import { hands, panned, zoomed } from "./zoom.js";

const STEP = 1.6; // how many times as wide the view is after a press of minus
const AWHILE = { key: 250, view: 400 }; // ms without another key, another zoom: then Python hears

// `lookAt(view)` shows another part of the plane.
export function connectHands(root, pad, point, lookAt) {
  const plane = root.querySelector(".plane"), zoom = createZoom(root, pad, lookAt);
  hands(plane, {
    grab(at) { point.begin(); root.dataset.held = ""; point.moveTo(pointAt(pad, at)); },
    drag(at) { if ("held" in root.dataset) point.moveTo(pointAt(pad, at)); },
    drop(meant) {
      if (!("held" in root.dataset)) return;
      delete root.dataset.held;
      if (meant) point.commit();
      else point.cancel();
    },
    pan: (right, down) => lookAt(panned(pad.look.view, right, down, pad.data.view)),
    zoom: zoom.by,
  });
  const stopKeys = connectKeys(plane, pad, point, zoom);
  connectButtons(root, pad, point, lookAt);
  return stopKeys;
}

// The z at a place of the plane, in shares of its width and height.
export function pointAt({ z, data: { axes, dims }, look: { view } }, [u, v]) {
  const point = z.slice();
  point[axes[0]] = view.x[0] + u * (view.x[1] - view.x[0]);
  if (dims > 1) point[axes[1]] = view.y[1] - v * (view.y[1] - view.y[0]);
  return point;
}

function createZoom(root, pad, lookAt) {
  const by = (factor, at) => lookAt(zoomed(pad.look.view, factor, at, pad.data.view));
  const atPoint = (factor) => {
    const { scene: { toX, toY }, side, z, data: { axes } } = pad;
    by(factor, [toX(z[axes[0]]) / side, toY(z[axes[1]]) / side].map((v) => (v >= 0 && v <= 1 ? v : 0.5)));
  };
  root.querySelector(".in").onclick = () => atPoint(1 / STEP);
  root.querySelector(".out").onclick = () => atPoint(STEP);
  return { by, atPoint };
}

function connectKeys(plane, pad, point, zoom) {
  let timer = 0;
  plane.onkeydown = (event) => {
    const { key, altKey, shiftKey } = event, control = event.ctrlKey || event.metaKey;
    if (control && key === "z") { event.preventDefault(); return point.undo(); }
    const wide = { "+": 1 / STEP, "=": 1 / STEP, "-": STEP, 0: Infinity }[key];
    if (wide) return zoom.atPoint(wide);
    const way = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowDown: [1, -1], ArrowUp: [1, 1] }[key];
    if (!way || control || (way[0] === 1 && pad.data.dims === 1)) return;
    event.preventDefault();
    point.goOn();
    const z = pad.z.slice();
    z[pad.data.axes[way[0]]] += way[1] * (altKey ? 0.25 : shiftKey ? 0.01 : 0.05);
    point.moveTo(z);
    clearTimeout(timer);
    timer = setTimeout(point.commit, AWHILE.key);
  };
  return () => clearTimeout(timer);
}

function connectButtons(root, pad, point, lookAt) {
  const $ = (selector) => root.querySelector(selector), scale = $(".noise input"), random = normals(1);
  let noise = [];
  const freshNoise = () => { noise = pad.z.map(() => random()); };
  // z = mu + sigma * noise, for the chosen scale of the noise
  const noisy = () => {
    const times = Number(scale.value), { mean, sigma } = pad.scene.q;
    write($(".scale"), `\u00d7\u2009${number(times, 1)}`);
    return mean.map((mu, d) => mu + times * sigma[d] * (noise[d] ?? 0));
  };
  $(".sample").onclick = () => point.jump(pad.z.map(() => random()));
  $(".resample").onclick = () => { freshNoise(); point.jump(noisy()); if (!calm()) glow($(".lens")); }; // where one can see it
  scale.oninput = () => {
    if (noise.length !== pad.z.length) freshNoise();
    point.goOn();
    point.moveTo(noisy());
  };
  scale.onchange = point.commit;
  $(".reset").onclick = () => { lookAt(pad.data.view); point.jump(pad.data.start.slice()); };
  $(".undo-move").onclick = point.undo;
  $(".pin").onclick = () => pin(pad);
}

// Shows another part of the plane with the next frame, and keeps it in the address once it stays.
export function createLookAt(pad, backdrop, keep) {
  let frame = 0, timer = 0;
  const lookAt = (view) => {
    if (pad.data.dims === 1) return;
    pad.look.view = view;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(backdrop);
    clearTimeout(timer);
    timer = setTimeout(keep, AWHILE.view);
  };
  return { lookAt, stop: () => clearTimeout(timer) };
}
