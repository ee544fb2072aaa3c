// What is written in the table of models: names, costs of the one image, what is compared, and the numbers.
import { apart, readable } from "../../shared/js/numbers.js";
import { make } from "./cells.js";
import { numberRows } from "./rows.js";

const READING = "<i class='symbol ink' data-symbol='x'>x</i>, and its reconstruction below; a click chooses";
const CODES_ONLY = "reconstructions of test images, whose codes come with the model; the images themselves are not here";

export function drawHeadings(root, { data, cells }) {
  const grid = root.querySelector(".grid");
  data.columns.forEach((column, k) => {
    const button = cells.head[k].querySelector("button"), axes = cells.walk[k].querySelectorAll(".axis");
    cells.head[k].querySelector("b").innerHTML = column.title;
    button.hidden = !data.removable;
    button.setAttribute("aria-label", `Remove ${column.title.replace(/<[^>]*>/g, "")}`);
    cells.image[k].querySelector("dl").innerHTML = costs(column, column.comparable && k > 0 ? data.columns[0].here : null);
    column.axes.forEach((text, axis) => { axes[axis].querySelector("p").innerHTML = text; });
    axes[1].hidden = column.axes.length < 2;
  });
  const reading = data.columns.some((column) => column.fewX) || !data.offer.ready;
  grid.querySelector(".label.of-few p").innerHTML = reading ? READING : CODES_ONLY;
  grid.querySelector(".from").textContent = data.chosenName;
  grid.querySelector(".label.of-way select").replaceChildren(...ends(data));
  const old = [...grid.querySelectorAll(".of-number")];
  old[0].before(...numberRows(data.rows, data.columns.length, root.classList.contains("apart")));
  for (const element of old) element.remove();
  root.querySelector(".notes").replaceChildren(...data.notes.map((text) => make("p", "", text)));
}

// The images that the way may end at
function ends({ few, fewNames, to, toName }) {
  const options = few.map((index, k) => new Option(fewNames[k], index, false, index === to));
  return few.includes(to) ? options : [...options, new Option(toName, to, false, true)];
}

// The terms of the one image's bound, beside the first model's. A sum to two digits, a mean of draws to one and with its error.
function costs({ here, aside }, first) {
  const terms = (here?.values ?? []).map((value, k) => {
    const name = ["reconstruction", "KL", "ELBO"][k], digits = here.error || first?.error ? 1 : 2;
    const error = here.error && name !== "KL" ? `<small>± ${readable(here.error, 1)}</small>` : "";
    const more = first && first.values[k] !== undefined
      ? `<small class="by${aside ? " mixed" : ""}">${apart(value, first.values[k], digits)}</small>` : "";
    const shown = `${readable(value, here.error ? 1 : 2)} ${error} ${more}`;
    const kind = name.toLowerCase();
    return `<div data-symbol="${kind}"><dt class="asks" data-symbol="${kind}">${name}</dt><dd class="${kind}">${shown}</dd></div>`;
  });
  return terms.join("") + (here && first && aside ? `<p class="aside">${aside}</p>` : "");
}
