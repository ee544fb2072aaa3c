// How the bound and its parts spread over the test set, and which images lose most. A click selects an image.
import { number, shades } from "../../shared/js/canvas.js";
import { radio } from "../../shared/js/widgets.js";
import { listen, onShelf } from "../../shared/js/blobs.js";
import { drawAxes, drawDots, mean, median, nearest, placed } from "./dots.js";
import { drawRows, markRow, NAMES } from "./rows.js";

const pages = new WeakMap();
const LINGER = { mouse: 600, pen: 600, touch: 4000 }; // ms after a pointer has left the table, in which its order is held
const COUNTING = "The bound of every test image is being computed; the first numbers come in a second or two.";

// Seconds as one says them: 40 -> "about 40 s", 130 -> "about 2 min"
export const duration = (s) => (s < 90 ? `about ${Math.max(10, 10 * Math.round(s / 10))} s` : `about ${Math.round(s / 60)} min`);

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".spread");
  if (!pages.has(root)) pages.set(root, createPage(root));
  const page = pages.get(root);
  page.update(data, setTriggerValue);
  return () => { page.forget(); pages.delete(root); };
}

function createPage(root) {
  const $ = (selector) => root.querySelector(selector);
  let data = null, ask, by = null, place = null, under = null, offered = "", listed = "", drawn = "", seen = false, asked = false, inside = false, leaving = null, shownAt = 0;

  function update(next, trigger) {
    if (next.count && data?.table !== next.table) under = null;
    [data, ask] = [next, trigger];
    by = data.by ?? null;
    root.classList.remove("asked");
    look();
    layout();
  }

  // Nothing is computed for what nobody looks at.
  function look() {
    if (!seen || asked || !data || data.count) return;
    asked = true;
    ask("look", Date.now());
  }

  function sort(name) {
    by = name;
    root.classList.add("asked");
    ask("sort", { by: name, largest: name === data.by ? !data.largest : name !== "elbo" && name !== "log_px" && name !== "reconstruction" });
    draw();
  }

  function layout() {
    const width = root.getBoundingClientRect().width;
    if (!width || !data) return;
    root.classList.toggle("phone", width < 700);
    root.classList.toggle("mid", width < 1180);
    draw();
  }

  function draw() {
    const table = data.count ? onShelf(data.table) : null, pictures = data.count ? onShelf(data.pictures) : null;
    root.classList.toggle("waiting", !table || !pictures);
    $(".wait").textContent = table && pictures ? "" : data.missing || COUNTING;
    if (!table || !pictures) return;
    if (offered !== String(data.names)) {
      offered = String(data.names);
      radio($(".segments"), data.names.map((name) => NAMES[name]), () => NAMES[by], (text) => sort(data.names.find((name) => NAMES[name] === text)));
    }
    for (const button of $(".segments").children) button.setAttribute("aria-checked", String(button.dataset.name === NAMES[by]));
    dots(table);
    const size = number(data.count, 0).length > 3 ? data.count.toLocaleString("en") : data.count;
    $(".said").textContent = data.count < data.of ? `${size} of ${data.of.toLocaleString("en")} so far${data.left ? `, ${duration(data.left)} more` : ""}` : `all ${size} images, nats`;
    words(table);
    $(".turn").textContent = data.largest ? "smallest first" : "largest first";
    const list = [data.table, data.pictures, data.by, data.largest, root.className, getComputedStyle(root).color].join();
    const held = listed && data.count > shownAt && same(list, listed) && within(); // who reads or presses a row finds it where it was
    if (list !== listed && !held) {
      const kept = listed.split(",")[2] === data.by ? $(".rows").scrollTop : 0;
      drawRows($(".rows"), data, table, pictures.levels, shades(root, data.photograph), root.classList.contains("phone"), { choose, sort });
      $(".rows").scrollTop = kept;
    }
    else markRow($(".rows"), data.chosen);
    if (!held) [listed, shownAt] = [list, data.count];
    const so = shownAt < data.of ? ` of ${shownAt.toLocaleString("en")}${held ? ", held while you are here" : " so far"}` : " first";
    $(".sorted").textContent = `${data.largest ? "Largest" : "Smallest"} ${NAMES[data.by]}${so}`;
    Object.assign(root.dataset, { count: data.count, by: data.by, largest: data.largest, shown: by });
  }

  const same = (a, b) => a.split(",").slice(2).join() === b.split(",").slice(2).join(); // but for newer numbers
  const within = () => inside || $(".rows tbody").contains(root.getRootNode().activeElement);

  function dots(table) {
    const plot = $(".plot"), size = [plot.clientWidth, plot.clientHeight, getComputedStyle(root).color];
    const now = [data.table, by, ...size].join();
    if (now !== drawn) { // ten thousand dots are not drawn again for a ring
      place = placed(table.columns[by], table.labels, by === "gap", size[0], size[1]); // a few lose very much: a logarithm keeps the others apart
      drawDots($(".plot canvas"), root, place, table.labels);
      drawn = now;
    }
    rings();
  }

  const rings = () => drawAxes($(".plot svg"), place, data.classes, { chosen: data.chosen !== null && data.chosen < data.count ? data.chosen : null, under });

  function words(table) {
    const values = table.columns[by].filter(Number.isFinite), lost = data.count - values.length;
    const own = under === null ? "" : `Test image ${under}: ${NAMES[by]} <b>${number(table.columns[by][under])}</b> nats. Click to take it apart.`;
    const range = `from ${number(values.reduce((a, b) => Math.min(a, b), Infinity))} to ${number(values.reduce((a, b) => Math.max(a, b), -Infinity))}`;
    const without = lost ? ` ${lost} images have none: the model overflows on them.` : "";
    $(".words").innerHTML = own || `${NAMES[by]}: mean <b>${number(mean(values))}</b>, median <b>${number(median(values))}</b> nats, ${range}; bars are medians.${without} ${data.sentence}`;
  }

  function point(k) {
    if (k === under || !place) return;
    under = k;
    rings();
    words(onShelf(data.table));
  }

  const choose = (k) => k !== null && ask("choose", k);
  const at = (event) => {
    const box = $(".plot").getBoundingClientRect();
    return place && nearest(place, event.clientX - box.left, event.clientY - box.top);
  };
  $(".plot").onpointermove = (event) => point(at(event));
  $(".plot").onpointerleave = () => point(null);
  $(".plot").onblur = () => point(null);
  $(".plot").onclick = (event) => choose(at(event));
  $(".plot").onkeydown = (event) => {
    const by1 = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Enter") return choose(under);
    if (!by1 || !place) return;
    event.preventDefault();
    const values = onShelf(data.table).columns[by], order = [...values.keys()].filter((k) => Number.isFinite(values[k])).sort((a, b) => values[a] - values[b]), now = order.indexOf(under);
    point(order[Math.max(0, Math.min(order.length - 1, now < 0 ? 0 : now + by1))]);
  };
  $(".turn").onclick = () => sort(data.by);
  $(".rows").onpointerenter = $(".rows").onpointerdown = () => { clearTimeout(leaving); inside = true; };
  $(".rows").onpointerleave = ({ pointerType }) => { clearTimeout(leaving); leaving = setTimeout(() => { inside = false; if (data) draw(); }, LINGER[pointerType] ?? 600); };
  $(".rows").onfocusout = () => setTimeout(() => data && draw());

  const near = new IntersectionObserver(([entry]) => { seen = entry.isIntersecting; look(); }, { rootMargin: "200px" });
  near.observe(root);
  const watch = new ResizeObserver(() => data && layout());
  watch.observe(root);
  const theme = matchMedia("(prefers-color-scheme: dark)"), themed = () => setTimeout(() => data && layout(), 50);
  theme.addEventListener("change", themed);
  const deaf = listen("shelf", (key) => { if (data && [data.table, data.pictures].includes(key)) layout(); });
  return { update, forget() { clearTimeout(leaving); near.disconnect(); watch.disconnect(); theme.removeEventListener("change", themed); deaf(); } };
}
