// Under the map: classes to be switched off, or what is hatched.
import { COLOURS, colourOf, shortNames } from "../../shared/js/classes.js";

const FEW = 48; // letters of all names that have room whole

// `changed()` hears that a class was switched off or on.
export function createLegend(box, pad, changed) {
  const span = (text) => Object.assign(document.createElement("span"), { textContent: text });

  function show() {
    const { data, codes, look } = pad, name = look.shown(data);
    if (name === "holes") return void (box.innerHTML = data.holes);
    if (name !== "codes" || !codes?.labels || data.dims === 1) return box.replaceChildren();
    const there = new Set(codes.labels), scrolled = box.scrollTop;
    const short = data.classes.join("").length <= FEW ? data.classes : shortNames(data.classes);
    const buttons = data.classes.map((name, label) => classButton(name, short[label], label, there.has(label)));
    box.replaceChildren(span("classes"), ...buttons, ...(data.classes.length > COLOURS ? [span("colours repeat")] : []));
    box.scrollTop = scrolled;
  }

  // Switches the codes of a class off and on; a class that no test image has is named, and said to have none.
  function classButton(name, short, label, there) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: short, disabled: !there });
    const { without } = pad.look;
    button.style.color = colourOf(label);
    button.title = there ? name : `${name}: no test image`;
    button.setAttribute("aria-label", there ? `codes of class ${name}` : `class ${name}: no test image`);
    button.setAttribute("aria-pressed", String(there && !without.has(label)));
    button.onclick = () => {
      if (!without.delete(label)) without.add(label);
      show();
      changed();
      box.querySelectorAll("button")[label].focus();
    };
    return button;
  }

  return { show };
}
