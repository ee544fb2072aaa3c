// A text whose links set the figures above it, and bring them into view.
import { mounted } from "../js/mounted.js";
import { columnOf } from "../streamlit_internals.js";

export default mounted(".article", (root) => {
  let send = () => {};
  root.addEventListener("click", (event) => {
    const link = event.target.closest("[data-set]");
    if (!link) return;
    event.preventDefault();
    send(link.dataset.set);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    columnOf(root)?.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  });
  let shown = "";
  return {
    update({ text }, { setTriggerValue }) {
      send = (what) => setTriggerValue("set", what);
      if (text !== shown) root.innerHTML = shown = text;
      for (const link of root.querySelectorAll("[data-set]")) link.href = `?${link.dataset.set}`; // a link, for keys and readers
    },
  };
});
