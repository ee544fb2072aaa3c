// Bayes' theorem on a line: prior times likelihood of this image is its posterior, over the whole line and under a lens.
import { number } from "../../shared/js/canvas.js";
import { parameters } from "../../shared/js/decoder.js";
import { floats } from "../../shared/js/base64.js";
import { logPrior } from "../../shared/js/gaussian.js";
import { logLikelihood } from "../../shared/js/likelihood.js";
import { onShelf } from "../../shared/js/blobs.js";
import { htmlOf } from "../../shared/js/classes.js";
import { html, term } from "../../shared/js/html.js";
import { asking, symbol } from "../../shared/js/symbols.js";
import { createChooser } from "../../shared/image_picker/image_picker.js";
import { drawHere, drawThree, drawTiles } from "./bayes_charts.js";
import { draggable } from "./drag.js";
import { clamp, rounded, sliderOf, wired } from "./sliders.js";

// The curves of Python as places and log p(x|z), those under the lens among those of the whole line.
export function placesOf({ wide, close }) {
  const seen = ({ from, to, logs }) => Array.from(logs, (log, k) => [from + (k * (to - from)) / (logs.length - 1), log]);
  return { close: seen(close), wide: [...seen(wide), ...seen(close)].sort((a, b) => a[0] - b[0]) };
}

const PAGE = html`
  <p class="waits"></p>
  <div class="bayes">
    <div class="choice"><h3>This image ${symbol("x", "x")}</h3><div class="chooser" data-symbol="x"></div></div>
    <div>
      <h3>The whole line <small class="edge"></small></h3>
      <div class="tiles along"></div><div class="plot three wide" data-at="wide"></div>
    </div>
    <div>
      <h3>Enlarged <small class="times"></small></h3>
      <div class="tiles here"></div><div class="plot three close" data-at="close"></div>
    </div>
  </div>
  <div class="sliders">${sliderOf({ key: "z", name: "z", low: -4, high: 4, step: 0.001, tint: "z" })}<p class="sum-at"></p></div>`;

export function createBayes(box, data, { say, told, wish }) {
  let z = data.place, bayes = null, instead = false, curves = null, edge = 4, offer = null, tiled = "";
  box.innerHTML = PAGE;
  const $ = (selector) => box.querySelector(selector), across = {};
  const chooser = createChooser($(".chooser"), { send: (asked) => { box.classList.add("asked"); wish(asked); } });
  const show = wired(box, () => z, (_, value) => move(value), (_, value) => number(value, 3));

  function update(next) {
    const other = bayes && next.bayes && bayes.x !== next.bayes.x;
    box.classList.remove("asked");
    ({ bayes, offer, instead } = next);
    box.classList.toggle("nothing", !bayes);
    $(".waits").textContent = next.waits;
    if (!bayes) return;
    const decoded = (part) => ({ ...part, logs: floats(part.logs) });
    curves = placesOf({ wide: decoded(bayes.wide), close: decoded(bayes.close) });
    edge = bayes.wide.to;
    if (z === null || other) { z = rounded(bayes.mean); if (other) told({ place: "" }); }
    z = clamp(z, -edge, edge);
    Object.assign($("input[data-key=z]"), { min: -edge, max: edge });
    if (offer) chooser.update(offer);
  }

  function move(to) {
    z = clamp(rounded(to), -edge, edge);
    told({ place: String(z) });
    draw();
  }

  for (const plot of box.querySelectorAll(".three")) {
    draggable(plot, { find: () => (bayes ? plot.dataset.at : null), move: (name, x) => move(across[name](x)) });
  }

  function draw() {
    if (!bayes) return say("Prior × likelihood = posterior", explainsOf());
    const decoder = onShelf(bayes.decoder);
    chooser.paint();
    show();
    $(".edge").textContent = `codes z of ${bayes.model}, decoded`;
    $(".times").textContent = `${number((2 * edge) / (bayes.close.to - bayes.close.from), 0)} times, around the posterior`;
    for (const name of ["wide", "close"]) across[name] = drawThree($(`.${name}`), name, curves[name], z, bayes);
    say(...claimOf(bayes, instead));
    if (!decoder) return;
    tiled = drawTiles($(".along"), decoder, edge, bayes, tiled);
    drawHere($(".here"), decoder, z, bayes);
    const log = logLikelihood(decoder, parameters(decoder, [z]), floats(bayes.x), bayes.variance);
    $(".sum-at").innerHTML = sumAt(z, log, bayes.logPx);
    Object.assign(box.dataset, { z, likelihood: log.toFixed(3), posterior: (logPrior([z]) + log - bayes.logPx).toFixed(3) });
  }

  return { update, draw };
}

// log p(z) + log p(x|z) - log p(x) = log p(z|x), whose shown digits add up.
export function sumAt(z, likelihood, logPx) {
  const digit = (value) => Number(value.toFixed(2));
  const [prior, evidence, posterior] = [digit(logPrior([z])), digit(logPx), digit(logPrior([z]) + likelihood - logPx)];
  const signed = (value) => (value < 0 ? `(${number(value)})` : number(value));
  return `At ${symbol("z", "z")} = <b class="z">${number(z, 3)}</b>, in nats: log p(z) + log p(x|z) − log p(x) = `
    + `<b class="z">${signed(prior)}</b> + `
    + `<b class="reconstruction">${signed(posterior + evidence - prior)}</b> − <b>${signed(evidence)}</b> = `
    + `<b class="evidence">${number(posterior)}</b> = log p(z|x)`
    + (posterior > 0 ? " <small>(above 0: a density may exceed 1)</small>" : "");
}

const explainsOf = () => `Before you see the image, you know only the <b>${asking(term("prior"), "p")}</b> p(z) = N(0, 1): `
  + `its code z is most likely near 0. The <b>${asking(term("likelihood"), "reconstruction")}</b> p(x|z) says how well `
  + `a code explains the image: run the ${term("decoder")} there and multiply the probabilities that it gives to the pixels of x. `
  + "Divide prior × likelihood by its area p(x), and you have "
  + `the <b>${asking(term("posterior"), "posterior")}</b> p(z|x): where the code is once you have seen the image.`;

// `instead`: it is not the model that was chosen above.
export function claimOf({ mean, stddev, logPx, model }, instead) {
  const digits = stddev < 0.095 ? 3 : 2;
  return [
    `The image narrows z from 0 ± 1 to ${number(mean, digits)} ± ${number(stddev, digits)}`,
    `${explainsOf()} Here log p(x) = ${number(logPx, 1)} nats, summed along the line. `
      + "In many dimensions no sum is possible: there a VAE’s encoder guesses it."
      + (instead ? ` So this scene has <b>${htmlOf(model)}</b> in place of the model chosen above.` : ""),
  ];
}
