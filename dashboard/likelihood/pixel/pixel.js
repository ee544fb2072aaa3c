// Pixel by pixel: the observed image, the mean, sigma as a map, and the density of the pixel that is looked at.
import { meanOf, readerOf } from "../../shared/js/decoder.js";
import { bytesOf, inColour, inkCanvas, number, shades } from "../../shared/js/canvas.js";
import { deviationOf, logPixel } from "../../shared/js/likelihood.js";
import { mounted } from "../../shared/js/mounted.js";
import { followPointer } from "../../shared/js/pixel_pointer.js";
import { showPixel } from "../density.js";

export default mounted(".pixels", createPixels);

const floats = (base64) => (base64 ? new Float32Array(bytesOf(base64).buffer) : null);

// The images of p(x|z) and its formulas, from a decoder's output.
export function unpacked({ output, observed, likelihood, squash, pixels, variance }) {
  const reader = readerOf({ likelihood, squash, pixels }), out = floats(output);
  const mean = meanOf(reader, out).slice(), deviation = deviationOf(reader, out, variance);
  return { x: floats(observed), mean, sigma: Float32Array.from(mean, (_, k) => deviation(k)), log: logPixel(reader, out, variance) };
}

function createPixels(root) {
  const $ = (selector) => root.querySelector(selector);
  let data, send, p, pixel = null, kept = null;

  function update(next, sending) {
    const anew = !data || data.output !== next.output;
    [data, send] = [next, sending.setTriggerValue];
    kept = data.pixel;
    root.classList.remove("asked");
    if (anew || data.observed || !p) p = unpacked(data);
    redraw();
  }

  function redraw() {
    const width = root.getBoundingClientRect().width;
    if (!width) return;
    root.classList.toggle("phone", width < 700);
    root.classList.toggle("mid", width >= 700 && width < 1100);
    const most = Math.max(...p.sigma), least = Math.min(...p.sigma), table = shades(root, data.photograph);
    $(".where").textContent = `test image ${data.index}`;
    $(".law").textContent = data.label;
    $(".of-observed canvas").hidden = !p.x;
    $(".none").textContent = p.x ? "" : data.missing || "The test images are not here.";
    if (p.x) inkCanvas($(".of-observed canvas"), p.x, data.shape, table);
    inkCanvas($(".of-mean canvas"), p.mean, data.shape, table);
    inkCanvas($(".of-sigma canvas"), p.sigma.map((value) => value / most), data.shape, shades(root, false));
    $(".range").textContent = most - least < 1e-6 ? `${few(most)} everywhere` : `${few(least)} to ${few(most)}`;
    $(".of-sigmas").innerHTML = sigmaWords(data, p);
    inspect();
  }

  const colours = () => data.shape[2] ?? 1;
  const starting = () => Math.floor(indexOfMost(p.sigma) / colours());
  const current = () => pixel ?? kept;

  function inspect() {
    const k = current() ?? starting(), columns = data.shape[1];
    const first = k * colours(), channel = colours() > 1 ? indexOfMost(p.sigma.subarray(first, first + 3)) : 0, n = first + channel;
    const one = {
      log: (value) => p.log(n, value), binary: data.binary, mean: p.mean[n], sigma: p.sigma[n], observed: p.x ? p.x[n] : null,
      channel: colours() > 1 ? ["red", "green", "blue"][channel] : "",
    };
    showPixel(root, k, columns, one, 190);
    Object.assign(root.dataset, { index: data.index, frames: Number(root.dataset.frames ?? 0) + 1 });
  }

  function ask(index) {
    root.classList.add("asked");
    send("j", (index + data.count) % data.count);
  }

  for (const picture of root.querySelectorAll(".picture")) {
    const canvas = picture.querySelector("canvas");
    followPointer(picture.querySelector(".frame"), {
      canvas, shape: () => data.shape, current, first: starting, point: (k) => { pixel = k; inspect(); },
    });
    canvas.onclick = () => { kept = current(); if (kept !== null) send("at", kept); };
  }
  $(".before").onclick = () => ask(data.index - 1);
  $(".after").onclick = () => ask(data.index + 1);
  $(".chance").onclick = () => ask(Math.floor(Math.random() * data.count));
  return { update, redraw };
}

const indexOfMost = (values) => values.reduce((most, value, k) => (value > values[most] ? k : most), 0);

const few = (value) => number(value, value < 0.1 ? 3 : 2);

function sigmaWords({ kind, binary, floor, nearFloor, pixels, shape }, { sigma }) {
  if (binary) return "A Bernoulli pixel has no σ of its own: √(y(1 − y)) follows from its probability y.";
  if (kind !== "pixel") {
    return kind ? "This decoder has one σ for all pixels: edges and background are expected to be off by the same."
      : "Its σ follows from its mean: one output decides both.";
  }
  const low = sigma.reduce((count, value) => count + (value < nearFloor), 0);
  const all = inColour(shape) ? `${pixels} numbers, three for a pixel,` : pixels;
  return `This decoder says for each pixel how sure it is: ${low ? `<b>${low}</b>` : "none"} of ${all} have their σ ` +
    `at the floor of ${floor}. ` + "A pixel with a small σ weighs its error more: 1/σ² is its weight.";
}
