// For each dimension an image strip that is a slider: its handle stands where z is, and carries the value.
import { currentPoint, listen, tell } from "../shared/js/blobs.js";
import { number } from "../shared/js/canvas.js";
import { mounted } from "../shared/js/mounted.js";
import { createStrip } from "./film.js";

const STEPS = {
  ArrowLeft: -0.05, ArrowDown: -0.05, ArrowRight: 0.05, ArrowUp: 0.05, PageDown: -0.5, PageUp: 0.5, Home: -Infinity, End: Infinity,
};
const AWHILE = 250; // ms without another key: then Python hears
const PHONE = 700; // pixels

export default mounted(".sliders", createSliders);

function createSliders(root) {
  const open = root.querySelector(".rows");
  let sliders = [], made = "";

  function update(data) {
    const shape = JSON.stringify([data.open, data.more, data.rows.map(({ name, cost, dims }) => [name, cost, dims])]);
    if (made !== shape) build(data);
    made = shape;
    root.classList.toggle("phone", root.getBoundingClientRect().width < PHONE);
    sliders.forEach((slider, k) => slider.update(data.rows[k]));
  }

  function build(data) {
    forget();
    const rows = data.rows.map(sliderRow);
    open.replaceChildren(...rows.slice(0, data.open));
    root.querySelector("details")?.remove();
    if (rows.length > data.open) root.append(folded(data.more, rows.slice(data.open)));
    sliders = rows.map((row) => createSlider(row));
  }

  function forget() {
    sliders.forEach((slider) => slider.forget());
    sliders = [];
  }

  const redraw = () => root.classList.toggle("phone", root.getBoundingClientRect().width < PHONE);
  return { update, redraw, forget };
}

function folded(title, rows) {
  const details = document.createElement("details");
  details.innerHTML = '<summary></summary><div class="rows"></div>';
  details.firstChild.textContent = title;
  details.lastChild.append(...rows);
  return details;
}

function sliderRow({ name, cost }) {
  const row = document.createElement("div");
  row.className = cost ? "slider of-many" : "slider";
  row.innerHTML = `<header><b class="symbol z" data-symbol="z">${name}</b>${cost && `<small>KL ${cost}</small>`}</header>
    <div class="strip" role="slider" tabindex="0" aria-label="${name}" data-symbol="z">
      <canvas></canvas><i class="mark"></i><b class="knob" aria-hidden="true"></b>
    </div>`;
  return row;
}

// The strip draws and is dragged; here it is named, numbered and moved by keys.
function createSlider(row) {
  const track = row.querySelector(".strip"), knob = row.querySelector(".knob"), strip = createStrip(track);
  let data = null, value = 0, timer = 0;

  function update(next) {
    data = next;
    strip.update(next);
    const [low, high] = data.span, point = currentPoint();
    track.setAttribute("aria-valuemin", String(low));
    track.setAttribute("aria-valuemax", String(high));
    show(point?.model === data.model && point.z.length === data.dims ? point.z[data.dim] : data.value);
  }

  function show(next) {
    value = next;
    const [low, high] = data.span;
    knob.style.transform = `translateX(${(((value - low) / (high - low)) * track.clientWidth).toFixed(1)}px)`;
    knob.textContent = number(value);
    track.setAttribute("aria-valuenow", value.toFixed(2));
    track.setAttribute("aria-valuetext", number(value));
  }

  track.onkeydown = (event) => {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const by = Math.abs(step) === 0.05 ? Math.sign(step) * (event.altKey ? 0.25 : event.shiftKey ? 0.01 : 0.05) : step;
    tell("wish", { dim: data.dim, value: Math.min(data.span[1], Math.max(data.span[0], value + by)), done: false });
    clearTimeout(timer);
    timer = setTimeout(() => tell("wish", { done: true }), AWHILE);
  };

  const resized = new ResizeObserver(() => data && show(value));
  resized.observe(track);
  const unheard = listen("point", ({ model, z }) => { if (data && model === data.model && z.length === data.dims) show(z[data.dim]); });
  const forget = () => {
    clearTimeout(timer);
    resized.disconnect();
    unheard();
    strip.forget();
  };
  return { update, forget };
}
