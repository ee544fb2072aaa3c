// What one takes along: a link to this view, and pictures of it, which the pad makes.
import { tell } from "../shelf/shelf.js";

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".take"), $ = (selector) => root.querySelector(selector);
  const say = (text) => { $(".said").textContent = text; };
  $(".link").onclick = async () => {
    const link = location.href;
    try {
      await navigator.clipboard.writeText(link);
      $(".address").hidden = true;
      say(data.own ? "Copied. What you drew or opened stays here: the link cannot hold it." : "Copied: it reopens exactly this view.");
    } catch { // the browser keeps the clipboard to itself: the link can be copied by hand
      Object.assign($(".address"), { hidden: false, value: link });
      $(".address").select();
      say("");
    }
  };
  $(".plane-png").onclick = () => tell("print", { what: "plane" });
  $(".image-png").onclick = () => tell("print", { what: "image" });
}
