// Takes a blob from the server once, and keeps it for all components of the page.
import { shelve } from "./js/blobs.js";
import { unpacked } from "./js/blob_encoding.js";
import { elementOf } from "./streamlit_internals.js";

// Python sends a blob's name, or the blob itself where it is small or was not to be had by its name.
export default function ({ data, parentElement, setStateValue }) {
  elementOf(parentElement)?.style.setProperty("display", "none");
  if (data instanceof Uint8Array) return shelve(data);
  const [name] = data, lab = globalThis.vaeLab;
  lab.fetching = (lab.fetching ?? 0) + 1; // tests wait until there is none
  fetched(name).then((blob) => shelve(blob), () => inTurn(() => setStateValue("missing", name))).finally(() => lab.fetching--);
}

async function fetched(name) {
  const answer = await fetch(`./blobs/${name}`);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return unpacked(new Uint8Array(await answer.arrayBuffer()));
}

// Streamlit takes what comes in one moment for one fragment of the page; two blobs may belong to two.
let turn = Promise.resolve();
const inTurn = (ask) => { turn = turn.then(ask).catch(() => {}).then(() => new Promise((done) => setTimeout(done, 150))); };
