// The row of choices: a test image of each class (again: the next of it), a drawing, a file, or one by chance.
import { COLOURS, cut } from "../js/classes.js";
import { imageAt, inkCanvas, sizeOf } from "../js/canvas.js";

// ask: what a press asks for, by name
export function createPicks(box, picker, ask) {
  const $ = (selector) => box.querySelector(selector);
  const choose = (label) => ask.send({ by: "class", class: label });

  function build() {
    const { data } = picker, many = data.classes.length > COLOURS;
    const classes = many ? [classList(data, choose)] : data.classes.map((_, label) => classButton(data, label, choose));
    const next = () => choose(Number($(".classes").value));
    const own = [
      ...(many ? [pickButton("next", "Next", "", next, "Another test image of the same class")] : []),
      ...(ask.draw ? [pickButton("drawn", "Draw", "", ask.draw, "Draw an image")] : []),
      pickButton("opened", "Open", "", ask.open, "Open a picture file"),
    ];
    if (!classes.length && data.count) own.push(pickButton("", "Other", "", ask.chance, "A random test image"));
    if (!classes.length && data.dreams) {
      own.push(pickButton("prior", "Sample", "", ask.dream, "An image sampled from the model: z from the prior, then x"));
    }
    $(".picks").replaceChildren(...classes, ...own);
    for (const button of $(".picks").querySelectorAll('[data-kind="next"]')) button.classList.add("next");
    $(".picks").classList.toggle("few", !classes.length);
  }

  // Marks the one that the image comes from, with the image on it.
  function show(image, samples) {
    const { data } = picker, list = $(".classes");
    for (const button of box.querySelectorAll(".picks button")) showOne(button, picker, image, samples);
    if (!list) return;
    list.value = data.kind === "test" && data.label !== null ? String(data.label) : "";
    $(".next").disabled = list.value === "";
  }

  return { build, show };
}

function showOne(button, { data, table }, image, samples) {
  const { kind, label } = button.dataset, size = sizeOf(data.shape), canvas = button.querySelector("canvas");
  const none = kind === "test" && data.lacking.includes(Number(label)), sampled = kind === "test" && samples && !none;
  const current = !none && data.kind === kind && (kind !== "test" || String(data.label) === label);
  button.setAttribute("aria-pressed", String(current));
  if (current && image) inkCanvas(canvas, imageAt(image.grey, 0, size), data.shape, table);
  else if (sampled) inkCanvas(canvas, imageAt(samples.levels, Number(label), size), data.shape, table);
  canvas.hidden = !(current ? image : sampled);
  button.querySelector("span").hidden = !canvas.hidden;
}

function pickButton(kind, name, label, press, explained) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", title: explained, onclick: press });
  Object.assign(button.dataset, { kind, label });
  button.setAttribute("aria-label", explained);
  button.append(document.createElement("canvas"), Object.assign(document.createElement("span"), { textContent: name }));
  return button;
}

const learned = ({ untrained }, label) => (untrained.includes(label) ? "; no training image is of it" : "");

function classButton(data, label, choose) {
  const name = data.classes[label], none = data.lacking.includes(label);
  const about = none ? `${name}: no test image is of this class` : `A test image: ${name}. Click again for another.`;
  const button = pickButton("test", cut(name, 3), label, () => choose(label), about + learned(data, label));
  button.disabled = none;
  return button;
}

// More classes than colours, and than buttons have room for: a list.
function classList(data, choose) {
  const list = Object.assign(document.createElement("select"), { className: "classes", title: "A test image of a class" });
  list.setAttribute("aria-label", list.title);
  list.append(new Option("class …", "", false, true), ...data.classes.map((name, label) => {
    const none = data.lacking.includes(label);
    const option = new Option(cut(name, 40) + (none ? ": no test image" : "") + learned(data, label), label);
    return Object.assign(option, { title: name, disabled: none });
  }));
  list.options[0].disabled = true;
  list.onchange = () => choose(Number(list.value));
  return list;
}
