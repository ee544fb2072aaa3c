// What the Train page makes of its numbers in the browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { csv } from "../../dashboard/shared/js/files.js";
import { deadUnits } from "../../dashboard/train/live/captions.js";
import { climbed } from "../../dashboard/train/live/chart.js";
import { tableOf } from "../../dashboard/train/live/stage_files.js";

const curves = {
  step: [20, 40], reconstruction: [-120.5, -100], kl: [3, 4.5], validation: [null, -104], validation_reconstruction: [null, -99],
  beta: [1, 1], gradient_norm: [9, null], kls: [[1, 2], [1.5, 3]],
};

test("the numbers of the curves are a row per report, and what was not measured is empty", () => {
  const [head, first, last] = csv(tableOf({ curves, dims: 2, stochastic: true })).split("\r\n");
  assert.equal(head, "step,elbo,reconstruction,kl,held_out,held_out_reconstruction,beta,gradient_norm,kl_1,kl_2");
  assert.equal(first, "20,-123.5,-120.5,3,,,1,9,1,2");
  assert.equal(last, "40,-104.5,-100,4.5,-104,-99,1,,1.5,3");
  assert.equal(tableOf({ curves, dims: 2, stochastic: false })[0].includes("elbo"), false);
});

test("a run of K weighted samples shows that bound by its name, and other runs' bounds by theirs", () => {
  const weighted = { ...curves, importance_weighted: [-121, -102.5], validation_importance_weighted: [null, -103] };
  const others = [{ name: "plain", curves, importance: 1 }, { name: "five", curves: weighted, importance: 5 }];
  const five = climbed(weighted, others, 5, true);
  assert.equal(five.name, "IWAE bound, K = 5");
  assert.deepEqual([five.train, five.held], [[-121, -102.5], [null, -103]]);
  assert.deepEqual(five.more.map(({ name, values }) => [name, values]), [["plain, ELBO", [-123.5, -104.5]], ["five", [-121, -102.5]]]);
  const one = climbed(curves, others, 1, true);
  assert.equal(one.name, "ELBO");
  assert.deepEqual(one.more.map(({ name, values }) => [name, values[0]]), [["plain", -123.5], ["five", -123.5]], "like with like");
  assert.equal(climbed(curves, [], 1, false).name, "reconstruction");
  const head = tableOf({ curves: weighted, dims: 2, stochastic: true, importance: 5 })[0];
  assert.deepEqual(head.slice(6, 8), ["importance_weighted", "held_out_importance_weighted"]);
});

test("dead units are counted in each network, and in one number where there are none", () => {
  assert.deepEqual(deadUnits({ encoder: [0, 896], decoder: [0, 896] }, 1000).map(([name, value]) => [name, value]), [["dead units", "0 of 1,792"]]);
  const [encoder, decoder] = deadUnits({ encoder: [3, 1896], decoder: [0, 896] }, 1000);
  assert.deepEqual(encoder.slice(0, 2), ["dead units, encoder", "3 of 1,896"]);
  assert.deepEqual(decoder.slice(0, 2), ["dead units, decoder", "0 of 896"]);
  assert.match(encoder[2], /all of 1,000 test images/);
  assert.deepEqual(deadUnits({ decoder: [2, 5] }, 20).length, 1);
  assert.deepEqual(deadUnits({}, 1), []);
});
