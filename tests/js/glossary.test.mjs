import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { isMeant, plain } from "../../dashboard/glossary/entries.js";
import { FIGURES, coinCross, coinEntropy, continuousNormaliser, linearBound, weights } from "../../dashboard/glossary/figures.js";
import { pathsOf } from "../../dashboard/shared/theme.js";
import { placeOf } from "../../dashboard/glossary/popover.js";

const groups = JSON.parse(readFileSync(new URL("../../dashboard/glossary/glossary.json", import.meta.url)));
const terms = Object.values(groups).flat();

// A pen that notes what is drawn, and refuses what is not a number.
function penOf(drawn) {
  const noted = (name) => (...given) => {
    for (const value of given) if (typeof value === "number") assert.ok(Number.isFinite(value), `${name}(${given})`);
    drawn.push([name, ...given]);
  };
  return new Proxy({}, { get: (pen, name) => pen[name] ?? noted(name), set: (pen, name, value) => ((pen[name] = value), true) });
}

test("each term's figure is there, each figure has a term, and each draws something else as the pointer moves", () => {
  globalThis.Path2D = class {
    constructor(path) { this.at = [...(path?.at ?? [])]; }
    lineTo(x, y) { assert.ok(Number.isFinite(x + y)); this.at.push(x, y); }
  };
  const inks = new Proxy({}, { get: () => "rgb(0 0 0)" });
  const images = { count: 25, picture: (k) => k, pictures: Array(25).fill(Array(784).fill(0.5)) };
  assert.deepEqual(new Set(terms.map(({ figure }) => figure).filter(Boolean)), new Set(Object.keys(FIGURES)));
  const still = [];
  for (const [name, draw] of Object.entries(FIGURES)) {
    const [first, last] = [0, 1].map((t) => { const drawn = []; draw(penOf(drawn), t, inks, images); return JSON.stringify(drawn); });
    assert.ok(first.length > 10, name);
    if (first === last) still.push(name);
  }
  assert.deepEqual(still, ["autoencoder", "circles"]);
});

test("a linear model's bound touches log p(x) at the posterior and nowhere else", () => {
  const x = 1, c = 0.3, { evidence, elbo } = linearBound(x, c, x / (1 + c), Math.sqrt(c / (1 + c)));
  assert.ok(Math.abs(evidence - -0.5 * (Math.log(2 * Math.PI * 1.3) + 1 / 1.3)) < 1e-12);
  assert.ok(Math.abs(evidence - elbo) < 1e-12);
  assert.ok(linearBound(x, c, 0.5, 0.5).elbo < evidence - 0.05);
});

test("what the small figures say in numbers", () => {
  assert.ok(Math.abs(coinEntropy(0.5) - Math.LN2) < 1e-12);
  assert.equal(Math.abs(coinEntropy(0)), 0);
  assert.ok(Math.abs(coinCross(0.3, 0.3) - coinEntropy(0.3)) < 1e-12);
  for (const l of [0.04, 0.3, 0.5, 0.96]) { // the continuous Bernoulli integrates to 1
    const f = (x) => continuousNormaliser(l) * l ** x * (1 - l) ** (1 - x);
    const sum = Array.from({ length: 1000 }, (_, k) => f((k + 0.5) / 1000)).reduce((a, b) => a + b) / 1000;
    assert.ok(Math.abs(sum - 1) < 1e-4, String(l));
  }
  const { shares, effective } = weights(0.8);
  assert.ok(Math.abs(shares.reduce((a, b) => a + b) - 1) < 1e-12);
  assert.ok(effective > 1 && effective < 9);
});

test("the search finds words by their beginnings, without accents and signs", () => {
  const term = { name: "Kullback–Leibler divergence", sign: "KL(q ‖ p)", meaning: "how far q is from <i>p</i>" };
  assert.equal(plain("Kullback–Leibler"), "kullback leibler");
  for (const typed of ["", "kl", "kullback l", "far q", "DIVERG"]) assert.ok(isMeant(term, typed), typed);
  for (const typed of ["leib prior", "ullback", "i>"]) assert.ok(!isMeant({ ...term, meaning: "" }, typed), typed);
});

test("a word is a word of its own", () => {
  assert.equal(placeOf("KL", "the KL(q) and the KL of it").index, 18);
  assert.equal(placeOf("nat", "3.0 nats above")[0], "nats");
  assert.equal(placeOf("nat", "natural"), null);
  assert.equal(placeOf("prior", "a-priori, prioritised"), null);
  assert.equal(placeOf("ELBO", "ELBOs"), null);
});

test("a theme is kept for each path a page may have, also below a path of the server's", () => {
  assert.deepEqual(pathsOf("/", "explore", ["explore", "kl"]), ["/", "/explore", "/kl"]);
  assert.deepEqual(pathsOf("/kl", "kl", ["explore", "kl"]), ["/", "/explore", "/kl"]);
  assert.deepEqual(pathsOf("/lab/kl", "kl", ["explore", "kl"]), ["/lab/", "/lab", "/lab/explore", "/lab/kl"]);
  assert.deepEqual(pathsOf("/lab/", "explore", ["kl"]), ["/lab/", "/lab", "/lab/kl"]);
});
