// What helps at a high beta: trials of the family's recipe from random weights, and where they end beside the family.
import { number } from "../../shared/js/canvas.js";
import { dot, line, rule, scale, text, tickText, ticksOf } from "./chart.js";
import { LEVEL, average, nats, spreadOf } from "./words.js";

const NO_TRIALS = ["No trials are here", "python -m vae_core remedies --write trains them, in about half an hour."];
const HELD = 0.03; // nats: nearer to its floor a dimension is held by it
const seedsOf = (group) => (group.length === 1 ? "1 seed" : `${group.length} seeds`);

// The trials of one method at one beta, as means over their seeds.
export function meansOf(group) {
  const of = (read) => average(group.map(read)), sorted = group.map((t) => [...t.kl_per_dimension].sort((a, b) => b - a)); // which is which changes with the seed
  return {
    beta: group[0].beta, method: group[0].method, seeds: seedsOf(group), free: group[0].free_bits, warmup: group[0].warmup, steps: group[0].steps,
    kl: of((t) => t.kl), reconstruction: of((t) => t.reconstruction), each: sorted[0].map((_, d) => average(sorted.map((values) => values[d]))), elbo: of((t) => t.elbo), objective: of((t) => t.objective),
    active: of((t) => t.active_units), spread: group.length > 1 ? spreadOf(group.map((t) => t.objective)) : NaN,
  };
}

// Where a mean of seeds ends beside the family's one run; within two of their standard deviations it is not told apart.
const certain = ({ above, spread }) => !(Math.abs(above) <= 2 * spread);
const side = (above, unit = "") => `${number(Math.abs(above), 1)}${unit} ${above > 0 ? "above" : "below"}`;
function relative(now) {
  if (Math.abs(now.above) < LEVEL) return "level with the family";
  return certain(now) ? `${side(now.above, " nats")} the family` : "level with the family within the seeds’ spread";
}

// How much more distortion than the family's models have at the same rate, between two of them; nats.
function aboveCurve(now, family) {
  const k = family.findIndex((m, i) => family[i + 1] && m.kl >= now.kl && family[i + 1].kl < now.kl);
  if (k < 0) return Infinity;
  const [a, b] = [family[k], family[k + 1]], share = (now.kl - b.kl) / (a.kl - b.kl);
  return -now.reconstruction + b.reconstruction + share * (a.reconstruction - b.reconstruction);
}

const spreadText = ({ spread }) => (spread >= 0 ? ` ± ${number(spread, spread < 0.095 ? 2 : 1)}` : "");

// A claim and what explains it: the means of a method, of plain training at the same beta, and the family's member.
export function saysOf(now, plain, member, family = []) {
  const end = (of) => ({ above: of.objective - member.objective, spread: of.spread }), here = end(now), usual = end(plain), dead = member.active_units === 0, price = `β = ${now.beta}`, tail = now.spread >= 0 ? `${now.seeds}, ± standard deviation` : now.seeds;
  const name = now.method[0].toUpperCase() + now.method.slice(1), floor = now.each.some((value) => value < now.free + HELD), free = `${now.free} free nat${now.free === 1 ? "" : "s"}`;
  const off = aboveCurve(now, family), held = `β × max(KL, ${now.free}) was charged in each dimension: not the ELBO, no bound. The floor holds the KL${off < 1 ? ", as a smaller β would: the end lies on the family's curve" : ", not the data"}.`;
  if (dead && now.free) return [`Free bits keep ${nats(now.kl)} nats alive where ${price} asks for none`, held];
  if (dead) return now.warmup ? [`Warm-up does not save what ${price} kills: KL ${nats(now.kl)}`, `It changes the way, not the goal: without codes the objective is at its least (${tail}).`] : [`Plain training at ${price} ends with a KL of ${nats(now.kl)}`, `So does the family's member: here collapse is the optimum (${tail}).`];
  if (now.method === plain.method) return [`From random weights β = ${now.beta} ends ${relative(here)}`, `${now.spread >= 0 ? "Mean ± standard deviation" : "Mean"} of ${now.seeds}: ${number(now.objective, 1)}${spreadText(now)}; the bundled model, which ${member.start ? "began with its neighbour's weights" : "is seed 0"}: ${number(member.objective, 1)}. Random weights begin near collapse.`];
  const claim = `${name}: ${relative(here)}, plain ${Math.abs(usual.above) < LEVEL || !certain(usual) ? "too" : side(usual.above)}`;
  if (now.free) return [claim, floor ? held : `The dimensions end at ${now.each.map((v) => number(v)).join(" and ")}, above their ${free}, where the objective is the plain one: free bits acted on the way only (${tail}).`];
  if (now.warmup) return [claim, `β grows from 0 to ${now.beta} over ${now.warmup.toLocaleString("en")} of ${now.steps.toLocaleString("en")} steps: codes that are there already give way (${tail}).`];
  if (now.method === "neighbour") return [claim, `The same ${now.steps.toLocaleString("en")} steps, from the weights of the lower neighbour in β (${tail}).`];
  return [claim, `${now.steps.toLocaleString("en")} steps instead of ${plain.steps.toLocaleString("en")}: as many as a member and its neighbour have together (${tail}).`];
}

