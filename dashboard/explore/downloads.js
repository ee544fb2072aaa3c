// What one takes along: a link to this view, and pictures of it, which the pad makes.
import { NOISE, canvasReadable } from "../shared/js/png.js";
import { tell } from "../shared/js/blobs.js";
import { stands } from "../shared/streamlit_internals.js";

export default function ({ data: [data], parentElement }) {
  const root = parentElement.querySelector(".take"), $ = (selector) => root.querySelector(selector);
  stands(root);
  const say = (text) => { $(".said").textContent = text; };
  $(".link").onclick = async () => {
    const link = location.href;
    try {
      await navigator.clipboard.writeText(link);
      $(".address").hidden = true;
      say(data.own
        ? "Copied this view without the image: what you drew or opened stays here."
        : "Copied this view: model, point, image, backdrop, axes, pins.");
    } catch { // the browser keeps the clipboard to itself: the link can be copied by hand
      Object.assign($(".address"), { hidden: false, value: link });
      $(".address").select();
      say("");
    }
  };
  $(".plane-png").onclick = () => {
    if (canvasReadable()) tell("print", { what: "plane" });
    else say(`${NOISE} The plane as SVG needs no canvas.`);
  };
  $(".plane-svg").onclick = () => tell("print", { what: "vector" });
  $(".image-png").onclick = () => tell("print", { what: "image" });
}
