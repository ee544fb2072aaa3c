// One image's bound, taken apart. Python computes every number; the browser draws them, and moves q until it is let go.
import { decode } from "../../shared/js/decoder.js";
import { inkCanvas, shades } from "../../shared/js/canvas.js";
import { createChooser } from "../../shared/image_picker/image_picker.js";
import { floats } from "../../shared/js/base64.js";
import { listen, onShelf, tell } from "../../shared/js/blobs.js";
import { fileName, saveDrawing, saveTable } from "../../shared/js/files.js";
import { mounted } from "../../shared/js/mounted.js";
import { billInWords } from "./bill.js";
import { createFlow } from "./flow.js";
import { createHeatMap } from "./heat_map.js";
import { klOf, reconstructionOf } from "./live.js";
import { createPlane } from "./plane.js";
import { refined } from "./posterior.js";
import { createRefinement, createWalk } from "./refinement.js";
import { drawDimensions, drawSplit, errorOf } from "./terms.js";
import { drawWaterfall } from "./waterfall.js";

export default mounted(".elbo", createPage);

// What the page shows of one q, as rows of a table; nats but for q's own numbers.
export function tabled({ numbers, logPx, errors, exact, dims, q, name }) {
  const { reconstruction, kl, elbo, gap, klMu, klSigma } = numbers, each = [...Array(dims).keys()];
  return [
    ["quantity", "value", "error"], ["q", name, null],
    ["reconstruction", reconstruction, errors.reconstruction], ["KL", kl, 0], ["ELBO", elbo, errors.reconstruction],
    ["gap", gap, errors.gap], [exact ? "log p(x)" : "importance bound", logPx, errors.logPx],
    ...each.flatMap((d) => [
      [`mu ${d + 1}`, q[d], null], [`sigma ${d + 1}`, q[dims + d], null],
      [`KL of mu ${d + 1}`, klMu[d], 0], [`KL of sigma ${d + 1}`, klSigma[d], 0],
    ]),
  ];
}

function createPage(root) {
  // known: the exact posterior; q: as it is drawn, maybe on its way; numbers: of the bound at q; table: shades of ink
  const state = { data: null, known: null, q: null, numbers: null, table: null };
  let ask, subject = "", frames = 0;
  const chooser = createChooser(root.querySelector(".chooser"), { send: (wish) => request("wish", { ...wish, nonce: Date.now() }) });
  root.querySelector(".x-frame").dataset.symbol = "x";
  const plane = createPlane(root, state, {
    moved,
    done: (last) => request("q", last.map((value) => Math.round(value * 1e5) / 1e5)),
  });
  const heat = createHeatMap(root, state), flow = createFlow(root, state), walk = createWalk(state, plane.drawQ);
  const stopFilm = () => { walk.stop(); refinement.stop(); };
  const refinement = createRefinement(root, state, { request, stopFilm });

  function request(name, value) {
    root.classList.toggle("asked", name !== "wish"); // another image: what is there stays as it is until the new one is
    ask(name, value);
  }

  function update(data, send) {
    const fresh = subject !== data.subject, before = state.q;
    [ask, subject] = [send.setTriggerValue, data.subject];
    adopt(state, data);
    root.classList.remove("asked");
    if (fresh) { heat.leave(); stopFilm(); }
    chooser.update(data.offer);
    if (fresh || !before || !walk.begin(before)) state.q = data.q.slice();
    layout();
    if (fresh) flow.arrive();
    if (data.climb) refinement.goOn();
  }

  function layout() {
    const width = root.getBoundingClientRect().width, { data } = state;
    if (!width || !data) return;
    root.classList.toggle("phone", width < 700);
    root.classList.toggle("mid", width >= 700 && width < 1180);
    state.table = shades(root, data.photograph);
    drawNumbers();
    plane.draw();
    heat.draw();
    drawSplit(root, data);
    refinement.draw();
    chooser.paint();
    marks();
  }

  // All that follows q while a hand moves it.
  function drawNumbers() {
    const { data, numbers } = state;
    root.querySelector(".bill").innerHTML = billInWords(numbers, data.errors.reconstruction);
    flow.draw();
    drawBound(root, state);
    drawDimensions(root, state);
    drawPictures(root, state);
  }

  // What a test may ask.
  function marks() {
    const q = state.q.map((value) => value.toFixed(4)).join(",");
    Object.assign(root.dataset, { frames: ++frames, subject, q, complete: String(Boolean(state.data.climb)) });
  }

  function moved(q) {
    const { data } = state, first = !root.classList.contains("asked");
    stopFilm();
    state.q = q;
    root.classList.add("asked");
    state.data = { ...data, q, name: "yours", step: "", errors: { ...data.errors, reconstruction: 0, gap: 0 } };
    plane.title();
    drawSplit(root, state.data);
    if (first) refinement.draw(); // q is no row any more
    const numbers = numbersAt(q, state);
    if (numbers) {
      state.numbers = numbers;
      const { subject, logPx, errors, exact } = state.data;
      tell("terms", { subject, numbers, logPx, errors, exact });
      drawNumbers();
    }
    plane.drawQ();
    marks();
  }

  document.fonts.ready.then(layout);
  const deaf = followPage(root, state, layout);
  const redraw = () => { layout(); chooser.themed(); };
  const forget = () => { deaf(); stopFilm(); flow.forget(); plane.forget(); };
  return { update, redraw, forget };
}

