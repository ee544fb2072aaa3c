// A card in a corner: offered once, in one line, then only when asked for. A ring shows what a step is about.
import { mounted } from "../shared/js/mounted.js";
import { arrived, keyed, oneEntryPerTouch } from "../shared/streamlit_internals.js";

const SEEN = "vae-lab-tour";
const FIRST = 10; // times worse to hide than what the text names beside it
// The last click, by its number. On its way to another page a component is made anew, and what it had just sent is lost.
let clicked = { to: null, clicks: 0 };

export default mounted(".tour", createTour);

// Where nothing can be remembered nothing is offered: it would come back each time.
function remembered() {
  try { return localStorage.getItem(SEEN); } catch { return "never"; }
}

// Whether the page leaves room for the offer, see style.css.
const offers = (whether) => document.documentElement.toggleAttribute("data-vae-offers", whether);

function createTour(root) {
  oneEntryPerTouch(history);
  const $ = (selector) => root.querySelector(selector);
  let data, send, step = null, offered = false, watch = 0, placed = null;

  function update(next, { setStateValue }) {
    arrived(next.page);
    data = next;
    send = setStateValue;
    if (data.clicks < clicked.clicks) { // drawn before that click was heard
      step = clicked.to;
      send("go", clicked);
    } else step = data.step ?? null;
    if (step === null && remembered() === null && data.page === data.steps[0].page) offered = true;
    show();
  }

  function show() {
    root.hidden = step === null && !offered;
    root.classList.toggle("offer", step === null);
    offers(step === null && offered);
    cancelAnimationFrame(watch);
    placed = null;
    $("aside").classList.remove("left", "top");
    if (root.hidden) return;
    const last = data.steps.length - 1, here = step === null ? null : data.steps[step];
    $("h2").textContent = here ? here.title : "New here?";
    const away = here && here.page !== data.page;
    $("p").textContent = away ? "Its page is opening …" : here ? here.text : "Take a two-minute tour.";
    $(".count").textContent = here ? `${step + 1} of ${last + 1}` : "";
    $(".back").hidden = !step;
    $(".no").textContent = here ? "End" : "No, thanks";
    $(".next").textContent = here ? (step === last ? "Done" : "Next") : "Show me";
    $(".no").onclick = () => go(null);
    $(".back").onclick = () => go(step - 1);
    $(".next").onclick = () => go(here ? (step === last ? null : step + 1) : 0);
    if (here) follow(here);
  }

  function go(to) {
    try { localStorage.setItem(SEEN, "seen"); } catch { /* then it is not offered either */ }
    [offered, step] = [false, to];
    show();
    clicked = { to, clicks: Math.max(data.clicks, clicked.clicks) + 1 };
    send("go", clicked);
  }

  // The ring stays around what the step is about while the page scrolls and settles.
  function follow(here) {
    const target = keyed(here.at, here.part), ring = $(".ring"), box = target?.getBoundingClientRect();
    ring.classList.toggle("lost", !box || !box.height);
    if (box) {
      const [left, top, width, height] = [box.left - 8, box.top - 6, box.width + 16, box.height + 12].map((v) => `${v}px`);
      Object.assign(ring.style, { left, top, width, height });
    }
    if (box?.height && placed !== target) { placed = target; beside(target, here.also ?? []); }
    watch = requestAnimationFrame(() => follow(here));
  }

  // In the corner where it covers least of what the step is about, which is brought into sight where it fits; what is
  // larger begins at the top, and the card stands at the bottom.
  function beside(target, also) {
    const named = also.map((place) => keyed(...place)).filter(Boolean); // beside it, by the text
    const fits = target.offsetHeight < innerHeight;
    if (fits) target.scrollIntoView({ block: innerWidth > 700 ? "nearest" : "end" });
    const card = $("aside"), covers = ([left, top]) => {
      card.classList.toggle("left", left);
      card.classList.toggle("top", top);
      const at = card.getBoundingClientRect();
      const hidden = (part) => shared(at, part.getBoundingClientRect());
      return named.reduce((sum, part) => sum + hidden(part), FIRST * hidden(target));
    };
    const corners = [[false, false], [true, false], ...(fits ? [[false, true], [true, true]] : [])];
    covers(corners.reduce((best, corner) => (covers(corner) < covers(best) ? corner : best)));
  }

  const keys = (event) => { if (event.key === "Escape" && !root.hidden) go(null); };
  addEventListener("keydown", keys);
  globalThis.vaeLab ??= { shelf: new Map(), events: new EventTarget(), point: null };
  const asked = () => go(0);
  globalThis.vaeLab.events.addEventListener("tour", asked);
  const forget = () => {
    cancelAnimationFrame(watch);
    offers(false);
    removeEventListener("keydown", keys);
    globalThis.vaeLab.events.removeEventListener("tour", asked);
  };
  return { update, forget };
}

// How many pixels two boxes have in common.
function shared(a, b) {
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return Math.max(0, across) * Math.max(0, down);
}
