// The way from A to B: what the decoder draws on it, which class is near, and how likely its points are.
import { colourOf, nameOf, shortNames, stretch } from "../shared/js/classes.js";
import { decodeMany } from "../shared/js/decoder.js";
import { shades, spread } from "../shared/js/canvas.js";
import { radio } from "../shared/js/widgets.js";
import { currentPoint, listen, onShelf, tell } from "../shared/js/blobs.js";
import { mounted } from "../shared/js/mounted.js";
import { drawDensities } from "./density_curves.js";
import { blankFilm, dragAlong, tilesIn } from "./film.js";

export default mounted(".way-page", createWay);

function createWay(root) {
  const $ = (selector) => root.querySelector(selector);
  const track = $(".track");
  let data, width = 0, stop = () => {}, share = 0;

  function update(next, { setStateValue }) {
    data = next;
    if (globalThis.vaeLab?.wayComes) {
      globalThis.vaeLab.wayComes = false;
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      root.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
    }
    radio($(".segments"), data.ways, () => data.via, (name) => setStateValue("via", name));
    layout();
  }

  function layout() {
    width = track.getBoundingClientRect().width;
    if (!width) return;
    $(".said").textContent = data.said;
    tiles();
    const stretches = stretchesOf(data.labels ?? []);
    writeClasses($(".kinds"), stretches, data, width);
    root.dataset.kinds = stretches.map(({ label }) => label).join();
    drawDensities($(".curves"), root, data, width);
    follow(currentPoint());
  }

  const near = (t) => data.points[Math.round(Math.min(1, Math.max(0, t)) * (data.points.length - 1))];

  function tiles() {
    stop();
    const decoder = onShelf(data.model), film = $(".film");
    const count = tilesIn(width, data.shape);
    const put = blankFilm(film, film, width, count, data.shape, shades(root, data.photograph));
    if (decoder) {
      const points = Array.from({ length: count }, (_, k) => near((k + 0.5) / count));
      stop = spread(decodeMany(decoder, points, put), 4, (done) => {
        if (done) root.dataset.films = Number(root.dataset.films ?? 0) + 1;
      });
    }
  }

  // The mark stands where z is, if z is on the way.
  function follow(point) {
    if (!data || !width || !point || point.z.length !== data.points[0].length) return;
    const far = data.points.map((p) => p.reduce((sum, v, d) => sum + (v - point.z[d]) ** 2, 0));
    const best = far.indexOf(Math.min(...far));
    if (!held()) share = best / (data.points.length - 1);
    $(".mark").style.transform = `translateX(${share * width}px)`;
    $(".mark").classList.toggle("off", far[best] > 0.01);
    track.setAttribute("aria-valuenow", String(Math.round(100 * share)));
  }

  function go(t, done) {
    share = Math.min(1, Math.max(0, t));
    tell("wish", { z: near(share), done });
  }
  const held = dragAlong(track, go, () => tell("wish", { done: true }));
  track.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -1e3, End: 1e3 }[event.key];
    if (!by) return;
    event.preventDefault();
    go(share + by / 60, true);
  };

  const ends = [listen("point", follow), listen("shelf", (key) => key === data?.model && layout())];
  const forget = () => {
    ends.forEach((end) => end());
    stop();
  };
  return { update, redraw: layout, forget };
}

// Stretches of the way on which one class is the nearest: from its first to its last point.
function stretchesOf(labels) {
  const stretches = [];
  labels.forEach((label, k) => {
    const open = stretches.at(-1);
    if (open?.label === label) open.to = k;
    else stretches.push({ label, from: k, to: k });
  });
  return stretches;
}

// The class of the nearest code, written once per stretch.
function writeClasses(box, stretches, { classes, points }, width) {
  const short = shortNames(classes), wider = stretch(short), last = points.length - 1;
  let written = -Infinity;
  const free = ({ from, to }) => { // a name that would lie on the one before is left out
    const at = ((from + to) / 2 / last) * width, there = wider === 1 || at - written >= 30 * wider;
    if (there) written = at;
    return there;
  };
  box.replaceChildren(...stretches.filter(free).map(({ label, from, to }) => {
    const name = { textContent: nameOf(short, label), title: nameOf(classes, label) };
    const span = Object.assign(document.createElement("span"), name);
    span.style.left = `${(50 * (from + to)) / last}%`;
    span.style.color = colourOf(label);
    return span;
  }));
}
