// The variance family: a dial for c, what each model makes of the image, and the bound over c.
import { listen } from "../../shared/js/blobs.js";
import { mounted } from "../../shared/js/mounted.js";
import { createChooser } from "../../shared/image_picker/image_picker.js";
import { createSetting } from "../setting.js";
import { drawAxes, drawBounds, drawErrors } from "./charts.js";
import { createPictures } from "./pictures.js";
import { axesWords, cText, curveWords, errorWords, identity, lossWords, sumRows } from "./words.js";

export default mounted(".variance", createVariance);

function createVariance(root) {
  const $ = (selector) => root.querySelector(selector), dial = $(".dial input"), setting = createSetting();
  let data, send, at = null, frame = null;
  const pictures = createPictures(root, () => ({ data, at }));
  const chooser = createChooser($(".chooser"), { send: (wish) => {
    root.classList.add("asked");
    send("wish", { ...wish, nonce: Date.now() });
  } });

  function update(next, sending) {
    at = setting.after(at, next.at);
    [data, send] = [next, sending.setTriggerValue];
    root.classList.remove("asked");
    dial.max = data.rows.length - 1;
    chooser.update(data.offer);
    redraw();
  }

  function redraw() {
    const width = root.getBoundingClientRect().width;
    if (!width) return;
    root.classList.toggle("phone", width < 700);
    root.classList.toggle("mid", width >= 700 && width < 1180);
    layStops($(".stops"), data.rows, (k) => { go(k); tell(); });
    chooser.paint();
    readLoss();
    draw();
  }

  // All that follows the dial.
  function draw() {
    dial.value = at;
    dial.setAttribute("aria-valuetext", `c = ${cText(data.rows[at])}`);
    [...$(".stops").children].forEach((label, k) => label.classList.toggle("now", k === at));
    pictures.paint();
    for (const [selector, chart] of [[".bounds", drawBounds], [".errors", drawErrors], [".axes-chart", drawAxes]]) {
      $(selector).innerHTML = chart(data, at, $(selector).clientWidth);
    }
    for (const [selector, words] of [
      [".sum", sumRows], [".identity", identity], [".of-curve", curveWords], [".error-words", errorWords], [".axes-words", axesWords],
    ]) $(selector).innerHTML = words(data, at);
    Object.assign(root.dataset, { c: data.rows[at].stop, frames: Number(root.dataset.frames ?? 0) + 1 });
  }

  const readLoss = () => {
    $(".of-loss-words").innerHTML = lossWords(Number($(".weight").value), $(".reduction").value, data);
  };

  function go(to) {
    at = to;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(draw);
  }

  const tell = () => send("c", data.rows[setting.tell(at)].stop);
  dial.oninput = () => go(Number(dial.value));
  dial.onchange = tell;
  $(".weight").oninput = $(".reduction").onchange = readLoss;
  const deaf = listen("shelf", (key) => {
    if (!data) return;
    if ([data.offer.image, data.offer.samples].includes(key)) { chooser.paint(); pictures.inspect(); }
    if (key === data.decoders[at]) pictures.paint();
  });
  return { update, redraw() { redraw(); chooser.themed(); }, forget() { deaf(); cancelAnimationFrame(frame); } };
}

// A label under the thumb of each stop.
function layStops(box, rows, choose) {
  const last = rows.length - 1;
  box.replaceChildren(...rows.map((row, k) => {
    const label = document.createElement("span");
    Object.assign(label, { textContent: row.learned ? `${cText(row)} (learned)` : cText(row), onclick: () => choose(k) });
    label.style.left = `calc(8px + (100% - 16px) * ${k / last})`;
    label.classList.toggle("first", k === 0);
    label.classList.toggle("last", k === last);
    return label;
  }));
}
