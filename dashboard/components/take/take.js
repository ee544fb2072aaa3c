// What one takes along: a link to this view, and pictures of it, which the pad makes.
import { tell } from "../shelf/shelf.js";

// The address; where the image stays here, it says that there is none, else a friend would see the first test image.
function shared(own) {
  const link = new URL(location.href);
  if (!own) return link.href;
  link.searchParams.set("i", "none");
  link.searchParams.delete("seed");
  return link.href;
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".take"), $ = (selector) => root.querySelector(selector);
  const say = (text) => { $(".said").textContent = text; };
  $(".link").onclick = async () => {
    const link = shared(data.own);
    try {
      await navigator.clipboard.writeText(link);
      $(".address").hidden = true;
      say(data.own ? "Copied this view without the image: what you drew or opened stays here." : "Copied this view: model, point, image, backdrop, axes, pins.");
    } catch { // the browser keeps the clipboard to itself: the link can be copied by hand
      Object.assign($(".address"), { hidden: false, value: link });
      $(".address").select();
      say("");
    }
  };
  $(".plane-png").onclick = () => tell("print", { what: "plane" });
  $(".plane-svg").onclick = () => tell("print", { what: "vector" });
  $(".image-png").onclick = () => tell("print", { what: "image" });
}
