// The panel of the posterior and q: all of it drawn when its size changes, q alone while it moves.
import { number, subscript } from "../../shared/js/canvas.js";
import { onShelf } from "../../shared/js/blobs.js";
import { bayesAt, bayesInWords } from "./bayes.js";
import { holdable } from "./hand.js";
import { familyOf } from "./terms.js";
import { drawField, drawGuesses, drawGuessesOnLine, drawLine, extentOf, markCode, projection } from "./posterior.js";

const WHOSE = { encoder: "the encoder’s guess", yours: "your q" };

// `state` has the newest { data, known, q }; moved(q) hears of each place under the hand, done(q) of the last one.
export function createPlane(root, state, { moved, done }) {
  const $ = (selector) => root.querySelector(selector);
  const plane = $(".plane"), canvas = $(".plane canvas"), svg = $(".plane svg");
  let to, code = null; // the code that was clicked, of which image

  function draw() {
    const { data, known, q } = state, { dims, axes, exact } = data;
    to = projection(data.view, plane.clientWidth, plane.clientHeight);
    if (dims > 1) drawField(canvas, root, to, known);
    title();
    const drawn = exact ? `${dims === 2 ? "1, 2, 3 σ" : "densities"}; click any z` : "";
    $(".levels").textContent = dims > 2 ? axes.map((d) => `z${subscript(d + 1)}`).join(" × ") : drawn;
    $(".certificate").textContent = exact ? `log p(x) is a sum over the ${dims === 1 ? "line" : "plane"}, ${data.error}` : data.error;
    if (code?.subject !== data.subject) code = null;
    const place = q.slice(0, dims).map((m) => number(m)).join(", ");
    const enter = exact ? " Enter tells Bayes’ rule at its middle." : "";
    plane.setAttribute("aria-label", `q at ${place}. Arrow keys move it, with Shift they stretch it.${enter}`);
    drawQ();
  }

  function title() {
    const { exact, name, dims } = state.data, guess = dims > 2 ? "The guess, in two of its dimensions" : "The guess";
    const whose = name === "best" ? `the best ${familyOf(dims)}` : WHOSE[name] ?? "a better q";
    $(".what").textContent = exact ? `Exact posterior and ${whose}` : guess;
  }

  function drawQ() {
    svg.setAttribute("viewBox", `0 0 ${to.width} ${to.height}`);
    if (state.data.dims === 1) onLine();
    else onPlane();
    drawCode();
  }

  // Bayes' rule at the code that was clicked.
  function drawCode() {
    const { data } = state, found = code && bayesAt(code.z, state, onShelf(data.model), onShelf(data.offer.image)?.x);
    const none = code ? "So far out p(z|x) is too small to be kept. Click nearer to it." : "";
    $(".bayes").innerHTML = found ? bayesInWords(found) : none;
    if (found) svg.insertAdjacentHTML("beforeend", markCode(to, found.z));
  }

  function onPlane() {
    const { data: { climb, name, dims, axes, tilted }, known, q } = state;
    const flat = (g) => (dims <= 2 ? g : [...axes.map((d) => g[d]), ...axes.map((d) => g[dims + d])]);
    drawGuesses(svg, to, {
      q: flat(q), name,
      best: climb && apart(climb.best, q) ? flat(climb.best) : null,
      tilted: tilted && Math.abs(tilted.cholesky[1][0]) > 1e-3 * tilted.cholesky[1][1] ? tilted : null,
      path: plane.classList.contains("held") ? null : climb?.path.map(flat),
      contours: known?.fine ? extentOf(to, known) : null,
    });
  }

  function onLine() {
    const { data: { climb, name, logPx }, known, q } = state;
    drawLine(canvas, root, to, known && { ...known, logPx }, [{ q }, ...(climb ? [{ q: climb.best, dash: true }] : [])]);
    drawGuessesOnLine(svg, to, { q, name });
  }

  const forget = holdable(plane, {
    dims: () => state.data.dims,
    read: () => (state.data.dims <= 2 ? { q: state.q, to } : null),
    moved, done,
    chosen(z) { code = { z, subject: state.data.subject }; drawQ(); },
  });
  return { draw, drawQ, title, forget };
}

const apart = (a, b) => a.some((value, k) => Math.abs(value - b[k]) > 1e-3 * (1 + Math.abs(value)));
