// A step of training, row by row: what goes in, what comes out, what it costs, and how the weights answer.
import { bytesOf, levelsInto, number, shades, sizeOf, subscript } from "../shared/js/canvas.js";
import { mounted } from "../shared/js/mounted.js";
import { radio } from "../shared/js/widgets.js";
import { whole } from "../shared/js/numbers.js";

const ROW = 380; // milliseconds between two rows

export default mounted(".slow", createTable);

function createTable(root) {
  const $ = (selector) => root.querySelector(selector);
  let data, trigger, who = null, shown = -1, timer = 0;

  function update(next, send) {
    data = next;
    trigger = send.setTriggerValue;
    who ??= data.who[0];
    radio($(".segments"), data.who, () => who, (name) => { who = name; outdated(); });
    outdated();
    $(".take").textContent = data.count ? "Take another step" : "Take one step";
    $(".take").onclick = () => trigger("take", { who, moment: Date.now() });
    $(".over").hidden = !data.count;
    $(".over").onclick = () => trigger("again", Date.now());
    const further = data.count ? `, ${whole(data.count)} step${data.count > 1 ? "s" : ""} further` : "; the run itself stays as it is";
    $(".counted").textContent = `on a copy of the weights of step ${whole(data.from)}${further}`;
    if (data.seen) return board();
    $(".board").replaceChildren();
    $(".verdict").textContent = "";
    shown = -1;
  }

  // The step on the board was not taken by the network that is chosen now.
  const outdated = () => root.classList.toggle("old", data.seen !== null && data.seen.who !== who);

  function board() {
    const ink = getComputedStyle(root).color;
    if (shown === data.count && root.dataset.theme === ink) return;
    const fresh = shown !== data.count;
    shown = data.count;
    root.dataset.theme = ink;
    root.dataset.count = data.count;
    const rows = rowsOf(data, shades(root, data.photograph));
    $(".board").replaceChildren(...rows.flatMap((row, k) => (k ? [made("div", "line", ""), ...row] : row)));
    reveal(rows, fresh && !matchMedia("(prefers-reduced-motion: reduce)").matches);
  }

  function reveal(rows, slowly) {
    clearInterval(timer);
    let k = 0;
    const next = () => {
      for (const element of rows[k]) element.classList.add("on");
      if (++k < rows.length) return;
      clearInterval(timer);
      $(".verdict").innerHTML = verdict(data);
    };
    $(".verdict").textContent = "";
    if (!slowly) while (k < rows.length) next();
    else {
      next();
      timer = setInterval(next, ROW);
    }
  }

  return { update, forget: () => clearInterval(timer) };
}

const made = (tag, name, html) => Object.assign(document.createElement(tag), { className: name, innerHTML: html });
const text = (value, name) => Object.assign(made("div", `cell ${name}`, ""), { textContent: value });

// The rows of the board: each its label, then a cell per image.
function rowsOf({ seen, beta, shape }, table) {
  const several = (values, digits) => values.map((v) => number(v, digits)).join(", ");
  const objective = (reconstruction, kl) => (i) => text(number(reconstruction[i] - beta * kl[i], 1), "elbo");
  const names = seen.axes.map((a) => subscript(a + 1));
  const some = names.length < 3 && seen.axes.some((a, k) => a !== k) ? ` (z${names.join(", z")})` : "";
  const rows = [
    [`<b>x</b> a batch of ${seen.mean.length}`, (i) => picture(seen.x, i, shape, table)],
    [`the encoder says <b class="mu">μ</b>${some}`, (i) => text(several(seen.mean[i], 2), "mu")],
    [`and <b class="sigma">σ</b>`, (i) => text(several(seen.sigma[i], 3), "sigma")],
    [`noise <b class="noise">ε</b> ~ N(0, I)`, (i) => text(several(seen.noise[i], 2), "noise")],
    [`<b class="z">z</b> = μ + σ ε`, (i) => text(several(seen.z[i], 2), "z")],
    [`the decoder draws E[<b>x</b>|z]`, (i) => picture(seen.image, i, shape, table)],
    [`reconstruction log p(x|z)`, (i) => text(number(seen.reconstruction[i], 1), "reconstruction")],
    [`KL(q(z|x) ‖ p(z))`, (i) => text(number(seen.kl[i], 2), "kl")],
    [`objective (higher is better)`, objective(seen.reconstruction, seen.kl)],
  ];
  const row = ([label, cell]) => [made("div", "label", label), ...seen.mean.map((_, i) => cell(i))];
  return [
    ...rows.map(row),
    [made("div", "label", "its gradient in each layer, norm"), bars(seen)],
    row(["the same batch and noise, after the step", objective(seen.reconstruction_after, seen.kl_after)]),
  ];
}

function picture(encoded, i, shape, table) {
  const [rows, columns] = shape, levels = bytesOf(encoded);
  const canvas = Object.assign(document.createElement("canvas"), { width: columns, height: rows }), cell = made("div", "cell", "");
  const ink = canvas.getContext("2d"), image = ink.createImageData(columns, rows);
  levelsInto(image, levels, i * sizeOf(shape), shape, table);
  ink.putImageData(image, 0, 0);
  cell.append(canvas);
  return cell;
}

function bars({ gradients, who }) {
  const box = made("div", "bars", ""), most = Math.max(...gradients.map(([, norm]) => norm), 1e-9);
  for (const part of ["encoder", "decoder"]) {
    const still = who !== "both" && !who.startsWith(part);
    gradients.filter(([name]) => name.startsWith(part)).forEach(([, norm], k) => {
      box.append(made("figure", still ? "still" : "",
        `<i style="width:${Math.max(2, (90 * norm) / most)}px"></i><figcaption>${part} ${k + 1} ` +
        `<strong>${number(norm, norm < 10 ? 2 : 0)}</strong>${still ? " still" : ""}</figcaption>`));
    });
  }
  return box;
}

const MOVED = {
  both: "Both networks moved",
  "encoder only": "The encoder moved, the decoder stood still",
  "decoder only": "The decoder moved, the encoder stood still",
};

// What the step did to the batch’s objective, in words.
function verdict({ seen, beta, optimizer, rate }) {
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const before = mean(seen.reconstruction) - beta * mean(seen.kl);
  const after = mean(seen.reconstruction_after) - beta * mean(seen.kl_after);
  const kl = mean(seen.kl_after) - mean(seen.kl);
  const name = optimizer === "sgd" ? "SGD" : optimizer[0].toUpperCase() + optimizer.slice(1);
  return `${MOVED[seen.who]}: the batch’s objective went from <span class="elbo">${number(before, 1)}</span> ` +
    `to <span class="elbo">${number(after, 1)}</span> nats, ` +
    `KL by <span class="kl">${kl >= 0 ? "+" : ""}${number(kl, 3)}</span>. ` +
    `<span class="soft">${seen.who === "decoder only" ? "KL cannot change: it knows the encoder only. " : ""}` +
    `${name} at the rate that the schedule has there, ${rate}; with fresh Adam moments.</span>`;
}
