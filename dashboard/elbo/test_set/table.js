// How the bound and its parts spread over the test set, and which images lose most. A click selects an image.
import { number, placeIn, plusMinus, rounded, shades } from "../../shared/js/canvas.js";
import { radio } from "../../shared/js/widgets.js";
import { listen, onShelf } from "../../shared/js/blobs.js";
import { mounted } from "../../shared/js/mounted.js";
import { drawAxes, drawDots, mean, median, nearest, placed } from "./dots.js";
import { drawRows, markRow, NAMES } from "./rows.js";

const LINGER = { mouse: 600, pen: 600, touch: 4000 }; // ms after a pointer has left the table, in which its order is held
const COUNTING = "The bound of 500 test images comes first, each class in its share; the first numbers come in seconds.";
const FIRST = 500; // images that stand for all
const SMALLEST_FIRST = ["elbo", "log_px", "reconstruction"]; // of which the least is lost: the worst stand at the top

export default mounted(".spread", createPage);

function createPage(root) {
  const $ = (selector) => root.querySelector(selector);
  const state = { data: null, by: null, table: null }; // by: which number is drawn; table: all numbers of all images
  const actions = { choose: (image) => ask("choose", image), sort };
  const plot = createPlot(root, state, actions), rows = createRows(root, state, actions, draw);
  let ask, offered = "", seen = false, asked = false;

  function update(data, send) {
    if (data.count && state.data?.table !== data.table) plot.leave();
    ask = send.setTriggerValue;
    Object.assign(state, { data, by: data.by ?? null });
    root.classList.remove("asked");
    look();
    layout();
  }

  // Nothing is computed for what nobody looks at.
  function look() {
    if (!seen || asked || !state.data || state.data.count) return;
    asked = true;
    ask("look", Date.now());
  }

  function sort(name) {
    const { data } = state;
    state.by = name;
    root.classList.add("asked");
    ask("sort", { by: name, largest: name === data.by ? !data.largest : !SMALLEST_FIRST.includes(name) });
    draw();
  }

  function layout() {
    const width = root.getBoundingClientRect().width;
    if (!width || !state.data) return;
    root.classList.toggle("phone", width < 700);
    root.classList.toggle("mid", width < 1180);
    draw();
  }

  function draw() {
    const { data } = state, [table, pictures] = [data.table, data.pictures].map((key) => (data.count ? onShelf(key) : null));
    const there = table && pictures;
    if (!there && data.count && state.table) return; // what is there stays until the new numbers have come
    state.table = table;
    root.classList.toggle("waiting", !there);
    $(".wait").textContent = there ? "" : data.missing || COUNTING;
    if (!there) return;
    numbers();
    plot.draw();
    counted();
    plot.words();
    $(".turn").textContent = data.largest ? "Smallest first" : "Largest first";
    rows.draw(pictures.levels);
    Object.assign(root.dataset, { count: data.count, by: data.by, largest: data.largest, shown: state.by });
  }

  // How many images' numbers are there, and how well the mean over all of them is known.
  function counted() {
    const { data } = state, { count, of, paused } = data, done = count >= of, bar = $(".bar");
    $(".said").innerHTML = progressInWords(data, NAMES[state.by], data.means[state.by]);
    bar.hidden = $(".pause").hidden = done;
    $(".done").style.width = `${(100 * count) / of}%`;
    $(".mark").style.left = `${(100 * FIRST) / of}%`;
    $(".mark").hidden = of < 1.2 * FIRST;
    for (const [name, value] of [["valuenow", count], ["valuemax", of]]) bar.setAttribute(`aria-${name}`, value);
    $(".pause").textContent = paused ? "Continue" : "Pause";
  }

  // The choice of the number that is drawn
  function numbers() {
    const { data } = state, box = $(".segments"), current = () => NAMES[state.by];
    if (offered !== String(data.names)) {
      offered = String(data.names);
      radio(box, data.names.map((name) => NAMES[name]), current, (text) => sort(state.data.names.find((name) => NAMES[name] === text)));
    }
    for (const button of box.children) button.setAttribute("aria-checked", String(button.dataset.name === current()));
  }

  $(".turn").onclick = () => sort(state.data.by);
  $(".pause").onclick = () => ask("pause", Date.now());
  const near = new IntersectionObserver(([entry]) => { seen = entry.isIntersecting; look(); }, { rootMargin: "200px" });
  near.observe(root);
  const deaf = listen("shelf", (key) => { if (state.data && [state.data.table, state.data.pictures].includes(key)) layout(); });
  return { update, redraw: layout, forget() { rows.forget(); near.disconnect(); deaf(); } };
}

const whole = (n) => n.toLocaleString("en");
const ACCURACY = (of, count) =>
  `“Accurate to”: the standard error of the mean over all ${of}, estimated from ${count} in which each class has its share.`;

// The mean over the test set with its standard error, which shrinks while more images come.
export function progressInWords({ count, of, paused }, name, [mean, error]) {
  if (count >= of) return `all ${whole(of)} images, nats`;
  const so = `${whole(count)} of ${whole(of)} images${paused ? ", paused" : ""}`;
  if (mean === null || error === null) return so;
  const off = plusMinus(error) || "less than ± 0.01";
  return `${so}. Mean ${name} of the test set: <b>${rounded(mean, error)}</b> nats, accurate to <b>${off}</b> now`;
}

