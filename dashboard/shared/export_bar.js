// What one takes along from a page: its numbers, and a figure. The component that shows them makes the files.
import { listen, tell } from "./js/blobs.js";
import { mounted } from "./js/mounted.js";

export default mounted(".along", createBar);

function createBar(root) {
  const $ = (selector) => root.querySelector(selector);
  $(".csv").onclick = () => tell("along", "csv");
  $(".figure").onclick = () => tell("along", "figure");
  return {
    update({ figure }) { Object.assign($(".figure"), { textContent: figure, hidden: !figure }); },
    forget: listen("unsaved", (why) => { $(".why").textContent = why; }),
  };
}
