// q refined step by step: the table of the steps with its buttons, and q's walk from one step to another.
import { rounded } from "../../shared/js/canvas.js";
import { hatching } from "../../shared/js/ticks.js";

const STRIDE = 90; // ms between two steps of a walk
const PAUSE = 500; // ms at each step while it plays

const WAITS = '<tr class="empty"><td colspan="5">q is being improved, 40 steps.</td></tr>';
const P_OF_X = 'log <i class="symbol">p</i>(<i class="symbol">x</i>)';

export function createRefinement(root, state, { request, stopFilm }) {
  const $ = (selector) => root.querySelector(selector);
  let playing = false, listed = "", last = {}; // rows, and of which image

  // While a better q is being found for this image, the rows of the one before stay, but cannot be chosen.
  function draw() {
    const { data } = state, body = $(".steps tbody");
    if (data.climb) last = { subject: data.subject, rows: data.climb.rows };
    const rows = last.subject === data.subject ? last.rows : [];
    body.classList.toggle("old", !data.climb && rows.length > 0);
    root.querySelector(".steps th:last-child").innerHTML = data.exact ? P_OF_X : "IW bound";
    $(".of-steps h3 small").innerHTML = data.exact ? `${P_OF_X} does not move` : "IW: importance-weighted";
    const shown = data.climb ? data : { ...data, step: null }; // q is none of the old rows'
    drawRows(body, tableRows(rows, playing ? 1 + here() : rows.length, shown) || WAITS);
    $(".remark").textContent = (!playing && data.climb?.remark) || "";
    $(".step").disabled = !data.climb || here() === rows.length - 1;
    $(".play").disabled = !data.climb;
    $(".play").textContent = playing ? "Stop" : "Play";
    $(".back").disabled = data.name === "encoder";
  }

  // A row that has the focus keeps it while the rows stay as they are.
  function drawRows(body, lines) {
    if (lines === listed) return;
    body.innerHTML = listed = lines;
    for (const line of body.querySelectorAll("[data-row]")) {
      const choose = () => {
        playing = false;
        if (state.data.climb) request("station", state.data.climb.rows[line.dataset.row].step);
      };
      line.onclick = choose;
      line.onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); } };
    }
  }

  const here = () => state.data.climb?.rows.findIndex((row) => row.step === state.data.step) ?? -1;

  function step() {
    const { rows } = state.data.climb;
    if (here() < rows.length - 1) return request("station", rows[here() + 1].step);
    playing = false;
    draw();
  }

  function play() {
    const { rows } = state.data.climb;
    playing = !playing;
    if (!playing) return draw();
    if (here() === rows.length - 1) request("station", rows[0].step);
    else step();
  }

  $(".step").onclick = () => { playing = false; step(); };
  $(".play").onclick = play;
  $(".back").onclick = () => { stopFilm(); request("station", "encoder"); };
  const goOn = () => { if (playing) setTimeout(() => playing && step(), PAUSE); };
  return { draw, goOn, stop: () => { playing = false; } };
}

function tableRows(rows, count, { step, errors }) {
  const most = Math.max(...rows.map((row) => row.gap), 1e-9);
  return rows.slice(0, count).map((row, k) =>
    `<tr tabindex="0" data-row="${k}" class="${row.step === step ? "current" : ""}"><td>${row.label}</td>
      <td class="bar"><svg aria-hidden="true"><defs>${hatching("row-hatch")}</defs>
        <rect width="${(100 * Math.max(0, row.gap)) / most}%" height="15" fill="url(#row-hatch)"/></svg></td>
      <td class="gap" data-symbol="gap">${rounded(row.gap, row.gap_error)}</td>
      <td class="bound" data-symbol="elbo">${rounded(row.elbo, row.error)}</td>
      <td class="log-px" data-symbol="evidence">${rounded(row.log_px, errors.logPx)}</td></tr>`).join("");
}

// q's walk along the refinement to where Python says it is; `show` draws each place on the way.
export function createWalk(state, show) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let frame = null;
  const stop = () => cancelAnimationFrame(frame);

  // Says whether there is a way to go.
  function begin(from) {
    const { climb, q } = state.data;
    if (!climb || calm.matches || !from.some((value, k) => Math.abs(value - q[k]) > 1e-4)) return false;
    const track = trackOf(state.data, from), start = performance.now(), last = track.length - 1;
    const go = (now) => {
      const t = Math.max(0, Math.min(last, (now - start) / STRIDE)); // a frame may be dated before the start
      state.q = t < last ? between(track, t) : state.data.q.slice();
      show();
      if (t < last) frame = requestAnimationFrame(go);
    };
    stop();
    frame = requestAnimationFrame(go);
    return true;
  }

  return { begin, stop };
}

// The places between `from` and the q of the data: the steps of the refinement after the one that is nearest to `from`.
function trackOf({ climb: { path }, step, q }, from) {
  const far = (p) => p.reduce((sum, value, k) => sum + Math.abs(value - from[k]), 0);
  const last = step === "best" ? path.length - 1 : Number(step);
  const first = path.reduce((kept, p, k) => (far(p) < far(path[kept]) ? k : kept), 0);
  return [from, ...(last > first ? path.slice(first + 1, last) : []), q];
}

function between(track, t) {
  const i = Math.min(track.length - 2, Math.floor(t));
  return track[i].map((value, k) => value + (t - i) * (track[i + 1][k] - value));
}
