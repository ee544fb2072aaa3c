// What the lecture says: per scene a claim with the number in it, what is under it, and a question to ask the room first.
import { number, percent } from "../paper.js";

export const SCENES = [
  ["beta", "β from 0 to 64"],
  ["cost", "What one KL costs"],
  ["humps", "Which way round?"],
  ["numbers", "The numbers over β"],
  ["plane", "Rate and distortion"],
  ["collapse", "Collapse, predicted"],
  ["remedies", "What helps"],
  ["really", "What β is it really?"],
];

const EVERY = 10000; // test images
export const beta = (model) => String(model.beta);
export const nats = (value) => number(value, Math.abs(value) >= 9.95 ? 1 : 2);
export const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const times = (count, word) => `${["no", "one", "two"][count] ?? count} ${word}${count === 1 ? "" : "s"}`;

// Two parts of the KL and the price of each, in plain words; the model is the one on screen.
export function claimOf(scene, model, models, more) {
  return { beta: family, numbers, plane, collapse }[scene]?.(model, models, more) ?? more;
}

function family(model, models, { independent } = {}) {
  const empty = percent(model.holes), dims = model.mean_sigma.length;
  if (!model.active_units) return ["Too high a price: every code draws the same image", `Collapse: ${number(model.reconstruction, 1)} nats without z${independent ? `; pixels that know their means only have ${number(independent, 1)}` : ""}.`];
  if (model.active_units < dims) return [`One dimension is dead, ${nats(model.kl)} nats are left`, "The next step of β takes the other one."];
  if (model.holes > 0.5) return [model.beta ? `Hardly any price: ${empty} of the prior is empty` : `Without a price the prior means nothing: ${empty} of it is empty`, "Codes are needles far from the centre; a draw from the prior decodes to garbage."];
  if (model.holes > 0.08) return [`A low price leaves holes: ${empty} of the prior is empty`, "Codes are small and lie far from the centre."];
  if (model.beta === 1) return [`Nearly no holes: ${empty} of the prior is empty`, "β = 1 is the bound itself."];
  if (model.holes > 0.01) return [`Few holes are left: ${empty} of the prior is empty`, "Codes move towards the centre and widen."];
  if (model.beta <= 8) return [model.holes < 5e-4 ? "No holes left: codes fill the prior" : `Hardly a hole left: ${empty} of the prior is empty`, model.beta < 4 ? "A draw from the prior decodes to a digit." : "Codes overlap; digits begin to blur into each other."];
  return [`Digits melt: a code is worth ${nats(model.kl)} nats`, "Codes overlap so much that most digits share them."];
}

function numbers(model) {
  const said = Math.exp(model.information), share = model.kl > 0.05 ? model.mismatch / model.kl : 0;
  const kinds = said > 100 ? Number(said.toPrecision(2)).toLocaleString("en") : Math.max(1, Math.round(said));
  const told = model.information > Math.log(EVERY) - 0.5 ? `nearly all ${EVERY.toLocaleString("en")} images apart` : `about ${kinds} kind${kinds === 1 ? "" : "s"} of image apart`;
  if (model.kl < 0.05) return ["No information, no mismatch, no cost", "exp(I) = 1: a code tells nothing about its image."];
  if (share > 0.4) return [`${percent(share)} of the KL buys nothing`, `It is mismatch with the prior; the rest, ${nats(model.information)} nats, tells ${told}.`];
  return [`${nats(model.information)} of ${nats(model.kl)} nats are information`, `They tell ${told}; ${nats(model.mismatch)} nats are mismatch with the prior.`];
}

function plane(model, models, { bounds = {} } = {}) {
  if (model.beta === 0) return ["At β = 0 only distortion counts", `The line is flat: a rate of ${nats(model.kl)} nats costs nothing, and so it is spent.`];
  const cheapest = cheapestOther(model, models);
  const best = model.elbo === Math.max(...models.map((m) => m.elbo));
  if (cheapest.margin < 0) return [`At this price β = ${beta(cheapest.model)} is ${nats(-cheapest.margin)} nats cheaper`, `The model of β = ${beta(model)} was trained for this price, and stopped a little above its optimum.`];
  const seeds = bounds[beta(model)] ?? [], rest = Object.entries(bounds).filter(([name]) => name !== beta(model));
  const wins = seeds.filter((value, k) => rest.every(([, others]) => value > others[k])).length;
  const lower = rest.sort(([a], [b]) => a - b).map(([name, others]) => `β = ${name} is ${nats(average(seeds) - average(others))} nats lower`).join(", ");
  if (best && seeds.length > 1 && rest.length) return [`β = ${beta(model)} reaches the highest bound${wins === seeds.length ? "" : ` in ${wins} of ${seeds.length} seeds`}`,
    `Mean of ${seeds.length} seeds: ${number(average(seeds), 1)}; ${lower}. No model lies below the line.`];
  return [best ? `β = ${beta(model)} reaches the highest bound` : `One nat of rate is worth ${beta(model)} nats of distortion`, `No other model lies below the line of slope −${beta(model)}: the nearest, β = ${beta(cheapest.model)}, is ${nats(cheapest.margin)} nats above.`];
}

// The other model that is cheapest at this model's price, and by how much it is dearer.
export function cheapestOther(model, models) {
  const margin = (other) => model.beta * other.kl - other.reconstruction - model.objective;
  const others = models.filter((other) => other !== model);
  return others.map((other) => ({ model: other, margin: margin(other) })).sort((a, b) => a.margin - b.margin)[0];
}

export const survivors = (eigenvalues, price, dims) => Math.min(dims, eigenvalues.filter((value) => value > price).length);

function collapse(model, models, { correlation }) {
  const dims = model.mean_sigma.length, now = survivors(correlation, model.beta, dims);
  return [`Two eigenvalues of the data foretell it: ${nats(correlation[1])} and ${nats(correlation[0])}`,
    `The two largest of the correlation matrix of MNIST’s binarised pixels. β = ${beta(model)} is below ${["neither", "one", "both"][now] ?? now} of them; alive: ${times(model.active_units, "dimension")}.`];
}

// Why an eigenvalue is held against beta, and how far the models can tell.
export function foretold(models, correlation) {
  const dims = models[0].mean_sigma.length, right = models.filter((m) => survivors(correlation, m.beta, dims) === m.active_units).length;
  const between = correlation.slice(0, dims).reverse().map((value) => [models.findLast((m) => m.beta < value), models.find((m) => m.beta > value)]);
  const unknown = [...new Set(between.filter(([low, high]) => low && high).map(([low, high]) => `between ${beta(low)} and ${beta(high)}`))];
  return ["Why, by a local analysis: at the collapsed solution a nat of KL along a direction of the data with eigenvalue λ buys λ nats of reconstruction and is charged β. It pays only while λ > β.",
    `Right at ${right === models.length ? `all ${right}` : `${right} of ${models.length}`} bundled β${unknown.length ? `; ${unknown.join(" and ")} no model was trained` : ""}.`];
}

export const QUESTIONS = {
  beta: "If codes cost nothing, where will the encoder put them?",
  cost: "Which is dearer: to lie one σ off the centre, or to be half as wide?",
  humps: "One Gaussian for two humps: will it sit on one, or between them?",
  numbers: "All codes together look like the prior. Can the KL still be above zero?",
  plane: "Which of these models is the best one?",
  collapse: "Can one know, before training, which β kills a dimension?",
  remedies: "Does it matter where a training at β = 8 starts?",
  really: "Your loss averages over the pixels and sums the KL. What is your β?",
};
