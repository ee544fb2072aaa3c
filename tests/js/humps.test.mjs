// Two humps and one Gaussian against a plain sum over the line and a plain search; then what is said of the remedies.
import assert from "node:assert/strict";
import test from "node:test";
import { rowsOf } from "../../dashboard/kl/lecture/handout.js";
import { fromHumps, matching, parting, seeking, toHumps } from "../../dashboard/kl/lecture/humps.js";
import { meansOf, saysOf } from "../../dashboard/kl/lecture/remedies.js";
import { claimOf } from "../../dashboard/kl/lecture/words.js";

const close = (a, b, far = 1e-6) => assert.ok(Math.abs(a - b) <= far, `${a} is not ${b}`);

// Another rule than the page's: a sum over z itself, with every density written out.
const H = 0.01, LINE = Array.from({ length: 5001 }, (_, k) => -25 + k * H);
const normal = (z, m, s) => Math.exp(-0.5 * ((z - m) / s) ** 2) / (s * Math.sqrt(2 * Math.PI));
const humps = (a) => LINE.map((z) => 0.5 * normal(z, -a, 1) + 0.5 * normal(z, a, 1));
const one = ({ m, s }) => LINE.map((z) => normal(z, m, s));
const kl = (u, v) => u.reduce((sum, value, k) => sum + (value > 1e-290 && v[k] > 1e-300 ? value * Math.log(value / v[k]) * H : 0), 0);

for (const d of [0, 1.3, 4, 5.5, 5.7, 8]) {
  const a = d / 2, p = humps(a);
  test(`both KLs at a distance of ${d} are the sums over the line`, () => {
    for (const q of [seeking(a), matching(a), { m: 0.7, s: 1.6 }]) {
      close(toHumps(a, q), kl(one(q), p));
      close(fromHumps(a, q), kl(p, one(q)));
    }
  });

  test(`at ${d} no Gaussian of a fine grid is nearer, either way`, () => {
    const [least, match] = [toHumps(a, seeking(a)), fromHumps(a, matching(a))];
    for (let m = 0; m <= a + 0.5; m += 0.1) for (let s = 0.7; s <= 4.5; s += 0.05) {
      assert.ok(toHumps(a, { m, s }) >= least - 1e-9, `q ${m} ${s}`);
      assert.ok(fromHumps(a, { m, s }) >= match - 1e-9, `p ${m} ${s}`);
    }
  });

  test(`at ${d} the cover has the mean and the variance of the humps`, () => {
    const { m, s } = matching(a), mean = p.reduce((sum, v, k) => sum + v * LINE[k] * H, 0);
    close(m, mean);
    close(s * s, p.reduce((sum, v, k) => sum + v * (LINE[k] - mean) ** 2 * H, 0));
  });
}

test("the answers part where the middle and a hump cost the same", () => {
  const d = parting(), before = seeking(d / 2 - 1e-3), after = seeking(d / 2 + 1e-3);
  close(d, 5.6, 5e-3);
  assert.equal(before.m, 0);
  assert.ok(after.m > 2.7 && after.s < 1.1);
  close(toHumps(d / 2, before), toHumps(d / 2, after), 2e-3);
});

test("far apart the lost hump costs ln 2", () => close(toHumps(6, seeking(6)), Math.LN2, 1e-6));

const trial = (method, seed, objective, more = {}) => ({
  beta: 8, method, seed, objective, kl: 2.5, reconstruction: -163, kl_per_dimension: [1.3, 1.2], elbo: -165, active_units: 2,
  warmup: 0, free_bits: 0, steps: 8000, ...more,
});
const member = { objective: 180, active_units: 2 }, plain = meansOf([trial("plain", 0, 183), trial("plain", 1, 184)]);

test("a remedy is told by what is left of the distance, and of how many seeds", () => {
  assert.deepEqual([plain.objective, plain.seeds, plain.spread], [183.5, "2 seeds", Math.SQRT1_2]);
  assert.equal(saysOf(plain, plain, member)[0], "Started from random weights, β = 8 ends 3.5 nats worse than the series");
  assert.match(saysOf(plain, plain, member)[1], /Mean ± standard deviation of 2 seeds: 183.5 ± 0.7; .* weights of a training at β = 1: 180.0/);
  const warm = meansOf([trial("warm-up", 0, 181, { warmup: 4000 })]);
  assert.equal(saysOf(warm, plain, member)[0], "Warm-up: 1.0 nats worse than the series, plain training 3.5 worse");
  assert.match(saysOf(warm, plain, member)[1], /over 4,000 of 8,000 steps.*1 seed/);
});

test("what the seeds do not tell apart is not called above or below", () => {
  const near = meansOf([trial("warm-up", 0, 179, { warmup: 4000 }), trial("warm-up", 1, 180.2, { warmup: 4000 })]);
  assert.equal(saysOf(near, plain, member)[0], "Warm-up: matches the series (within the spread over seeds), plain training 3.5 worse");
});

test("dimensions are averaged by their size, for seeds exchange them", () => {
  const trials = [[0.6, 0.4], [0.4, 0.8]].map((each, seed) => trial("plain", seed, 1, { kl_per_dimension: each }));
  assert.deepEqual(meansOf(trials).each, [0.7, 0.4]);
});

test("free bits are said to be no bound where they hold the KL, and without effect at the end where they do not", () => {
  const free = (each) => saysOf(meansOf([trial("free bits 0.5", 0, 182, { free_bits: 0.5, kl_per_dimension: each })]), plain, member)[1];
  assert.match(free([0.5, 1.2]), /no bound.*floor holds the KL/);
  assert.match(free([0.56, 0.64]), /end at 0.64 and 0.56, above their 0.5 free nats/);
  assert.match(free([1.3, 1.2]), /acted on the way only/);
});

test("the best bound says its seeds, and a draw is not called a victory", () => {
  const models = [[0.5, -153.5], [1, -153.4], [2, -154.3]].map(([beta, elbo]) =>
    ({ beta, elbo, kl: 1, reconstruction: elbo + 1, objective: beta - elbo - 1 }));
  const said = (bounds) => claimOf("plane", models[1], models, { bounds });
  assert.equal(said({ 0.5: [-153.5, -153.4], 1: [-153.4, -153.3], 2: [-154.3, -154.5] })[0], "β = 1 reaches the highest bound");
  assert.match(said({ 0.5: [-153.5, -153.2], 1: [-153.4, -153.3], 2: [-154.3, -154.5] })[0], /in 1 of 2 seeds/);
  const differences = said({ 0.5: [-153.5, -153.4], 1: [-153.4, -153.2], 2: [-154.3, -154.5] })[1];
  assert.match(differences, /β = 0.5 is lower by 0.15 ± 0.07 nats, β = 2 by 1.10 ± 0.28/);
});

test("the handout has one row of numbers per model", () => {
  const parts = { information: 5.2, mismatch: 0.49, holes: 0.0034, active_units: 2 };
  const rows = rowsOf([{ beta: 1, reconstruction: -147.74, kl: 5.68, elbo: -153.42, ...parts }]);
  assert.deepEqual(rows[0].slice(0, 4), ["1", "−147.74", "5.68", "153.42"]);
});
