// One dot per image, by class: how the bound and its parts spread over the test set. A click selects the image.
import { number } from "../paper.js";
import { radio } from "../panel.js";
import { roundTicks } from "../elbo/waterfall.js";

const NAMES = { gap: "gap", elbo: "ELBO", reconstruction: "reconstruction", kl: "KL", log_px: "log p(x)" };
const pages = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".spread");
  if (!pages.has(root)) pages.set(root, createPage(root));
  const page = pages.get(root);
  page.update(data, setTriggerValue);
  return () => { page.forget(); pages.delete(root); };
}

const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`); // class names may be a visitor's own
const median = (values) => { const s = [...values].sort((a, b) => a - b); return (s[(s.length - 1) >> 1] + s[s.length >> 1]) / 2; };
const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;

function createPage(root) {
  const $ = (selector) => root.querySelector(selector);
  let data, ask, shown = null, dots = [], under = null, offered = "";

  function update(next, trigger) {
    [data, ask] = [next, trigger];
    const names = Object.keys(NAMES).filter((name) => data[name]);
    if (!names.includes(shown)) shown = names[0];
    if (offered !== String(names)) {
      offered = String(names);
      radio($(".segments"), names.map((name) => NAMES[name]), () => NAMES[shown], (text) => { shown = names.find((name) => NAMES[name] === text); draw(); });
    }
    draw();
  }

  function draw() {
    const width = root.getBoundingClientRect().width, height = $(".plot").clientHeight;
    if (!width) return;
    root.classList.toggle("phone", width < 560);
    const values = data[shown], classes = data.label ? [...new Set(data.label)].sort((a, b) => a - b) : [null];
    const low = Math.min(...values), high = Math.max(...values), room = 0.04 * (high - low) || 1, left = 48, floor = height - 26;
    const squeezed = shown === "gap"; // a few images lose very much: a root keeps the others apart
    const shape = (v) => (squeezed ? Math.sqrt(Math.max(0, v)) : v), [from, to] = [shape(squeezed ? 0 : low - room), shape(high + room)];
    const y = (v) => floor - ((shape(v) - from) / (to - from)) * (floor - 8), wide = (width - left) / classes.length;
    const ticks = squeezed ? [0, 500, 200, 100, 50, 20, 10, 5, 2, 1].filter((t) => t <= high).reduce((kept, t) => (kept.some((k) => Math.abs(y(k) - y(t)) < 18) ? kept : [...kept, t]), []) : roundTicks(low, high);
    const of = (k) => (data.label ? classes.indexOf(data.label[k]) : 0);
    dots = Array.from(values, (v, k) => ({ k, x: left + (of(k) + 0.5 + 0.62 * (((k * 0.618034) % 1) - 0.5)) * wide, y: y(v) }));
    const lines = ticks.map((t) => `<path d="M${left} ${y(t)}H${width}" stroke="var(--hair)"/><text x="${left - 8}" y="${y(t) + 5}" text-anchor="end">${number(t, 0)}</text>`);
    const columns = classes.map((label, c) => {
      const mine = values.filter((_, k) => of(k) === c), middle = left + (c + 0.5) * wide, m = y(median(mine));
      const name = label === null ? "all" : data.classes[label] ?? label;
      return `<path d="M${middle - 0.36 * wide} ${m}H${middle + 0.36 * wide}" stroke="var(--ink)" stroke-width="2"/><text class="digit" x="${middle}" y="${height - 4}" text-anchor="middle" style="fill: ${label === null ? "var(--ink2)" : `var(--glyph${label % 10})`}">${escaped(String(name).slice(0, 7))}</text>`;
    });
    const circle = ({ k, x, y: cy }) => `<circle cx="${x.toFixed(1)}" cy="${cy.toFixed(1)}" r="${k === under ? 5 : 3.2}" fill="${data.label ? `var(--dot${data.label[k] % 10})` : "var(--ink2)"}" fill-opacity=".75"/>`;
    const chosen = dots.find(({ k }) => data.index[k] === data.chosen);
    const ring = chosen ? `<circle cx="${chosen.x}" cy="${chosen.y}" r="7.5" fill="none" stroke="var(--ink)" stroke-width="2"/>` : "";
    $(".plot svg").innerHTML = lines.join("") + dots.map(circle).join("") + columns.join("") + ring;
    const soFar = values.length < data.of ? `${values.length} of ${data.of} images` : `first ${values.length} test images`;
    $(".said").textContent = `${soFar}, one dot each; bars are medians`;
    words();
    root.dataset.shown = shown;
    root.dataset.count = values.length;
  }

  function words() {
    const values = data[shown], k = under;
    const own = k === null ? "" : `Test image ${data.index[k]}: ${NAMES[shown]} <b>${number(values[k])}</b>. Click to take it apart.`;
    $(".words").innerHTML = own || `${NAMES[shown]}: mean <b>${number(mean(values))}</b>, median <b>${number(median(values))}</b> nats, from ${number(Math.min(...values))} to ${number(Math.max(...values))}. ${data.sentence}`;
  }

  const nearest = (event) => {
    const box = $(".plot").getBoundingClientRect(), px = event.clientX - box.left, py = event.clientY - box.top;
    const far = (d) => (d.x - px) ** 2 + (d.y - py) ** 2;
    const best = dots.reduce((kept, d) => (far(d) < far(kept) ? d : kept), dots[0]);
    return best && far(best) < 20 ** 2 ? best.k : null;
  };
  const point = (k) => { if (k !== under) { under = k; draw(); } };
  const select = (k) => k !== null && ask("choose", data.index[k]);
  $(".plot").onpointermove = (event) => point(nearest(event));
  $(".plot").onpointerleave = () => point(null);
  $(".plot").onblur = () => point(null);
  $(".plot").onclick = (event) => select(nearest(event));
  $(".plot").onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Enter") return select(under);
    if (!by) return;
    event.preventDefault();
    const order = [...data[shown].keys()].sort((a, b) => data[shown][a] - data[shown][b]), at = order.indexOf(under);
    point(order[Math.max(0, Math.min(order.length - 1, at < 0 ? 0 : at + by))]);
  };
  const watch = new ResizeObserver(() => data && draw());
  watch.observe(root);
  return { update, forget: () => watch.disconnect() };
}
