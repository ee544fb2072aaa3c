// A chart over one dial, with words beside it: what floor/ and grey/ have in common.
import { createSetting } from "./setting.js";

// `value(data)` is where Python has the dial; `lay(data, dial)` draws what does not follow it; `draw(data, value, chart)`
// the rest, and gives the component's facts; `told(data, value)` is what Python hears: a name and a text.
export function createDialled(root, { value, lay, draw, told }) {
  const dial = root.querySelector("input"), chart = root.querySelector(".chart"), setting = createSetting();
  let data, send, at = null;

  function update(next, sending) {
    at = setting.after(at, value(next));
    [data, send] = [next, sending.setTriggerValue];
    redraw();
  }

  function redraw() {
    const width = root.getBoundingClientRect().width;
    if (!width) return;
    root.classList.toggle("phone", width < 760);
    lay(data, dial);
    show();
  }

  function show() {
    dial.value = at;
    Object.assign(root.dataset, draw(data, at, chart), { frames: Number(root.dataset.frames ?? 0) + 1 });
  }

  dial.oninput = () => { at = Number(dial.value); show(); };
  dial.onchange = () => send(...told(data, setting.tell(at)));
  return { update, redraw };
}
