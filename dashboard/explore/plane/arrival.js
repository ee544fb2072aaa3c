// The first seconds of a visit: the point travels through the classes by itself, until somebody touches anything.
import { quantised } from "../../shared/js/canvas.js";
import { glyphPlaces } from "./backdrop.js";
import { createUnderlay } from "./underlay.js";

const STOPS = 6; // classes on the way
const REACH = 2.2; // deviations of the prior from its centre, within which they lie
const PACE = 1300; // ms from one to the next
const ROUNDS = 3; // then it rests where it began
const TRAIL = 72; // places that the point has left behind, each fainter than the next
const LONGEST = 100; // ms that a frame counts: a tab that was hidden goes on where it was
const TOUCHES = ["pointerdown", "keydown", "wheel"];
export const TOUCHED = "vae-lab-touched"; // in this tab: it never comes back by itself

// `draw()` shows the point where it is now; `commit()` tells Python where it was stopped; `choose(number)` takes a test image.
export function createArrival(root, pad, { draw, commit, choose }) {
  const trail = root.querySelector(".trail"), label = root.querySelector(".drag-me"), underlay = createUnderlay(root);
  let way = null, spent = 0, last = 0, frame = 0, begun = false, left = [];

  // Begins as soon as the page can draw what lies on the way, where the address asks for nothing else.
  function begin() {
    if (begun || !ready(pad)) return;
    if (!location.search && touched()) return settle();
    begun = true;
    if (location.search) return;
    for (const touch of TOUCHES) document.addEventListener(touch, stop, { capture: true, passive: true });
    root.dataset.invites = "";
    if (pad.look.shown(pad.data) === "codes") underlay.show(pad.scene);
    follow();
    way = matchMedia("(prefers-reduced-motion: reduce)").matches ? null : wayThrough(pad);
    if (!way) return;
    root.dataset.travels = "";
    frame = requestAnimationFrame((now) => { last = now; travel(now); });
  }

  // What has travelled before begins in the middle, where test image 0 may lie at the rim; unless a hand was faster.
  function settle() {
    const { data: { chooser, start }, scene, z } = pad, untouched = z.every((value, d) => Math.abs(value - start[d]) < 1e-3);
    begun = chooser.ready;
    const number = begun && untouched ? central(scene) : null;
    if (number !== null && number < chooser.count) choose(number);
  }

  function travel(now) {
    spent += Math.min(LONGEST, now - last);
    last = now;
    const round = way.length * PACE;
    if (spent >= ROUNDS * round) return rest();
    show(placeOn(way, (spent % round) / PACE));
    frame = requestAnimationFrame(travel);
  }

  function show([x, y]) {
    const { axes } = pad.data, z = pad.z.slice();
    [z[axes[0]], z[axes[1]]] = [x, y];
    pad.z = quantised(z);
    left = [[x, y], ...left].slice(0, TRAIL);
    drawTrail();
    draw();
    follow();
  }

  function drawTrail() {
    const { toX, toY } = pad.scene, at = left.map(([x, y]) => [toX(x), toY(y)]);
    const piece = ([x, y], k) => {
      const [u, v] = at[k + 1], opacity = (0.7 * (1 - k / TRAIL)).toFixed(2);
      return `<line x1="${x.toFixed(1)}" y1="${y.toFixed(1)}" x2="${u.toFixed(1)}" y2="${v.toFixed(1)}" opacity="${opacity}"/>`;
    };
    trail.innerHTML = at.slice(0, -1).map(piece).join("");
  }

  // What invites to drag stays beside the point.
  function follow() {
    const { scene: { toX, toY, side }, z, data: { axes } } = pad, x = toX(z[axes[0]]), y = toY(z[axes[1]]);
    const aside = x > side - 130 ? x - 18 - label.offsetWidth : x + 18;
    label.style.transform = `translate(${aside.toFixed(1)}px, ${Math.max(4, y - 13).toFixed(1)}px)`;
  }

  function rest() {
    show(way[0]);
    way = null;
    delete root.dataset.travels;
    trail.replaceChildren();
  }

  function stop() {
    const travelled = way !== null;
    end();
    try { sessionStorage.setItem(TOUCHED, "yes"); } catch { /* then a reload travels again */ }
    if (travelled) commit();
  }

  function end() {
    cancelAnimationFrame(frame);
    for (const touch of TOUCHES) document.removeEventListener(touch, stop, { capture: true });
    way = null;
    delete root.dataset.travels;
    delete root.dataset.invites;
    trail.replaceChildren();
    underlay.hide();
  }

  return { begin, end };
}

function touched() {
  try { return sessionStorage.getItem(TOUCHED) !== null; } catch { return false; }
}

const ready = ({ data, scene }) => data.dims > 1 && scene?.decoder && scene.codes?.labels;

// From where the point is, through the middle of some classes, around the plane: z at each stop. null: too few classes.
function wayThrough({ scene, z, data: { axes } }) {
  const far = ([x, y]) => Math.hypot(x, y), stops = middles(scene).filter((stop) => far(stop) < REACH);
  if (stops.length < 3) return null;
  const all = [[z[axes[0]], z[axes[1]]], ...stops.sort((a, b) => far(b) - far(a)).slice(0, STOPS)];
  const centre = meanOf(all), angle = ([x, y]) => Math.atan2(y - centre[1], x - centre[0]);
  const from = angle(all[0]), full = 2 * Math.PI, turn = (stop) => (angle(stop) - from + full) % full;
  return all.sort((a, b) => turn(a) - turn(b));
}

// For each class the place, among those where the plane writes its name, that lies nearest to the mean of them all.
function middles(scene) {
  const { side, view: { x: [left, right], y: [low, high] } } = scene, places = new Map();
  for (const [x, y, label] of glyphPlaces(scene)) {
    const place = [left + (x / side) * (right - left), high - (y / side) * (high - low)];
    places.set(label, [...(places.get(label) ?? []), place]);
  }
  return [...places.values()].map((all) => {
    const [a, b] = meanOf(all), away = ([x, y]) => Math.hypot(x - a, y - b);
    return all.reduce((best, place) => (away(place) < away(best) ? place : best));
  });
}

// The number of a test image whose code lies in the middle of its class, that of the class nearest to the centre of the prior.
export function central(scene) {
  const far = ([x, y], [a, b] = [0, 0]) => Math.hypot(x - a, y - b), { mean, count } = scene.codes;
  const [stop] = middles(scene).sort((a, b) => far(a) - far(b));
  if (!stop) return null;
  const away = (i) => far(stop, [mean[2 * i], mean[2 * i + 1]]);
  return Array.from({ length: count }, (_, i) => i).reduce((best, i) => (away(i) < away(best) ? i : best), 0);
}

const meanOf = (places) => [0, 1].map((k) => places.reduce((sum, place) => sum + place[k], 0) / places.length);

// A closed Catmull-Rom spline through the stops, at `t` stops from the first.
export function placeOn(way, t) {
  const k = Math.floor(t), s = t - k, [a, b, c, d] = [-1, 0, 1, 2].map((by) => way[(k + by + way.length) % way.length]);
  const bend = (i) => 0.5 * (2 * b[i] + (c[i] - a[i]) * s + (2 * a[i] - 5 * b[i] + 4 * c[i] - d[i]) * s ** 2
    + (3 * b[i] - a[i] - 3 * c[i] + d[i]) * s ** 3);
  return [bend(0), bend(1)];
}
