// Five estimators of one gradient as bundles of arrows; and the noise that makes the trick work.
import { colour, css, number, sharpen, subscript } from "../shared/js/canvas.js";
import { normals } from "../shared/js/gaussian.js";
import { radio } from "../shared/js/widgets.js";
import { createChooser } from "../shared/image_picker/image_picker.js";
import { listen, tell } from "../shared/js/blobs.js";
import { roundTicks } from "../shared/js/ticks.js";
import { readable } from "../shared/js/numbers.js";
import { fileName, saveCanvas, saveTable } from "../shared/js/files.js";
import { NOISE, canvasReadable } from "../shared/js/png.js";

const SCALES = ["each its own", "the same for all"];
const DETACHED = "z detached", DETACHES = "reparameterised B";
const pages = new WeakMap();

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".arrows");
  if (!pages.has(root)) pages.set(root, createPage(root));
  const page = pages.get(root);
  page.update(data, setTriggerValue);
  return () => { page.forget(); pages.delete(root); };
}

// The length that nineteen of twenty arrows stay below
export function reach(arrows) {
  const lengths = arrows.map(([x, y = 0]) => Math.hypot(x, y)).sort((a, b) => a - b);
  return lengths[Math.floor(0.95 * (lengths.length - 1))] || 1e-9;
}

// What was estimated from draws, to three digits
export const times = (ratio) => (ratio < 10 ? ratio.toFixed(ratio < 0.1 ? 3 : 2) : ratio < 1e6 ? Number(ratio.toPrecision(3)).toLocaleString("en") : readable(Number(ratio.toPrecision(3)), 0));

// Ratios of such numbers, to two
export const few = (ratio) => times(ratio < 10 ? ratio : Number(ratio.toPrecision(2)));

// One row per estimator; means and their errors along the axes that are drawn
export function tabled({ rows, axes, many, when, over }) {
  const of = axes.flatMap((d) => [`mean in mu ${d + 1}`, `error in mu ${d + 1}`]), several = ["median of 20 images", "least", "most"];
  return [
    ["estimator", "model", "samples", "variance", "variance / that of B", "signal / noise", ...of, ...(over ? several : [])],
    ...rows.map((row) => [row.name, when, many, row.variance, row.ratio, row.wrong ? null : row.signal, ...axes.flatMap((_, k) => [row.mean[k], row.error[k]]), ...(over?.[row.name] ?? [])]),
  ];
}

const SAYS = {
  "score function": "f · ∇ log q: asks nothing of the decoder’s gradient",
  "with baseline": "the same with a baseline known beforehand: the mean of f over thousands of other draws",
  "reparameterised A": "through z; log q − log p(z) sampled as well",
  "reparameterised B": "through z; the KL in closed form",
  "sticking the landing": "A without log q’s own gradient",
  "z detached": "B with z taken for a constant",
};

