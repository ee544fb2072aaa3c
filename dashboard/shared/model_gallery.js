// The list of models as cards: a small manifold, a name, a result. A family is one card whose slider goes through it.
import { imageAt, inkCanvas, shades, sizeOf } from "./js/canvas.js";
import { listen, onShelf } from "./js/blobs.js";
import { mounted } from "./js/mounted.js";
import { coloured } from "./streamlit_internals.js";

const MANY = 8; // models from which a search is offered

export default mounted(".model-gallery", createGallery);

// Which of a card's models fits what was typed: each word is in its name, key, result or what else it is looked for by,
// or stands above it; -1: none does. The one that is shown comes first.
export function fits({ title, stops }, heading, typed, shown = 0) {
  const words = typed.toLowerCase().split(/\s+/);
  const fit = ({ key, name, result, also = "" }) => {
    const text = [heading, title, key, name, result, also].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return fit(stops[shown]) ? shown : stops.findIndex(fit);
}

function createGallery(root) {
  const $ = (selector) => root.querySelector(selector), input = $("input");
  let data = null, choose = () => {}, built = "", all = []; // { card, heading, element, at }: at: the stop that is shown

  function update(given, { setTriggerValue }) {
    data = given;
    choose = (key) => setTriggerValue("choose", key);
    const asked = JSON.stringify([data.groups, data.current]);
    if (asked !== built) build();
    if (!built && matchMedia("(hover: hover)").matches) input.focus({ preventScroll: true }); // a phone would open its keys
    built = asked;
    paint();
  }

  function build() {
    all = [];
    $(".groups").replaceChildren(...data.groups.map(({ name, cards }) => {
      const group = make("section", "group"), grid = make("div", "cards");
      group.append(make("h3", "", name), grid);
      for (const card of cards) {
        const one = { card, heading: name, element: null, at: startOf(card, data.current) };
        one.element = elementOf(one, data, (key) => choose(key), paintOne);
        all.push(one);
        grid.append(one.element);
      }
      return group;
    }));
    input.parentElement.hidden = all.length < MANY;
    search();
  }

  // The list hangs beside the page and not in it: it is told whether the page is dark.
  function paint() {
    root.style.colorScheme = getComputedStyle(coloured()).colorScheme;
    for (const one of all) paintOne(one);
    root.dataset.frames = Number(root.dataset.frames ?? 0) + 1;
  }

  function paintOne({ card, element, at }) {
    const { place, photograph, coloured: bright } = card.stops[at], { side } = data;
    const sheets = onShelf(bright ? data.coloured : data.pictures), shape = bright ? [side, side, 3] : [side, side];
    if (!sheets || place === null || place === undefined) return;
    inkCanvas(element.querySelector("canvas"), imageAt(sheets.levels, place, sizeOf(shape)), shape, shades(root, photograph));
  }

  function search() {
    const typed = input.value.trim();
    for (const one of all) {
      const found = fits(one.card, one.heading, typed, one.at);
      one.element.hidden = found < 0;
      if (found < 0 || found === one.at) continue;
      one.show(found);
      paintOne(one);
    }
    for (const group of root.querySelectorAll(".group")) group.hidden = !group.querySelector(".card:not([hidden])");
    $(".none").textContent = all.some(({ element }) => !element.hidden) ? "" : "No model fits.";
  }

  input.oninput = search;
  const deaf = listen("shelf", (key) => { if (data && [data.pictures, data.coloured].includes(key)) paint(); });
  return { update, redraw: paint, forget: deaf };
}

// The stop of the model that is looked at, else where the family is best entered.
function startOf({ stops, start }, current) {
  const at = stops.findIndex(({ key }) => key === current);
  return at < 0 ? start : at;
}

function elementOf(one, { current }, choose, paint) {
  const { stops, title } = one.card, several = stops.length > 1;
  const element = make("div", several ? "card series" : "card"), button = make("button");
  const name = make("span", "name"), result = make("span", "result"), canvas = make("canvas");
  canvas.setAttribute("aria-hidden", "true");
  button.type = "button";
  button.append(canvas, name, result);
  element.append(button);
  let tell = () => {};
  one.show = (at = one.at) => {
    one.at = at;
    tell(at);
    const stop = stops[at];
    name.textContent = several ? stop.stop : stop.short;
    result.textContent = stop.result;
    button.dataset.pick = stop.key;
    button.disabled = !stop.ready;
    button.onclick = () => choose(stop.key);
    button.setAttribute("aria-label", `${stop.name}, ${stop.result}`);
    button.setAttribute("aria-current", String(stop.key === current));
  };
  if (several) {
    const [box, follow] = sliderOf(one, title, (at) => { one.show(at); paint(one); });
    element.append(box);
    tell = follow;
  }
  one.show();
  return element;
}

// The stops of a family: what changes along it, in the order of its values; and what tells the slider where it stands.
function sliderOf(one, title, moved) {
  const { stops } = one.card, box = make("div", "stops"), slider = make("input"), ends = make("div", "ends");
  Object.assign(slider, { type: "range", min: 0, max: stops.length - 1, step: 1, value: one.at });
  slider.setAttribute("aria-label", title);
  slider.oninput = () => moved(Number(slider.value));
  ends.append(make("span", "", stops[0].stop), make("span", "", stops.at(-1).stop));
  box.append(make("b", "", title), slider, ends);
  return [box, (at) => { slider.value = at; slider.setAttribute("aria-valuetext", stops[at].stop); }];
}

const make = (tag, name = "", text = "") => Object.assign(document.createElement(tag), { className: name, textContent: text });
