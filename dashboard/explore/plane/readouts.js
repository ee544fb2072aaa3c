// The numbers beside the image, and the classes of the codes nearest to z.
import { cumulative, furtherOut, logPrior, squaredNorm } from "../../shared/js/gaussian.js";
import { colourOf, cut, htmlOf, nameOf } from "../../shared/js/classes.js";
import { number, percent, subscript } from "../../shared/js/canvas.js";
import { write } from "./frame.js";

const NEAREST = 20;
const MOST = 10; // characters of a class's name

// A share of the prior is never 0 or 1: near them it gets more digits.
export function within(share) {
  const digits = [2, 3, 4].find((n) => share >= 0.5 * 10 ** -n && share < 1 - 0.5 * 10 ** -n);
  return digits ? number(share, digits) : share < 0.5 ? "< 0.0001" : "> 0.9999";
}

export function createReadouts(root) {
  const $ = (selector) => root.querySelector(selector);
  const closest = new Float64Array(NEAREST), whose = new Int32Array(NEAREST);
  let named = null;
  const where = $(".where"), share = $(".u"), sides = $(".sides"), prior = $(".log-prior");
  const further = $(".further"), fit = $(".log-fit"), near = $(".nearest");

  // `logFit` is log p(x|z) of the chosen image, NaN while nobody knows it.
  function show({ z, axes, dims, codes, classes, logFit }) {
    const values = dims < 3 ? z : axes.map((d) => z[d]);
    write($(".which"), dims < 3 ? "z" : axes.map((d) => `z${subscript(d + 1)}`).join(", "));
    write(where, values.map((value) => number(value)).join(", "));
    write(sides, dims === 1 ? "left of it" : dims === 2 ? "left of it, below it" : "below each");
    write(share, values.map((value) => within(cumulative(value))).join(", "));
    write(prior, number(logPrior(z)));
    write(further, percent(furtherOut(squaredNorm(z), z.length)));
    write(fit, Number.isNaN(logFit) ? "\u2013" : number(logFit, 1));
    if (codes) nearest(z, axes, codes, classes);
  }

  // The classes of the codes nearest to z in this plane, by falling number.
  function nearest(z, axes, { mean, labels, count, dims }, classes) {
    const a = z[axes[0]], b = dims > 1 ? z[axes[1]] : 0;
    closest.fill(Infinity);
    for (let i = 0; i < count; i++) {
      const dx = mean[dims * i] - a, dy = dims > 1 ? mean[dims * i + 1] - b : 0;
      const far = dx * dx + dy * dy;
      if (far >= closest[NEAREST - 1]) continue;
      let k = NEAREST - 1;
      for (; k > 0 && closest[k - 1] > far; k--) { closest[k] = closest[k - 1]; whose[k] = whose[k - 1]; }
      closest[k] = far;
      whose[k] = labels ? labels[i] : 0;
    }
    if (!labels) return write(near, `${number(Math.sqrt(closest[0]))} away`);
    const counts = new Map();
    const among = Math.min(NEAREST, count);
    for (const label of whose.slice(0, among)) counts.set(label, (counts.get(label) ?? 0) + 1);
    const best = [...counts].sort((p, q) => q[1] - p[1]).slice(0, 3);
    const text = best.map(([label, n]) => `${label}:${n}`).join();
    near.title = `The classes of the ${among} nearest codes${z.length > 2 ? " in this plane; the images go by all dimensions" : ""}`;
    if (root.dataset.nearest === text && named === classes) return;
    named = classes;
    root.dataset.nearest = text;
    near.innerHTML = best.map(([label, n]) => htmlOfClass(nameOf(classes, label), label, n)).join("")
      + `<span class="of">of ${among}</span>`;
  }

  return { show };
}

function htmlOfClass(name, label, count) {
  const short = `<b>${htmlOf(cut(name, MOST))}</b> <span>\u00d7\u2009${count}</span>`;
  return `<i style="color: ${colourOf(label)}" title="${htmlOf(name)}">${short}</i>`;
}
