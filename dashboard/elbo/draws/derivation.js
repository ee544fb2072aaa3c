// Why the ELBO is a lower bound: one line after the other, each with its numbers for this image.
import { number } from "../../shared/js/canvas.js";

const KINDS = [["E[log p(x|z)]", "of-reconstruction"], ["−KL(q(z|x)‖p(z))", "of-kl"], ["ELBO", "of-elbo"], ["log p(x)", "of-evidence"]];
const kind = (name) => KINDS.find(([text]) => text === name)?.[1] ?? "";
const shows = (name) => (kind(name) ? `data-symbol="${kind(name).slice(3)}"` : "");

export function createDerivation(root) {
  const $ = (selector) => root.querySelector(selector);
  let found, dims, shown = 1;

  function update(next, count) {
    [found, dims] = [next, count];
    draw();
  }

  function draw() {
    const all = found.lines;
    shown = Math.min(shown, all.length);
    $(".lines").innerHTML = all.slice(0, shown).map(line).join("");
    $(".of-lines .words").innerHTML = all.length ? tries(found.priorDraws) : unsummed(found, dims);
    $(".of-lines .steer").hidden = !all.length;
    $(".of-lines small").hidden = !all.length;
    $(".next").disabled = shown >= all.length;
    $(".before").disabled = shown <= 1;
    root.dataset.lines = shown;
  }

  $(".next").onclick = () => { shown++; draw(); };
  $(".before").onclick = () => { shown--; draw(); };
  return { update };
}

function line({ terms, reason, value }) {
  const parts = terms.map(([name, v], t) => `<span class="${kind(name)}" ${shows(name)}>${t && !name.startsWith("−") ? "+ " : ""}` +
    `<i>${name.replace("E[", "E<sub>q</sub>[")}</i> <small>${number(Math.abs(v) < 5e-7 ? 0 : v)}</small></span>`);
  return `<li><span class="terms">${parts.join("")}</span><span class="value">= ${number(value)}</span>` +
    `<p class="reason">${reason}</p></li>`;
}

const rounds = (n) => (n < 1e6 ? Number(n.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 1 })
  : `10<sup>${Math.round(Math.log10(n))}</sup>`);

// How often a draw from the prior explains the image
function tries(n) {
  const many = rounds(n);
  return `A draw from the prior explains this image about once in <b>${many}</b> tries: e<sup>KL</sup>, ` +
    "with the KL of the exact posterior from the prior. A q near that posterior is the proposal that makes it possible.";
}

// The same, estimated by weighted draws, where enough of them count.
function guess({ tries: n, draws, effective }) {
  const few = effective < 10 ? effective.toFixed(1) : Math.round(effective);
  const count = `${draws.toLocaleString("en")} weighted draws, of which ${few} count`;
  if (n === null) return ` How rarely a draw from the prior explains this image cannot be told from ${count}.`;
  return ` A draw from the prior explains this image about once in <b>${rounds(n)}</b> tries: e<sup>KL</sup>, estimated by ${count}.`;
}

// Why there are no lines for more than two dimensions
export const unsummed = ({ points, twin, priorGuess }, dims) =>
  "log p(x) is an integral over z. For a plane the sum begins with 128 × 128 points; " +
  `in ${dims} dimensions the same mesh has ${points}, so nothing exact is known for the lines to equal. ` +
  "What is left is the importance bound: below log p(x) in expectation. " +
  `<a href="elbo?model=${encodeURIComponent(twin)}" target="_self">See every line with two dimensions</a>.` +
  (priorGuess ? guess(priorGuess) : "");
