// The exact posterior of one code beside the nearest Gaussian, as the decoder's noise goes to 0.
import { number, placeIn } from "../../shared/js/canvas.js";
import { mounted } from "../../shared/js/mounted.js";
import { radio } from "../../shared/js/widgets.js";
import { nearestTo } from "../axes.js";
import { drawDecoder, drawGap, drawShape, windowOf } from "./charts.js";
import { claimOf, inWords } from "./words.js";

export default mounted(".vanishing", createVanishing);

function createVanishing(root) {
  const $ = (selector) => root.querySelector(selector);
  let data, send, at = 0, image, along;

  function update(next, sending) {
    if (!data || next.sigma !== data.sigma) at = next.sigmas.indexOf(next.sigma);
    if (!data || next.image !== data.image) ({ image } = next);
    [data, send] = [next, sending];
    radio($(".decoders"), data.decoders, () => data.decoder, (name) => send.setTriggerValue("decoder", name));
    radio($(".images"), data.images.toSorted(), () => image, (name) => { image = name; redraw(); send.setTriggerValue("image", name); });
    redraw();
  }

  function redraw() {
    const width = root.getBoundingClientRect().width;
    if (!width) return;
    root.classList.toggle("phone", width < 800);
    const found = data.nearest[image], sigma = data.sigmas[at];
    const q = Object.fromEntries(Object.entries(found).map(([name, values]) => [name, values[at]]));
    const shown = { decoder: data.decoder, image, sigma, q, kls: found.kl, sigmas: data.sigmas, at };
    Object.assign($(".noise input"), { max: data.sigmas.length - 1, value: at });
    $(".noise b").textContent = String(sigma);
    $(".noise input").setAttribute("aria-valuetext", String(sigma));
    $(".decoder").innerHTML = drawDecoder(shown, $(".decoder").clientWidth);
    $(".shape").innerHTML = drawShape(shown, $(".shape").clientWidth);
    const gap = drawGap(shown, $(".gap").clientWidth);
    along = gap.x;
    $(".gap").innerHTML = gap.svg;
    const [low, high] = windowOf(q);
    $(".magnified").textContent = `${number(6 / (high - low), 1)} times`;
    $(".claims").textContent = claimOf(shown);
    $(".words").innerHTML = inWords(shown);
    Object.assign(root.dataset, { sigma, kl: q.kl, decoder: data.decoder, image });
  }

  function go(place, done) {
    at = Math.max(0, Math.min(data.sigmas.length - 1, place));
    redraw();
    if (done) send.setTriggerValue("sigma", data.sigmas[at]);
  }

  $(".noise input").oninput = (event) => go(Number(event.target.value), false);
  $(".noise input").onchange = (event) => go(Number(event.target.value), true);
  const byHand = (event, done) => go(nearestTo(data.sigmas, along, placeIn($(".gap"), event)[0]), done);
  $(".gap").onpointerdown = (event) => { $(".gap").setPointerCapture(event.pointerId); byHand(event, false); };
  $(".gap").onpointermove = (event) => { if ($(".gap").hasPointerCapture(event.pointerId)) byHand(event, false); };
  $(".gap").onpointerup = (event) => byHand(event, true);
  return { update, redraw };
}
