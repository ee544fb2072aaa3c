// The opening scene, a VAE as one picture: an image, the encoder, its distribution over codes, a code from it, the decoder, and
// what that draws of the code; below them the two terms of the loss.
import { bytesOf, imageAt, inkCanvas, sizeOf } from "../../shared/js/canvas.js";
import { onShelf } from "../../shared/js/blobs.js";
import { meanOf, parameters } from "../../shared/js/decoder.js";
import { normals } from "../../shared/js/gaussian.js";
import { logLikelihood } from "../../shared/js/likelihood.js";
import { PAGE, drawNetwork, drawPlane, klOf, lossOf, offer } from "./opening_figures.js";
import { decoderOf } from "./squares.js";

const STAY = 1500, GLIDE = 500; // ms that a code stays, and in which it moves to the next one
const WAITS = "The images are being read.";
const CLAIM = "A VAE squeezes an image into a few numbers and learns to draw it back";
const EXPLAINS = "A variational autoencoder: its encoder says where the code may lie, its decoder draws it. "
  + "One loss with two terms trains both.";

// `calm()`: nothing moves by itself; `chose` hears which image a hand has chosen.
export function createOpening(box, { shape }, { words, calm, chose }) {
  box.innerHTML = PAGE;
  const $ = (selector) => box.querySelector(selector), walk = createWalk(() => q());
  const imageOf = (k) => imageAt(examples.levels, k, sizeOf(shape));
  const q = () => [examples.mean[chosen], examples.sigma[chosen]];
  let examples = null, chosen = 0, wanted = null, member = null, square = null, frame = 0, said = "";

  // What Python sends once the images are read.
  function take(next) {
    if (!next || examples) return;
    examples = { ...next, levels: bytesOf(next.x) };
    chosen = next.names[wanted] ? wanted : next.first;
    walk.begin();
  }

  function choose(k) {
    change(k);
    $(".pick [aria-checked=true]").focus();
    chose(k);
  }

  // The image that a presenter has chosen, also before the images are read.
  function mirror(k) {
    wanted = k;
    if (square && examples?.names[k] && k !== chosen) change(k);
  }

  function change(k) {
    chosen = k;
    walk.begin();
    box.classList.remove("passes");
    box.getBoundingClientRect(); // so that it begins again
    box.classList.add("passes");
    show();
  }

  // The member with beta = 1, whose loss is minus the bound. False: it is not here yet.
  function draw(models, look) {
    member = models.find((m) => m.beta === 1) ?? models[0];
    square = look;
    words(CLAIM, EXPLAINS);
    fit();
    drawNetwork($(".of-encoder"), "encoder", true);
    drawNetwork($(".of-decoder"), "decoder", false);
    const ready = examples !== null && decoderOf(member) !== undefined;
    if (ready) show();
    else sayLoss(WAITS);
    return ready;
  }

  // Three squares of one size, and what is left for the networks between them.
  function fit() {
    const whole = $(".whole"), caption = $("figcaption").offsetHeight, narrow = Math.min(box.clientWidth, 300);
    const side = box.closest(".phone") ? narrow : Math.min(whole.clientWidth / 3.9, whole.clientHeight - caption);
    square.side = Math.max(80, Math.floor(side));
    box.style.setProperty("--whole", `${square.side}px`);
  }

  function show() {
    offer($(".pick"), { names: examples.names, imageOf, shape, table: square.table }, chosen, choose);
    inkCanvas($(".of-x"), imageOf(chosen), shape, square.table).setAttribute("aria-label", examples.names[chosen]);
    cancelAnimationFrame(frame);
    if (calm()) paint(...walk.still());
    else step(performance.now());
  }

  function step(now) {
    if (box.hidden || !box.isConnected) return;
    paint(...walk.at(now));
    frame = requestAnimationFrame(step);
  }

  function paint(z, settled) {
    const decoder = decoderOf(member), output = parameters(decoder, z);
    inkCanvas($(".of-drawn"), meanOf(decoder, output), shape, square.table);
    drawPlane($(".of-q"), square, onShelf(member.codes), q(), box.dataset.step === "0" ? null : z);
    if (settled) sayLoss(lossOf(-logLikelihood(decoder, output, imageOf(chosen), 1), klOf(q())));
  }

  // What has not changed stays: a pointer may be on it.
  function sayLoss(text) {
    if (text !== said) $(".price").innerHTML = said = text;
  }

  const steps = [0, 1, 2].map((k) => () => { box.dataset.step = k; });
  return { take, draw, steps, show: mirror, whole: () => { delete box.dataset.step; } };
}

// A code that stays, glides to another draw from q, and stays: [z, whether it rests] at a time.
function createWalk(q) {
  const random = normals(1);
  let codes = null, since = 0;
  return {
    begin() {
      codes = [q()[0], q()[0]];
      since = performance.now();
    },
    still: () => [codes[1], true],
    at(now) {
      if (now - since > STAY + GLIDE) {
        const [mean, sigma] = q();
        codes = [codes[1], mean.map((mu, d) => mu + sigma[d] * random())];
        since = now;
      }
      const share = Math.min(1, Math.max(0, (now - since) / GLIDE)), eased = share * share * (3 - 2 * share);
      return [codes[0].map((value, d) => value + eased * (codes[1][d] - value)), share === 1];
    },
  };
}
