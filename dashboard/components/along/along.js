// What one takes along from a page: its numbers, and a figure. The component that shows them makes the files.
import { tell } from "../shelf/shelf.js";

export default function ({ data: [data], parentElement }) {
  const $ = (selector) => parentElement.querySelector(selector);
  $(".csv").onclick = () => tell("along", "csv");
  Object.assign($(".figure"), { textContent: data.figure, hidden: !data.figure, onclick: () => tell("along", "figure") });
}
