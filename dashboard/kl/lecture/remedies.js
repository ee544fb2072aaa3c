// What helps at a high beta: trials of the family's recipe from random weights, and where they end beside the family.
import { number } from "../../shared/js/canvas.js";
import { html, keyFigure, radioGroup } from "../../shared/js/html.js";
import { drawEnds, drawTraining } from "./remedies_charts.js";
import { LEVEL, average, nats, spreadOf } from "./words.js";

const NO_TRIALS = ["No trials are here", "python -m vae_core remedies --write trains them, in about half an hour."];
const HELD = 0.03; // nats: nearer to its floor a dimension is held by it
const seedsOf = (group) => (group.length === 1 ? "1 seed" : `${group.length} seeds`);

// A method as it is written: "start at beta 1" in files and addresses.
export const nameOf = (method) => method.replace("beta", "β =");

// The trials of one method at one beta, as means over their seeds.
export function meansOf(group) {
  const mean = (read) => average(group.map(read)), { beta, method, free_bits: free, warmup, steps } = group[0];
  const sorted = group.map((t) => [...t.kl_per_dimension].sort((a, b) => b - a)); // which is which changes with the seed
  return {
    beta, method, free, warmup, steps,
    seeds: seedsOf(group),
    kl: mean((t) => t.kl),
    reconstruction: mean((t) => t.reconstruction),
    each: sorted[0].map((_, d) => average(sorted.map((values) => values[d]))),
    elbo: mean((t) => t.elbo),
    objective: mean((t) => t.objective),
    active: mean((t) => t.active_units),
    spread: group.length > 1 ? spreadOf(group.map((t) => t.objective)) : NaN,
  };
}

// Where a mean of seeds ends beside the family's one run; within two of their standard deviations it is not told apart.
const certain = ({ above, spread }) => !(Math.abs(above) <= 2 * spread);
const apart = (above, unit = " nats") => `${number(Math.abs(above), 1)}${unit} ${above > 0 ? "worse" : "better"}`;
const ending = (end) => relative(end).replace(/^(?=\d)/, "ends ");
function relative(now) {
  if (Math.abs(now.above) < LEVEL) return "matches the series";
  return certain(now) ? `${apart(now.above)} than the series` : "matches the series (within the spread over seeds)";
}

// How much more distortion than the family's models have at the same rate, between two of them; nats.
function aboveCurve(now, family) {
  const k = family.findIndex((m, i) => family[i + 1] && m.kl >= now.kl && family[i + 1].kl < now.kl);
  if (k < 0) return Infinity;
  const [a, b] = [family[k], family[k + 1]], share = (now.kl - b.kl) / (a.kl - b.kl);
  return -now.reconstruction + b.reconstruction + share * (a.reconstruction - b.reconstruction);
}

const spreadText = ({ spread }) => (spread >= 0 ? ` ± ${number(spread, spread < 0.095 ? 2 : 1)}` : "");
const seedsText = ({ seeds, spread }) => (spread >= 0 ? `${seeds}, ± standard deviation` : seeds);
const count = (steps) => steps.toLocaleString("en");

// A claim and what explains it: the means of a method, of plain training at the same beta, and the family's member.
export function saysOf(now, plain, member, family = []) {
  if (member.active_units === 0) return saysOfCollapse(now, family);
  const end = { above: now.objective - member.objective, spread: now.spread };
  if (now.method === plain.method) return saysOfPlain(now, member, end);
  const usual = { above: plain.objective - member.objective, spread: plain.spread };
  const name = nameOf(now.method[0].toUpperCase() + now.method.slice(1));
  const beside = Math.abs(usual.above) < LEVEL || !certain(usual) ? "too" : apart(usual.above, "");
  return [`${name}: ${relative(end)}, plain training ${beside}`, explanationOf(now, plain, family)];
}

// Where the family's member has collapsed, collapse is the goal.
function saysOfCollapse(now, family) {
  const { beta, free, warmup, kl } = now, tail = seedsText(now);
  if (free) return [`Free bits keep ${nats(kl)} nats alive where β = ${beta} asks for none`, chargedAsFree(now, family)];
  if (warmup) return [`Warm-up does not save what β = ${beta} kills: KL ${nats(kl)}`,
    `It changes the path, not the destination: without codes the objective is lowest (${tail}).`];
  return [`Plain training at β = ${beta} ends with a KL of ${nats(kl)}`,
    `So does the model of the series: here collapse is the optimum (${tail}).`];
}

function saysOfPlain(now, member, end) {
  const mean = now.spread >= 0 ? "Mean ± standard deviation" : "Mean";
  return [`Started from random weights, β = ${now.beta} ${ending(end)}`,
    `${mean} of ${now.seeds}: ${number(now.objective, 1)}${spreadText(now)}; the bundled model, `
    + `which began with the weights of a training at β = 1: ${number(member.objective, 1)}. Random weights begin near collapse.`];
}

