// What the tour's component does around the pages.
import assert from "node:assert/strict";
import test from "node:test";
import { oneEntryPerTouch } from "../../dashboard/shared/streamlit_internals.js";

test("what is written after one touch is one entry of the history, and without a touch none", () => {
  const entries = ["/"], heard = {};
  const history = {
    pushState: (state, title, address) => entries.push(address),
    replaceState: (state, title, address) => entries.splice(-1, 1, address),
  };
  oneEntryPerTouch(history, { addEventListener: (name, act) => { heard[name] = act; } });
  oneEntryPerTouch(history, { addEventListener: () => assert.fail("twice") });
  const write = (...addresses) => addresses.forEach((address) => history.pushState({}, "", address));
  write("/?model=two");
  assert.deepEqual(entries, ["/?model=two"]);
  heard.pointerdown({ isTrusted: true });
  write("/?i=5", "/?i=5&z=1", "/?i=5&z=1&seed=2");
  assert.deepEqual(entries, ["/?model=two", "/?i=5&z=1&seed=2"]);
  heard.click({ isTrusted: false }); // a script's own
  write("/manifold");
  heard.keydown({ isTrusted: true });
  write("/elbo", "/elbo?i=5");
  assert.deepEqual(entries, ["/?model=two", "/manifold", "/elbo?i=5"]);
});