// One dot per image, and the words on all of them or on the one under the hand.
function createPlot(root, state, { choose }) {
  const $ = (selector) => root.querySelector(selector), plot = $(".plot");
  let place = null, under = null, drawn = "";

  function draw() {
    const { data, by, table } = state, size = [plot.clientWidth, plot.clientHeight];
    const now = [data.table, by, ...size, getComputedStyle(root).color].join();
    if (now !== drawn) { // ten thousand dots are not drawn again for a ring
      const squeezed = by === "gap"; // a few lose very much: a logarithm keeps the others apart
      place = placed(table.columns[by], table.labels, table.images, squeezed, ...size);
      drawDots($(".plot canvas"), root, place, table.labels);
      drawn = now;
    }
    rings();
  }

  function rings() {
    const { chosen, classes } = state.data, k = state.table.images.indexOf(chosen);
    drawAxes($(".plot svg"), place, classes, { chosen: chosen !== null && k >= 0 ? k : null, under });
  }

  function words() {
    const { data, by, table } = state, all = table.columns[by];
    $(".words").innerHTML = under === null ? summary(all, NAMES[by], data)
      : `Test image ${table.images[under]}: ${NAMES[by]} <b>${number(all[under])}</b> nats. Click to take it apart.`;
  }

  function point(k) {
    if (k === under || !place) return;
    under = k;
    rings();
    words();
  }

  const leave = () => { under = null; };
  const at = (event) => place && nearest(place, ...placeIn(plot, event));
  plot.onpointermove = (event) => point(at(event));
  plot.onpointerleave = plot.onblur = () => point(null);
  const take = (k) => { if (k !== null) choose(state.table.images[k]); };
  plot.onclick = (event) => take(at(event));
  plot.onkeydown = (event) => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Enter") return take(under);
    if (!way || !place) return;
    event.preventDefault();
    const values = state.table.columns[state.by], order = rising(values), now = order.indexOf(under);
    point(order[Math.max(0, Math.min(order.length - 1, now < 0 ? 0 : now + way))]);
  };
  return { draw, words, leave };
}

// The images in the order of their numbers, without those that have none
const rising = (values) => [...values.keys()].filter((k) => Number.isFinite(values[k])).sort((a, b) => values[a] - values[b]);

// How the numbers of all images are spread; log p of several images together is a sum, for z is drawn anew for each.
export function summary(all, name, { count, of, sentence }) {
  const values = all.filter(Number.isFinite), lost = count - values.length;
  const low = values.reduce((a, b) => Math.min(a, b), Infinity), high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const without = lost ? ` ${lost} images have none: the model overflows on them.` : "";
  const mid = `median <b>${number(median(values))}</b> nats, from ${number(low)} to ${number(high)}; bars are medians.${without}`;
  if (count >= of) return `${name}: mean <b>${number(mean(values))}</b>, ${mid}${together(values, name)} ${sentence}`;
  return `${name} of these: ${mid} ${ACCURACY(whole(of), whole(count))} ${sentence}`;
}

function together(values, name) {
  const means = { [NAMES.log_px]: "which is log p of", [NAMES.elbo]: "a lower bound on log p of" }[name];
  if (!means) return "";
  const total = Math.round(mean(values) * values.length).toLocaleString("en").replace("-", "\u2212");
  return ` Their sum is <b>${total}</b> nats, ${means} all ${values.length.toLocaleString("en")} images together.`;
}

// The table of the first images. Who reads or presses a row finds it where it was: meanwhile newer numbers do not move it.
function createRows(root, state, actions, draw) {
  const box = root.querySelector(".rows");
  let listed = "", shownAt = 0, inside = false, leaving = null;

  function drawTable(levels) {
    const { data, table } = state;
    const list = [data.table, data.pictures, data.by, data.largest, root.className, getComputedStyle(root).color].join();
    const held = listed && data.count > shownAt && same(list, listed) && within();
    if (list === listed || held) markRow(box, data.chosen);
    else {
      const kept = listed.split(",")[2] === data.by ? box.scrollTop : 0;
      const images = { ...table, levels, ink: shades(root, data.photograph) };
      drawRows(box, data, images, root.classList.contains("phone"), actions);
      box.scrollTop = kept;
    }
    if (!held) [listed, shownAt] = [list, data.count];
    const so = shownAt < data.of ? ` of ${shownAt.toLocaleString("en")}${held ? ", held while you are here" : " so far"}` : " first";
    root.querySelector(".sorted").textContent = `${data.largest ? "Largest" : "Smallest"} ${NAMES[data.by]}${so}`;
  }

  const same = (a, b) => a.split(",").slice(2).join() === b.split(",").slice(2).join(); // but for newer numbers
  const within = () => inside || Boolean(box.querySelector("tbody :focus-visible")); // of a key: a click's focus holds nothing
  const again = () => { if (state.data) draw(); };

  box.onpointerenter = box.onpointerdown = () => { clearTimeout(leaving); inside = true; };
  box.onpointerleave = ({ pointerType }) => {
    clearTimeout(leaving);
    leaving = setTimeout(() => { inside = false; again(); }, LINGER[pointerType] ?? 600);
  };
  box.onfocusout = () => setTimeout(again);
  return { draw: drawTable, forget: () => clearTimeout(leaving) };
}