export function createRemedies(box, trials, asked, told, words) {
  const betas = [...new Set(trials.map((t) => t.beta))].sort((a, b) => a - b), methodsAt = (beta) => [...new Set(trials.filter((t) => t.beta === beta).map((t) => t.method))];
  let [beta, method] = [asked?.[0] ?? trials[0]?.beta, asked?.[1] ?? trials[0]?.method], family = [];
  box.innerHTML = `<div class="choices tried"></div><div class="both"><div><div class="chart over-steps"></div></div><div><div class="chart ends"></div></div></div><div class="five"></div>`;
  const $ = (selector) => box.querySelector(selector);
  const groupOf = (name) => trials.filter((t) => t.beta === beta && t.method === name);

  function choose(key, value) {
    if (key === "beta") beta = Number(value);
    else method = value;
    if (!methodsAt(beta).includes(method)) method = methodsAt(beta)[0];
    draw(family);
    $(`[data-key="${key}"][aria-checked=true]`).focus();
    told([beta, method]);
  }

  const trainedHere = () => groupOf(method)[0]; // what "train this" offers

  function draw(models) {
    family = models;
    if (!trials.length) return words(...NO_TRIALS);
    const member = models.find((m) => m.beta === beta), group = groupOf(method), now = meansOf(group), plain = meansOf(groupOf(methodsAt(beta)[0]));
    const radio = (key, value, label) => `<button type="button" role="radio" data-key="${key}" data-value="${value}" aria-checked="${String(key === "beta" ? beta : method) === String(value)}">${label}</button>`;
    $(".choices").innerHTML = `<i class="symbol kl">β</i><span class="group" role="radiogroup" aria-label="beta">${betas.map((b) => radio("beta", b, b)).join("")}</span><span class="group" role="radiogroup" aria-label="training">${methodsAt(beta).map((name) => radio("method", name, name)).join("")}</span>`;
    for (const button of box.querySelectorAll(".choices button")) button.onclick = () => choose(button.dataset.key, button.dataset.value);
    words(...saysOf(now, plain, member, models));
    const others = trials.filter((t) => t.beta === beta && t.method !== method);
    const one = (name, unit, value, tint, small = "") => `<div class="one"><p>${name}${unit ? ` <small>${unit}</small>` : ""}</p><b class="${tint}">${value}${small ? `<small>${small}</small>` : ""}</b></div>`;
    const above = now.objective - member.objective;
    $(".five").innerHTML = one("β KL − reconstruction", "", number(now.objective, 1), "ink", spreadText(now)) + one("above the family", "nats", number(above, 1), "ink", spreadText(now)) + one("KL", "nats", nats(now.kl), "kl", now.each.map((v) => nats(v)).join(" + ")) + one("ELBO", "nats", number(now.elbo, 1), "elbo") + one("active dimensions", "", number(now.active, now.active % 1 ? 1 : 0), "z", `of ${now.each.length}`);
    overSteps($(".over-steps"), group, others, member); // after the numbers, whose height leaves them theirs
    ends($(".ends"), group, others, member);
  }

  // The KL while it is trained; the line across is where the family's member ended.
  function overSteps(plot, group, others, member) {
    const width = plot.clientWidth, height = plot.clientHeight, s = Math.max(0.7, Number(getComputedStyle(box).getPropertyValue("--s")) || 1), left = 56 * s, foot = 64 * s, first = group[0];
    if (!width) return;
    const most = Math.max(0.6, 2.1 * Math.max(member.kl, ...[...group, ...others].map((t) => t.kl))), last = first.steps;
    const x = scale(0, last, left, width - 12), y = scale(0, most, height - foot, 16);
    const curve = (t, more) => line(t.path.map(([rate], k) => [x(((k + 1) * t.steps) / t.path.length), y(rate)]), more);
    const floor = first.free_bits * member.mean_sigma.length;
    plot.innerHTML = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="KL over the steps of training"><defs><clipPath id="in-steps"><rect x="${left}" y="12" width="${width - left - 10}" height="${height - foot - 8}"/></clipPath></defs>
      ${ticksOf(0, most, 4).map((v) => rule(left, y(v), width - 12, y(v), 'class="hair"') + text(left - 12, y(v) + 8, tickText(v), 'class="small end"')).join("")}${rule(left, y(0), width - 12, y(0), 'class="axis"')}${ticksOf(0, last, 4).map((v) => text(x(v), height - foot + 30 * s, v.toLocaleString("en"), `class="small ${v === last ? "end" : "middle"}"`)).join("")}
      ${floor ? rule(left, y(floor), width - 12, y(floor), 'stroke="var(--ink)" stroke-width="2" stroke-dasharray="3 5"') : ""}
      <g clip-path="url(#in-steps)">${others.map((t) => curve(t, 'stroke="var(--ink2)" stroke-width="1.5" opacity=".4"')).join("")}${group.map((t) => curve(t, 'stroke="var(--kl)" stroke-width="3"')).join("")}</g>${rule(left, y(member.kl), width - 12, y(member.kl), 'stroke="var(--kl)" stroke-width="2" stroke-dasharray="10 6"')}
      ${text(width - 14, 34, `<tspan class="t-kl strong">KL</tspan> while training, nats; thin: the others`, 'class="halo end"')}${text(width - 14, y(member.kl) + (member.kl > most / 8 ? -10 : -12), `family: ${nats(member.kl)}`, 'class="small halo end"')}${floor ? text(width - 14, y(floor) + 22 * Math.max(0.8, s), `${member.mean_sigma.length} × ${number(first.free_bits, 1)} nats free`, 'class="small halo end"') : ""}${text(width - 12, height - 4, "step", 'class="small end"')}</svg>`;
  }

  // Ends in the plane of rate and distortion, the ways there, and the line on which everything costs the same.
  function ends(plot, group, others, member) {
    const width = plot.clientWidth, height = plot.clientHeight, s = Math.max(0.7, Number(getComputedStyle(box).getPropertyValue("--s")) || 1), left = 74 * s, foot = 64 * s;
    if (!width) return;
    const all = [...group, ...others], rates = [member.kl, ...all.map((t) => t.kl)], costs = [-member.reconstruction, ...all.map((t) => -t.reconstruction)];
    const far = Math.max(0.6, Math.max(...rates) - Math.min(...rates)), tall = Math.max(4, Math.max(...costs) - Math.min(...costs));
    const [low, high] = [Math.max(0, Math.min(...rates) - 0.35 * far), Math.max(...rates) + 0.5 * far], [bottom, top] = [Math.min(...costs) - 0.3 * tall, Math.max(...costs) + 0.25 * tall];
    const x = scale(low, high, left, width - 12), y = scale(bottom, top, height - foot, 12), at = (t) => [x(t.kl), y(-t.reconstruction)];
    const tangent = [low, high].map((rate) => [x(rate), y(member.objective - beta * rate)]), near = family.filter((m) => (m === member || Math.hypot(at(m)[0] - at(member)[0], at(m)[1] - at(member)[1]) > 24) && m.kl >= low && m.kl <= high && -m.reconstruction >= bottom && -m.reconstruction <= top);
    const named = (m) => {
      const [px, py] = at(m), edge = px < left + 150 * s; // no room at its left
      return dot(px, py, m === member ? 10 : 6, 'fill="var(--ink)"') + text(edge ? px + 16 : px - 14, edge ? py - 12 * s : py + 24 * s, m === member ? `family, β = ${m.beta}` : m.beta, `class="halo ${edge ? "" : "end"} ${m === member ? "strong" : "small"}"`);
    };
    const way = (t) => line(t.path.map(([rate, cost]) => [x(rate), y(cost)]), 'stroke="var(--kl)" stroke-width="1.5" opacity=".55"');
    plot.innerHTML = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Where the trials end, in rate and distortion"><defs><clipPath id="in-plane"><rect x="${left}" y="8" width="${width - left - 10}" height="${height - foot - 6}"/></clipPath></defs>
      ${ticksOf(bottom, top, 4).map((v) => rule(left, y(v), width - 12, y(v), 'class="hair"') + text(left - 12, y(v) + 8, tickText(v), 'class="small end"')).join("")}${ticksOf(low, high, 4).map((v) => text(x(v), height - foot + 30 * s, tickText(v), 'class="small middle"')).join("")}${rule(left, y(bottom), width - 12, y(bottom), 'class="axis"')}
      <g clip-path="url(#in-plane)">${line(family.map(at), 'stroke="var(--ink2)" stroke-width="1.5"')}${line(tangent, 'stroke="var(--kl)" stroke-width="3"')}${group.map(way).join("")}${others.map((t) => dot(...at(t), 5, 'fill="var(--ink2)" opacity=".6"')).join("")}${group.map((t) => dot(...at(t), 9, 'fill="var(--kl)"')).join("")}</g>
      ${near.map(named).join("")}
      ${text(width - 14, 34, '<tspan class="t-reconstruction strong">distortion</tspan> over <tspan class="t-kl strong">rate</tspan>, nats', 'class="halo end"')}${text(width - 12, height - 4, `on the line all cost ${number(member.objective, 1)} at β = ${beta}`, 'class="small end"')}</svg>`;
  }

  return { draw, trained: trainedHere };
}
