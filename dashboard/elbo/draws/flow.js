// From x to its terms: q, one draw of the noise, z, p(x|z), and what they add to the ELBO.
import { decode, parameters } from "../../shared/js/decoder.js";
import { normals } from "../../shared/js/gaussian.js";
import { logLikelihood } from "../../shared/js/likelihood.js";
import { inkInto, number, shades, subscript } from "../../shared/js/canvas.js";
import { onShelf } from "../../shared/js/blobs.js";

// Where the arrow's μ and σ come from
export const whose = (name) => (name === "encoder" ? name : { yours: "your <i>q</i>", best: "best <i>q</i>" }[name] ?? `<i>q</i>, ${name}`);

export function createFlow(root) {
  const $ = (selector) => root.querySelector(selector), noise = normals(1);
  let data = null, eps = null;

  function update(next) {
    data = next;
    const decoder = onShelf(data.model), x = onShelf(data.image)?.x, dims = data.q.length / 2;
    $(".of-flow").hidden = !decoder || !x;
    if (!decoder || !x) return;
    if (eps?.length !== dims) eps = Array.from({ length: dims }, noise);
    draw(decoder, x, data.q.slice(0, dims), data.q.slice(dims));
  }

  function draw(decoder, x, mu, sigma) {
    const z = eps.map((e, d) => mu[d] + sigma[d] * e), table = shades(root, data.photograph);
    $(".whose").innerHTML = whose(data.name);
    put($(".flow-x"), x, data.shape, table);
    put($(".flow-p"), decode(decoder, z), data.shape, table);
    const list = (name, kind, values, digits) => data.axes.map((d) => row(`${name}${subscript(d + 1)}`, kind, values[d], digits)).join("");
    $(".flow-q").innerHTML = list("μ", "mu", mu) + list("σ", "sigma", sigma, 3);
    $(".flow-z").innerHTML = list("ε", "noise", eps) + list("z", "z", z);
    const log = logLikelihood(decoder, parameters(decoder, z), x, data.variance);
    const ratio = z.reduce((sum, v, d) => sum + 0.5 * (v * v - eps[d] ** 2) - Math.log(sigma[d]), 0); // log q(z|x) / p(z)
    $(".flow-terms").innerHTML = term("log p(x|z)", "reconstruction", log) + term("− log q(z|x)/p(z)", "kl", -ratio) +
      term("one draw of the ELBO, A", "elbo", log - ratio);
    root.dataset.draw = (log - ratio).toFixed(3);
  }

  $(".again").onclick = () => { eps = null; update(data); };
  return { update };
}

const row = (name, kind, value, digits) =>
  `<dt><i class="symbol ${kind}">${name}</i></dt><dd class="${kind}">${number(value, digits)}</dd>`;
const term = (name, kind, value) => `<dt>${name}</dt><dd class="of-${kind}">${number(value)}</dd>`;

function put(canvas, image, shape, table) {
  Object.assign(canvas, { width: shape[1], height: shape[0] });
  const pen = canvas.getContext("2d"), picture = pen.createImageData(shape[1], shape[0]);
  inkInto(picture, image, shape, table);
  pen.putImageData(picture, 0, 0);
}
