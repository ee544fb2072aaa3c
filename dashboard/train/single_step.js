// A step of training, row by row: what goes in, what comes out, what it costs, and how the weights answer.
import { number, inkInto, shades, subscript } from "../shared/js/canvas.js";
import { radio } from "../shared/js/widgets.js";

const ROW = 380; // milliseconds between two rows
const tables = new WeakMap();

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".slow");
  if (!tables.has(root)) tables.set(root, createTable(root));
  tables.get(root)(data, setTriggerValue);
}

const made = (tag, name, html) => { const e = document.createElement(tag); e.className = name; e.innerHTML = html; return e; };
const text = (value, name) => { const e = made("div", `cell ${name}`, ""); e.textContent = value; return e; };

function createTable(root) {
  const $ = (selector) => root.querySelector(selector);
  let data, trigger, who = null, shown = -1, timer = 0;

  return function update(next, setTriggerValue) {
    data = next;
    trigger = setTriggerValue;
    who ??= data.who[0];
    radio($(".segments"), data.who, () => who, (name) => { who = name; root.classList.toggle("old", data.seen !== null && data.seen.who !== who); });
    root.classList.toggle("old", data.seen !== null && data.seen.who !== who);
    $(".take").textContent = data.count ? "Take another step" : "Take one step";
    $(".take").onclick = () => trigger("take", { who, moment: Date.now() });
    $(".over").hidden = !data.count;
    $(".over").onclick = () => trigger("again", Date.now());
    $(".counted").textContent = `on a copy of the weights of step ${data.from.toLocaleString("en")}${data.count ? `, ${data.count} step${data.count > 1 ? "s" : ""} further` : "; the run itself stays as it is"}`;
    if (!data.seen) { $(".board").replaceChildren(); $(".verdict").textContent = ""; shown = -1; return; }
    if (shown === data.count && root.dataset.theme === getComputedStyle(root).color) return;
    const fresh = shown !== data.count;
    shown = data.count;
    root.dataset.theme = getComputedStyle(root).color;
    root.dataset.count = data.count;
    build(fresh && !matchMedia("(prefers-reduced-motion: reduce)").matches);
  };

  function build(slowly) {
    const s = data.seen, table = shades(root, data.photograph), names = s.axes.map((a) => subscript(a + 1));
    const several = (values, digits) => values.map((v) => number(v, digits)).join(", ");
    const rows = [
      [`<b>x</b> a batch of ${s.mean.length}`, (i) => picture(s.x, i, table)],
      [`the encoder says <b class="mu">μ</b>`, (i) => text(several(s.mean[i], 2), "mu")],
      [`and <b class="sigma">σ</b>`, (i) => text(several(s.sigma[i], 3), "sigma")],
      [`noise <b class="noise">ε</b> ~ N(0, I)`, (i) => text(several(s.noise[i], 2), "noise")],
      [`<b class="z">z</b> = μ + σ ε`, (i) => text(several(s.z[i], 2), "z")],
      [`the decoder draws E[<b>x</b>|z]`, (i) => picture(s.image, i, table)],
      [`reconstruction log p(x|z)`, (i) => text(number(s.reconstruction[i], 1), "reconstruction")],
      [`KL(q(z|x) ‖ p(z))`, (i) => text(number(s.kl[i], 2), "kl")],
      [`objective, to climb`, (i) => text(number(s.reconstruction[i] - data.beta * s.kl[i], 1), "elbo")],
    ];
    const parts = rows.map(([label, cell]) => [made("div", "label", label), ...s.mean.map((_, i) => cell(i))]);
    parts.push([made("div", "label", "its gradient in each layer, norm"), bars(s.gradients)]);
    parts.push([made("div", "label", "the same batch and noise, after the step"), ...s.mean.map((_, i) => text(number(s.reconstruction_after[i] - data.beta * s.kl_after[i], 1), "elbo"))]);
    $(".board").replaceChildren(...parts.flatMap((row, k) => (k ? [made("div", "line", ""), ...row] : row)));
    if (names.length < 3 && s.axes.some((a, k) => a !== k)) parts[1][0].innerHTML += ` (z${names.join(", z")})`;
    clearInterval(timer);
    let k = 0;
    const reveal = () => { parts[k].forEach((e) => e.classList.add("on")); if (++k === parts.length) { clearInterval(timer); verdict(); } };
    $(".verdict").textContent = "";
    if (slowly) { reveal(); timer = setInterval(reveal, ROW); } else while (k < parts.length) reveal();
  }

  function verdict() {
    const s = data.seen, mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
    const before = mean(s.reconstruction) - data.beta * mean(s.kl), after = mean(s.reconstruction_after) - data.beta * mean(s.kl_after);
    const moved = s.who === "both" ? "Both networks moved" : s.who === "encoder only" ? "The encoder moved, the decoder stood still" : "The decoder moved, the encoder stood still";
    const kl = mean(s.kl_after) - mean(s.kl);
    $(".verdict").innerHTML = `${moved}: the batch's objective went from <span class="elbo">${number(before, 1)}</span> to <span class="elbo">${number(after, 1)}</span> nats, KL by <span class="kl">${kl >= 0 ? "+" : ""}${number(kl, 3)}</span>. <span class="soft">${s.who === "decoder only" ? "KL cannot change: it knows the encoder only. " : ""}${data.optimizer === "sgd" ? "SGD" : data.optimizer[0].toUpperCase() + data.optimizer.slice(1)} at the rate that the schedule has there, ${data.rate}; its moments begin empty.</span>`;
  }

  function picture(encoded, i, table) {
    const [rows, columns] = data.shape, canvas = document.createElement("canvas"), cell = made("div", "cell", "");
    Object.assign(canvas, { width: columns, height: rows });
    const ink = canvas.getContext("2d"), image = ink.createImageData(columns, rows), raw = atob(encoded);
    inkInto(image, Float32Array.from({ length: rows * columns }, (_, p) => raw.charCodeAt(i * rows * columns + p) / 255), data.shape, table);
    ink.putImageData(image, 0, 0);
    cell.append(canvas);
    return cell;
  }

  function bars(gradients) {
    const box = made("div", "bars", ""), most = Math.max(...gradients.map(([, norm]) => norm), 1e-9);
    for (const part of ["encoder", "decoder"]) {
      gradients.filter(([name]) => name.startsWith(part)).forEach(([, norm], k) => {
        const still = data.seen.who !== "both" && !data.seen.who.startsWith(part);
        box.append(made("figure", still ? "still" : "", `<i style="width:${Math.max(2, (90 * norm) / most)}px"></i><figcaption>${part} ${k + 1} <strong>${number(norm, norm < 10 ? 2 : 0)}</strong>${still ? " still" : ""}</figcaption>`));
      });
    }
    return box;
  }
}
