// What one takes along from a page: its numbers, and a figure. The component that shows them makes the files.
import { listen, tell } from "./js/blobs.js";

const deaf = new WeakMap();

export default function ({ data: [data], parentElement }) {
  const $ = (selector) => parentElement.querySelector(selector);
  $(".csv").onclick = () => tell("along", "csv");
  Object.assign($(".figure"), { textContent: data.figure, hidden: !data.figure, onclick: () => tell("along", "figure") });
  if (!deaf.has(parentElement)) deaf.set(parentElement, listen("unsaved", (why) => { $(".why").textContent = why; }));
  return () => { deaf.get(parentElement)(); deaf.delete(parentElement); };
}
