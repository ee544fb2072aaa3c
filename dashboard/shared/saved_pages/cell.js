// A page in the frame of a notebook's widget (widget.js), behind which there is Python: tells it where the point is and
// which image is chosen, hears where to go, and shows what only Python computes.
import { currentPoint, listen } from "../js/blobs.js";
import { coloursChanged } from "../js/mounted.js";
import { column } from "../streamlit_internals.js";

const TALL = 760; // pixels of a screen, for the plane: the frame itself is as high as what is in it
const GLIDE = 700; // ms in which the point is on its way to where Python has put it
const near = (a, b) => a.length === b.length && a.every((value, d) => Math.abs(value - b[d]) < 6e-4);

export function createCell() {
  globalThis.vaeLab.tall = TALL;
  const asked = new Map(); // by their number, what waits for a code
  let host = null, going = null, told = [], questions = 0, ready = false;

  const tell = (what) => parent.postMessage({ vaeLab: what }, "*");

  // Moves of the hand; on the way to where Python wants the point, only the end.
  function moved({ z }) {
    if (going && !near(z, going.z) && performance.now() < going.until) return;
    going = null;
    if (near(z, told)) return;
    told = z.slice();
    tell({ z: told });
  }

  // The code of an image that only Python can encode.
  function code(image) {
    if (!host.facts.encodes) return null;
    const number = ++questions, answer = new Promise((done) => { asked.set(number, done); });
    tell({ image: { ...sent(image), question: number } });
    return answer;
  }

  // The first one is there when the page is.
  function chosen(image) {
    if (!ready) tell({ ready: true });
    else if (image) tell({ image: { ...sent(image), question: 0 } });
    ready = true;
  }

  const sent = ({ kind, number, name, x }) =>
    ({ index: kind === "test" ? number : null, name, x: Float32Array.from(x), z: host.session.z });

  const hear = {
    z(z) {
      if (near(z, told)) return;
      going = { z, until: performance.now() + GLIDE };
      setTimeout(() => moved(currentPoint()), GLIDE + 50); // what the page cannot show, it has moved to its edge
      host.answers.article.set(`z=${z.join(",")}`);
    },
    go: ({ index, z }) => host.answers.pad.pick({ by: "number", number: index, z }),
    picture: (levels) => host.update("pad", { picture: levels }),
    bound_line: (bound) => showBound(host.main.querySelector("[data-mount=cell-bound]"), bound),
    code({ number, mean, sigma }) {
      asked.get(number)?.(mean ? { mean, sigma } : null);
      asked.delete(number);
    },
    dark(dark) {
      const scheme = dark ? "dark" : "light";
      if (document.documentElement.style.colorScheme === scheme) return;
      document.documentElement.style.colorScheme = scheme;
      coloursChanged();
    },
  };

  // Once the page is alive; what the widget says comes from nowhere but the frame's parent.
  function connect(page) {
    host = page;
    document.documentElement.classList.add("cell");
    listen("point", moved);
    addEventListener("message", ({ source, data }) => {
      if (source !== parent || !data?.vaeLab) return;
      for (const [name, value] of Object.entries(data.vaeLab)) hear[name]?.(value);
    });
    new ResizeObserver(([{ target }]) => tell({ tall: target.offsetHeight })).observe(column());
  }

  return { connect, chosen, code };
}

const TERMS = ["reconstruction", "kl", "elbo", "evidence"];

// Terms in their colours: [kind, text] each, kind "" for plain words.
function showBound(box, parts) {
  box.replaceChildren(...parts.map(([kind, text]) => {
    const span = Object.assign(document.createElement("span"), { textContent: text });
    if (TERMS.includes(kind)) span.style.color = `var(--${kind})`;
    return span;
  }));
}
