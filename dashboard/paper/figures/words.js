// The numbers of a panel at a moment, and what they say.
import { number, plusMinus } from "../../shared/js/canvas.js";
import { inShort } from "./scales.js";

const DREAMS_ONLY = 1; // nats of KL, below which nothing of z is used

export const capital = (text) => text[0].toUpperCase() + text.slice(1);
const at = (line, name, moment) => {
  const k = line.images_seen.indexOf(moment);
  return k < 0 ? null : line[name]?.[k] ?? null;
};
const cell = (value, digits = 1) => (value === null ? "–" : number(value, digits));

const KL = '<span title="Kullback–Leibler divergence of the codes">KL</span>';
export const head = (panel) => `<tr><th>algorithm, its step size</th><th>training</th><th>test</th>
  <th>${panel.figure === 2 ? KL : "other estimate"}</th><th title="of one processor core, without the evaluation">seconds</th></tr>`;

export function row(line, names, moment, figure) {
  const test = at(line, "test", moment), error = test === null ? "" : plusMinus(at(line, "test_se", moment));
  const about = [`${line.rate}`, line.trial || (line.seed ? "another seed" : ""), line.note].filter(Boolean).join(", ");
  return `<tr><td class="word ${line.algorithm}">${capital(names[line.algorithm])} <small>${about}</small></td>
    <td>${cell(at(line, "train", moment))}</td><td class="test">${cell(test)} <small>${error}</small></td>
    <td>${cell(at(line, figure === 2 ? "kl" : "importance", moment))}</td><td>${cell(at(line, "seconds", moment), 0)}</td></tr>`;
}

// Sentences that these numbers bear out; none where they do not.
export function sentences(panel, names, moment) {
  const first = (name) => panel.lines.find((line) => line.algorithm === name && !line.trial && !line.seed);
  const plain = Object.fromEntries(Object.keys(names).map((name) => [name, first(name)]));
  return [
    overfitted(panel, plain.aevb, moment), costly(plain, moment), shorter(plain.mcem, moment),
    collapsed(panel, plain["wake-sleep"], moment), checked(panel, moment), elsewhere(panel, plain.mcem),
  ].filter(Boolean).join(" ");
}

function overfitted({ figure }, aevb, moment) {
  const [train, test] = ["train", "test"].map((part) => aevb && at(aevb, part, moment));
  if (figure !== 3 || train === null || test === null || train - test < 5) return "";
  const images = aevb.images.toLocaleString("en");
  return `AEVB gives its ${images} training images ${number(train - test, 1)} nats more than new ones: it overfits.`;
}

function costly({ aevb, mcem }, moment) {
  const [few, many] = [aevb, mcem].map((line) => line && at(line, "seconds", moment));
  if (!few || !many) return "";
  return `Monte Carlo EM took ${number(many / few, 1)} times as long for the same images: it moves a chain for each of them
    and changes the weights five times.`;
}

function shorter(mcem, moment) {
  const last = mcem?.images_seen.at(-1);
  return last && moment > last ? `Monte Carlo EM ends at ${inShort(last)} images: each costs several times as much.` : "";
}

function collapsed(panel, line, moment) {
  const kl = line && at(line, "kl", moment);
  if (kl === null || kl === undefined || kl > DREAMS_ONLY) return "";
  const best = panel.lines.filter((l) => l.trial && l.algorithm === "wake-sleep" && (at(l, "kl", moment) ?? 0) > DREAMS_ONLY);
  const cure = best.length ? ` With ${best.map((l) => l.trial).join(", or with ")}, it does not.` : "";
  return `With the paper’s settings wake-sleep has collapsed here: its KL is ${number(kl, 2)} nats, so z says next to nothing
    about the image. The paper’s curve rises here; why ours does not we do not know.${cure}`;
}

// What the paper's figure does not have.
function elsewhere({ lines }, mcem) {
  if (!mcem || lines[0].images <= 10_000) return "";
  return "The paper leaves Monte Carlo EM out where there are so many images, for it moves a chain for each.";
}

// With what these curves were trained.
export function settings({ lines }) {
  if (!lines.length) return "";
  const steps = [...new Set(lines.filter(({ trial }) => !trial).map(({ rate }) => rate))].join(" or ");
  return `The settings are the paper’s: ${lines[0].hidden} hidden units, batches of 100, one draw of the noise (L = 1), Adagrad with
    a step of ${steps}, first weights from N(0, 0.01²), and a prior N(0, I) of the weights.`;
}

function checked({ figure, lines }, moment) {
  if (figure !== 3) return "";
  const both = lines.map((line) => [at(line, "test", moment), at(line, "importance", moment)]);
  const apart = both.filter(([a, b]) => a !== null && b !== null).map(([a, b]) => Math.abs(a - b));
  if (!apart.length) return "";
  const most = Math.max(...apart);
  return `The other estimate is importance sampling; the two differ by at most ${number(most, 2)} nats.`;
}

// How far a visitor's training is.
export function progress(line, names) {
  const name = `${capital(names[line.algorithm])}, seed ${line.seed}`, seen = (line.step / line.steps);
  const said = {
    queued: line.place ? `queued, ${line.place} before it` : "starting",
    running: `${inShort(Math.round(seen * 200) * 1000)} of 200,000 images`,
    paused: "paused", stopped: `stopped${measuring(line)}`, interrupted: `was interrupted${measuring(line)}`,
    failed: line.note || "failed", diverged: line.note || "diverged", done: `done${measuring(line)}`,
  }[line.status] ?? line.status;
  return { name, said, share: seen };
}

// How many points of a curve whose training is over are there; each of figure 3 takes seconds,
// and on a busy machine a minute.
function measuring({ missing, test }) {
  return missing ? `; measuring its curve: ${test.length} of ${test.length + missing} points` : "";
}