function createPage(root) {
  const $ = (selector) => root.querySelector(selector);
  let data, ask, scale = SCALES[0], frame = null;
  const request = (name, value) => { root.classList.add("asked"); ask(name, value); };
  const chooser = createChooser($(".chooser"), { send: (wish) => request("wish", { ...wish, nonce: Date.now() }) });

  function update(next, trigger) {
    [data, ask] = [next, trigger];
    root.classList.remove("asked");
    radio($(".when"), data.choices.when, () => data.when, (when) => { data = { ...data, when }; request("when", when); });
    radio($(".many"), data.choices.many.map(String), () => String(data.many), (many) => { data = { ...data, many: Number(many) }; request("many", Number(many)); });
    radio($(".scale"), SCALES, () => scale, (name) => { scale = name; fans(); });
    $(".bar .detach input").checked = data.detach;
    chooser.update(data.offer);
    layout();
  }

  function layout() {
    const width = root.getBoundingClientRect().width;
    if (!width || !data) return;
    root.classList.toggle("phone", width < 700);
    root.classList.toggle("mid", width >= 700 && width < 1180);
    chooser.paint();
    fans();
    curve();
    cloud();
    spreads();
    root.dataset.subject = data.subject;
    root.dataset.frames = Number(root.dataset.frames ?? 0) + 1;
  }

  // -- the bundles -----------------------------------------------------------------------------------------------------
  function fans() {
    const detach = $(".bar .detach input").checked;
    const rows = data.rows.filter(({ name }) => name !== (detach ? DETACHES : DETACHED));
    if (detach) rows.splice(3, 0, rows.pop()); // it stands where B stood
    const widest = Math.max(...rows.map(({ arrows }) => reach(arrows)), Math.hypot(...data.exact));
    $(".fans").replaceChildren(...rows.map((row) => fan(row, widest)));
    for (const row of rows) draw(row, widest);
  }

  function fan({ name, variance, ratio, signal, mean, error, wrong }) {
    const box = document.createElement("div");
    box.className = `fan${wrong ? " wrong" : ""}`;
    box.dataset.name = name;
    const of = data.dims === 1 ? "μ" : `μ${subscript(data.axes[0] + 1)}`;
    const several = data.offer.missing ? "" : ["median of 20", "least", "most"].map((of, k) => `<dt>${of}</dt><dd>${data.over ? few(data.over[name][k]) : "…"}</dd>`).join("");
    box.innerHTML = `<h2>${name}${wrong ? ": biased" : ""}</h2><p class="says">${SAYS[name] ?? ""}</p><canvas role="img" aria-label="200 estimates by ${name}"></canvas><dl>
      <dt class="big">variance, × B’s</dt><dd class="big">${few(ratio)}</dd>${several}<dt>variance</dt><dd>${times(variance)}</dd>
      <dt>signal / noise</dt><dd>${signal > 99 || wrong ? "no noise" : number(signal, signal < 0.1 ? 3 : 2)}</dd><dt>mean in ${of}</dt><dd>${number(mean[0])} ± ${number(error[0])}</dd></dl>`;
    return box;
  }

  function draw({ name, arrows, mean }, widest) {
    const canvas = root.querySelector(`[data-name="${name}"] canvas`), wide = canvas.clientWidth, side = canvas.clientHeight;
    if (!side) return;
    const pen = sharpen(canvas, wide, side), own = Math.max(reach(arrows), Math.hypot(...data.exact));
    canvas.style.width = canvas.style.height = "";
    const unit = (0.42 * side) / (scale === SCALES[0] ? own : widest), c = wide / 2, d = side / 2;
    const ink = colour(root, "ink"), blue = colour(root, "mu");
    pen.strokeStyle = css(ink, 0.15);
    pen.beginPath();
    pen.moveTo(0, d); pen.lineTo(wide, d); pen.moveTo(c, 0); pen.lineTo(c, side);
    pen.stroke();
    pen.strokeStyle = css(blue, 0.3);
    pen.fillStyle = css(blue, 0.8);
    for (const [x, y = 0] of arrows) {
      pen.beginPath();
      pen.moveTo(c, d);
      pen.lineTo(c + x * unit, d - y * unit);
      pen.stroke();
      pen.beginPath();
      pen.arc(c + x * unit, d - y * unit, 1.6, 0, 7);
      pen.fill();
    }
    const tip = ([x, y = 0]) => [c + x * unit, d - y * unit];
    pen.strokeStyle = css(ink);
    pen.lineWidth = 2.5;
    pen.beginPath();
    pen.moveTo(c, d);
    pen.lineTo(...tip(mean));
    pen.stroke();
    pen.lineWidth = 1.8;
    pen.beginPath();
    pen.arc(...tip(data.exact), 6, 0, 7);
    pen.stroke();
    bar(pen, unit, side, css(ink));
  }

  function bar(pen, unit, side, style) {
    const raw = (0.3 * side) / unit, ten = 10 ** Math.floor(Math.log10(raw)), step = [5, 2, 1].map((k) => k * ten).find((s) => s <= raw);
    pen.strokeStyle = pen.fillStyle = style;
    pen.lineWidth = 1.2;
    pen.beginPath();
    pen.moveTo(12, side - 14); pen.lineTo(12 + step * unit, side - 14);
    pen.moveTo(12, side - 18); pen.lineTo(12, side - 10); pen.moveTo(12 + step * unit, side - 18); pen.lineTo(12 + step * unit, side - 10);
    pen.stroke();
    pen.font = '14px "Source Sans", sans-serif';
    pen.fillText(step >= 1 ? step.toLocaleString("en") : String(Number(step.toPrecision(1))), 18 + step * unit, side - 9);
  }

  // -- why -------------------------------------------------------------------------------------------------------------
  function curve() {
    const box = $(".chart"), width = box.clientWidth, height = box.clientHeight, { at, same, fresh } = data.curve, left = 48, floor = height - 26;
    const all = [...same, ...fresh], low = Math.min(...all), high = Math.max(...all), room = 0.08 * (high - low) || 1;
    const x = (v) => left + ((v - at[0]) / (at.at(-1) - at[0])) * (width - left - 8), y = (v) => floor - ((v - low + room) / (high - low + 2 * room)) * floor;
    const ticks = roundTicks(low - room, high + room).map((t) => `<path d="M${left} ${y(t)}H${width - 8}" stroke="var(--hair)"/><text x="${left - 8}" y="${y(t) + 5}" text-anchor="end">${number(t, Math.abs(t % 1) > 1e-9 ? 1 : 0)}</text>`);
    const along = roundTicks(at[0], at.at(-1)).map((t) => `<text x="${x(t)}" y="${height - 4}" text-anchor="middle">${number(t, 2)}</text>`);
    const path = (values, more) => `<polyline points="${at.map((v, k) => `${x(v)},${y(values[k])}`).join(" ")}" fill="none" ${more}/>`;
    box.innerHTML = `<svg role="img" aria-label="The estimated bound over mu: smooth with the same noise, jagged with fresh noise">${ticks.join("")}${along.join("")}${path(fresh, 'stroke="var(--noise)" stroke-width="1.3"')}${path(same, 'stroke="var(--elbo)" stroke-width="2.6"')}<path d="M${x(data.mean[0])} 0V${floor}" stroke="var(--mu)" stroke-dasharray="2 3"/></svg>`;
    $(".of-curve .words").innerHTML = "With ε held, the estimate is a smooth function of μ: <b>its slope is a gradient</b>. Sampling anew at each μ gives scattered values without a slope; only log q can then be differentiated: the score function.";
  }

  function cloud() {
    const canvas = $(".cloud canvas"), box = $(".cloud"), width = box.clientWidth, height = box.clientHeight;
    if (!width) return;
    const pen = sharpen(canvas, width, height), fresh = $(".of-fresh").checked, draw = fresh ? normals(Math.floor(1e9 * Math.random())) : null;
    canvas.style.width = canvas.style.height = "";
    const mu = Number($(".of-mu").value), sigma = Number($(".of-sigma").value), unit = height / 7.5;
    const at = (e, m, s) => [width / 2 + (m + s * e[0]) * unit, height / 2 - s * e[1] * unit];
    const points = data.noise.map((e) => (fresh ? [draw(), draw()] : e));
    pen.strokeStyle = css(colour(root, "noise"), 0.35);
    if (!fresh) for (const e of points.slice(0, 60)) { pen.beginPath(); pen.moveTo(...at(e, 0, 1)); pen.lineTo(...at(e, mu, sigma)); pen.stroke(); }
    const dots = (points, style, size, m, s) => { pen.fillStyle = style; for (const e of points) { pen.beginPath(); pen.arc(...at(e, m, s), size, 0, 7); pen.fill(); } };
    if (!fresh) dots(points, css(colour(root, "noise"), 0.7), 2, 0, 1);
    dots(points, css(colour(root, "z"), 0.9), 2.6, mu, sigma);
    $(".of-cloud .words").innerHTML = fresh
      ? "New points each time: none of them knows where it would have been, so ∂z/∂μ has no meaning."
      : "Every point keeps its ε and moves smoothly: ∂z/∂μ = 1, ∂z/∂σ = ε. Sampling is outside, gradients flow through.";
  }

  function spreads() {
    const { spreads: all, other, rows } = data, names = Object.keys(all);
    const one = (when) => `${when} A ${times(all[when].A)}, B ${times(all[when].B)}`;
    const score = rows.find(({ name }) => name === "score function").ratio;
    $(".values").innerHTML = `The <b>value</b> of one draw of the ELBO has a variance too: ${names.map(one).join("; ")}. A’s is 0 where q is the posterior, so B is not always the quieter one. The score function’s ratio is ${few(score)} ${data.when}, ${few(other["score function"])} ${names.find((when) => when !== data.when)}.${data.offer.missing ? "" : " “Median of 20”: of the same ratio over the first 20 test images, with <i class='symbol'>L</i> = 1."}`;
  }

  $(".bar .detach input").onchange = ({ target }) => { data = { ...data, detach: target.checked }; fans(); request("detach", target.checked ? "yes" : "no"); };
  for (const input of root.querySelectorAll(".sliders input")) input.oninput = () => { cancelAnimationFrame(frame); frame = requestAnimationFrame(cloud); };
  const unheard = listen("along", (what) => {
    const name = fileName(data.subject.split(" ")[0], data.when, data.offer.name, "gradients");
    if (what === "csv") saveTable(tabled(data), name);
    else if (canvasReadable()) saveCanvas(bundles(), `${name}.png`);
    else tell("unsaved", NOISE);
  });

  // The bundles as they are drawn, in a row with their names
  function bundles() {
    const all = [...root.querySelectorAll(".fan")], [first] = all, { width, height } = first.querySelector("canvas"), unit = width / first.clientWidth, gap = 20 * unit, top = 36 * unit;
    const sheet = Object.assign(document.createElement("canvas"), { width: all.length * (width + gap) + gap, height: height + top + gap }), pen = sheet.getContext("2d");
    pen.fillStyle = css(colour(root, "paper"));
    pen.fillRect(0, 0, sheet.width, sheet.height);
    pen.font = `600 ${16 * unit}px "Source Sans", sans-serif`;
    all.forEach((fan, k) => {
      const left = gap + k * (width + gap);
      pen.fillStyle = css(colour(root, "panel"));
      pen.fillRect(left, top, width, height);
      pen.drawImage(fan.querySelector("canvas"), left, top);
      pen.fillStyle = css(colour(root, "ink"));
      pen.fillText(fan.querySelector("h2").textContent, left, 24 * unit);
    });
    return sheet;
  }

  const watch = new ResizeObserver(() => layout());
  watch.observe(root);
  const theme = matchMedia("(prefers-color-scheme: dark)"), themed = () => setTimeout(layout, 50);
  theme.addEventListener("change", themed);
  const deaf = listen("shelf", (key) => { if (data && [data.offer.image, data.offer.samples].includes(key)) chooser.paint(); });
  return { update, forget() { unheard(); watch.disconnect(); theme.removeEventListener("change", themed); deaf(); cancelAnimationFrame(frame); } };
}
