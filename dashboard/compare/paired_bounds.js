// Two models on the same test images: one dot an image, above the diagonal where the second is better.
import { colour, css, percent, sharpen } from "../shared/js/canvas.js";
import { radio } from "../shared/js/widgets.js";
import { listen, onShelf } from "../shared/js/blobs.js";
import { apart, readable } from "../shared/js/numbers.js";
import { roundTicks } from "../shared/js/ticks.js";

const LEFT = 56, TOP = 24, FLOOR = 44, NEAR = 12; // px
const pages = new WeakMap();

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".duel");
  if (!pages.has(root)) pages.set(root, createPage(root));
  const page = pages.get(root);
  page.update(data, setTriggerValue);
  return () => { page.forget(); pages.delete(root); };
}

// Bounds of the histogram: what holds all but the outermost hundredth, and 0, in bins that end at 0.
export function bins(differences, count = 40) {
  const sorted = Float64Array.from(differences).sort(), at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  const low = Math.min(0, at(0.005)), high = Math.max(0, at(0.995)), width = (high - low) / count || 1;
  const first = Math.floor(low / width), last = Math.ceil(high / width), heights = new Array(Math.max(1, last - first)).fill(0);
  for (const d of differences) heights[Math.max(0, Math.min(heights.length - 1, Math.floor(d / width) - first))] += 1;
  return { first, width, heights };
}

