// The point z: it moves with hands, keys and buttons, goes to Python when they let go, and can be taken back.
import { quantised } from "../../shared/js/canvas.js";
import { createGlide } from "./glide.js";
import { containing } from "./zoom.js";

const REMEMBERED = 100; // points to undo

const within = ({ spans }, point) => quantised(point.map((value, d) => Math.min(spans[d][1], Math.max(spans[d][0], value))));

// `draw()` shows the point where it is now; `settled()` hears when it stays there.
export function createPoint(root, pad, { draw, settled }) {
  let nonce = null, asked = null, told = null, frame = 0, moved = false, before = null, past = [], undoing = false;
  const glide = createGlide(pad, draw);

  // -- from Python
  function update(last) {
    const { data } = pad;
    if (nonce !== data.nonce) glide.settle();
    if (last?.name !== data.name) past = [];
    if (nonce !== data.nonce || !sameImage(last.chooser.asked)) {
      if (nonce !== null && last.name === data.name && !undoing) remember(pad.z, last.chooser.asked);
      undoing = false;
    }
    if (nonce !== data.nonce) putAt(data.z, nonce !== null && last?.name === data.name); // a rerun never pulls it from under a hand
    if (asked === null || String(asked) === String(data.z)) answered();
  }

  // Where Python has it; of the same model the point glides there.
  function putAt(z, glides) {
    const { data, look } = pad;
    [nonce, told, asked] = [data.nonce, String(z), null];
    const up = data.dims > 1 ? z[data.axes[1]] : look.view.y[0];
    look.view = containing(look.view, z[data.axes[0]], up, data.view);
    if (glides) glide.to(z);
    else pad.z = z.slice();
  }

  const waits = () => root.classList.add("asked");

  const answered = () => root.classList.remove("asked");

  // -- by hand
  function moveTo(point) {
    glide.settle();
    pad.z = within(pad.data, point);
    waits();
    if (frame) return void (moved = true);
    draw(); // at once, for browsers deliver moves at the start of a frame; what else comes in this frame, at its end
    frame = requestAnimationFrame(() => {
      frame = 0;
      if (moved) draw();
      moved = false;
    });
  }

  // A move begins here: one step of undo, until the hand lets go.
  const begin = () => { glide.settle(); before = pad.z.slice(); };
  const goOn = () => { glide.settle(); before ??= pad.z.slice(); };

  // The hand has let go: tell Python. z was rounded while it moved, so that canvas, address and Python agree.
  function commit() {
    glide.settle();
    draw();
    asked = pad.z.slice();
    if (before) remember(before);
    before = null;
    settled();
    if (String(asked) === told) return asked.join() === pad.data.z.join() ? answered() : undefined;
    told = String(asked);
    pad.send("z", asked);
  }

  function jump(point) {
    begin();
    moveTo(point);
    commit();
  }

  // The move was none: back to where it began.
  function cancel() {
    moveTo(before);
    before = null;
    commit();
  }

  // -- taken back
  const remember = (point, x = pad.data.chooser.asked) => { past = [...past.slice(1 - REMEMBERED), { z: point.slice(), x }]; };
  const sameImage = (x) => JSON.stringify(x) === JSON.stringify(pad.data.chooser.asked);

  // Back to the point and the image before the last step. Of what was drawn or opened only the last one is kept.
  function undo() {
    let last = past.pop();
    while (last?.x.i === "none" && last.x.own !== pad.data.chooser.own) last = past.pop();
    if (!last) return;
    if (!sameImage(last.x)) {
      undoing = true;
      waits();
      return pad.trigger("pick", { by: "back", i: last.x.i, seed: last.x.seed, z: last.z });
    }
    moveTo(last.z);
    commit();
  }

  return { update, waits, stop: glide.settle, begin, goOn, moveTo, commit, jump, cancel, undo };
}