function explanationOf(now, plain, family) {
  const tail = seedsText(now), { beta, each, free, method, steps, warmup } = now;
  if (free && each.some((value) => value < free + HELD)) return chargedAsFree(now, family);
  if (free) {
    return `The dimensions end at ${each.map((v) => number(v)).join(" and ")}, above their ${free} free nat${free === 1 ? "" : "s"}, `
      + `where the objective is the plain one: free bits acted on the way only (${tail}).`;
  }
  if (warmup) {
    return `β grows from 0 to ${beta} over ${count(warmup)} of ${count(steps)} steps: `
      + `codes formed early are squeezed later (${tail}).`;
  }
  if (method === "start at beta 1") return `The same ${count(steps)} steps, from the weights of as many at β = 1 (${tail}).`;
  return `${count(steps)} steps instead of ${count(plain.steps)}: as many as a start at β = 1 has had in the end (${tail}).`;
}

function chargedAsFree(now, family) {
  const held = aboveCurve(now, family) < 1 ? ", as a smaller β would: the end lies on the curve of the series" : ", not the data";
  return `β × max(KL, ${now.free}) was charged in each dimension: not the ELBO, no bound. The floor holds the KL${held}.`;
}

const PAGE = html`
  <div class="choices tried"></div>
  <div class="both">
    <div><div class="chart over-steps"></div></div>
    <div><div class="chart ends"></div></div>
  </div>
  <div class="five"></div>`;

export function createRemedies(box, trials, asked, told, words) {
  const betas = [...new Set(trials.map((t) => t.beta))].sort((a, b) => a - b);
  const methodsAt = (beta) => [...new Set(trials.filter((t) => t.beta === beta).map((t) => t.method))];
  const groupOf = (method) => trials.filter((t) => t.beta === chosen.beta && t.method === method);
  const [beta, method] = asked ?? [trials[0]?.beta, trials[0]?.method];
  const chosen = { beta, method };
  let family = [];
  box.innerHTML = PAGE;
  const $ = (selector) => box.querySelector(selector);

  function choose(key, value) {
    chosen[key] = key === "beta" ? Number(value) : value;
    const methods = methodsAt(chosen.beta);
    if (!methods.includes(chosen.method)) chosen.method = methods[0];
    draw(family);
    $(`[data-key="${key}"][aria-checked=true]`).focus();
    told([chosen.beta, chosen.method]);
  }

  function offer() {
    const twice = (value) => [value, nameOf(String(value))];
    $(".choices").innerHTML = '<i class="symbol kl">β</i>'
      + radioGroup("beta", "beta", betas.map(twice), chosen.beta)
      + radioGroup("training", "method", methodsAt(chosen.beta).map(twice), chosen.method);
    for (const button of box.querySelectorAll(".choices button")) {
      button.onclick = () => choose(button.dataset.key, button.dataset.value);
    }
  }

  function draw(models) {
    family = models;
    if (!trials.length) return words(...NO_TRIALS);
    const member = models.find((m) => m.beta === chosen.beta), group = groupOf(chosen.method), now = meansOf(group);
    const plain = meansOf(groupOf(methodsAt(chosen.beta)[0]));
    const others = trials.filter((t) => t.beta === chosen.beta && t.method !== chosen.method);
    offer();
    words(...saysOf(now, plain, member, models));
    $(".five").innerHTML = figuresOf(now, member);
    drawTraining($(".over-steps"), group, others, member); // after the numbers, whose height leaves them theirs
    drawEnds($(".ends"), group, others, member, family);
  }

  // What was tried at a beta, where it was.
  function show(beta, method) {
    if (!trials.some((t) => t.beta === beta && t.method === method)) return;
    Object.assign(chosen, { beta, method });
    draw(family);
    told([beta, method]);
  }

  // Drawn at what helps, once.
  function drawPoint(models) {
    const kept = { ...chosen }, helps = { beta: 8, method: "warm-up" };
    if (trials.some((t) => t.beta === helps.beta && t.method === helps.method)) Object.assign(chosen, helps);
    draw(models);
    Object.assign(chosen, kept);
  }

  return { draw, drawPoint, show, trained: () => groupOf(chosen.method)[0] };
}

function figuresOf(now, member) {
  const whole = now.active % 1 === 0;
  return [
    { name: "β KL − reconstruction", value: number(now.objective, 1), tint: "ink", after: spreadText(now) },
    {
      name: "worse than the series", unit: "nats",
      value: number(now.objective - member.objective, 1), tint: "ink", after: spreadText(now),
    },
    { name: "KL", unit: "nats", value: nats(now.kl), tint: "kl", after: now.each.map((v) => nats(v)).join(" + ") },
    { name: "ELBO", unit: "nats", value: number(now.elbo, 1), tint: "elbo" },
    { name: "active dimensions", value: number(now.active, whole ? 0 : 1), tint: "z", after: `of ${now.each.length}` },
  ].map(keyFigure).join("");
}
