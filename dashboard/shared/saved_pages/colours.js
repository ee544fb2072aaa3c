// The choice of light, dark or the system's colours, which the browser remembers where it may.
import { coloursChanged } from "../js/mounted.js";

const KEPT = "vae-lab-colours";
const SCHEMES = { system: "light dark", light: "light", dark: "dark" };

export function createColours() {
  const list = document.querySelector(".colours select");
  const use = (name) => { document.documentElement.style.colorScheme = SCHEMES[name]; };
  try { list.value = localStorage.getItem(KEPT) ?? "system"; } catch { /* the system's */ }
  if (!list.value) list.value = "system";
  use(list.value);
  list.onchange = () => {
    use(list.value);
    try { localStorage.setItem(KEPT, list.value); } catch { /* for now */ }
    coloursChanged();
  };
}
