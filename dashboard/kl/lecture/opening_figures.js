// What the opening scene is made of: its page, the outline of a network, the plane of codes, and the loss as a sum.
import { css, inkedCanvas, number, sharpen } from "../../shared/js/canvas.js";
import { klToStandardNormal } from "../../shared/js/gaussian.js";
import { svgOf, text } from "../../shared/js/chart.js";
import { html } from "../../shared/js/html.js";
import { adding } from "../../shared/js/numbers.js";
import { asking, symbol } from "../../shared/js/symbols.js";
import { drawPrior } from "./prior.js";

const DOTS = 0.3; // strength of the other codes
const NARROW = 0.32; // of the narrow side of a network's outline, in shares of the wide one
const X = symbol("x", "x"), Z = symbol("z", "z"), P = symbol("p", "p"), Q = symbol("q", "q", "mu");

// `shows`: the quantities in it, as symbols.js names them.
const figure = (step, name, says, canvas, shows) => html`
  <figure class="step-${step}" data-symbol="${shows}">
    <figcaption><b>${name}</b> ${says}</figcaption>
    <canvas class="${canvas}" role="img" aria-label="${says}"></canvas>
  </figure>`;

export const PAGE = html`
  <div class="whole">
    ${figure(0, X, "an image", "of-x", "x")}
    <div class="network of-encoder step-0" data-symbol="q mu sigma"></div>
    ${figure(0, `${Q}(${Z}|${X})`, "where its code may lie", "of-q", "q z p kl mu sigma")}
    <div class="network of-decoder step-1" data-symbol="reconstruction"></div>
    ${figure(1, symbol("x̂", "reconstruction", ""), "what is drawn of it", "of-drawn", "reconstruction")}
  </div>
  <div class="pick" role="radiogroup" aria-label="image"></div>
  <div class="price step-2"></div>`;

// A network as its outline, wide where the image is and narrow where the code is.
export function drawNetwork(box, name, narrows) {
  const [width, height] = [box.clientWidth, box.clientHeight], cut = (height * (1 - NARROW)) / 2;
  const [left, right] = narrows ? [0, cut] : [cut, 0];
  const corners = [[0, left], [width, right], [width, height - right], [0, height - left]];
  box.innerHTML = svgOf(box, html`
    <polygon points="${corners.map((corner) => corner.join()).join(" ")}" class="outline"/>
    ${text(width / 2, height / 2, name, 'class="strong middle"')}
    ${text(width / 2, height / 2 + 34, narrows ? "gives μ and σ" : "draws z", 'class="small middle"')}`, name);
}

// All codes as faint dots, q(z|x) as an ellipse at two sigma, and a code z drawn from it; null: none yet.
export function drawPlane(canvas, square, { mean, labels }, [mu, sigma], z) {
  const { side, colours } = square, pen = sharpen(canvas, side, side), unit = side / (2 * square.edge);
  pen.fillStyle = css(colours.panel);
  pen.fillRect(0, 0, side, side);
  for (let i = 0; i < labels.length; i++) {
    pen.fillStyle = css(colours.dots[labels[i] % 10], DOTS);
    pen.fillRect(square.x(mean[2 * i]) - 2, square.y(mean[2 * i + 1]) - 2, 4, 4);
  }
  drawPrior(pen, square);
  Object.assign(pen, { lineWidth: Math.max(3, side / 110), strokeStyle: css(colours.mu), fillStyle: css(colours.mu, 0.25) });
  pen.beginPath();
  pen.ellipse(square.x(mu[0]), square.y(mu[1]), ...sigma.map((s) => Math.max(3, 2 * unit * s)), 0, 0, 7);
  pen.fill();
  pen.stroke();
  if (!z) return;
  pen.fillStyle = css(colours.z);
  pen.beginPath();
  pen.arc(square.x(z[0]), square.y(z[1]), Math.max(5, side / 60), 0, 7);
  pen.fill();
}

export const klOf = ([mean, sigma]) => mean.reduce((sum, mu, d) => {
  const { ofMean, ofSigma } = klToStandardNormal(mu, sigma[d]);
  return sum + ofMean + ofSigma;
}, 0);

const nats = (text, shows, tint = shows) => `<b class="${tint}" data-symbol="${shows}">${text}</b>`;

// The loss at beta = 1, for one z, as a sum of what it is made of.
export function lossOf(error, kl) {
  const [first, second] = adding([error, kl], [1, 1], 1);
  return html`
    <span>loss</span><span>=</span>
    ${nats(first, "reconstruction")}<span>+</span>${nats(second, "kl")}<span>=</span>
    ${nats(number(error + kl, 1), "elbo", "ink")}<span>nats</span>
    <i></i><i></i>
    <p class="reconstruction">what the drawing misses: −log ${P}(${X}|${Z})</p><i></i>
    <p class="kl">what the code costs: its ${asking("KL", "kl")} (Kullback–Leibler) divergence from the prior</p><i></i>
    <p class="ink2">over all ${Z} of ${Q}, its mean is minus the evidence lower bound (${asking("ELBO", "elbo")})</p><i></i>`;
}

// The images to choose from, one of which is.
export function offer(box, { names, imageOf, shape, table }, chosen, choose) {
  box.replaceChildren(...names.map((name, k) => {
    const button = Object.assign(document.createElement("button"), { type: "button", tabIndex: k === chosen ? 0 : -1 });
    button.onclick = () => choose(k);
    for (const [key, value] of [["role", "radio"], ["aria-checked", k === chosen], ["aria-label", name]]) button.setAttribute(key, value);
    button.append(inkedCanvas(imageOf(k), shape, table));
    return button;
  }));
  box.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    choose((chosen + by + names.length) % names.length);
  };
}
