// What Python answers on Manifold, answered in the browser: captions that were recorded for every choice, the classes of
// the tiles, and the way to Explore. The page without Python (shared/saved_pages/host.js) asks it as manifold.py is asked.
import { onShelf } from "../../shared/js/blobs.js";
import { logPrior } from "../../shared/js/gaussian.js";
import { subscript } from "../../shared/js/canvas.js";
import { codesAlong, logAggregate, viewOf, votes } from "../../shared/saved_pages/codes.js";
import { tilePoints } from "../grid/grid.js";
import { NOBODY } from "../grid/overlay.js";

const NEAREST = 15; // codes that tell a tile's class
const HOLE = Math.log(0.05); // of the prior's density

export default createAnswers;

function createAnswers(host) {
  const { facts, known } = host, recorded = host.data("manifold");
  const { n, spacing, over, axes, z } = { ...recorded, ...askedOf(host.address, known) };
  const page = { n, spacing, over, axes, z, nonces: 0 };

  function show() {
    const { n, spacing, over, axes } = page, same = String(axes) === String(recorded.axes);
    const [title, text] = known.claims[spacing][n], claim = host.main.querySelector(".claim");
    claim.querySelector("h1").innerHTML = title.replace(both(recorded.axes), both(axes));
    claim.querySelector("p").innerHTML = text;
    host.update("manifold", {
      n, spacing, over, z: page.z, axes, codes: codesAlong(facts, axes), view: viewOf({ ...recorded, spans: known.spans }, axes),
      caption: same ? known.captions[spacing][over][n] : ofOtherAxes(recorded, axes),
      regions: over === "classes" ? regionsOf(facts, recorded, page) : null,
    });
  }

  const change = (name) => (value) => { page[name] = value; show(); };

  // A point that Explore has left.
  function open() {
    if (!host.session.z || String(host.session.z) === String(page.z)) return;
    page.z = host.session.z;
    host.update("manifold", { z: page.z, n: page.n, spacing: page.spacing, over: page.over, nonce: `saved ${++page.nonces}` });
  }

  if (n !== recorded.n || spacing !== recorded.spacing || over !== recorded.over) {
    show();
    host.encoder.then(show); // the classes of the tiles wait for the codes, after which the encoder comes
  }
  host.update("manifold", { others: { ...recorded.others, choices: recorded.others.choices.slice(0, 1), at: "0" } });
  return {
    open,
    manifold: {
      z: (z) => { page.z = host.session.z = z; host.update("manifold", { z }); },
      n: change("n"), spacing: change("spacing"), over: change("over"), axes: change("axes"),
      open: () => host.go("explore"),
    },
    samples: { model: (key) => host.go("manifold", key) },
    "class-row": {
      y: (y) => {
        const model = `${facts.decoder}/${y}`;
        host.update("class-row", { given: y, model });
        host.update("manifold", { model });
      },
    },
  };
}

// What an address asks for, as manifold.py reads it; what was not recorded is left out.
export function askedOf({ n, spacing, over }, { claims, captions }) {
  const asked = {};
  if (spacing in claims) asked.spacing = spacing;
  if (over in Object.values(captions)[0]) asked.over = over;
  if (n in Object.values(claims)[0]) asked.n = Number(n);
  return asked;
}

const name = (d) => `z${subscript(d + 1)}`, both = (axes) => axes.map(name).join(" and ");
const ofOtherAxes = ({ dims }, [across, up]) =>
  `<p>${name(across)} runs across, ${name(up)} upwards; the other ${dims - 2} are 0.</p>`;

// Per tile the commonest class among the nearest codes, and how many of them are of it; none where hardly a code lies.
export function regionsOf(facts, { dims, classes, base }, { n, spacing, axes }) {
  const codes = onShelf(facts.codes);
  if (!codes) return null;
  const labels = [], counts = [], empty = dims <= 2 && facts.stochastic ? holes(codes, onShelf(facts.hatch)) : () => false;
  for (const z of tilePoints(n, spacing, dims, axes, base)) {
    const found = votes(codes, z, NEAREST, classes.length), most = Math.max(...found);
    labels.push(empty(z) ? NOBODY : found.indexOf(most));
    counts.push(most);
  }
  return { labels, votes: counts, n, spacing, asked: Math.min(NEAREST, codes.count) };
}

// Whether q(z) < 0.05 p(z): as it was counted from the training codes where that picture is here, else from the test codes.
function holes(codes, hatch) {
  if (!hatch || codes.dims !== 2) return (z) => logAggregate(codes, z) - logPrior(z) < HOLE;
  const { ratio, cells, edge, faint, levels } = hatch;
  const cell = (value) => Math.min(cells - 1, Math.max(0, Math.floor(((value + edge) / (2 * edge)) * cells)));
  return ([x, y]) => (ratio[(cells - 1 - cell(y)) * cells + cell(x)] / 255) * levels - faint < HOLE;
}
