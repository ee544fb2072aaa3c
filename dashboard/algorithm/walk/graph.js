// The graph that one iteration runs through: computed nodes are diamonds, random ones are circles, pictures are real.
// Solid arrows compute the bound; dashed ones bring the gradient back. Coordinates are those of a field of 600 x 430.
import { number } from "../../shared/js/canvas.js";
import { digits } from "./words.js";

const WIDTH = 600, HEIGHT = 430;
const [FORWARD, BACKWARD, UPDATE] = [3, 4, 5]; // the lines in which these light up
const SHOWS = { noise: "noise", mu: "mu q", sigma: "sigma q", z: "z" };

export function drawGraph(data, { line, example }) {
  const random = data.graph !== data.graphs[0];
  const say = { data, line, k: example, random };
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${spoken(say)}">
    <defs>${head("tip", "var(--ink)")}${head("back", "var(--elbo)")}</defs>
    ${forward(say)}${networks(say)}${nodes(say)}${costs(say)}${line >= BACKWARD ? back(say) : ""}
  </svg>${pictures(say)}`;
}

const head = (id, colour) => `<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="10" markerHeight="10"
  markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.5L8 4L0 7.5z" fill="${colour}"/></marker>`;
const lit = (on) => (on ? "" : ' class="later"');
const arrow = (d, kind = "way") => `<path class="${kind}" d="${d}" marker-end="url(#${kind === "way" ? "tip" : "back"})"/>`;
const label = (x, y, text, more = "") => `<text x="${x}" y="${y}" ${more}>${text}</text>`;

function forward({ line, random }) {
  const noise = random ? "" : `<g${lit(line >= 2)}>${arrow("M306 73V120")}</g>`;
  return `${noise}<g${lit(line >= FORWARD)}>${arrow("M88 150H108")}${arrow("M192 138L207 124")}${arrow("M192 162L207 176")}
    ${arrow("M248 122L283 142")}${arrow("M248 178L283 158")}${arrow("M331 150H366")}${arrow("M456 150H480")}
    ${arrow("M522 190V274")}${arrow("M228 203V274")}${arrow("M228 322L300 359")}${arrow("M470 322L388 359")}
    <path class="way thin" d="M48 110V12H588V298H576" marker-end="url(#tip)"/></g>`;
}

function networks({ line, data }) {
  const learnt = line >= UPDATE ? " learnt" : "", { encoder, decoder } = data.parts;
  const moves = ({ moved, norm }) => `moves by ${norm ? Number(((100 * moved) / norm).toPrecision(2)) : 0} %`;
  return `<g${lit(line >= FORWARD)}>
    <path data-symbol="q mu sigma" class="net${learnt}" d="M112 92L190 118V182L112 208z"/>
    <path data-symbol="reconstruction" class="net${learnt}" d="M372 118L452 92V208L372 182z"/>
    ${label(151, 226, 'encoder <tspan class="symbol mu">φ</tspan>')}${label(412, 226, 'decoder <tspan class="symbol">θ</tspan>')}
    ${line >= UPDATE ? label(151, 82, moves(encoder), 'class="elbo"') + label(412, 82, moves(decoder), 'class="elbo"') : ""}</g>`;
}

function nodes({ line, random }) {
  const node = (name) => `class="node ${name}" data-symbol="${SHOWS[name]}"`;
  const diamond = (x, y, r, name) => `<path ${node(name)} d="M${x} ${y - r}L${x + r} ${y}L${x} ${y + r}L${x - r} ${y}z"/>`;
  const circle = (x, y, r, name) => `<circle ${node(name)} cx="${x}" cy="${y}" r="${r}"/>`;
  const letter = (x, y, text, name) => `<text class="symbol ${name}" data-symbol="${name}" x="${x}" y="${y + 6}">${text}</text>`;
  const noise = random ? "" : `<g${lit(line >= 2)}>${circle(306, 52, 20, "noise")}${letter(306, 52, "ε", "noise")}
    ${label(332, 57, "noise", 'text-anchor="start"')}</g>`;
  const z = random ? circle(306, 150, 24, "z") : diamond(306, 150, 27, "z");
  return `${label(48, 208, "image")}<text class="symbol x" data-symbol="x" x="78" y="208">x</text>${noise}
    <g${lit(line >= FORWARD)}>${diamond(228, 118, 22, "mu")}${letter(228, 118, "μ", "mu")}
      ${diamond(228, 182, 22, "sigma")}${letter(228, 182, "σ", "sigma")}${z}${letter(306, 149, "z", "z")}
      ${random ? label(306, 112, "z ~ q(z|x)") : label(306, 196, "z = μ + σ ε")}${label(546, 208, "p(x|z)")}</g>`;
}

function costs({ data, line, k }) {
  const known = (value) => (line >= FORWARD ? value : "?");
  const box = (x, y, width, name, title, value) => `
    <rect class="cost ${name}" data-symbol="${name}" x="${x - width / 2}" y="${y - 22}" width="${width}" height="44" rx="4"/>
    ${label(x, y - 4, title, `class="asks" data-symbol="${name}"`)}
    ${label(x, y + 15, known(value), `class="${name} strong" data-symbol="${name}"`)}`;
  const beta = data.beta === 1 ? "" : `${number(data.beta, data.beta % 1 ? 2 : 0)} × `;
  const whole = data.reconstruction[k] - data.beta * data.kl[k];
  return `<g${lit(line >= FORWARD)}>
    ${box(228, 298, 136, "kl", `− ${beta}KL(q ‖ p(z))`, digits(-data.beta * data.kl[k]))}
    ${box(478, 298, 186, "reconstruction", "reconstruction log p(x|z)", number(data.reconstruction[k], 1))}
    ${box(344, 382, 190, "elbo", data.beta === 1 ? "estimate of the bound" : "objective", `${number(whole, 1)} nats`)}</g>`;
}

// The gradient's way back, with the length that it has at each node for this image.
function back({ data, k, random }) {
  const { flows } = data, at = (name) => digits(flows[name][k]);
  const shared = `${arrow("M404 359L462 326", "flow")}${arrow("M284 359L240 326", "flow")}${arrow("M506 274V194", "flow")}
    ${arrow("M480 164H458", "flow")}${arrow("M214 274V208", "flow")}
    ${label(208, 258, `μ: ${at("kl_mean")}, σ: ${at("kl_sigma")}`, 'class="elbo" text-anchor="end"')}`;
  if (!random) {
    return `<g>${shared}${arrow("M366 164H336", "flow")}${label(338, 139, at("z"), 'class="elbo" text-anchor="start"')}
      ${arrow("M282 132L252 112", "flow")}${label(266, 108, at("mean"), 'class="elbo" text-anchor="start"')}
      ${arrow("M282 168L252 188", "flow")}${label(262, 214, at("sigma"), 'class="elbo" text-anchor="start"')}
      ${arrow("M206 112L194 120", "flow")}${arrow("M206 188L194 180", "flow")}</g>`;
  }
  return `<g>${shared}${arrow("M206 112L194 120", "flow")}${arrow("M206 188L194 180", "flow")}${arrow("M366 164H336", "flow")}
    <path class="break" d="M270 140L284 162M284 140L270 162"/>
    ${label(314, 203, "no gradient passes", 'class="kl"')}
    <path class="flow" d="M384 284C350 246 262 246 194 202" marker-end="url(#back)"/>
    ${label(308, 226, "score function", 'class="elbo"')}</g>`;
}

function pictures({ data: { hidden }, line }) {
  const place = (x, y, width) => `left:${x / 6}%;top:${(100 * y) / HEIGHT}%;width:${width / 6}%`;
  const shows = (of) => ({ x: "x", encoder: "q mu sigma" })[of] ?? "reconstruction";
  const put = (of, x, y, width) => `<canvas${lit(of === "x" || line >= FORWARD)} data-of="${of}" data-symbol="${shows(of)}"
    style="${place(x, y, width)}"></canvas>`;
  const layer = (part, x) => (hidden[part] ? put(part, x, 122, 28) : "");
  return put("x", 10, 112, 76) + layer("encoder", 137) + layer("decoder", 398) + put("image", 484, 112, 76);
}

function spoken({ data, k, random }) {
  return `An image goes through the encoder to mu and sigma, ${random ? "z is drawn at random" : "z is mu plus sigma times the noise"}, ` +
    `the decoder draws it back. Reconstruction ${number(data.reconstruction[k], 1)}, KL ${number(data.kl[k], 1)} nats.`;
}
