// One image through an autoencoder: its code, what that is decoded to, and where the score of the pixels goes.
import { floats } from "../../shared/js/base64.js";
import { listen } from "../../shared/js/blobs.js";
import { inkCanvas, number, shades } from "../../shared/js/canvas.js";
import { createChooser } from "../../shared/image_picker/image_picker.js";
import { mounted } from "../../shared/js/mounted.js";
import { pointsInWords } from "../bound/bill.js";
import { stagesOf } from "../bound/flow.js";
import { createHeatMap } from "../bound/heat_map.js";

export default mounted(".points", createPage);

function createPage(root) {
  const $ = (selector) => root.querySelector(selector), state = { data: null, numbers: null };
  let ask;
  const chooser = createChooser($(".chooser"), { send: (wish) => ask("wish", { ...wish, nonce: Date.now() }) });
  const heat = createHeatMap(root, state);

  function update(data, send) {
    ask = send.setTriggerValue;
    const { numbers } = data;
    Object.assign(state, { data, numbers: { ...numbers, pixels: floats(numbers.pixels), image: floats(numbers.image) } });
    heat.leave();
    chooser.update(data.offer);
    layout();
  }

  function layout() {
    const width = root.getBoundingClientRect().width, { data, numbers } = state;
    if (!width || !data) return;
    root.classList.toggle("phone", width < 700);
    root.classList.toggle("mid", width >= 700 && width < 1180);
    $(".bill").innerHTML = pointsInWords(numbers.reconstruction);
    $(".flow-z").innerHTML = stagesOf(data.axes, data.z.length, [["z", "z", data.z]]);
    inkCanvas($(".flow-p"), numbers.image, data.shape, shades(root, data.photograph));
    $(".score b").textContent = number(numbers.reconstruction);
    heat.draw();
    chooser.paint();
    root.dataset.frames = Number(root.dataset.frames ?? 0) + 1;
  }

  const deaf = listen("shelf", (key) => { if ([state.data?.offer.image, state.data?.offer.samples].includes(key)) layout(); });
  return { update, redraw() { layout(); chooser.themed(); }, forget: deaf };
}
