// The latent plane: drag a point, the decoder draws what lies there. z goes to Python when the hand lets go.
import { createChooser } from "../../shared/image_picker/image_picker.js";
import { number } from "../../shared/js/canvas.js";
import { axisChoice, radio } from "../../shared/js/widgets.js";
import { listen, onShelf } from "../../shared/js/blobs.js";
import { mounted } from "../../shared/js/mounted.js";
import { createArrival } from "./arrival.js";
import { connectHands, createLookAt, pointAt } from "./controls.js";
import { createDrawing } from "./drawing.js";
import { write } from "./frame.js";
import { connectHover } from "./hover.js";
import { createLegend } from "./legend.js";
import { createLook } from "./look.js";
import { createPoint } from "./point.js";
import { savePicture } from "./print.js";
import { createPulse } from "./pulse.js";
import { shareOf } from "./zoom.js";

const PIXELS = ["mean", "sample"];

export default mounted(".pad", createPad);

function createPad(root) {
  const $ = (selector) => root.querySelector(selector);
  // What the parts share. empty: a sheet to draw on lies on the chosen image, and nothing is on it.
  const pad = { data: null, z: [], look: createLook(), side: 0, table: null, scene: null, empty: false };
  const choose = (number) => { point.waits(); pad.trigger("pick", { by: "number", number }); };
  const drawing = createDrawing(root, pad, choose);
  const point = createPoint(root, pad, { draw: drawing.point, settled });
  const arrival = createArrival(root, pad, { draw: drawing.point, commit: point.commit, choose });
  const keepLook = () => pad.send("look", pad.look.asSent(pad.data));
  const legend = createLegend($(".legend"), pad, () => { drawing.backdrop(); keepLook(); });
  const { lookAt, stop: stopLooking } = createLookAt(pad, drawing.backdrop, keepLook);
  const stopKeys = connectHands(root, pad, point, lookAt);
  const stopHover = connectHover(root, pad, {
    pointAt: (event) => pointAt(pad, shareOf($(".plane"), event)), show: drawing.preview, back: drawing.point, dots: drawing.dots,
  });
  const pulse = createPulse(root), chooser = createX(root, pad, { drawing, point });

  function update(data, { setStateValue, setTriggerValue }) {
    const last = pad.data;
    Object.assign(pad, { data, send: setStateValue, trigger: setTriggerValue });
    const seen = pad.look.adopt(data, last);
    point.update(last);
    pulse.image(data.q && `${data.name} ${JSON.stringify(data.chooser.asked)}`);
    drawing.served();
    drawing.neighbours();
    root.classList.toggle("of-points", data.points);
    for (const part of root.querySelectorAll(".of-prior")) part.hidden = data.points;
    if (last && seen && pad.scene?.view === pad.look.view && lasting(last) === lasting(data)) return onTop();
    chooseLook();
    axisChoice($(".axes"), data, (axes) => pad.send("axes", axes));
    label(root, data);
    layout();
  }

  function onTop() {
    pad.image = onShelf(pad.data.chooser.image);
    if (pad.look.shown(pad.data) === "holes") legend.show();
    chooser.update(pad.data.chooser);
    drawing.encoded();
    drawing.posterior();
    arrival.begin();
  }

  function chooseLook() {
    const { data, look } = pad;
    radio($(".layers"), data.backdrops, () => look.shown(data), (name) => {
      look.backdrop = name;
      legend.show();
      drawing.backdrop();
      keepLook();
    });
    radio($(".looks"), data.model ? PIXELS : [], () => look.pixels, (name) => {
      if (look.pixels === name) look.draws++; // again: another draw
      look.pixels = name;
      drawing.point();
      keepLook();
    });
  }

  function layout() {
    const { model, codes, chooser: { image } } = pad.data;
    Object.assign(pad, { decoder: onShelf(model), codes: onShelf(codes), image: onShelf(image) });
    if (!drawing.fit()) return;
    drawing.served();
    legend.show();
    chooser.update(pad.data.chooser);
    drawing.neighbours();
    drawing.backdrop();
    drawing.point();
    arrival.begin();
  }

  // The point has come to rest where a hand has put it.
  function settled() {
    if (pad.look.shown(pad.data) === "tiles" && pad.data.dims > 2) drawing.backdrop(); // the other dimensions may have moved
    write($(".spoken"), `z is ${pad.z.map((value) => number(value)).join(", ")}`);
  }

  document.fonts.ready.then(() => pad.data && pad.side && drawing.backdrop());
  const redraw = () => { layout(); chooser.themed(); };
  const ends = [...connectPage(pad, { drawing, point, chooser, layout }), stopKeys, stopHover, stopLooking, drawing.stop, arrival.end,
    pulse.stop, point.stop, onOtherHeight(() => pad.data && !root.classList.contains("phone") && redraw())];

  return {
    update,
    redraw,
    forget: () => ends.forEach((end) => end()),
  };
}

// Calls `redraw` when the window becomes higher or lower, on which the plane's size depends as on its width.
function onOtherHeight(redraw) {
  let tall = innerHeight;
  const resized = () => { if (innerHeight !== tall) redraw(); tall = innerHeight; };
  addEventListener("resize", resized);
  return () => removeEventListener("resize", resized);
}

// x, which one draws on, and the choice of another one.
function createX(root, pad, { drawing, point }) {
  return createChooser(root.querySelector(".chooser"), {
    place: root.querySelector(".x-place"),
    send: (wish) => { point.waits(); pad.trigger("pick", wish); },
    sketching: (is, blank) => {
      root.classList.toggle("drawing", is && !blank);
      pad.empty = blank;
      if (!pad.scene) return;
      drawing.encoded();
      drawing.posterior();
    },
  });
}

// What the other components of the page send: blobs, moves of z, and the wish for a picture.
function connectPage(pad, { drawing, point, chooser, layout }) {
  const arrived = (key) => {
    const { data } = pad;
    if (!data) return;
    if ([data.model, data.codes, data.hatch].includes(key)) layout();
    if (key !== data.chooser.image && key !== data.chooser.samples) return;
    pad.image = onShelf(data.chooser.image);
    chooser.paint();
    drawing.point();
  };
  const moved = ({ dim, value, done, z }) => {
    point.goOn();
    const to = (z ?? pad.z).slice();
    if (dim !== undefined) to[dim] = value;
    point.moveTo(to);
    if (done) point.commit();
  };
  const print = ({ what }) => savePicture(what, pad, drawing.picture());
  return [listen("shelf", arrived), listen("wish", moved), listen("print", print)];
}

// What lies behind the point: where it has not changed, only what lies on top of it is drawn again.
const ON_TOP = ["z", "nonce", "start", "picture", "near", "logFit", "q", "chooser", "pins", "path", "holes", "look", "encoder", "tests"];
const lasting = (data) => JSON.stringify({ ...data, ...Object.fromEntries(ON_TOP.map((name) => [name, 0])) });

function label(root, { dims, model }) {
  const keys = "Arrow keys move z by 0.05, with Shift by 0.01, with Alt by 0.25; plus and minus zoom, 0 shows all.";
  root.querySelector(".plane").setAttribute("aria-label", `Latent ${dims === 1 ? "line" : "plane"}. ${keys}`);
  root.querySelector(".drawn").setAttribute("aria-label", "The decoded image");
  root.querySelector(".of-fit").hidden = !model; // log p(x|z) is the browser's to compute
}
