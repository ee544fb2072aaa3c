// Algorithm 1 line by line: the lines, the graph that they run through, and the numbers of the iteration.
import { mounted } from "../../shared/js/mounted.js";
import { createPresenting } from "../../shared/js/presenting.js";
import { radio } from "../../shared/js/widgets.js";
import { drawBound, inRule } from "./bound.js";
import { drawGraph } from "./graph.js";
import { createFilm, drawLines, lineStep } from "./lines.js";
import { drawBatch, paintGraph } from "./pictures.js";
import { PLATE } from "./plate.js";
import { createWait } from "./wait.js";
import { LINES, inWords, sums, symbols } from "./words.js";

export default mounted(".walk", createWalk);

// Where the graph is wider than the screen: the side on which this line happens.
const look = (graph, line) => { graph.scrollLeft = [3, 4].includes(line) ? graph.scrollWidth : 0; };

// How much larger than on a desk the type of a hall is.
const zoomOf = (root) => parseFloat(getComputedStyle(root).getPropertyValue("font-size")) / 14;

function fold(root, width) {
  root.classList.toggle("phone", width < 700);
  root.classList.toggle("mid", width >= 700 && width < 1180);
}

// What stands in words and numbers around the graph.
function write($, data, at, wait) {
  $(".headline").textContent = data.claim;
  $(".words").innerHTML = wait ? `<span class="wait">${wait}</span>` : inWords(data, at);
  $(".sums").innerHTML = sums(data, at);
  $(".rule").innerHTML = inRule(data);
  $(".counted").textContent = wait ?? `iteration ${data.count.toLocaleString("en")}, on a copy: the model itself stays as it is`;
  $(".symbols").innerHTML = symbols(data).map(([symbol, meaning]) => `<dt>${symbol}</dt><dd>${meaning}</dd>`).join("");
  $(".whose").textContent = `${data.M} of ${data.N.toLocaleString("en")} ${data.whose}`;
}

function createWalk(root) {
  const $ = (selector) => root.querySelector(selector);
  let data, send, line = 1, example = 0, lookedAt = 1;
  const wait = createWait(root, further);
  const film = createFilm($(".play"), () => go(line + 1));
  const hall = createPresenting(root, $(".present"), {
    turn: (by) => byHand(line + by), layout: () => redraw(),
    keys: { g: () => choose("graph", data.graphs.find((graph) => graph !== data.graph)), r: repeat },
  });

  function update(next, sending) {
    if (!data) line = next.line;
    [data, send] = [next, sending];
    wait.told(data);
    radio($(".graphs"), data.graphs, () => data.graph, (graph) => choose("graph", graph));
    radio($(".weights"), data.starts, () => data.weights, (weights) => choose("weights", weights));
    $(".many").textContent = `Repeat ${data.atOnce} times`;
    example = Math.min(example, data.mean.length - 1);
    redraw();
  }

  function choose(name, value) {
    data = { ...data, [name]: value };
    send.setTriggerValue(name, value);
    wait.ask();
    redraw();
  }

  function redraw() {
    const width = root.getBoundingClientRect().width;
    if (!width) return;
    fold(root, hall.on() ? Infinity : width);
    drawLines($(".lines"), data, line, byHand);
    $(".back").disabled = line === 1 || wait.on();
    $(".next").textContent = line === LINES ? "Next iteration" : "Next line";
    drawBatch(root, data, example, (k) => { example = k; redraw(); });
    $(".graph .field").innerHTML = drawGraph(data, { line, example });
    if (lookedAt !== (lookedAt = line)) look($(".graph"), line);
    paintGraph(root, data, example);
    write($, data, { line, example }, wait.words(data));
    $(".bound").innerHTML = drawBound(data.bounds, $(".bound").clientWidth, hall.on() ? zoomOf(root) : 1);
    Object.assign(root.dataset, { line, count: data.count, graph: data.graph });
  }

  function repeat() {
    film.stop();
    iterate(data.atOnce, LINES);
  }

  function byHand(to) {
    film.stop();
    go(to);
  }

  function go(to) {
    if (to < 1 || wait.on()) return; // its numbers are not there yet
    if (to > LINES) return iterate(1, 1);
    line = to;
    redraw();
    send.setTriggerValue("line", String(line));
  }

  // So many iterations, of which the last one is shown.
  function iterate(count, then) {
    if (wait.on()) return;
    line = then;
    wait.ask(count);
    redraw();
    further(count - 1);
  }

  function further(skip) {
    send.setTriggerValue("go", { skip, line, moment: Date.now() });
  }

  // After a click arrows lead on; whoever came by key goes on choosing with them.
  $(".bar").addEventListener("click", (event) => { if (event.detail) root.focus({ preventScroll: true }); });
  $(".graph").onscroll = ({ target }) => $(".swipe").classList.toggle("back", target.scrollLeft > 30);
  $(".lines").onkeydown = (event) => {
    const by = lineStep(event);
    if (!by) return;
    event.preventDefault();
    byHand(line + by);
  };
  $(".plate").innerHTML = PLATE;
  $(".back").onclick = () => byHand(line - 1);
  $(".next").onclick = () => byHand(line + 1);
  $(".many").onclick = repeat;
  $(".over").onclick = () => { film.stop(); line = 1; wait.ask(); redraw(); send.setTriggerValue("again", Date.now()); };
  return { update, redraw, forget() { film.stop(); hall.forget(); } };
}
