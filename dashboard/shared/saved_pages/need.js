// What needs Python says so, with the two commands that start it; and links between pages lead to where they lie here.
const COMMANDS = [
  "python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt",
  ".venv/bin/streamlit run dashboard/app.py",
];
const TEXT = "This needs Python: the page computes it on a server. In the folder of VAE Lab, two commands start one:";

function fill(box) {
  const text = Object.assign(document.createElement("p"), { textContent: TEXT });
  box.replaceChildren(text, ...COMMANDS.map((command) => Object.assign(document.createElement("code"), { textContent: command })));
}

// `links`: the addresses of the pages that are here, by name; `models`: the keys of those that have pages of their own,
// below `root`. None in a single file.
export function createNeed({ links, models, root }) {
  const card = Object.assign(document.createElement("div"), { className: "needs-python", hidden: true });
  card.setAttribute("role", "alert");
  document.body.append(card);
  for (const box of document.querySelectorAll("[data-needs-python]")) fill(box);

  function say() {
    fill(card);
    const close = Object.assign(document.createElement("button"), { type: "button", textContent: "close", onclick: hide });
    card.append(close);
    card.hidden = false;
  }

  function hide() { card.hidden = true; }

  function open(name, model) {
    const address = !model ? links[name] : models.includes(model) ? `${root}${name}/${model}.html` : null;
    if (address) location.href = address;
    else say();
  }

  const list = document.querySelector(".models select");
  if (list) list.onchange = () => { location.href = list.value; };

  // A link of the product names a page beside this one: "elbo", "./" for Explore, "glossary#prior".
  document.addEventListener("click", (event) => {
    const link = event.composedPath().find((node) => node.tagName === "A");
    const address = link?.getAttribute("href");
    if (!address || event.defaultPrevented || link.closest("header, .static")) return;
    if (/^(#|blob:|data:|[a-z]+:\/\/|mailto:)/.test(address)) return;
    event.preventDefault();
    const [, page, anchor = ""] = address.match(/^(?:\.\/)?([\w-]*)[^#]*(#.*)?$/) ?? [];
    const name = page || "explore";
    if (links[name]) location.href = links[name] + anchor;
    else say();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  return { say, open };
}
