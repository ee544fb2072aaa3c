// The closing scene: what to take home, in three sentences with the family's numbers, and where to try it.
import { number, percent } from "../../shared/js/canvas.js";
import { html } from "../../shared/js/html.js";
import { takenHome } from "./follow.js";
import { beta, nats } from "./words.js";

export function createClosing(box, { words }) {
  function draw(models, data) {
    const { pixels } = data.spectrum, [address, code] = takenHome(data);
    words("Three things to take home", "");
    const told = sentencesOf(models, pixels);
    box.innerHTML = html`
      <ol class="home">
        ${told.map(([claim, proof], k) => html`
          <li class="step-${k}"><b>${claim}</b><span>${proof}</span></li>`)}
      </ol>
      <p class="try step-${told.length - 1}">${location.protocol === "file:" ? ONE_FILE : linked(address, code)}</p>`;
    if (location.protocol === "file:") return;
    box.querySelector("button").onclick = async () => {
      const said = box.querySelector("output");
      try {
        await navigator.clipboard.writeText(address);
        said.textContent = "copied";
      } catch { said.textContent = "Your browser does not let this page copy: mark the address and copy it."; }
    };
  }
  const steps = [0, 1, 2].map((k) => () => { box.dataset.step = k; });
  return { draw, steps, whole: () => { delete box.dataset.step; } };
}

const ONE_FILE = "Try it yourself: all of this lecture is one file, which opens anywhere without network. Pass it on.";

const linked = (address, code) => html`
  Try it yourself: <a href="${address}">${address.replace(/^https?:\/\//, "")}</a>
  <button type="button">copy link</button><output aria-live="polite"></output>${code}`;

// A claim each, with what proves it.
export function sentencesOf(models, pixels) {
  const at = (value) => models.find((m) => m.beta === value) ?? models[0];
  const [free, one] = [at(0), at(1)], dead = models.find((m) => m.active_units === 0);
  const best = models.reduce((a, b) => (b.elbo > a.elbo ? b : a));
  return [
    ["The KL makes the prior worth drawing from",
      `At β = ${beta(free)} codes miss ${percent(free.holes)} of the prior, at β = ${beta(one)} they miss ${percent(one.holes)}.`],
    dead
      ? ["Too high a price, and the codes say nothing",
        `From β = ${beta(dead)} on every code draws the same image: the KL is ${nats(dead.kl)} nats.`]
      : ["A higher price leaves less in the codes", `At β = ${beta(models.at(-1))} their KL is ${nats(models.at(-1).kl)} nats.`],
    ["A lower KL alone is no better model: look at both terms",
      `The highest bound, ${number(best.elbo, 1)} nats, is at β = ${beta(best)}. `
      + `And know your β: a loss that averages over ${pixels} pixels has multiplied it by as many.`],
  ];
}
