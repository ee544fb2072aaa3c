// What can be saved of the stage. The stage itself makes the files: it hears what was chosen.
import { listen, tell } from "../../shared/js/blobs.js";
import { mounted } from "../../shared/js/mounted.js";

export default mounted(".save-menu", createMenu);

function createMenu(menu) {
  const shut = (event) => { if (!event.composedPath().includes(menu)) menu.open = false; };
  document.addEventListener("pointerdown", shut);
  menu.onclick = ({ target }) => {
    const { part, as } = target.dataset;
    if (!part) return;
    menu.querySelector(".why").textContent = "";
    tell("figure", { part, as });
    menu.open = menu.querySelector(".why").textContent !== "";
  };
  menu.onkeydown = (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  };
  const deaf = listen("unsaved", (why) => { menu.querySelector(".why").textContent = why; menu.open = true; });
  return { update() {}, forget() { deaf(); document.removeEventListener("pointerdown", shut); } };
}
