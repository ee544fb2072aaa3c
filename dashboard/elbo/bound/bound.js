// One image's bound, taken apart. Python computes every number; the browser draws them, and moves q until it is let go.
import { decode } from "../../shared/js/decoder.js";
import { fitImage } from "../../shared/js/widgets.js";
import { inkInto, number, plusMinus, rounded, shades, subscript } from "../../shared/js/canvas.js";
import { createChooser } from "../../shared/image_picker/image_picker.js";
import { listen, onShelf } from "../../shared/js/blobs.js";
import { holdable } from "./hand.js";
import { klOf, reconstructionOf } from "./live.js";
import { drawHeat, losses, pixelWords, worst } from "./pixels.js";
import { drawField, drawGuesses, drawGuessesOnLine, drawLine, extentOf, projection, refined } from "./posterior.js";
import { drawWaterfall } from "./waterfall.js";
import { hatching } from "../../shared/js/ticks.js";
import { fileName, saveDrawing, saveTable } from "../../shared/js/files.js";
import { around } from "../../shared/streamlit_internals.js";

const FEW = 3; // dimensions with a thick bar; more get thin ones
const MOST = 6; // bars; the rest is summed up
const STRIDE = 90; // ms between two steps of a film
const pages = new WeakMap();

export default function ({ data: [data], parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".elbo");
  if (!pages.has(root)) pages.set(root, createPage(root));
  const page = pages.get(root);
  page.update(data, setTriggerValue, setStateValue);
  return () => { page.forget(); pages.delete(root); };
}

// base64 -> Float32Array
export function floats(text) {
  return new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
}

// What the page shows of one q, as rows of a table; nats but for q's own numbers.
export function tabled({ numbers, logPx, errors, exact, dims, q, name }) {
  const { reconstruction, kl, elbo, gap, klMu, klSigma } = numbers, each = [...Array(dims).keys()];
  return [
    ["quantity", "value", "error"], ["q", name, null],
    ["reconstruction", reconstruction, errors.reconstruction], ["KL", kl, 0], ["ELBO", elbo, errors.reconstruction],
    ["gap", gap, errors.gap], [exact ? "log p(x)" : "importance bound", logPx, errors.logPx],
    ...each.flatMap((d) => [[`mu ${d + 1}`, q[d], null], [`sigma ${d + 1}`, q[dims + d], null], [`KL of mu ${d + 1}`, klMu[d], 0], [`KL of sigma ${d + 1}`, klSigma[d], 0]]),
  ];
}

