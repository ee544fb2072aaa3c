// log p(x) = ELBO + gap and ELBO = reconstruction - KL, with the numbers of the image, and the way to the chapters. It stays
// in view while the page scrolls; the numbers of a q on its way come from the chapter in which a hand moves it.
import { plusMinus, rounded } from "../../shared/js/canvas.js";
import { listen } from "../../shared/js/blobs.js";
import { mounted } from "../../shared/js/mounted.js";
import { errorOf } from "../bound/terms.js";
import { createChapters } from "./chapters.js";

export default mounted(".equation", createEquation);

function createEquation(root) {
  const $ = (selector) => root.querySelector(selector), chapters = createChapters(root);
  let subject = "";

  function show({ numbers, logPx, errors, exact }) {
    const off = errorOf(errors), values = { ...numbers, log_px: logPx };
    for (const box of root.querySelectorAll("[data-number]")) {
      const name = box.dataset.number, error = off(name);
      box.textContent = rounded(values[name], error);
      box.toggleAttribute("data-error", error >= 0.005);
      if (error >= 0.005) box.dataset.error = plusMinus(error);
    }
    $(".of-log-px").innerHTML = exact ? 'log <i>p</i>(<i class="x">x</i>)' : "IW bound";
    $(".of-evidence").textContent = exact ? "exact" : "importance bound";
    $(".of-gap").textContent = exact ? "gap" : "gap, estimated";
  }

  function layout() {
    const { width, height } = root.getBoundingClientRect();
    if (!width) return;
    root.classList.toggle("phone", width < 700);
    root.classList.toggle("mid", width >= 700 && width < 1180);
    document.documentElement.style.setProperty("--equation", `${Math.ceil(height)}px`);
    chapters.mark();
  }

  function update(data) {
    subject = data.subject;
    show(data);
    layout();
  }

  const unheard = listen("terms", (data) => { if (data.subject === subject) show(data); });
  return { update, redraw: layout, forget() { unheard(); chapters.forget(); } };
}
