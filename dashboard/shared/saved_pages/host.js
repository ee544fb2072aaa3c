// Shows a page's components without Streamlit: gives them what Streamlit would, data, an element of their own and a way to
// say what a visitor does, and has the page's answers.js reply in Python's place. What nobody answers needs Python.
import { bytes } from "../js/base64.js";
import { unpacked } from "../js/blob_encoding.js";
import { shelve } from "../js/blobs.js";
import { readHeader } from "../js/decoder.js";
import { readEncoder } from "../js/encoder.js";
import { containerOf } from "../streamlit_internals.js";
import { createCell } from "./cell.js";
import { createColours } from "./colours.js";
import { createNeed } from "./need.js";

export default start;

async function start({ components, answers }) {
  const recorded = JSON.parse(new TextDecoder().decode(await unzipped(written("#recorded"))));
  if (recorded.root !== null) recorded.looks = await (await fetch(`${recorded.root}static/looks.json`)).json();
  const encoder = deferred(), need = createNeed(recorded), tabs = createTabs(need);
  const cell = recorded.cell && parent !== window ? createCell() : null; // Python is there, in the notebook around this page
  const address = Object.fromEntries(new URLSearchParams(location.search));
  const shared = { components, need, encoder: encoder.promise, session: {}, go: tabs.go, python: cell, address }; // session: as the point z
  for (const [name, page] of Object.entries(recorded.pages)) {
    const host = createHost(name, page, recorded, shared);
    host.answers = answers[name]?.(host) ?? {};
    tabs.add(name, host);
    cell?.connect(host);
  }
  if (!recorded.cell) createColours();
  document.documentElement.classList.toggle("embedded", address.embed === "true");
  tabs.begin();
  await lay(recorded, encoder);
  document.documentElement.dataset.ready = "";
}

// The pages that are in this file, one of which is seen.
function createTabs(need) {
  const pages = new Map(), links = [...document.querySelectorAll("nav a[href^='#']")];
  const nameOf = (link) => link.getAttribute("href").slice(1);
  const asked = () => (pages.has(location.hash.slice(1)) ? location.hash.slice(1) : pages.keys().next().value);

  // On a site also to a page that is elsewhere, or to one of another model.
  function go(name, model = null) {
    if (model || !pages.has(name)) need.open(name, model);
    else if (location.protocol === "about:") open(name); // in a notebook's cell, which has no address
    else location.hash = name;
  }

  function open(name) {
    for (const [each, host] of pages) host.main.hidden = each !== name;
    for (const link of links) link.toggleAttribute("aria-current", nameOf(link) === name);
    pages.get(name).open();
  }

  for (const link of links) link.onclick = (event) => { event.preventDefault(); go(nameOf(link)); };
  addEventListener("hashchange", () => open(asked()));
  return { go, add: (name, host) => pages.set(name, host), begin: () => open(asked()) };
}

function deferred() {
  let settle = () => {};
  const promise = new Promise((done) => { settle = done; });
  return { promise, settle };
}

// Lays the blobs on the shelf, one after the other; the encoder is nobody's but the answers', and comes when all is there.
async function lay({ blobs, root }, encoder) {
  let found = null;
  for (const name of blobs) {
    try {
      const blob = unpacked(await unzipped(await blobOf(name, root)));
      if (readHeader(blob).header.kind === "encoder") found = readEncoder(blob);
      else shelve(blob);
    } catch (error) {
      say(document.querySelector("main:not([hidden])"), `A part of this page could not be read: ${error.message}`);
    }
  }
  encoder.settle(found);
}

function say(box, text) {
  box.prepend(Object.assign(document.createElement("p"), { className: "notice", textContent: text }));
}

const written = (selector) => bytes(document.querySelector(selector).textContent);

async function blobOf(name, root) {
  if (root === null) return written(`[data-blob="${name}"]`);
  const answer = await fetch(`${root}blobs/${name}.bin`);
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

async function unzipped(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// One page: its components by their key, and what its answers may do with them.
function createHost(name, { mounts, answers: known }, { looks, facts }, { components, need, encoder, session, go, python, address }) {
  const main = document.querySelector(`[data-page="${name}"]`);
  const mounted = new Map(mounts.map((mount) => [mount.key, { ...mount, drawn: null, root: null }]));
  let opened = false;
  const host = {
    main, facts, known, encoder, session, go, python, address, need: need.say, answers: {}, data, update, showPart, open,
    say: (text) => say(main, text),
  };

  function data(key) { return mounted.get(key)?.data; }

  // New data for a component, drawn at once where it is there.
  function update(key, part) {
    const mount = mounted.get(key);
    if (!mount) return;
    mount.data = { ...mount.data, ...part };
    if (opened && mount.root) draw(mount);
  }

  function showPart(key, is) {
    const mount = mounted.get(key);
    if (!mount) return;
    mount.hidden = !is;
    containerOf(placeOf(mount)).hidden = !is;
    if (opened && is && !mount.root) draw(mount);
  }

  const placeOf = (mount) => main.querySelector(`[data-mount="${mount.key}"]`);

  function draw(mount) {
    mount.root ??= shadow(placeOf(mount), looks[mount.script]);
    const tell = (value, told) => {
      const answer = host.answers[mount.key]?.[value];
      if (answer) answer(told);
      else need.say();
    };
    const given = { data: [mount.data], parentElement: mount.root, setStateValue: tell, setTriggerValue: tell };
    try {
      components[mount.script](given);
    } catch (error) { // the others are there
      console.error(error);
      say(placeOf(mount).parentElement, `This part of the page could not be shown: ${error.message}`);
    }
  }

  function open() {
    host.answers.open?.();
    if (opened) return;
    opened = true;
    for (const mount of mounted.values()) if (!mount.hidden) draw(mount);
  }
  return host;
}

function shadow(place, { html = "", css = "" }) {
  const root = place.attachShadow({ mode: "open" });
  root.innerHTML = `<style>${css}</style>${html}`;
  return root;
}