function createPage(root) {
  const $ = (selector) => root.querySelector(selector);
  let data, ask, one = null, other = null, errors = [], under = null, order = null, offered = "", known = "";

  function update(next, trigger) {
    [data, ask] = [next, trigger];
    const names = JSON.stringify([data.options, data.against]);
    if (names !== offered) radio($(".segments"), data.options.length > 1 ? data.options : [], () => data.options[data.against], (name) => { data = { ...data, against: data.options.indexOf(name) }; ask("against", data.against); });
    offered = names;
    draw();
  }

  function arrays() {
    const tables = data.keys.map((key) => (key ? onShelf(key)?.columns ?? null : null));
    [one, other] = tables.map((columns) => columns?.elbo ?? null);
    errors = tables.map((columns) => columns?.error ?? null);
    if (!one || !other || one.length !== other.length) return false;
    if (known !== String(data.keys)) {
      order = Array.from(one.keys()).sort((a, b) => one[a] - other[a] - (one[b] - other[b]));
      under = null;
    }
    known = String(data.keys);
    return true;
  }

  function draw() {
    const width = root.getBoundingClientRect().width;
    if (!width || !data) return;
    root.classList.toggle("phone", width < 700);
    const there = Boolean(data.found) && arrays();
    $(".none").hidden = there;
    $(".none").textContent = data.why;
    $(".both").hidden = !there;
    root.dataset.frames = Number(root.dataset.frames ?? 0) + 1;
    root.dataset.count = there ? one.length : 0;
    root.dataset.chosen = data.chosen ?? "";
    if (!there) return;
    scatter();
    histogram();
    words();
  }

  let scale = null, cloud = null;
  function scatter() {
    const side = Math.min(480, $(".plot").parentElement.getBoundingClientRect().width), pen = sharpen($(".plot canvas"), side, side);
    const ink = colour(root, "ink"), ink2 = colour(root, "ink2");
    const [low, high] = range(), y0 = side - FLOOR, unit = (side - LEFT - 8) / (high - low);
    const tall = y0 - 8 - TOP;
    scale = { x: (v) => LEFT + (v - low) * unit, y: (v) => y0 - 8 - ((v - low) / (high - low)) * tall };
    pen.fillStyle = css(colour(root, "panel"));
    pen.fillRect(LEFT, TOP, side - LEFT - 8, tall);
    pen.font = '14px "Source Sans", sans-serif';
    for (const tick of roundTicks(low, high)) {
      pen.fillStyle = css(ink2);
      pen.textAlign = "center";
      pen.fillText(readable(tick, 0), scale.x(tick), y0 + 12);
      pen.textAlign = "right";
      pen.fillText(readable(tick, 0), LEFT - 8, scale.y(tick) + 5);
    }
    pen.save();
    pen.beginPath();
    pen.rect(LEFT, TOP, side - LEFT - 8, tall);
    pen.clip();
    pen.fillStyle = css(colour(root, "elbo"), Math.max(0.12, Math.min(0.5, 900 / one.length)));
    for (let k = 0; k < one.length; k++) pen.fillRect(scale.x(one[k]) - 1.5, scale.y(other[k]) - 1.5, 3, 3);
    pen.strokeStyle = css(ink);
    pen.beginPath();
    pen.moveTo(scale.x(low), scale.y(low));
    pen.lineTo(scale.x(high), scale.y(high));
    pen.stroke();
    pen.restore();
    pen.fillStyle = css(ink);
    pen.textAlign = "left";
    pen.fillText(`${plain(data.names[1])} is better`, LEFT + 10, TOP + 20);
    pen.textAlign = "right";
    pen.fillText(`${plain(data.names[0])} is better`, side - 18, y0 - 18);
    pen.fillStyle = css(ink2);
    pen.fillText(`ELBO under ${plain(data.names[0])}, nats`, side - 8, side - 6);
    pen.textAlign = "left";
    pen.fillText(`ELBO under ${plain(data.names[1])}`, 0, 14);
    for (const [k, radius] of [[data.chosen, 8], [under, 6]]) {
      if (k === null || k === undefined || !(k < one.length)) continue;
      pen.strokeStyle = css(ink);
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(scale.x(one[k]), scale.y(other[k]), radius, 0, 7);
      pen.stroke();
    }
    cloud = side;
  }

  // Both axes share one range; the outermost images of a hundred lie outside, unless they are few.
  function range() {
    const all = Float64Array.from([...one, ...other]).sort(), cut = Math.floor(0.001 * all.length), room = 0.03 * (all[all.length - 1] - all[cut]);
    return [all[cut] - room, all[all.length - 1] + room];
  }

  function histogram() {
    const width = Math.max(200, $(".said").getBoundingClientRect().width), height = 170, pen = sharpen($(".histogram canvas"), width, height);
    const differences = Float64Array.from(one, (v, k) => v - other[k]), { first, width: step, heights } = bins(differences);
    const most = Math.max(...heights), wide = width / heights.length, ink2 = css(colour(root, "ink2")), zero = -first * wide;
    heights.forEach((count, k) => {
      const tall = (count / most) * (height - 52);
      pen.fillStyle = css(colour(root, "elbo"), first + k >= 0 ? 0.75 : 0.3);
      pen.fillRect(k * wide + 0.5, height - 26 - tall, Math.max(1, wide - 1), tall);
    });
    pen.fillStyle = css(colour(root, "ink"));
    pen.fillRect(zero - 0.5, 0, 1, height - 22);
    pen.font = '14px "Source Sans", sans-serif';
    pen.fillStyle = ink2;
    pen.textAlign = "center";
    for (const tick of roundTicks(first * step, (first + heights.length) * step)) {
      const x = zero + (tick / step) * wide;
      if (x > 14 && x < width - 14) pen.fillText(tick > 0 ? `+${readable(tick, 0)}` : readable(tick, 0), x, height - 8);
    }
    pen.textAlign = zero > width - 120 ? "right" : "left";
    pen.fillText("difference, nats", zero + (zero > width - 120 ? -6 : 6), 12);
  }

  function words() {
    const { mean, error, better, count } = data.found, spread = error * Math.sqrt(count);
    const [name, rival] = data.names;
    $(".verdict").innerHTML = `<b>${name}</b> is better on <b>${better.toLocaleString("en")}</b> of ${count.toLocaleString("en")} test image${count === 1 ? "" : "s"} (${percent(better / count)}), <b>${rival}</b> on ${(count - better).toLocaleString("en")}. `
      + (error === null ? `The difference is <b>${mean > 0 ? "+" : ""}${readable(mean, 2)}</b> nats; one test image: no error bar.`
        : `Mean difference <b>${mean > 0 ? "+" : ""}${readable(mean, 2)} ± ${readable(error, 2)}</b> nats: the standard error of ${count.toLocaleString("en")} paired differences, whose own spread is ${readable(spread, 1)}.`);
    const k = under ?? data.chosen, there = k !== null && k !== undefined && k < one.length;
    const [a, b] = there ? [bound(k, 0), bound(k, 1)] : [];
    $(".under").innerHTML = there ? `Test image ${k}: ${said(a)} under ${name}, ${said(b)} under ${rival}, difference <b>${apart(a.value, b.value, Math.min(a.digits, b.digits))}</b>.${under === null || k === data.chosen ? "" : " Click to choose it."}` : "Each dot is a test image; a click chooses it everywhere on this page.";
    $(".under").innerHTML += data.summed ? "" : ` ± is the standard error of ${data.draws[0]} draws of <i class="symbol">z</i>, of ${data.draws[1]} for the chosen image.`;
  }

  // One image's bound: of the chosen one the number that stands at the top of the page.
  function bound(k, place) {
    const own = k === data.chosen ? data.own?.[place] : null;
    if (own) return { value: own.values[2], error: own.error, digits: own.error ? 1 : 2 };
    return { value: [one, other][place][k], error: errors[place]?.[k] ?? 0, digits: 1 };
  }
  const said = ({ value, error, digits }) => readable(value, digits) + (error ? ` ± ${readable(error, 1)}` : "");

  const plain = (text) => text.replace(/<[^>]*>/g, "").replace(/&#x27;/g, "\u2019").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
  const nearest = (event) => {
    const box = $(".plot canvas").getBoundingClientRect(), px = event.clientX - box.left, py = event.clientY - box.top;
    let best = null, least = NEAR ** 2;
    for (let k = 0; k < one.length; k++) {
      const far = (scale.x(one[k]) - px) ** 2 + (scale.y(other[k]) - py) ** 2;
      if (far < least) [best, least] = [k, far];
    }
    return best;
  };
  const point = (k) => { if (k !== under && cloud) { under = k; scatter(); words(); } };
  const select = (k) => k !== null && ask("choose", k);
  $(".plot").onpointermove = (event) => one && point(nearest(event));
  $(".plot").onpointerleave = $(".plot").onblur = () => one && point(null);
  $(".plot").onclick = (event) => one && select(nearest(event));
  $(".plot").onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Enter") return select(under);
    if (!by || !one) return;
    event.preventDefault();
    const from = order.indexOf(under ?? data.chosen ?? order[0]);
    point(order[Math.max(0, Math.min(order.length - 1, from + by))]);
  };
  const off = listen("shelf", () => requestAnimationFrame(() => data && draw()));
  const watch = new ResizeObserver(() => data && draw());
  watch.observe(root);
  const theme = matchMedia("(prefers-color-scheme: dark)");
  const themed = () => setTimeout(() => data && draw(), 50);
  theme.addEventListener("change", themed);
  return { update, forget: () => { off(); watch.disconnect(); theme.removeEventListener("change", themed); } };
}
