// Choosing x: a class (again: the next of it), a drawing, a file, or one of the menu's. It only asks; Python answers.
import { COLOURS, cut } from "../js/classes.js";
import { inkInto, shades } from "../js/canvas.js";
import { onShelf } from "../js/blobs.js";
import { createSketch } from "./sketch.js";

const LARGEST = 10 * 2 ** 20; // bytes of a file
const TEMPLATE = `
  <div class="x-frame"><canvas class="x-image" role="img"></canvas><p class="x-none"></p></div>
  <div class="picks"></div>
  <button type="button" class="small menu-button" aria-haspopup="menu"></button>
  <div class="menu" role="menu" hidden></div>
  <div class="over sketch" hidden></div>
  <div class="over note" role="alert" hidden><p></p><button type="button" class="small">understood</button></div>
  <input class="file" type="file" accept="image/png,image/jpeg,image/bmp,image/gif,image/webp,image/tiff" hidden>`;

// `send(wish)` asks for another image; `sketching(is, blank)` hears when the drawing sheet opens and closes, and when
// it is blank, so that nothing on the page belongs to it.
export function createChooser(box, { send: ask, sketching = () => {} }) {
  box.innerHTML = TEMPLATE;
  const $ = (selector) => box.querySelector(selector);
  const sketch = createSketch($(".sketch"), {
    send: (levels) => ask({ by: "drawn", levels }), close: () => drawing(false), changed: () => paint(),
  });
  const send = (wish) => { if (!$(".sketch").hidden) drawing(false); ask(wish); }; // another image than the sheet's
  let data = null, table = null, said = 0, draws = 0, sheet = "";

  // `pictures` are the shelf's keys: { image, samples }
  function update(next) {
    const anew = data && next.own < data.own; // the count began again: the server did, and has never seen the drawing
    data = next;
    if (anew && !$(".sketch").hidden) sketch.out();
    const signature = JSON.stringify([data.classes, data.lacking, data.untrained, data.ready, data.missing, data.count, data.dreams]);
    if (box.dataset.offered !== signature) buttons();
    box.dataset.offered = signature;
    const [text, number] = data.note;
    if (number > said) note(text);
    said = number;
    paint();
  }

  function paint() {
    if (!data) return;
    table = shades(box, data.photograph);
    const image = onShelf(data.image), samples = onShelf(data.samples);
    const open = !$(".sketch").hidden, blank = open && (sketch.empty() || data.kind !== "drawn"); // it says something else
    if (sheet !== `${open} ${blank}`) sketching(open, blank);
    sheet = `${open} ${blank}`;
    const [rows, columns] = data.shape, pixels = rows * columns;
    $(".x-image").hidden = !image || blank;
    $(".x-image").setAttribute("aria-label", `The chosen image, ${data.name}`);
    if (image) put($(".x-image"), image.x, 1);
    $(".x-none").textContent = blank ? "nothing drawn yet" : image || !data.ready ? "" : data.missing ? "no test images here" : "none chosen";
    box.classList.toggle("waiting", !data.ready);
    for (const button of box.querySelectorAll(".picks button")) {
      const { kind, label } = button.dataset;
      const none = kind === "test" && data.lacking.includes(Number(label));
      const current = !none && data.kind === kind && (kind !== "test" || String(data.label) === label);
      button.setAttribute("aria-pressed", String(current));
      const canvas = button.querySelector("canvas");
      if (current && image) put(canvas, image.grey, 255);
      else if (kind === "test" && samples && !none) put(canvas, samples.levels.subarray(label * pixels, (Number(label) + 1) * pixels), 255);
      canvas.hidden = !(current ? image : kind === "test" && samples && !none);
      button.querySelector("span").hidden = !canvas.hidden;
    }
    const list = $(".classes");
    if (list) {
      list.value = data.kind === "test" && data.label !== null ? String(data.label) : "";
      $(".next").disabled = list.value === "";
    }
    $(".menu-button").textContent = data.name || "more";
    $(".menu-button").title = data.missing || "Other images";
  }

  function put(canvas, values, most) {
    const [rows, columns] = data.shape;
    Object.assign(canvas, { width: columns, height: rows });
    const pen = canvas.getContext("2d"), picture = pen.createImageData(columns, rows);
    inkInto(picture, Float32Array.from(values, (value) => value / most), data.shape, table);
    pen.putImageData(picture, 0, 0);
  }

  function buttons() {
    const one = (kind, name, label, press, explained) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", title: explained, onclick: press });
      Object.assign(button.dataset, { kind, label });
      button.setAttribute("aria-label", explained);
      button.append(document.createElement("canvas"), Object.assign(document.createElement("span"), { textContent: name }));
      return button;
    };
    const choose = (label) => send({ by: "class", class: label });
    const many = data.classes.length > COLOURS;
    const classes = many ? [listed(choose)] : data.classes.map((name, label) => {
      const about = data.lacking.includes(label) ? `${name}: no test image is of this class` : `A test image: ${name}; again: the next one`;
      const button = one("test", cut(name, 3), label, () => choose(label), about + learned(label));
      button.disabled = data.lacking.includes(label);
      return button;
    });
    const own = [
      ...(many ? [one("next", "next", "", () => choose(Number($(".classes").value)), "Another test image of the same class")] : []),
      one("drawn", "draw", "", () => drawing($(".sketch").hidden), "Draw an image"),
      one("opened", "open", "", () => $(".file").click(), "Open a picture file"),
    ];
    if (!classes.length && data.count) own.push(one("", "other", "", chance, "A random test image"));
    if (!classes.length && data.dreams) own.push(one("prior", "sample", "", dream, "A sample of the model itself: z from the prior, then x"));
    $(".picks").replaceChildren(...classes, ...own);
    for (const button of $(".picks").querySelectorAll('[data-kind="next"]')) button.classList.add("next");
    $(".picks").classList.toggle("few", !classes.length);
  }

  const learned = (label) => (data.untrained.includes(label) ? "; no training image is of it" : "");

  // More classes than colours, and than buttons have room for: a list.
  function listed(choose) {
    const list = Object.assign(document.createElement("select"), { className: "classes", title: "A test image of a class" });
    list.setAttribute("aria-label", list.title);
    list.append(new Option("class …", "", false, true), ...data.classes.map((name, label) => {
      const none = data.lacking.includes(label);
      const option = new Option(cut(name, 40) + (none ? ": no test image" : "") + learned(label), label);
      return Object.assign(option, { title: name, disabled: none });
    }));
    list.options[0].disabled = true;
    list.onchange = () => choose(Number(list.value));
    return list;
  }

  const chance = () => send({ by: "chance", draw: ++draws + Math.floor(1e9 * Math.random()) });
  const dream = () => send({ by: "prior", draw: ++draws + Math.floor(1e5 * Math.random()) });

  // -- the menu --------------------------------------------------------------------------------------------------------
  function items() {
    const some = data.count > 0, item = (name, act) => ({ name, act });
    return [
      ...(some ? [
        item("a random test image", chance),
        item(`the best ${data.bound}; again: the next`, () => send({ by: "bound", end: "best" })),
        item(`the worst ${data.bound}; again: the next`, () => send({ by: "bound", end: "worst" })),
      ] : []),
      ...(some && data.binary && data.kind === "test" ? [item("draw its black pixels again", () => send({ by: "pixels" }))] : []),
      ...(data.dreams ? [item("a sample of the model", dream)] : []),
    ];
  }

  function menu(open) {
    $(".menu").hidden = !open;
    $(".menu-button").setAttribute("aria-expanded", String(open));
    if (!open) return;
    $(".menu").style.top = `${$(".menu-button").offsetTop + $(".menu-button").offsetHeight + 4}px`;
    const made = items().map(({ name, act }) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
      button.onclick = () => { menu(false); $(".menu-button").focus(); act(); };
      button.setAttribute("role", "menuitem");
      return button;
    });
    if (data.missing) made.unshift(Object.assign(document.createElement("p"), { textContent: data.missing }));
    if (data.count) made.push(numbered());
    $(".menu").replaceChildren(...made);
    $(".menu button").focus();
  }

  function numbered() {
    const form = document.createElement("form");
    form.innerHTML = `<label>number <input type="number" min="0" max="${data.count - 1}" step="1" required></label><button type="submit" class="small">show</button>`;
    form.onsubmit = (event) => {
      event.preventDefault();
      menu(false);
      send({ by: "number", number: Number(form.querySelector("input").value) });
    };
    return form;
  }

  $(".menu-button").onclick = () => menu($(".menu").hidden);
  box.onkeydown = (event) => {
    if (event.key === "Escape" && !$(".menu").hidden) { menu(false); $(".menu-button").focus(); }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key], all = [...box.querySelectorAll(".menu > button")];
    if ($(".menu").hidden || !by || event.target.matches("input")) return;
    event.preventDefault();
    all[(all.indexOf(event.target) + by + all.length) % all.length].focus();
  };
  box.addEventListener("focusout", (event) => { if (!box.contains(event.relatedTarget) && event.relatedTarget) menu(false); });

  // -- drawing and files -----------------------------------------------------------------------------------------------
  function drawing(open) {
    $(".sketch").hidden = !open;
    note("");
    if (open && data?.kind !== "drawn") sketch.restart();
    if (open) sketch.show();
    paint();
  }

  function note(text) {
    $(".note").hidden = !text;
    $(".note p").textContent = text;
  }

  $(".note button").onclick = () => note("");
  $(".file").onchange = async () => {
    const [file] = $(".file").files;
    $(".file").value = "";
    if (!file) return;
    if (file.size > LARGEST) return note(`The file has ${Math.round(file.size / 2 ** 20)} MB, more than 10: choose a smaller one.`);
    const reader = new FileReader();
    reader.onload = () => send({ by: "opened", file: reader.result.slice(reader.result.indexOf(",") + 1) });
    reader.onerror = () => note("The browser could not read this file.");
    reader.readAsDataURL(file);
  };

  const themed = () => { paint(); if (!$(".sketch").hidden) sketch.show(); };
  return { update, paint, themed };
}
