// From x to its terms: q, one draw of the noise, z, p(x|z), and what they add to the ELBO; the mean over all draws is the
// equation's. When another image is chosen a pulse runs through, and the means fly into the equation.
import { decode, parameters } from "../../shared/js/decoder.js";
import { normals } from "../../shared/js/gaussian.js";
import { logLikelihood } from "../../shared/js/likelihood.js";
import { inkCanvas, number, rounded, subscript } from "../../shared/js/canvas.js";
import { onShelf } from "../../shared/js/blobs.js";
import { keyed } from "../../shared/streamlit_internals.js";

const HOP = 240, FLIGHT = 800; // ms: of the pulse from stage to stage, as in bound.css; of the numbers

// Where the arrow's μ and σ come from
export const whose = (name) => (name === "encoder" ? name : { yours: "your <i>q</i>", best: "best <i>q</i>" }[name] ?? `<i>q</i>, ${name}`);

export function createFlow(root, state) {
  const $ = (selector) => root.querySelector(selector), noise = normals(1), flight = createFlight(root);
  let eps = null;

  function draw() {
    const { data, numbers, table } = state, { dims, q } = data, decoder = onShelf(data.model), x = onShelf(data.offer.image)?.x;
    const [mu, sigma] = [q.slice(0, dims), q.slice(dims)];
    if (eps?.length !== dims) eps = Array.from({ length: dims }, noise);
    const one = decoder && x ? drawOf(decoder, x, mu, sigma, data.variance) : null;
    $(".whose").innerHTML = whose(data.name);
    $(".flow-q").innerHTML = stagesOf(data.axes, dims, [["μ", "mu", mu], ["σ", "sigma", sigma, 3]]);
    $(".flow-z").innerHTML = stagesOf(data.axes, dims, one ? [["ε", "noise", eps], ["z", "z", one.z]] : [["z = μ", "z", mu]]);
    inkCanvas($(".flow-p"), one ? one.image : numbers.image, data.shape, table);
    const comes = one || (data.model && data.offer.image); // what is on its way keeps its place
    $(".of-flow small").textContent = `${comes ? "one draw of the noise, and " : ""}the mean over all`;
    $(".of-flow .again").hidden = !comes;
    $(".flow-terms .drawn-one").hidden = !one;
    $(".flow-terms tbody").innerHTML = terms(one, numbers, data.errors);
    if (one) root.dataset.draw = one.elbo.toFixed(3);
  }

  function drawOf(decoder, x, mu, sigma, variance) {
    const z = eps.map((e, d) => mu[d] + sigma[d] * e);
    const log = logLikelihood(decoder, parameters(decoder, z), x, variance);
    const ratio = z.reduce((sum, v, d) => sum + 0.5 * (v * v - eps[d] ** 2) - Math.log(sigma[d]), 0); // log q(z|x) / p(z)
    return { z, log, ratio, elbo: log - ratio, image: Float32Array.from(decode(decoder, z)) };
  }

  $(".again").onclick = () => { eps = null; draw(); };
  return { draw, arrive: flight.begin, forget: flight.stop };
}

// The numbers of a stage: of each quantity [name, kind, values, digits] those along the axes.
export const stagesOf = (axes, dims, quantities) => quantities.flatMap(([name, kind, values, digits]) =>
  axes.map((d) => row(`${name}${dims > 1 ? subscript(d + 1) : ""}`, kind, values[d], digits))).join("")
  + (dims > axes.length ? `<dt class="rest">and ${dims - axes.length} more</dt>` : "");

const row = (name, kind, value, digits) => `<dt><i class="symbol ${kind}" data-symbol="${kind}">${name}</i></dt>
  <dd class="${kind}" data-symbol="${kind}">${number(value, digits)}</dd>`;

function terms(one, { reconstruction, kl, elbo }, errors) {
  const p = '<i class="symbol">p</i>', z = '<i class="symbol z">z</i>', x = '<i class="symbol ink">x</i>';
  const rows = [
    ["", `log ${p}(${x}|${z})`, "reconstruction", one?.log, rounded(reconstruction, errors.reconstruction)],
    ["−", `log <i class="symbol mu">q</i>(${z}|${x}) / ${p}(${z})`, "kl", one?.ratio, number(kl)],
    ["=", "ELBO", "elbo", one?.elbo, rounded(elbo, errors.reconstruction)],
  ];
  const drawnOne = (value) => (one ? `<td class="drawn-one">${number(value)}</td>` : "");
  return rows.map(([sign, words, kind, drawn, mean]) => `<tr class="of-${kind}" data-symbol="${kind}">
    <th><i class="sign">${sign}</i> ${words}</th>${drawnOne(drawn)}<td><b data-fly="${kind}">${mean}</b></td></tr>`).join("");
}

// The pulse, and the numbers on their way; nothing moves for who prefers that, nor where nobody sees it.
function createFlight(root) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)"), flow = root.querySelector(".flow");
  let flying = [], waiting = 0;

  function land() {
    for (const animation of flying) animation.cancel();
    flying = [];
  }

  function stop() {
    clearTimeout(waiting);
    land();
    flow.classList.remove("anew");
  }

  function begin() {
    stop();
    if (calm.matches || document.hidden) return;
    void flow.offsetWidth; // so that the pulse begins anew
    flow.classList.add("anew");
    waiting = setTimeout(fly, 4 * HOP);
  }

  function fly() {
    for (const from of root.querySelectorAll("[data-fly]")) {
      const to = keyed("equation", `[data-number="${from.dataset.fly}"]`);
      const [a, b] = [from, to].map((node) => node?.getBoundingClientRect());
      if (!b || a.bottom < b.bottom || a.top > innerHeight) continue;
      const number = Object.assign(document.createElement("b"), { className: "flying", textContent: from.textContent });
      number.setAttribute("aria-hidden", "true");
      Object.assign(number.style, { left: `${a.left}px`, top: `${a.top}px`, color: getComputedStyle(from).color });
      root.append(number);
      const end = `translate(${b.left - a.left}px, ${b.top - a.top}px) scale(1.3)`;
      const way = number.animate([{ transform: "none" }, { transform: end }], { duration: FLIGHT, easing: "cubic-bezier(.5, 0, .2, 1)" });
      way.onfinish = way.oncancel = () => number.remove();
      flying.push(way, to.animate([{ opacity: 0.1 }, { opacity: 0.1, offset: 0.9 }, { opacity: 1 }], { duration: FLIGHT }));
    }
  }

  let wide = 0; // of the page; its height changes with every chapter that arrives
  new ResizeObserver(() => {
    if (wide !== root.clientWidth) land(); // what is under way goes where the equation was
    wide = root.clientWidth;
  }).observe(root);
  return { begin, stop };
}
