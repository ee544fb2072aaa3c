// Why N(0, I) is enough: one slider bends the Gaussian cloud to a ring, and the model's first layer bends it its own way.
import { number, percent } from "../../shared/js/canvas.js";
import { floats } from "../../shared/js/base64.js";
import { html, term } from "../../shared/js/html.js";
import { drawCloud, drawImages } from "./prior_charts.js";
import { clamp, rounded, sliderOf, wired } from "./sliders.js";

const EDGE = 3.1, RINGED = 1.6; // of the square of the ring: around the cloud, and around the ring
const PLAY = 2600; // ms from cloud to ring

// z / 10 + z / |z|, the example of Doersch (2016).
export function ring([a, b]) {
  const length = Math.hypot(a, b) || 1;
  return [a / 10 + a / length, b / 10 + b / length];
}

// On the way from z to what becomes of it.
export const between = (from, to, t) => from.map((value, k) => (1 - t) * value + t * to[k]);

// Mean and deviation of the distance from the centre, on the way from z to the ring: |z| has a Rayleigh distribution.
export const distanceOf = (t) => ({
  mean: Math.sqrt(Math.PI / 2) * (1 - 0.9 * t) + t, stddev: Math.sqrt(2 - Math.PI / 2) * (1 - 0.9 * t),
});

const pairs = (numbers) => Array.from({ length: numbers.length / 2 }, (_, k) => [numbers[2 * k], numbers[2 * k + 1]]);

// The draws, the ring that they become, and the first layer's cloud before and after its activation.
function cloudsOf({ z, before, after, linear }) {
  const draws = pairs(floats(z));
  return { z: draws, ring: draws.map(ring), ...(linear ? {} : { before: pairs(floats(before)), after: pairs(floats(after)) }) };
}

const PAGE = html`
  <p class="waits"></p>
  <div class="sliders">${sliderOf({ key: "bend", name: "from cloud to what it becomes", low: 0, high: 1, tint: "z" })}
    <button type="button" class="action play">Play</button></div>
  <div class="clouds">
    <div><h3>z → z/10 + z/|z| <small class="in-ring"></small></h3><canvas class="cloud ring" role="img"></canvas></div>
    <div>
      <h3>This model’s first layer <small class="in-layer"></small></h3>
      <canvas class="cloud layer" role="img"></canvas><p class="linear"></p>
    </div>
    <div class="drawn"><h3>What the decoder draws <small>of eight of them</small></h3><div class="images"></div></div>
  </div>`;

export function createPrior(box, data, { say, told }) {
  let t = data.bend, layer = null, film = 0, inked = "";
  box.innerHTML = PAGE;
  const $ = (selector) => box.querySelector(selector);
  const show = wired(box, () => t, (_, value) => { stop(); change(value); });

  function update(next) {
    const known = layer?.z === next.layer?.z && layer?.after === next.layer?.after ? layer?.clouds : null;
    layer = next.layer && {
      ...next.layer, shape: next.shape, photograph: next.photograph, clouds: known ?? cloudsOf(next.layer),
    };
    box.classList.toggle("nothing", !layer);
    $(".waits").textContent = layer ? "" : "Draws of the prior are on their way …";
    if (!known) inked = "";
  }

  function change(value) {
    t = clamp(rounded(value), 0, 1);
    told({ bend: t ? String(t) : "" });
    draw();
  }

  function play() {
    if (film) return stop();
    const start = performance.now(), from = t < 1 ? t : 0;
    $(".play").textContent = "Pause";
    film = requestAnimationFrame(function go(now) {
      change(from + Math.max(0, now - start) / PLAY);
      if (t < 1) film = requestAnimationFrame(go);
      else stop();
    });
  }

  function stop() {
    cancelAnimationFrame(film);
    film = 0;
    $(".play").textContent = "Play";
  }

  function draw() {
    show();
    say(...claimOf(t, layer));
    if (!layer) return;
    const { z, ring: bent, before, after } = layer.clouds, { mean, stddev } = distanceOf(t);
    $(".in-ring").textContent = `distance from 0: ${number(mean)} ± ${number(stddev)}`;
    const moved = z.map((from, k) => between(from, bent[k], t));
    drawCloud($(".ring"), moved, z, (1 - t) * EDGE + t * RINGED, "Draws of N(0, I) on their way to a ring");
    Object.assign(box.dataset, { bend: t, mean: mean.toFixed(3), stddev: stddev.toFixed(3) });
    $(".layer").hidden = layer.linear;
    $(".linear").textContent = layer.linear
      ? "This decoder is linear: it can turn and stretch the cloud, and bends nothing. Choose another model." : "";
    $(".in-layer").textContent = layer.linear ? "" : `${layer.units} outputs, seen where they bend most`;
    if (!layer.linear) {
      const edges = [before, after].map((cloud) => 1.05 * Math.max(...cloud.flat().map(Math.abs)));
      const edge = (1 - t) * edges[0] + t * edges[1] || 1;
      drawCloud($(".layer"), before.map((from, k) => between(from, after[k], t)), z, edge, "The same draws in the first layer");
    }
    inked = drawImages($(".images"), layer, inked);
  }

  $(".play").onclick = play;
  return { update, draw, leave: stop };
}

export function claimOf(t, layer) {
  const { mean, stddev } = distanceOf(t);
  const shape = t < 0.15 ? "A round cloud can become any shape: drag it into a ring"
    : t < 0.85 ? "Each draw moves by itself, and the cloud turns into a ring" : "A ring, made of a round cloud by one formula";
  const bent = !layer || layer.linear ? ""
    : " The first layer of this model’s decoder bends too: a straight-line (linear) function of z explains only "
      + `${percent(1 - layer.bent)} of how its ${layer.units} outputs vary.`;
  return [
    shape,
    `Why should codes follow N(0, I)? As a <b>${term("prior")}</b> it is enough: a function of Gaussian draws can have any distribution, `
      + `a ring for instance, and the decoder learns such a function. Now the draws lie ${number(mean)} ± ${number(stddev)} `
      + `from the centre; filled dots begin on the right, so that you see where each goes.${bent}`,
  ];
}
