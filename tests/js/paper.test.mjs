// The paper's figures in the browser: scales, and sentences that only stand where the numbers bear them out.
import assert from "node:assert/strict";
import test from "node:test";
import { inShort, kindOf, logScale, reach, span } from "../../dashboard/paper/figures/scales.js";
import { progress, row, sentences } from "../../dashboard/paper/figures/words.js";

const NAMES = { aevb: "AEVB", "wake-sleep": "wake-sleep", mcem: "Monte Carlo EM" };
const SEEN = [10_000, 100_000];
const line = (algorithm, more) => ({
  algorithm, seed: 0, trial: "", note: "", rate: 0.02, images: 1000, images_seen: SEEN, weight_updates: [100, 1000], seconds: [1, 10],
  train: [-200, -150], train_se: [1, 1], test: [-201, -160], test_se: [1, 1], kl: [0.1, 5], importance: [-201.2, -160.05], ...more,
});

test("a frame holds what comes after the first images, and an axis all of it", () => {
  const [low, high] = span([line("aevb")]);
  assert.ok(low < -160 && low > -163 && high > -150 && high < -147);
  assert.deepEqual(reach([line("aevb")], "updates").map(Math.round), [100, 1000]);
  assert.ok(Math.abs(logScale(10, 1000, 0, 200)(100) - 100) < 1e-9);
  assert.deepEqual([30_000, 1e6, 2.5e6].map(inShort), ["30,000", "1 million", "2.5 million"]);
  assert.equal(kindOf(line("mcem", { seed: 1 })), "mcem second");
});

test("overfitting, cost and the check of both estimates are said in numbers", () => {
  const panel = { figure: 3, lines: [line("aevb"), line("mcem", { seconds: [5, 75] })] };
  const said = sentences(panel, NAMES, 100_000);
  assert.match(said, /1,000 training images 10\.0 nats more than new ones/);
  assert.match(said, /took 7\.5 times as long/);
  assert.match(said, /differ by at most 0\.05 nats/);
  assert.equal(sentences({ figure: 3, lines: [line("aevb", { train: [-200, -159], importance: null })] }, NAMES, 100_000), "");
});

test("where Monte Carlo EM has no number, that is said", () => {
  const panel = { figure: 3, lines: [line("aevb", { images_seen: [10_000, 300_000] }), line("mcem")] };
  assert.match(sentences(panel, NAMES, 300_000), /Monte Carlo EM ends at 100,000 images/);
  assert.doesNotMatch(sentences(panel, NAMES, 100_000), /ends at/);
});

test("a collapse is said where the KL is gone, with what would have helped", () => {
  const flat = line("wake-sleep", { kl: [0.04, 0.03] }), saved = line("wake-sleep", { trial: "uniform weights, Adam" });
  const said = sentences({ figure: 2, lines: [flat, saved] }, NAMES, 100_000);
  assert.match(said, /collapsed here: its KL is 0\.03 nats/);
  assert.match(said, /With uniform weights, Adam, it does not/);
  assert.equal(sentences({ figure: 2, lines: [line("wake-sleep")] }, NAMES, 100_000), "");
});

test("what a curve has not reached is a dash", () => {
  assert.match(row(line("aevb"), NAMES, 1e6, 2), /<td>–<\/td><td class="test">– <small><\/small><\/td>/);
});

test("a run says how far it is", () => {
  const run = { algorithm: "aevb", seed: 2, step: 500, steps: 2000, status: "running", place: null };
  assert.deepEqual(progress(run, NAMES), { name: "AEVB, seed 2", said: "50,000 of 200,000 images", share: 0.25 });
  assert.equal(progress({ ...run, status: "queued", place: 0 }, NAMES).said, "starting");
  const over = { ...run, status: "stopped", test: [-170], missing: 5 };
  assert.equal(progress(over, NAMES).said, "stopped; measuring its curve: 1 of 6 points");
  assert.equal(progress({ ...over, status: "done", missing: 0 }, NAMES).said, "done");
});
