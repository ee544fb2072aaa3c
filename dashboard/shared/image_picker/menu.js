// The menu of other images: by chance, by their bound, by number.

// ask: what an item asks for, by name
export function createMenu(box, picker, ask) {
  const button = box.querySelector(".menu-button"), menu = box.querySelector(".menu");

  function open(is) {
    const { data } = picker;
    menu.hidden = !is;
    button.setAttribute("aria-expanded", String(is));
    if (!is) return;
    menu.style.top = `${button.offsetTop + button.offsetHeight + 4}px`;
    const made = items(data, ask).map(([name, act]) => itemButton(name, act));
    if (data.missing) made.unshift(Object.assign(document.createElement("p"), { textContent: data.missing }));
    if (data.count) made.push(numberForm(data.count));
    menu.replaceChildren(...made);
    menu.querySelector("button").focus();
  }

  function close() {
    open(false);
    button.focus();
  }

  function itemButton(name, act) {
    const item = Object.assign(document.createElement("button"), { type: "button", textContent: name });
    item.onclick = () => { close(); act(); };
    item.setAttribute("role", "menuitem");
    return item;
  }

  function numberForm(count) {
    const form = document.createElement("form"), field = `<input type="number" min="0" max="${count - 1}" step="1" required>`;
    form.innerHTML = `<label>Number ${field}</label><button type="submit" class="small">Show</button>`;
    form.onsubmit = (event) => {
      event.preventDefault();
      open(false);
      ask.send({ by: "number", number: Number(form.querySelector("input").value) });
    };
    return form;
  }

  button.onclick = () => open(menu.hidden);
  box.onkeydown = (event) => {
    if (event.key === "Escape" && !menu.hidden) close();
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key], all = [...box.querySelectorAll(".menu > button")];
    if (menu.hidden || !by || event.target.matches("input")) return;
    event.preventDefault();
    all[(all.indexOf(event.target) + by + all.length) % all.length].focus();
  };
  box.addEventListener("focusout", ({ relatedTarget }) => { if (relatedTarget && !box.contains(relatedTarget)) open(false); });
}

function items({ count, bound, binary, kind, dreams }, ask) {
  const some = count > 0;
  return [
    ...(some ? [
      ["A random test image", ask.chance],
      [`Highest ${bound} (click again: next)`, () => ask.send({ by: "bound", end: "best" })],
      [`Lowest ${bound} (click again: next)`, () => ask.send({ by: "bound", end: "worst" })],
    ] : []),
    ...(some && binary && kind === "test" ? [["Draw its black pixels again", () => ask.send({ by: "pixels" })]] : []),
    ...(dreams ? [["An image sampled from the model", ask.dream]] : []),
  ];
}
