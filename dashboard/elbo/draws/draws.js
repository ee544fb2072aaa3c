// Below the bound: its draws, more of them, and why it is a bound. Python computes; L and the line are the browser's.
import { floats } from "../../shared/js/base64.js";
import { mounted } from "../../shared/js/mounted.js";
import { drawStairs, drawValues, stairsInWords, valuesInWords } from "./charts.js";
import { createDerivation } from "./derivation.js";

// A slider's place 0..100 -> L from 1 to 1000, in equal ratios
export const manyOf = (place) => Math.round(10 ** (3 * place / 100));

export default mounted(".draws-page", createPage);

function createPage(root) {
  const $ = (selector) => root.querySelector(selector);
  const slider = $(".many input"), derivation = createDerivation(root);
  let data, ask, values = null, seen = false, asked = "";

  function update(next, send) {
    [data, ask] = [next, send.setTriggerValue];
    if (data.found) values = { a: floats(data.found.draws.a), b: floats(data.found.draws.b) };
    want();
    draw();
  }

  // Nothing is computed for what nobody looks at.
  function want() {
    if (!seen || !data || data.found || asked === data.subject) return;
    asked = data.subject;
    ask("look", data.subject);
  }

  function draw() {
    const width = root.getBoundingClientRect().width, { found, subject } = data;
    if (!width || !found) return;
    root.classList.toggle("phone", width < 700);
    root.classList.toggle("mid", width >= 700 && width < 1250);
    const count = manyOf(slider.value);
    $(".many output").textContent = count;
    drawValues($(".values"), values, count, found.elbo);
    $(".of-values .words").innerHTML = valuesInWords(values, count);
    drawStairs($(".stairs"), found);
    $(".of-stairs .words").innerHTML = stairsInWords(found);
    derivation.update(found, data.dims);
    Object.assign(root.dataset, { found: subject, count });
  }

  slider.oninput = () => data?.found && draw();

  const near = new IntersectionObserver(([entry]) => { seen = entry.isIntersecting; want(); }, { rootMargin: "80px" });
  near.observe(root);
  return { update, redraw: draw, forget() { near.disconnect(); } };
}