// What Python sends, into the state of the page.
function adopt(state, data) {
  const { numbers, known, dims } = data;
  state.data = data;
  state.numbers = { ...numbers, pixels: floats(numbers.pixels), image: floats(numbers.image) };
  state.known = known && unpacked(known, dims);
}

function unpacked(known, dims) {
  const field = known.field ? floats(known.field) : null;
  const side = field && dims === 2 ? Math.sqrt(field.length) : 0;
  const fine = side ? refined(field, side, side) : null;
  return { ...known, field, fine, peak: field ? Math.max(...field) : 0 };
}

// The numbers of a q on its way; null while the decoder or the image has not come.
function numbersAt(q, { data, numbers }) {
  const decoder = onShelf(data.model), x = onShelf(data.offer.image)?.x;
  if (!decoder || !x) return null;
  const reconstruction = reconstructionOf(decoder, x, q, data.dims, data.variance), kl = klOf(q, data.dims);
  const elbo = reconstruction - kl.kl, image = Float32Array.from(decode(decoder, q.slice(0, data.dims)));
  return { ...numbers, ...kl, reconstruction, elbo, gap: data.logPx - elbo, image };
}

function drawBound(root, { data, numbers }) {
  drawWaterfall(root.querySelector(".waterfall"), { ...numbers, log_px: data.logPx, exact: data.exact }, errorOf(data.errors));
}

const WHOSE = { encoder: "encoder’s", yours: "your" };

// The image and what q's code and the best one are decoded to, at one scale.
function drawPictures(root, { data, numbers, table }) {
  const put = (name, image) => inkCanvas(root.querySelector(`.draws .${name} canvas`), image, data.shape, table);
  const said = (name) => root.querySelector(`.draws .${name} figcaption`), x = onShelf(data.offer.image)?.x;
  if (x) put("of-x", x);
  put("of-guess", numbers.image);
  said("of-guess").innerHTML = `${WHOSE[data.name] ?? "this q’s"} <i class="symbol">x&#x302;</i>`;
  put("of-mode", floats(data.modeImage));
  said("of-mode").textContent = data.exact ? "at the mode" : "the best q’s";
}

// Draws again when a blob arrives, and hands the numbers or the figure to who asks for a file.
function followPage(root, state, layout) {
  const deaf = listen("shelf", (key) => {
    const { data } = state;
    if (data && [data.model, data.offer.image, data.offer.samples].includes(key)) layout();
  });
  const unheard = listen("along", (what) => {
    const { data, numbers, q } = state, name = fileName(data.file, data.offer.name, "elbo");
    if (what === "csv") saveTable(tabled({ ...data, numbers, q }), name);
    else saveDrawing(root.querySelector(".waterfall svg"), root, name);
  });
  return () => { deaf(); unheard(); };
}
