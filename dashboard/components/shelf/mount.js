import { shelve } from "./shelf.js";

export default function ({ data, parentElement }) {
  shelve(data);
  parentElement.host?.closest("[data-testid='stElementContainer']")?.style.setProperty("display", "none");
}
