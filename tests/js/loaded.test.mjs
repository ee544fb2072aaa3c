// What Streamlit is told of a component (loaded.js): it fetches the module once, tries again, and mounts the newest data only.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";

const SOURCE = await readFile(new URL("../../dashboard/shared/js/loaded.js", import.meta.url), "utf-8");
const inModule = (text) => `data:text/javascript,${encodeURIComponent(text)}`;
globalThis.document = { baseURI: "data:text/html,page" };
let made = 0;

// loaded.js for a module with this text; each is another module
const loaded = async (text) => (await import(inModule(`${SOURCE.replace("ADDRESS", inModule(text))}// ${made++}`))).default;

test("what was given before the module came is out of date, and its end touches nothing", async () => {
  const mounts = (globalThis.mounts = []);
  const mount = await loaded(`await new Promise((done) => setTimeout(done, 30));
    export default ({ data }) => { mounts.push(data); return () => mounts.push("end of " + data); };`);
  const place = {}, other = {};
  const ends = await Promise.all([
    mount({ parentElement: place, data: 1 }), mount({ parentElement: other, data: 2 }), mount({ parentElement: place, data: 3 }),
  ]);
  assert.deepEqual(mounts, [2, 3]);
  ends[0]();
  assert.deepEqual(mounts, [2, 3]);
  ends[2]();
  assert.deepEqual(mounts, [2, 3, "end of 3"]);
  await mount({ parentElement: place, data: 4 });
  assert.deepEqual(mounts.at(-1), 4);
});

test("a module that does not come is asked for again", async () => {
  let tries = 0;
  const text = SOURCE.replace('new URL("ADDRESS", document.baseURI).href', '"lost"')
    .replace("import(tries ?", "attempt(tries ?").replace(/AGAIN = \[[\d, ]*\]/, "AGAIN = [1, 1, 1]");
  assert.notEqual(text, SOURCE);
  globalThis.attempt = async (at) => {
    if (++tries < 3) throw new Error(at);
    return { default: () => at };
  };
  const { default: mount } = await import(inModule(text));
  assert.equal(await mount({ parentElement: {} }), "lost?2");
});

test("and in the end the failure is Streamlit's to say", async () => {
  const text = SOURCE.replace('new URL("ADDRESS", document.baseURI).href', '"lost"')
    .replace("import(tries ?", "attempt(tries ?").replace(/AGAIN = \[[\d, ]*\]/, "AGAIN = [1]");
  globalThis.attempt = async () => { throw new Error("no line"); };
  const { default: mount } = await import(inModule(text));
  await assert.rejects(mount({ parentElement: {} }), /no line/);
});
