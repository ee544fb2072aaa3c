// The lecture’s titles and claims. The claims of scenes without the rail are in their own files.
import { number, percent } from "../../shared/js/canvas.js";
import { toDigits } from "../../shared/js/numbers.js";

export const WITHOUT_RAIL = ["vae", "cost", "humps", "remedies", "really", "factors", "closing"]; // they have a control of their own
export const SCENES = [
  ["vae", "What a VAE is"],
  ["beta", "β from 0 to 64"],
  ["cost", "What one KL costs"],
  ["humps", "Which way round?"],
  ["numbers", "The numbers over β"],
  ["plane", "Rate and distortion"],
  ["collapse", "Collapse, predicted"],
  ["remedies", "What helps"],
  ["really", "What β is it really?"],
  ["factors", "One factor each?"],
  ["closing", "To take home"],
];

const EVERY = 10000; // test images
const ALL = EVERY.toLocaleString("en"), CEILING = Math.log(EVERY); // the most nats that so many images can tell
export const LEVEL = 0.05; // nats that make no difference
export const beta = (model) => String(model.beta);
export const nats = (value) => number(value, Math.abs(value) >= 9.95 ? 1 : 2);
export const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
// The standard deviation
export function spreadOf(values) {
  const mean = average(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

// The KL and its parts as they are shown: the larger part is what the smaller one leaves of it, for a part is known to 0.01.
export function split({ kl, information, mismatch }) {
  const all = toDigits(kl, 2), small = Math.min(all, toDigits(Math.max(0, Math.min(information, mismatch)), 2));
  const large = toDigits(all - small, 2), more = information > mismatch;
  return { kl: all, information: more ? large : small, mismatch: more ? small : large };
}

// Which codes the holes are of.
export const holesOf = (model) => `${model.holes_codes.toLocaleString("en")} ${model.holes_held_out === null ? "test" : "training"} codes`;

// The claim of a scene, with its number, and the sentence under it; `model` is the one on screen.
export function claimOf(scene, model, models, more) {
  return { beta: family, numbers, plane, collapse }[scene]?.(model, models, more) ?? more;
}

function family(model, models, { independent, network } = {}) {
  if (!model.active_units) return collapsed(model, independent);
  if (model.active_units < model.mean_sigma.length) {
    return [`One dimension has collapsed; ${nats(model.kl)} nats remain`, "The next β takes the other one as well."];
  }
  return model.holes > 0.08 ? withHoles(model) : nearlyWithoutHoles(model, network);
}

function collapsed(model, independent) {
  const pixels = independent ? `; independent pixels, each with its own mean, reach ${number(independent, 1)}` : "";
  return ["Too high a price: every code draws the same image", `Collapse: ${number(model.reconstruction, 1)} nats without z${pixels}.`];
}

const missed = (model) => `codes miss ${percent(model.holes)} of the prior`;

function withHoles(model) {
  const there = model.holes_held_out === null ? "" : `${percent(model.holes_held_out)} of the test codes lie in one. `;
  const far = `${percent(model.beyond)} of the codes lie beyond 3σ, where the prior has 1 % of its mass.`;
  if (model.holes <= 0.5) return [`A low price leaves holes: ${missed(model)}`, `${there}${far}`];
  const nothing = `When codes are free, the prior is ignored: they miss ${percent(model.holes)} of it`;
  // Codes far narrower than the picture's squares leave their holes within each square.
  const fine = Math.max(...model.mean_sigma) < 0.005, where = fine ? "; most holes are too fine to draw" : "";
  return [model.beta ? `Codes almost free: they miss ${percent(model.holes)} of the prior` : nothing,
    `Codes are needles${where}. ${there}${fine ? "" : far}`];
}

function nearlyWithoutHoles(model, network) {
  if (model.beta === 1) return [`Almost no holes: ${missed(model)}`, `β = 1 is the bound itself.${largerNetwork(network)}`];
  if (model.holes > 0.01) return [`Few holes left: ${missed(model)}`, "Codes move towards the centre and widen."];
  if (model.beta > 8) {
    return [`Digits blur together: a code carries ${nats(model.kl)} nats`, "Codes overlap so much that different digits share them."];
  }
  const together = `All codes together are ${nats(model.mismatch)} nats of KL from the prior`;
  return [model.holes < 5e-4 ? "No holes left: codes fill the prior" : `Barely a hole left: ${missed(model)}`,
    model.beta < 4 ? `${together}; a draw between two classes is still a smear.`
      : "Codes overlap; digits begin to blur into each other."];
}

function largerNetwork({ elbo, hidden, larger } = {}) {
  return elbo ? ` A small network, ${hidden.join(" and ")} hidden units: the larger ${larger} reaches ${number(elbo, 1)}.` : "";
}

function numbers(model) {
  if (model.kl < 0.05) return ["No information, no mismatch, no cost", "exp(I) = 1: a code tells nothing about its image."];
  const { kl, information, mismatch } = split(model), told = Math.exp(information), [count, most] = imagesTold(told);
  if (mismatch > 0.4 * kl) return [`${percent(mismatch / kl)} of the KL is mismatch with the prior`, restOf(information, count, most)];
  return [mismatch ? `${number(information)} of ${number(kl)} nats are information` : `All of ${number(kl)} nats are information`,
    told < 1.5 ? `exp(I) = ${number(told, 1)}: a code hardly tells one image from another.`
      : `They are enough to tell ${count}${mismatch ? `; ${number(mismatch)} nats are mismatch with the prior` : ""}.`];
}

// How many kinds of image exp(I) are, and the most that can be told apart, in words.
function imagesTold(told) {
  const kinds = told > 100 ? Number(told.toPrecision(2)).toLocaleString("en") : Math.round(told);
  return [`about ${kinds} kinds of image apart`, `ln ${ALL} = ${number(CEILING)}`];
}

// The KL but for its mismatch.
function restOf(information, count, most) {
  if (information > CEILING - 0.05) {
    return `The rest is ${most}, the most that ${ALL} images allow: with more of them it would be more, and the mismatch less.`;
  }
  const ceiling = information > CEILING - 0.5 ? `; the ceiling for ${ALL} images is ${most}` : "";
  return `The rest, ${number(information)} nats, is enough to tell ${count}${ceiling}.`;
}

function plane(model, models, { bounds = {} } = {}) {
  if (model.beta === 0) return ["At β = 0 only distortion counts",
    `The line is flat: a rate of ${nats(model.kl)} nats costs nothing, and so it is spent.`];
  const { model: cheapest, margin } = cheapestOther(model, models), name = beta(model);
  if (margin < -LEVEL) return [`At this β the model of β = ${beta(cheapest)} has the lower loss, by ${nats(-margin)} nats`,
    `So the model trained at β = ${name} is not at its optimum: one run of each β, one seed.`];
  const best = model.elbo === Math.max(...models.map((m) => m.elbo));
  if (best && bounds[name]?.length > 1 && Object.keys(bounds).length > 1) return highestOfSeeds(name, bounds);
  const level = `At this β the model of β = ${beta(cheapest)} has the same loss, within ${LEVEL} nats.`;
  const dearer = `No other model beats it at this β; the next best, β = ${beta(cheapest)}, is ${nats(margin)} nats worse.`;
  return [best ? `β = ${name} reaches the highest bound` : `One nat of rate is worth ${name} nats of distortion`,
    margin < LEVEL ? level : dearer];
}

// The bounds of several seeds at the best beta, against those at the other betas.
function highestOfSeeds(name, bounds) {
  const seeds = bounds[name], rest = Object.entries(bounds).filter(([other]) => other !== name).sort(([a], [b]) => a - b);
  const wins = seeds.filter((value, k) => rest.every(([, others]) => value > others[k])).length;
  const lower = rest.map(([other, others], k) => {
    const by = seeds.map((value, seed) => value - others[seed]); // seed by seed
    return `β = ${other}${k ? "" : " is lower"} by ${number(average(by))} ± ${number(spreadOf(by))}${k ? "" : " nats"}`;
  }).join(", ");
  return [`β = ${name} reaches the highest bound${wins === seeds.length ? "" : ` in ${wins} of ${seeds.length} seeds`}`,
    `So it does from ${seeds.length} random starts: ${lower} (standard deviation).`];
}

// Does a lower KL mean a better model?
export function lowerKl(models) {
  const best = models.reduce((a, b) => (b.elbo > a.elbo ? b : a)), [first, last] = [models[0], models.at(-1)];
  const bound = (m) => number(m.elbo, 1);
  return `Is a lower KL a better model? Not by itself. From β = ${beta(first)} to ${beta(best)} `
    + `the KL falls from ${nats(first.kl)} to ${nats(best.kl)} nats and the bound rises from ${bound(first)} to ${bound(best)}; `
    + `at β = ${beta(last)} the KL is ${nats(last.kl)} and the bound ${bound(last)}.`;
}

// The other model that is cheapest at this model's price, and by how much it is dearer.
export function cheapestOther(model, models) {
  const margin = (other) => model.beta * other.kl - other.reconstruction - model.objective;
  const others = models.filter((other) => other !== model);
  return others.map((other) => ({ model: other, margin: margin(other) })).sort((a, b) => a.margin - b.margin)[0];
}

export const survivors = (eigenvalues, price, dims) => Math.min(dims, eigenvalues.filter((value) => value > price).length);

function collapse(model, models, { correlation }) {
  const dims = model.mean_sigma.length, active = model.active_units;
  const lies = ["above both", "between them", "below both"][survivors(correlation, model.beta, dims)];
  const alive = ["no dimension is", "one dimension is", "both dimensions are"][active] ?? `${active} dimensions are`;
  return [`Two eigenvalues of the data predict collapse: ${nats(correlation[1])} and ${nats(correlation[0])}`,
    "They are the two largest of the correlation matrix of MNIST’s black and white pixels. "
    + `β = ${beta(model)} lies ${lies}; ${alive} active.`];
}

// Why an eigenvalue is held against beta, and how far the models can tell.
export function foretold(models, correlation) {
  const dims = models[0].mean_sigma.length, predicted = (m) => survivors(correlation, m.beta, dims);
  const told = models.filter((m) => predicted(m) < dims); // below all eigenvalues it is silent
  const right = told.filter((m) => predicted(m) === m.active_units).length;
  const between = correlation.slice(0, dims).reverse().map((value) =>
    [models.findLast((m) => m.beta < value), models.find((m) => m.beta > value)]);
  const gaps = between.filter(([low, high]) => low && high).map(([low, high]) => `between ${beta(low)} and ${beta(high)}`);
  const unknown = gaps.length ? `; ${[...new Set(gaps)].join(" and ")} no model was trained` : "";
  return [
    "Why: an eigenvalue λ says how strongly the pixels vary together along one direction. Close to collapse, each nat of code spent "
    + "on that direction improves the reconstruction by λ nats and costs β nats. So it pays only while λ > β.",
    `The prediction holds for ${right === told.length ? `all ${right}` : `${right} of ${told.length}`} models with a β above `
    + `an eigenvalue; below both it says nothing${unknown}.`,
  ];
}
