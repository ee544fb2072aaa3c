// What the hall draws and what a thumb draws on it; nothing that anybody sends becomes markup.
import assert from "node:assert/strict";
import test from "node:test";
import { FINEST, ballotOf, columnOf, heightOf, pointOf, resultOf, safe } from "../../dashboard/kl/hall/ballot.js";
import { isRight } from "../../dashboard/kl/hall/vote.js";
import { whole } from "../../dashboard/kl/hall/vote_form.js";

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
  const plane = ballotOf(tap, { count: 2, taps: [[0, 0], [FINEST, FINEST]] }, { right: ["20", "10"] });
  assert.equal(plane.match(/class="tap"/g).length, 2);
  assert.match(plane, /<path d="M0\.0 0\.0h500\.0v500\.0h-500\.0z" class="cells"/);
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
  assert.ok(isRight(tap, { right: ["20", "10"] }, [499, 499]));
  assert.ok(!isRight(tap, { right: ["20", "10"] }, [500, 499]));
  assert.ok(isRight(tap, { right: ["00", "02"] }, [FINEST, FINEST]));
  const right = [20, 10, 0], close = 0.1, exact = right.map((value) => (FINEST * value) / 20);
  assert.ok(isRight(curve, { right, close }, exact));
  assert.ok(!isRight(curve, { right, close }, exact.map((value) => value - 101)));
});

test("a result is a share of those who voted, and nothing where nobody did", () => {
  assert.equal(resultOf({ count: 7, right: 5, did: "said “784”" }), "71 % of you said “784”.");
  assert.equal(resultOf({ count: 0, right: 0, did: "said" }), "");
  assert.equal(resultOf(undefined), "");
});
