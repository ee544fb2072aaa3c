// What N images teach about a world whose truth is known: both curves of log p(x), theta, a guess, and then the truth.
import { bytesOf, imageAt, inkedCanvas, placeIn, shades, sizeOf } from "../../shared/js/canvas.js";
import { mounted } from "../../shared/js/mounted.js";
import { radio } from "../../shared/js/widgets.js";
import { nearestTo } from "../axes.js";
import { drawColumns } from "./columns.js";
import { drawCurves } from "./curves.js";
import { CURVES, PLACES, factsOf, inWords, keyOf, verdicts } from "./words.js";

export default mounted(".world", createWorld);

function createWorld(root) {
  const $ = (selector) => root.querySelector(selector);
  const guesses = { curve: null, place: null };
  let data, send, at = 0, along;

  function update(next, sending) {
    if (!data || next.count !== data.count) at = nearestTo(next.fits.map((fit) => fit.count), Math.log, Math.log(next.count));
    if (data && next.world !== data.world) Object.assign(guesses, { curve: null, place: null });
    [data, send] = [next, sending];
    for (const [box, names, key] of [[".which-curve", CURVES, "curve"], [".which-place", PLACES, "place"]]) {
      radio($(box), names, () => guesses[key] ?? names[0], (name) => { guesses[key] = name; redraw(); });
      if (guesses[key] === null) for (const button of $(box).children) button.setAttribute("aria-checked", "false");
    }
    redraw();
  }

  function redraw() {
    const width = root.getBoundingClientRect().width;
    if (!width) return;
    root.classList.toggle("phone", width < 800);
    const fit = data.fits[at];
    Object.assign($(".count input"), { max: data.fits.length - 1, value: at });
    $(".count b").textContent = fit.count.toLocaleString("en");
    $(".count input").setAttribute("aria-valuetext", `${fit.count.toLocaleString("en")} images`);
    $(".which").textContent = `world ${data.world}`;
    drawSamples();
    const drawn = drawCurves(data, at, $(".curves").clientWidth);
    along = drawn.x;
    $(".curves").innerHTML = drawn.svg;
    $(".columns").innerHTML = drawColumns(data, fit, $(".columns").clientWidth);
    $(".key").innerHTML = keyOf(data);
    $(".words").innerHTML = inWords(data, fit);
    $(".facts").innerHTML = factsOf(data, fit).map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join("");
    root.querySelectorAll(".verdict").forEach((box, k) => { box.textContent = verdicts(data, guesses)[k]; });
    $(".reveal").textContent = data.shown ? "Hide the truth again" : "Reveal the truth";
    Object.assign(root.dataset, { count: fit.count, world: data.world, shown: data.shown });
  }

  function drawSamples() {
    const levels = bytesOf(data.pictures), size = sizeOf(data.shape), table = shades(root, false);
    const pictures = Array.from({ length: levels.length / size }, (_, k) => inkedCanvas(imageAt(levels, k, size), data.shape, table));
    $(".samples").setAttribute("aria-label", `The first ${pictures.length} images of the world, ${data.shape.join(" by ")} pixels each`);
    $(".samples").replaceChildren(...pictures);
  }

  function go(place, done) {
    at = Math.max(0, Math.min(data.fits.length - 1, place));
    redraw();
    if (done) send.setTriggerValue("count", data.fits[at].count);
  }

  $(".count input").oninput = (event) => go(Number(event.target.value), false);
  $(".count input").onchange = (event) => go(Number(event.target.value), true);
  const byHand = (event, done) => go(nearestTo(data.fits.map((fit) => fit.count), along, placeIn($(".curves"), event)[0]), done);
  $(".curves").onpointerdown = (event) => { $(".curves").setPointerCapture(event.pointerId); byHand(event, false); };
  $(".curves").onpointermove = (event) => { if ($(".curves").hasPointerCapture(event.pointerId)) byHand(event, false); };
  $(".curves").onpointerup = (event) => byHand(event, true);
  $(".another").onclick = () => send.setTriggerValue("world", (data.world + 1) % data.worlds);
  $(".reveal").onclick = () => send.setTriggerValue("truth", data.shown ? "hidden" : "shown");
  return { update, redraw };
}
