// Below the bound: its draws, more of them, and why it is a bound. Python computes; L and the line are the browser's.
import { decode, parameters } from "../../shared/js/decoder.js";
import { normals } from "../../shared/js/gaussian.js";
import { logLikelihood } from "../../shared/js/likelihood.js";
import { inkInto, number, shades, subscript } from "../../shared/js/canvas.js";
import { listen, onShelf } from "../../shared/js/blobs.js";
import { drawStairs, drawValues, stairsInWords, valuesInWords } from "./charts.js";

const pages = new WeakMap();

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".draws-page");
  if (!pages.has(root)) pages.set(root, createPage(root));
  const page = pages.get(root);
  page.update(data, setTriggerValue);
  return () => { page.forget(); pages.delete(root); };
}

const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);

// A slider's place 0..100 -> L from 1 to 1000, in equal ratios
export const manyOf = (place) => Math.round(10 ** (3 * place / 100));

const KINDS = [["E[log p(x|z)]", "of-reconstruction"], ["−KL(q(z|x)‖p(z))", "of-kl"], ["ELBO", "of-elbo"], ["log p(x)", "of-evidence"]];
const kind = (name) => KINDS.find(([text]) => text === name)?.[1] ?? "";

// Why there are no lines for more than two dimensions
export const unsummed = ({ points, twin }, dims) =>
  `log p(x) is an integral over z. For a plane the sum begins with 128 × 128 points; in ${dims} dimensions the same mesh has ${points}, so nothing exact is known for the lines to equal. What is left is the importance bound: below log p(x) in expectation. <a href="elbo?model=${encodeURIComponent(twin)}" target="_self">See every line with two dimensions</a>.`;

// Where the arrow's μ and σ come from
export const whose = (name) => (name === "encoder" ? name : { yours: "your <i>q</i>", best: "best <i>q</i>" }[name] ?? `<i>q</i>, ${name}`);

function createPage(root) {
  const $ = (selector) => root.querySelector(selector);
  const slider = $(".many input");
  let noise = normals(1), eps = null, data, ask, values = null, line = 1, seen = false, asked = "";

  function update(next, trigger) {
    [data, ask] = [next, trigger];
    root.classList.toggle("asked", !data.found);
    if (data.found) values = { a: floats(data.found.draws.a), b: floats(data.found.draws.b) };
    want();
    draw();
    flow();
  }

  // -- x -> q -> z -> p(x|z) -> terms ----------------------------------------------------------------------------------
  function flow() {
    const decoder = onShelf(data.model), x = onShelf(data.image)?.x, { q, shape } = data, dims = q.length / 2;
    $(".of-flow").hidden = !decoder || !x;
    if (!decoder || !x) return;
    if (eps?.length !== dims) eps = Array.from({ length: dims }, noise);
    const z = eps.map((e, d) => q[d] + q[dims + d] * e), few = data.axes, table = shades(root, data.photograph);
    const put = (canvas, image) => {
      Object.assign(canvas, { width: shape[1], height: shape[0] });
      const pen = canvas.getContext("2d"), picture = pen.createImageData(shape[1], shape[0]);
      inkInto(picture, image, shape, table);
      pen.putImageData(picture, 0, 0);
    };
    $(".whose").innerHTML = whose(data.name);
    put($(".flow-x"), x);
    put($(".flow-p"), decode(decoder, z));
    const log = logLikelihood(decoder, parameters(decoder, z), x, data.variance);
    const ratio = z.reduce((sum, v, d) => sum + 0.5 * (v * v - eps[d] ** 2) - Math.log(q[dims + d]), 0);
    const row = (name, kind, value, digits = 2) => `<dt><i class="symbol ${kind}">${name}</i></dt><dd class="${kind}">${number(value, digits)}</dd>`;
    $(".flow-q").innerHTML = few.map((d) => row(`μ${subscript(d + 1)}`, "mu", q[d])).join("") + few.map((d) => row(`σ${subscript(d + 1)}`, "sigma", q[dims + d], 3)).join("");
    $(".flow-z").innerHTML = few.map((d) => row(`ε${subscript(d + 1)}`, "noise", eps[d])).join("") + few.map((d) => row(`z${subscript(d + 1)}`, "z", z[d])).join("");
    $(".flow-terms").innerHTML = `<dt>log p(x|z)</dt><dd class="of-reconstruction">${number(log)}</dd><dt>− log q(z|x)/p(z)</dt><dd class="of-kl">${number(-ratio)}</dd><dt>one draw of the ELBO, A</dt><dd class="of-elbo">${number(log - ratio)}</dd>`;
    root.dataset.draw = (log - ratio).toFixed(3);
  }

  $(".again").onclick = () => { eps = null; flow(); };

  // Nothing is computed for what nobody looks at.
  function want() {
    if (!seen || !data || data.found || asked === data.subject) return;
    asked = data.subject;
    ask("look", data.subject);
  }

  function draw() {
    const width = root.getBoundingClientRect().width;
    if (!width || !data?.found) return;
    root.classList.toggle("phone", width < 700);
    root.classList.toggle("mid", width >= 700 && width < 1250);
    const { found } = data, count = manyOf(slider.value);
    $(".many output").textContent = count;
    drawValues($(".values"), values, count, found.elbo);
    $(".of-values .words").innerHTML = valuesInWords(values, count);
    drawStairs($(".stairs"), found);
    $(".of-stairs .words").innerHTML = stairsInWords(found);
    lines();
    root.dataset.found = data.subject;
    root.dataset.count = count;
  }

  function lines() {
    const all = data.found.lines;
    line = Math.min(line, all.length);
    $(".lines").innerHTML = all.slice(0, line).map(({ terms, reason, value }, k) => `<li><span class="terms">${terms.map(([name, v], t) =>
      `<span class="${kind(name)}">${t && !name.startsWith("−") ? "+ " : ""}<i>${name}</i> <small>${number(Math.abs(v) < 5e-7 ? 0 : v)}</small></span>`).join("")}</span><span class="value">= ${number(value)}</span><p class="reason">${reason}</p></li>`).join("");
    $(".of-lines .words").innerHTML = all.length
      ? `A draw from the prior explains this image about once in <b>${draws(data.found.priorDraws)}</b> tries: e<sup>KL</sup>, with the KL of the exact posterior from the prior. A q near that posterior is the proposal that makes it possible.`
      : unsummed(data.found, data.q.length / 2);
    $(".of-lines .steer").hidden = !all.length;
    $(".of-lines small").hidden = !all.length;
    $(".next").disabled = line >= all.length;
    $(".before").disabled = line <= 1;
    root.dataset.lines = line;
  }

  const draws = (n) => (n < 1e6 ? Number(n.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 1 }) : `10<sup>${Math.round(Math.log10(n))}</sup>`);

  $(".next").onclick = () => { line++; lines(); };
  $(".before").onclick = () => { line--; lines(); };
  slider.oninput = () => data?.found && draw();

  const near = new IntersectionObserver(([entry]) => { seen = entry.isIntersecting; want(); }, { rootMargin: "80px" });
  near.observe(root);
  const watch = new ResizeObserver(() => draw());
  watch.observe(root);
  const theme = matchMedia("(prefers-color-scheme: dark)"), themed = () => setTimeout(() => data && flow(), 50);
  theme.addEventListener("change", themed);
  const deaf = listen("shelf", (key) => { if (data && [data.model, data.image].includes(key)) flow(); });
  return { update, forget() { near.disconnect(); watch.disconnect(); theme.removeEventListener("change", themed); deaf(); } };
}
