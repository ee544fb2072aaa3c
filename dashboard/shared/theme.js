// Chooses the colours. Streamlit reads its theme before it draws anything, so a page never flashes; it reads it once, so a
// choice loads the page again: what is on it is in its address.
import { mounted } from "./js/mounted.js";
import { keepTheme, keepsThemes, keptTheme } from "./streamlit_internals.js";

export default mounted(".theme", (root) => {
  const list = root.querySelector("select");
  return {
    update({ page, pages }) {
      root.hidden = !keepsThemes();
      list.value = keptTheme(location.pathname);
      list.onchange = () => {
        for (const path of pathsOf(location.pathname, page, pages)) keepTheme(path, list.value);
        location.reload();
      };
    },
  };
});

// The paths of all pages beside this one, below whatever the server is served under; the first page is the root too.
export function pathsOf(here, page, pages) {
  const base = here.replace(new RegExp(`${page}/?$`), "").replace(/\/*$/, "/");
  return [base, ...(base === "/" ? [] : [base.slice(0, -1)]), ...pages.map((name) => base + name)];
}
