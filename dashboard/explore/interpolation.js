// The way from A to B: what the decoder draws on it, which class is near, and how likely its points are.
import { colourOf, nameOf, shortNames, stretch } from "../shared/js/classes.js";
import { decodeMany } from "../shared/js/decoder.js";
import { colour, css, inkInto, number, shades, sharpen, spread } from "../shared/js/canvas.js";
import { radio } from "../shared/js/widgets.js";
import { currentPoint, listen, onShelf, tell } from "../shared/js/blobs.js";

const TALL = 50, CURVES = 120;
const ways = new WeakMap();

export default function ({ data: [data], parentElement, setStateValue }) {
  const root = parentElement.querySelector(".way-page");
  if (!ways.has(root)) ways.set(root, createWay(root));
  ways.get(root).update(data, setStateValue);
  return () => { ways.get(root).forget(); ways.delete(root); };
}

function createWay(root) {
  const $ = (selector) => root.querySelector(selector);
  const track = $(".track"), film = $(".film");
  let data, width = 0, stop = () => {}, held = false, share = 0;

  function update(next, send) {
    data = next;
    if (globalThis.vaeLab?.wayComes) {
      globalThis.vaeLab.wayComes = false;
      root.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    }
    radio($(".segments"), data.ways, () => data.via, (name) => send("via", name));
    layout();
  }

  function layout() {
    width = track.getBoundingClientRect().width;
    if (!width) return;
    root.querySelector(".said").textContent = data.said;
    tiles();
    kinds();
    curves();
    follow(currentPoint());
  }

  const near = (t) => data.points[Math.round(Math.min(1, Math.max(0, t)) * (data.points.length - 1))];

  function tiles() {
    stop();
    const [rows, columns] = data.shape, decoder = onShelf(data.model), table = shades(root, data.photograph);
    const count = data.levels ? data.tiles : Math.max(5, Math.round(width / (TALL * Math.max(0.96, columns / rows))));
    Object.assign(film, { width: Math.round((rows * width) / TALL), height: rows });
    const pen = film.getContext("2d"), tile = pen.createImageData(columns, rows);
    pen.fillStyle = getComputedStyle(film).backgroundColor;
    pen.fillRect(0, 0, film.width, rows);
    const at = (k) => (k + 0.5) / count;
    const put = (k, image) => {
      inkInto(tile, image, data.shape, table);
      pen.putImageData(tile, Math.round(at(k) * film.width - columns / 2), 0);
    };
    if (data.levels) {
      const levels = Uint8Array.from(atob(data.levels), (c) => c.charCodeAt(0) );
      for (let k = 0; k < count; k++) put(k, Array.from(levels.subarray(k * rows * columns, (k + 1) * rows * columns), (v) => v / 255));
    } else if (decoder) {
      stop = spread(decodeMany(decoder, Array.from({ length: count }, (_, k) => near(at(k))), put), 4, (done) => {
        if (done) root.dataset.films = Number(root.dataset.films ?? 0) + 1;
      });
    }
  }

  // The class of the nearest code, written once per stretch.
  function kinds() {
    const last = data.points.length - 1, spans = [];
    (data.labels ?? []).forEach((label, k) => {
      const open = spans.at(-1);
      if (open?.label === label) open.to = k;
      else spans.push({ label, from: k, to: k });
    });
    const short = shortNames(data.classes), wider = stretch(short);
    let written = -Infinity;
    const free = ({ from, to }) => { // a name that would lie on the one before is left out
      const at = ((from + to) / 2 / last) * width, there = wider === 1 || at - written >= 30 * wider;
      if (there) written = at;
      return there;
    };
    $(".kinds").replaceChildren(...spans.filter(free).map(({ label, from, to }) => {
      const span = Object.assign(document.createElement("span"), { textContent: nameOf(short, label), title: nameOf(data.classes, label) });
      span.style.left = `${(50 * (from + to)) / last}%`;
      span.style.color = colourOf(label);
      return span;
    }));
    root.dataset.kinds = spans.map(({ label }) => label).join();
  }

  function curves() {
    const pen = sharpen($(".curves"), width, CURVES);
    const { logPrior, logAggregate } = data, all = [...(logPrior ?? []), ...(logAggregate ?? [])];
    $(".curves").hidden = !all.length; // points have neither
    if (!all.length) return;
    const top = Math.max(...all), bottom = Math.max(Math.min(...all), top - 30), pad = 14;
    const y = (v) => pad + ((top - Math.max(bottom, v)) / (top - bottom || 1)) * (CURVES - 2 * pad);
    const x = (k) => (k / (data.points.length - 1)) * width;
    pen.font = '14px "Source Sans", sans-serif';
    pen.fillStyle = css(colour(root, "ink2"));
    pen.strokeStyle = css(colour(root, "hair"));
    const cut = Math.min(...all) < bottom ? "\u2264\u2009" : ""; // the lower line is a floor
    for (const value of [top, bottom]) {
      pen.beginPath();
      pen.moveTo(0, y(value));
      pen.lineTo(width, y(value));
      pen.stroke();
      pen.fillText(`${value === bottom ? cut : ""}${number(value, value === bottom && cut ? 0 : 1)} nats`, 2, y(value) - 3);
    }
    const curve = (values, name, word, dashed) => {
      if (!values) return;
      pen.strokeStyle = pen.fillStyle = css(colour(root, name));
      pen.lineWidth = 2;
      pen.setLineDash(dashed ? [5, 4] : []);
      pen.beginPath();
      values.forEach((value, k) => pen.lineTo(x(k), y(value)));
      pen.stroke();
      pen.setLineDash([]);
      const k = Math.round(values.length * (dashed ? 0.86 : 0.7));
      pen.font = 'italic 600 16px "Source Serif", serif';
      const above = dashed === (logAggregate ? logPrior[k] >= logAggregate[k] : true);
      pen.fillText(word, x(k), Math.min(CURVES - 8, Math.max(14, y(values[k]) + (above ? -7 : 18))));
    };
    curve(logPrior, "ink", "log p(z)", true);
    curve(logAggregate, "mu", "log q(z)", false);
  }

  // The mark stands where z is, if z is on the way.
  function follow(point) {
    if (!data || !width || !point || point.z.length !== data.points[0].length) return;
    const far = data.points.map((p) => p.reduce((sum, v, d) => sum + (v - point.z[d]) ** 2, 0));
    const best = far.indexOf(Math.min(...far));
    if (!held) share = best / (data.points.length - 1);
    $(".mark").style.transform = `translateX(${share * width}px)`;
    $(".mark").classList.toggle("off", far[best] > 0.01);
    track.setAttribute("aria-valuenow", String(Math.round(100 * share)));
  }

  function go(t, done) {
    share = Math.min(1, Math.max(0, t));
    tell("wish", { z: near(share), done });
  }
  const at = (event) => (event.clientX - track.getBoundingClientRect().left) / width;
  track.onpointerdown = (event) => { held = true; track.setPointerCapture?.(event.pointerId); go(at(event), false); };
  track.onpointermove = (event) => { if (held) go(at(event), false); };
  track.onpointerup = (event) => { if (held) { go(at(event), true); held = false; } };
  track.onpointercancel = () => { if (held) { held = false; tell("wish", { done: true }); } };
  track.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -1e3, End: 1e3 }[event.key];
    if (!by) return;
    event.preventDefault();
    go(share + by / 60, true);
  };

  const watch = new ResizeObserver(() => data && layout());
  watch.observe(root);
  const theme = matchMedia("(prefers-color-scheme: dark)"), themed = () => setTimeout(() => data && layout(), 50);
  theme.addEventListener("change", themed);
  const deaf = [listen("point", follow), listen("shelf", (key) => key === data?.model && layout())];
  const forget = () => {
    watch.disconnect();
    theme.removeEventListener("change", themed);
    deaf.forEach((end) => end());
    stop();
  };
  return { update, forget };
}
