// What the hall draws and what a thumb draws on it; nothing that anybody sends becomes markup.
import assert from "node:assert/strict";
import test from "node:test";
import { FINEST, ballotOf, columnOf, heightOf, pointOf, resultOf, safe } from "../../dashboard/kl/hall/ballot.js";
import { MINUTES, NOTES, untilOf } from "../../dashboard/kl/hall/notes.js";
import { nextOf, planOf } from "../../dashboard/kl/hall/presenter_window.js";
import { isRight } from "../../dashboard/kl/hall/vote.js";
import { whole } from "../../dashboard/kl/hall/vote_form.js";
import { createBuilds } from "../../dashboard/kl/lecture/builds.js";
import { SCENES } from "../../dashboard/kl/lecture/words.js";

const choice = { kind: "choice", ask: "Which?", choices: ["one", "<img src=x onerror=alert(1)>"], axes: {}, round: "plane-1" };
const tap = { kind: "tap", choices: [], axes: { edge: 4 }, round: "beta-1" };
const curve = { kind: "curve", choices: [], axes: { x: ["0", "1", "<b>4</b>"], top: 20 }, round: "numbers-1" };

test("votes are bars, and what is right is marked once it is known", () => {
  const open = ballotOf(choice, { count: 4, bars: [3, 1] }, null), known = ballotOf(choice, { count: 4, bars: [3, 1] }, { right: 0 });
  assert.match(open, /width:75\.0%/);
  assert.doesNotMatch(open, /right|✓/);
  assert.equal(known.match(/✓/g).length, 1);
  assert.match(known, /class="right"><b>✓<\/b><span>one/);
});

test("answers, names and numbers from outside are text", () => {
  assert.equal(safe("<b>&\"'`"), "&#60;b&#62;&#38;&#34;&#39;&#96;");
  for (const drawn of [ballotOf(choice, null, null), ballotOf(curve, { curves: [], middle: [] }, null)]) assert.doesNotMatch(drawn, /<img|<b>4/);
});

test("taps and curves are drawn, the answer below them", () => {
  const plane = ballotOf(tap, { count: 2, taps: [[0, 0], [FINEST, FINEST]] }, { right: [1, 3] });
  assert.equal(plane.match(/class="tap"/g).length, 2);
  assert.match(plane, /<path d="M500 375\.0a125\.0 [^M]*M500 125\.0a375\.0 [^M]*" class="ring"/);
  const lines = ballotOf(curve, { count: 3, curves: [[0, 1, 2], [1, 1, 1], [2, 2, 2]], middle: [1, 1, 2] }, { right: [20, 10, 0] });
  assert.equal(lines.match(/class="one-curve"/g).length, 3);
  assert.equal(lines.match(/<polyline [^>]*class="truth"/g).length, 1);
});

test("a point under the thumb is the column and the value that are drawn there", () => {
  for (const [k, value] of [[0, 0], [4, 500], [12, FINEST]]) {
    assert.deepEqual(pointOf(columnOf(k, 13) / 1000, heightOf(value) / 600, 13), [k, value]);
  }
  assert.deepEqual(pointOf(-3, -3, 13), [0, FINEST]);
  assert.deepEqual(pointOf(9, 9, 13), [12, 0]);
});

test("what a thumb leaves out is drawn on", () => {
  assert.deepEqual(whole([null, 10, null, null, 40, null]), [10, 10, 20, 30, 40, 40]);
  assert.deepEqual(whole([null, null, 7]), [7, 7, 7]);
});

test("a phone knows as the server does whether it was right", () => {
  assert.ok(isRight(choice, { right: 1 }, 1));
  for (const [vote, right] of [[[500, 500], false], [[750, 500], true], [[500, 250], true], [[500, 20], false]]) {
    assert.equal(isRight(tap, { right: [1, 3] }, vote), right);
  }
  const right = [20, 10, 0], close = 0.1, exact = right.map((value) => (FINEST * value) / 20);
  assert.ok(isRight(curve, { right, close }, exact));
  assert.ok(!isRight(curve, { right, close }, exact.map((value) => value - 101)));
});

test("a result is a share of those who voted, and nothing where nobody did", () => {
  assert.equal(resultOf({ count: 7, right: 5, did: "said “784”" }), "71 % of you said “784”.");
  assert.equal(resultOf({ count: 7, right: 0, did: "said “784”" }), "None of you said “784”.");
  assert.equal(resultOf({ count: 0, right: 0, did: "said" }), "");
  assert.equal(resultOf(undefined), "");
});

test("the plan of the lecture is 45 minutes, with a note for every press of the clicker", () => {
  const steps = { steps: [0, 1, 2] }, builds = createBuilds({ opening: steps, factors: steps, closing: steps }, { models: [] });
  assert.deepEqual(Object.keys(NOTES), SCENES.map(([name]) => name));
  for (const [name, note] of Object.entries(NOTES)) assert.equal(note.steps.length, builds[name].length, name);
  assert.equal(MINUTES, 45);
  assert.equal(untilOf("vae"), NOTES.vae.minutes);
  assert.equal(untilOf("closing"), 45);
  assert.equal(planOf(100, 5), "of 45:00 · this scene until 5:00");
  assert.equal(planOf(365, 5), "of 45:00 · this scene until 5:00, 1:05 over");
});

test("the presenter reads what the next key does", () => {
  const at = (phase, more = {}, tally = null) => nextOf({ place: { scene: "vae", phase, ...more }, tally }, "Next one");
  assert.equal(at("asking"), "shows the scene");
  assert.equal(at("asking", {}, { count: 1 }), "marks the answer");
  assert.equal(at("marked"), "shows the scene");
  assert.equal(at("shown"), "shows step 2 of 3");
  assert.equal(at("shown", { step: 2 }), "asks the question of “Next one”");
  assert.match(nextOf({ place: { scene: "closing", phase: "shown", step: 2 } }, undefined), /end/);
});
