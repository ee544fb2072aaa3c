// Choosing x: a class (again: the next of it), a drawing, a file, or one of the menu's. It only asks; Python answers.
import { css, inColour, inkCanvas, shades } from "../js/canvas.js";
import { onShelf } from "../js/blobs.js";
import { createMenu } from "./menu.js";
import { createPicks } from "./picks.js";
import { createSketch } from "./sketch.js";

const LARGEST = 10 * 2 ** 20; // bytes of a file
const TEMPLATE = `
  <div class="x-frame"><canvas class="x-image" role="img"></canvas><p class="x-none"></p></div>
  <div class="picks"></div>
  <button type="button" class="small menu-button" aria-haspopup="menu"></button>
  <div class="menu" role="menu" hidden></div>
  <div class="over sketch" hidden></div>
  <div class="over note" role="alert" hidden><p></p><button type="button" class="small">Understood</button></div>
  <input class="file" type="file" accept="image/png,image/jpeg,image/bmp,image/gif,image/webp,image/tiff" hidden>`;

// `send(wish)` asks for another image; `sketching(is, blank)` hears when the drawing sheet opens and closes, and when
// it is blank, so that nothing on the page belongs to it. `place`, if given, is where x stands: a sheet lies on it there,
// and whoever draws on x draws another image; without one the sheet is opened by a button.
export function createChooser(box, { send, sketching = () => {}, place = null }) {
  box.innerHTML = TEMPLATE;
  if (place) layInto(place, box);
  const $ = (selector) => box.querySelector(selector) ?? place?.querySelector(selector);
  const sketch = createSketch($(".sketch"), {
    send: (levels) => { asked = true; send({ by: "drawn", levels }); }, close: () => drawing(false), changed: () => paint(),
    begin: () => { if (!opened) drawing(true); }, inPlace: Boolean(place), inks: () => [0, 255].map(shadeOf),
  });
  const picker = { data: null, table: null };
  const ask = asking((wish) => { if (opened) drawing(false); send(wish); }); // another image than the sheet's
  Object.assign(ask, { draw: place ? null : () => drawing(!opened), open: () => $(".file").click() });
  const picks = createPicks(box, picker, ask);
  let said = 0, sheet = "", opened = false, asked = false; // asked: a drawing was sent, and not answered yet
  createMenu(box, picker, ask);

  // `data`: image and samples are the shelf's keys
  function update(data) {
    const anew = picker.data && data.own < picker.data.own; // the count began again: the server did, and has never seen the drawing
    picker.data = data;
    if (anew && opened) sketch.out();
    else if (place) follow(data);
    const offered = signatureOf(data), [text, number] = data.note;
    if (box.dataset.offered !== offered) picks.build();
    box.dataset.offered = offered;
    if (number > said) note(text);
    said = number;
    paint();
  }

  // The sheet gives way to another image that the page has turned to meanwhile.
  function follow(data) {
    if (data.kind === "drawn" || data.note[1] > said) asked = false;
    if (opened && !asked && !sketch.busy() && data.kind !== "drawn") drawing(false);
  }

  function paint() {
    const { data } = picker;
    if (!data) return;
    picker.table = shades(box, data.photograph || inColour(data.shape));
    const image = onShelf(data.image);
    show(image, sheetState());
    picks.show(image, onShelf(data.samples));
    $(".menu-button").textContent = data.name || "More";
    $(".menu-button").title = data.missing || "Other images";
  }

  const shadeOf = (level) => css(new Uint8Array(picker.table.buffer, 4 * level, 3));

  // Tells the page whether the sheet is open, and blank; gives the latter.
  function sheetState() {
    const blank = opened && (sketch.empty() || picker.data.kind !== "drawn"); // it says something else
    if (sheet !== `${opened} ${blank}`) sketching(opened, blank);
    sheet = `${opened} ${blank}`;
    return blank;
  }

  function show(image, blank) {
    const { data, table } = picker, missing = data.missing ? "no test images here" : "none chosen";
    $(".x-image").hidden = !image || blank;
    $(".x-image").setAttribute("aria-label", `The chosen image, ${data.name}`);
    if (image) inkCanvas($(".x-image"), image.x, data.shape, table);
    $(".x-none").textContent = blank ? (place ? "nothing drawn yet" : "draw in the box below") : image || !data.ready ? "" : missing;
    box.classList.toggle("waiting", !data.ready);
  }

  function drawing(open) {
    opened = open;
    $(".sketch").hidden = !open && !place;
    place?.classList.toggle("drawn-on", open);
    note("");
    if (open && picker.data?.kind !== "drawn") sketch.restart();
    if (open) sketch.show();
    paint();
  }

  function note(text) {
    $(".note").hidden = !text;
    $(".note p").textContent = text;
  }

  $(".note button").onclick = () => note("");
  $(".file").onchange = () => {
    const [file] = $(".file").files;
    $(".file").value = "";
    if (file) read(file, ask.send, note);
  };

  const themed = () => { paint(); if (opened) sketch.show(); };
  return { update, paint, themed };
}

// x and the sheet on it stand where the page wants them.
function layInto(place, box) {
  const frame = box.querySelector(".x-frame"), sheet = box.querySelector(".sketch");
  sheet.classList.remove("over");
  sheet.hidden = false;
  frame.append(sheet);
  place.append(frame);
  box.classList.add("beside");
}

// What can be asked for, by name; a random image each time another one.
function asking(send) {
  let draws = 0;
  const random = (by, most) => () => send({ by, draw: ++draws + Math.floor(most * Math.random()) });
  return { send, chance: random("chance", 1e9), dream: random("prior", 1e5) };
}

// All that the choices depend on.
const signatureOf = ({ classes, lacking, untrained, ready, missing, count, dreams }) =>
  JSON.stringify([classes, lacking, untrained, ready, missing, count, dreams]);

function read(file, send, note) {
  if (file.size > LARGEST) {
    return note(`The file has ${Math.round(file.size / 2 ** 20)} MB, more than 10: choose a smaller one.`);
  }
  const reader = new FileReader();
  reader.onload = () => send({ by: "opened", file: reader.result.slice(reader.result.indexOf(",") + 1) });
  reader.onerror = () => note("The browser could not read this file.");
  reader.readAsDataURL(file);
}
