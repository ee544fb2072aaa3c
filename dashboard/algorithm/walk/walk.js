// Algorithm 1 line by line: the lines, the graph that they run through, and the numbers of the iteration.
import { mounted } from "../../shared/js/mounted.js";
import { radio } from "../../shared/js/widgets.js";
import { drawBound, inRule } from "./bound.js";
import { drawGraph } from "./graph.js";
import { createFilm, drawLines, keyStep } from "./lines.js";
import { drawBatch, paintGraph } from "./pictures.js";
import { PLATE } from "./plate.js";
import { LINES, inWords, sums, symbols } from "./words.js";

export default mounted(".walk", createWalk);

function createWalk(root) {
  const $ = (selector) => root.querySelector(selector);
  let data, send, line = 1, example = 0, waiting = false;
  const film = createFilm($(".play"), () => go(line + 1));

  function update(next, sending) {
    if (!data) line = next.line;
    [data, send] = [next, sending];
    ask(false);
    radio($(".graphs"), data.graphs, () => data.graph, (graph) => choose("graph", graph));
    radio($(".weights"), data.starts, () => data.weights, (weights) => choose("weights", weights));
    $(".many").textContent = `Repeat ${data.atOnce} times`;
    example = Math.min(example, data.mean.length - 1);
    redraw();
  }

  function choose(name, value) {
    data = { ...data, [name]: value };
    send.setTriggerValue(name, value);
    if (name === "graph") redraw();
    ask();
  }

  function ask(waited = true) {
    waiting = waited;
    root.classList.toggle("asked", waited);
    for (const button of root.querySelectorAll(".steer button")) button.disabled = waited;
    if (waited) $(".counted").textContent = "computing …";
  }

  function redraw() {
    const width = root.getBoundingClientRect().width;
    if (!width) return;
    root.classList.toggle("phone", width < 700);
    root.classList.toggle("mid", width >= 700 && width < 1180);
    drawLines($(".lines"), data, line, byHand);
    $(".back").disabled = line === 1;
    $(".next").textContent = line === LINES ? "Next iteration" : "Next line";
    drawBatch(root, data, example, (k) => { example = k; redraw(); });
    $(".graph").innerHTML = drawGraph(data, { line, example });
    paintGraph(root, data, example);
    $(".words").innerHTML = inWords(data, { line, example });
    $(".sums").innerHTML = sums(data, { line, example });
    $(".bound").innerHTML = drawBound(data.bounds, $(".bound").clientWidth);
    $(".rule").innerHTML = inRule(data);
    $(".counted").textContent = `iteration ${data.count.toLocaleString("en")}, on a copy: the model itself stays as it is`;
    $(".symbols").innerHTML = symbols(data).map(([symbol, meaning]) => `<dt>${symbol}</dt><dd>${meaning}</dd>`).join("");
    $(".whose").textContent = `${data.M} of ${data.N.toLocaleString("en")} ${data.whose}`;
    Object.assign(root.dataset, { line, count: data.count, graph: data.graph });
  }

  function byHand(to) {
    film.stop();
    go(to);
  }

  function go(to) {
    if (to < 1) return;
    if (to > LINES) return iterate(0, 1);
    line = to;
    redraw();
    send.setTriggerValue("line", String(line));
  }

  function iterate(skip, then) {
    if (waiting) return;
    line = then;
    ask();
    send.setTriggerValue("go", { skip, line, moment: Date.now() });
  }

  function byKey(event) {
    const by = keyStep(event);
    if (!by) return;
    event.preventDefault();
    byHand(line + by);
  }

  document.addEventListener("keydown", byKey);
  $(".plate").innerHTML = PLATE;
  $(".back").onclick = () => byHand(line - 1);
  $(".next").onclick = () => byHand(line + 1);
  $(".many").onclick = () => { film.stop(); iterate(data.atOnce, LINES); };
  $(".over").onclick = () => { film.stop(); line = 1; ask(); send.setTriggerValue("again", Date.now()); };
  return { update, redraw, forget() { film.stop(); document.removeEventListener("keydown", byKey); } };
}