function createPage(root) {
  const $ = (selector) => root.querySelector(selector);
  const plane = $(".plane"), canvas = $(".plane canvas"), svg = $(".plane svg"), heat = $(".heat");
  let data, ask, known, q, numbers, to, table, cell = 0, pixel = null, frames = 0, film = null, playing = false, subject = "", settled = 0;
  const chooser = createChooser($(".chooser"), { send: (wish) => request("wish", { ...wish, nonce: Date.now() }) });

  // Another image or model is the page's to dim, if it takes long; of this one, only what waits is.
  function request(name, value) {
    const own = name !== "wish";
    clearTimeout(settled);
    root.classList.toggle("asked", own);
    element()?.toggleAttribute("data-asks", own);
    ask(name, value);
  }

  const element = () => around(root, ".st-key-elbo");

  function update(next, trigger) {
    const fresh = subject !== next.subject, before = q;
    [data, ask, subject] = [next, trigger, next.subject];
    known = data.known && unpack(data.known);
    numbers = { ...data.numbers, pixels: floats(data.numbers.pixels), image: floats(data.numbers.image) };
    root.classList.remove("asked");
    element()?.toggleAttribute("data-asks", true); // what is new is not dimmed while the rest of the page is drawn
    clearTimeout(settled);
    settled = setTimeout(() => element()?.removeAttribute("data-asks"), 600);
    if (fresh) { pixel = null; stopFilm(); }
    chooser.update(data.offer);
    if (!fresh && before && data.climb && moving(before, data.q)) glide(before);
    else q = data.q.slice();
    layout();
    if (!data.climb) ask("more", { subject, start: data.start });
    else if (playing) setTimeout(() => playing && step(), 500);
  }

  function unpack(packed) {
    const field = packed.field ? floats(packed.field) : null;
    const side = field && data.dims === 2 ? Math.sqrt(field.length) : 0;
    const fine = side ? refined(field, side, side) : null;
    return { ...packed, field, fine, peak: field ? Math.max(...field) : 0 };
  }

  const stopFilm = () => { cancelAnimationFrame(film); film = null; playing = false; };
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const moving = (a, b) => !calm.matches && a.some((value, k) => Math.abs(value - b[k]) > 1e-4);

  // q walks along the climb to where Python says it is.
  function glide(from) {
    const near = (p) => p.reduce((sum, value, k) => sum + Math.abs(value - from[k]), 0);
    const { path } = data.climb, last = data.step === "best" ? path.length - 1 : Number(data.step);
    const begin = path.reduce((kept, p, k) => (near(p) < near(path[kept]) ? k : kept), 0);
    const track = [from, ...(last > begin ? path.slice(begin + 1, last) : []), data.q], start = performance.now();
    cancelAnimationFrame(film);
    const go = (now) => {
      const t = Math.max(0, Math.min(track.length - 1, (now - start) / STRIDE)); // a frame may be dated before the start
      const i = Math.min(track.length - 2, Math.floor(t));
      q = track[i].map((value, k) => value + (t - i) * (track[i + 1][k] - value));
      guesses();
      if (t < track.length - 1) film = requestAnimationFrame(go);
      else { q = data.q.slice(); guesses(); }
    };
    film = requestAnimationFrame(go);
  }

  function layout() {
    const width = root.getBoundingClientRect().width;
    if (!width || !data) return;
    root.classList.toggle("phone", width < 700);
    root.classList.toggle("mid", width >= 700 && width < 1180);
    table = shades(root, data.photograph);
    draw();
  }

  function draw() {
    band();
    drawWaterfall($(".waterfall"), { ...numbers, log_px: data.logPx, exact: data.exact }, errorOf);
    posterior();
    heatMap();
    dimensions();
    split();
    steps();
    pictures();
    chooser.paint();
    marks();
  }

  // What a test may ask.
  function marks() {
    Object.assign(root.dataset, { frames: ++frames, subject, q: q.map((value) => value.toFixed(4)).join(","), complete: String(Boolean(data.climb)) });
  }

  // -- numbers ---------------------------------------------------------------------------------------------------------
  function band() {
    for (const [name, value] of Object.entries({ ...numbers, log_px: data.logPx })) {
      const box = $(`[data-number="${name}"]`), error = errorOf(name);
      if (!box) continue;
      box.textContent = rounded(value, error);
      box.toggleAttribute("data-error", error >= 0.005);
      if (error >= 0.005) box.dataset.error = plusMinus(error);
    }
    $('[data-number="gap"]').classList.add("waits");
    $(".of-gap").textContent = data.exact ? "gap" : "gap, estimated";
    $(".of-evidence").textContent = data.exact ? "exact" : "a lower bound in expectation";
    $(".steps th:last-child").innerHTML = data.exact ? 'log <i class="symbol">p</i>(<i class="symbol">x</i>)' : "IW bound";
    $(".of-log-px").innerHTML = data.exact ? 'log <i class="symbol">p</i>(<i class="symbol ink">x</i>)' : "importance bound";
  }

  const errorOf = (name) => ({ reconstruction: data.errors.reconstruction, elbo: data.errors.reconstruction, gap: data.errors.gap, log_px: data.errors.logPx })[name] ?? 0;

  function dimensions() {
    const { klMu, klSigma } = numbers, total = klMu.map((m, d) => m + klSigma[d]);
    const order = data.dims <= 2 ? total.map((_, d) => d) : total.map((_, d) => d).sort((a, b) => total[b] - total[a]);
    const most = Math.max(...total), shown = order.slice(0, MOST), rest = order.slice(MOST);
    const rows = shown.map((d) => {
      const wide = (value) => `${(100 * value) / most}%`;
      const inside = total[d] > 0.35 * most && klSigma[d] > 0.5 * most * 0.6 ? `<span>σ part ${number(klSigma[d], 3)}</span>` : "";
      return `<div class="row"><i class="symbol z">z${subscript(d + 1)}</i><span class="bar-of" title="μ part ${number(klMu[d], 3)}, σ part ${number(klSigma[d], 3)}"><i class="mu" style="width:${wide(klMu[d])}"></i><i class="sigma" style="width:${wide(klSigma[d])}">${inside}</i></span><b>${number(total[d], 3)}</b></div>`;
    });
    const left = rest.length ? ` ${rest.length} more dimensions: ${number(rest.reduce((sum, d) => sum + total[d], 0), 3)}.` : "";
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    const near = sum(klMu) < 0.15 * numbers.kl ? "the code sits near the centre" : "the code sits off the centre";
    $(".dimensions").classList.toggle("many", shown.length > FEW);
    $(".dimensions").innerHTML = rows.join("") + `<div class="row sum"><b>KL</b><p><b class="mu">μ parts</b> ${data.dims <= 2 ? klMu.map((m) => number(m, 3)).join(" + ") : number(sum(klMu), 3)}: ${near}.<br><b class="sigma">σ parts</b> ${number(sum(klSigma), 3)}: the price of its precision.${left}</p><b>${number(numbers.kl)}</b></div>`;
  }

  // The encoder's gap: what a better q would win, and what no diagonal Gaussian can.
  function split() {
    const box = $(".split");
    box.hidden = !data.split;
    if (!data.split) return;
    const [amortised, family] = data.split.map((value) => Math.max(0, value)), total = amortised + family || 1;
    const whole = data.split[0] + data.split[1], off = data.exact ? 0 : data.splitError;
    const part = (value) => (data.exact ? number(value, 3) : rounded(value, off));
    const rest = data.exact ? "approximation: what no diagonal Gaussian wins" : "approximation, and what the importance bound is too low by";
    box.classList.toggle("named", data.name !== "encoder"); // the band's gap is another's then
    box.innerHTML = `<b>${data.name === "encoder" ? "gap" : "the encoder’s gap"}</b><svg aria-hidden="true"><defs>${hatching("split-hatch")}</defs><rect x=".6" y=".6" width="${(99.6 * amortised) / total}%" height="20.8" fill="url(#split-hatch)" stroke="var(--ink2)" stroke-width="1.2"/><rect x="${(100 * amortised) / total}%" width="${(100 * family) / total}%" height="22" fill="var(--ink2)"/></svg><b>${rounded(whole, off)}</b>
      <p><b>${part(data.split[0])}</b> ${data.trainedFor ? `more than the best <i class="symbol mu">q</i>, which the encoder does not aim at: ${data.trainedFor}` : `amortisation: the encoder’s guess is not the best <i class="symbol mu">q</i>.`}<br><b>${part(data.split[1])}</b> ${plusMinus(off)} ${rest}.</p>`;
  }

  // -- the posterior ---------------------------------------------------------------------------------------------------
  function posterior() {
    const [width, height] = [plane.clientWidth, plane.clientHeight];
    to = projection(data.view, width, height);
    if (data.dims === 1) drawLine(canvas, root, to, known && { ...known, logPx: data.logPx }, curves());
    else drawField(canvas, root, to, known);
    title();
    $(".levels").textContent = data.dims === 2 ? "1, 2, 3 σ" : data.dims === 1 ? "densities" : data.axes.map((d) => `z${subscript(d + 1)}`).join(" × ");
    $(".certificate").textContent = data.exact ? `log p(x) is a sum over the ${data.dims === 1 ? "line" : "plane"}, ${data.error}` : data.error;
    plane.setAttribute("aria-label", `q at ${q.slice(0, data.dims).map((m) => number(m)).join(", ")}. Arrow keys move it, with Shift they stretch it.`);
    guesses();
  }

  function title() {
    const whose = { encoder: "the encoder’s guess", yours: "your q", best: "the best Gaussian" }[data.name] ?? "a better q";
    $(".what").textContent = data.exact ? `Exact posterior and ${whose}` : "The guess, in two of its dimensions";
  }

  const curves = () => [{ q }, ...(data.climb ? [{ q: data.climb.best, dash: true }] : [])];
  const flat = (g) => (data.dims <= 2 ? g : [...data.axes.map((d) => g[d]), ...data.axes.map((d) => g[data.dims + d])]);

  function guesses() {
    svg.setAttribute("viewBox", `0 0 ${to.width} ${to.height}`);
    const best = data.climb && away(data.climb.best, q) ? flat(data.climb.best) : null;
    const contours = known?.fine ? extentOf(to, known) : null;
    if (data.dims === 1) { drawLine(canvas, root, to, known && { ...known, logPx: data.logPx }, curves()); drawGuessesOnLine(svg, to, { q, name: data.name }); }
    else drawGuesses(svg, to, { q: flat(q), best, path: plane.classList.contains("held") ? null : data.climb?.path.map(flat), name: data.name, contours });
  }

  const away = (a, b) => a.some((value, k) => Math.abs(value - b[k]) > 1e-3 * (1 + Math.abs(value)));

  // -- pictures --------------------------------------------------------------------------------------------------------
  function heatMap() {
    const size = Math.min(heat.clientWidth, heat.clientHeight);
    cell = drawHeat($(".heat canvas"), root, { ...scene(), size });
    aim();
  }

  const scene = () => ({ x: onShelf(data.offer.image)?.x ?? new Float32Array(numbers.pixels.length), ...numbers, shape: data.shape, binary: data.offer.binary && data.bernoulli });

  function aim() {
    const s = scene(), k = pixel ?? worst(losses(s.pixels, s.binary)), box = $(".aim");
    box.hidden = pixel === null;
    const drawn = $(".heat canvas"), left = drawn.offsetLeft, top = drawn.offsetTop;
    Object.assign(box.style, { width: `${cell}px`, height: `${cell}px`, transform: `translate(${left + (k % data.shape[1]) * cell}px, ${top + Math.floor(k / data.shape[1]) * cell}px)` });
    $(".pixel").innerHTML = pixel === null ? `Worst <b>${number(s.pixels[k])}</b>: row ${Math.floor(k / data.shape[1]) + 1}, column ${(k % data.shape[1]) + 1}. All ${s.pixels.length}: ${rounded(numbers.reconstruction, data.errors.reconstruction)}.` : pixelWords(k, s);
    root.dataset.pixel = pixel ?? "";
  }

  function pictures() {
    const put = (selector, image) => {
      const picture = $(`${selector} canvas`), shown = fitImage(picture, data.shape, picture.parentElement.clientWidth, true);
      picture.style.width = picture.style.height = "";
      inkInto(shown, image, data.shape, table);
      picture.getContext("2d").putImageData(shown, 0, 0);
    };
    put(".of-guess", numbers.image);
    $(".of-guess figcaption").innerHTML = `${{ encoder: "encoder’s", yours: "your" }[data.name] ?? "this q’s"} <i class="symbol">x&#x302;</i>`;
    put(".of-mode", floats(data.modeImage));
    $(".of-mode figcaption").textContent = data.exact ? "at the mode" : "the best q’s";
  }

  // -- steps -----------------------------------------------------------------------------------------------------------
  function steps() {
    const rows = data.climb?.rows ?? [], body = $(".steps tbody");
    const most = Math.max(...rows.map((row) => row.gap), 1e-9);
    const shown = playing ? rows.slice(0, 1 + here()) : rows;
    body.innerHTML = shown.map((row, k) => `<tr tabindex="0" data-row="${k}" class="${row.step === data.step ? "current" : ""}"><td>${row.label}</td>
      <td class="bar"><svg aria-hidden="true"><defs>${hatching("row-hatch")}</defs><rect width="${(100 * Math.max(0, row.gap)) / most}%" height="15" fill="url(#row-hatch)"/></svg></td>
      <td class="gap">${rounded(row.gap, row.gap_error)}</td><td class="bound">${rounded(row.elbo, row.error)}</td><td class="log-px">${rounded(row.log_px, data.errors.logPx)}</td></tr>`).join("") ||
      `<tr class="empty"><td colspan="5">climbing …</td></tr>`;
    for (const line of body.querySelectorAll("[data-row]")) {
      const choose = () => { playing = false; request("station", data.climb.rows[line.dataset.row].step); };
      line.onclick = choose;
      line.onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); } };
    }
    $(".remark").textContent = (!playing && data.climb?.remark) || "";
    $(".step").disabled = !rows.length || here() === rows.length - 1;
    $(".play").disabled = !rows.length;
    $(".play").textContent = playing ? "stop" : "play";
    $(".back").disabled = data.name === "encoder";
  }

  const here = () => data.climb?.rows.findIndex((row) => row.step === data.step) ?? -1;

  function step() {
    const { rows } = data.climb;
    if (here() < rows.length - 1) return request("station", rows[here() + 1].step);
    playing = false;
    steps();
  }

  $(".step").onclick = () => { playing = false; step(); };
  $(".play").onclick = () => {
    playing = !playing;
    if (!playing) return steps();
    if (here() === data.climb.rows.length - 1) request("station", data.climb.rows[0].step);
    else step();
  };
  $(".back").onclick = () => { stopFilm(); request("station", "encoder"); };

  // -- hands -----------------------------------------------------------------------------------------------------------
  const letGo = holdable(plane, {
    dims: () => data.dims,
    read: () => (data.dims <= 2 ? { q, to } : null),
    moved(next) {
      stopFilm();
      q = next;
      root.classList.add("asked");
      data = { ...data, name: "yours", step: "", errors: { ...data.errors, reconstruction: 0, gap: 0 } };
      title();
      split();
      const decoder = onShelf(data.model), x = onShelf(data.offer.image)?.x;
      if (decoder && x) {
        const reconstruction = reconstructionOf(decoder, x, q, data.dims, data.variance), kl = klOf(q, data.dims);
        const elbo = reconstruction - kl.kl;
        numbers = { ...numbers, ...kl, reconstruction, elbo, image: Float32Array.from(decode(decoder, q.slice(0, data.dims))) };
        band();
        dimensions();
        pictures();
        drawWaterfall($(".waterfall"), { ...numbers, gap: data.logPx - elbo, log_px: data.logPx, exact: data.exact }, errorOf);
        $('[data-number="gap"]').textContent = number(data.logPx - elbo);
      }
      guesses();
      marks();
    },
    done: (last) => request("q", last.map((value) => Math.round(value * 1e5) / 1e5)),
  });

  heat.onpointermove = (event) => {
    const box = $(".heat canvas").getBoundingClientRect(), [rows, columns] = data.shape;
    const c = Math.floor((event.clientX - box.left) / cell), r = Math.floor((event.clientY - box.top) / cell);
    const k = r < 0 || c < 0 || r >= rows || c >= columns ? null : r * columns + c;
    if (k !== pixel) { pixel = k; aim(); }
  };
  heat.onpointerdown = heat.onpointermove;
  heat.onpointerleave = (event) => { if (event.pointerType !== "touch") { pixel = null; aim(); } };
  heat.onblur = () => { pixel = null; aim(); };
  heat.onkeydown = (event) => {
    const way = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -data.shape[1], ArrowDown: data.shape[1] }[event.key];
    if (!way || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const s = scene(), next = (pixel ?? worst(losses(s.pixels, s.binary))) + (pixel === null ? 0 : way);
    if (next >= 0 && next < s.pixels.length) pixel = next;
    aim();
  };

  // -- the outside world -----------------------------------------------------------------------------------------------
  const watch = new ResizeObserver(() => data && layout());
  watch.observe(root);
  const theme = matchMedia("(prefers-color-scheme: dark)"), themed = () => setTimeout(() => data && (layout(), chooser.themed()), 50);
  theme.addEventListener("change", themed);
  document.fonts.ready.then(() => data && layout());
  const deaf = listen("shelf", (key) => { if (data && [data.model, data.offer.image, data.offer.samples].includes(key)) layout(); });
  const unheard = listen("along", (what) => {
    const name = fileName(subject.split(" ")[0], data.offer.name, "elbo");
    if (what === "csv") saveTable(tabled({ ...data, numbers, q }), name);
    else saveDrawing($(".waterfall svg"), root, name);
  });
  const forget = () => {
    unheard();
    watch.disconnect();
    theme.removeEventListener("change", themed);
    deaf();
    stopFilm();
    letGo();
  };
  return { update, forget };
}
