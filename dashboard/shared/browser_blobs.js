// Takes a blob from the server once, and keeps it for all components of the page.
import { shelve } from "./js/blobs.js";
import { fetchBlob } from "./js/blob_encoding.js";
import { elementOf, stands } from "./streamlit_internals.js";

// Python sends a blob's name, or the blob itself where it is small or was not to be had by its name.
export default function ({ data, parentElement, setStateValue }) {
  elementOf(parentElement)?.style.setProperty("display", "none");
  stands(parentElement);
  if (data instanceof Uint8Array) return shelve(data);
  const [name, kind] = data, lab = globalThis.vaeLab;
  lab.fetching = (lab.fetching ?? 0) + 1; // tests wait until there is none
  travels(name, kind);
  fetchBlob(name).then((blob) => shelve(blob), () => inTurn(() => setStateValue("missing", name))).finally(() => {
    lab.fetching--;
    travels(name);
  });
}

// What is on its way stands at the foot of the page; style.css shows it once it takes a while.
const SENT = { decoder: "The decoder is being sent.", codes: "The codes are being sent.", member: "The codes are being sent." };
function travels(name, kind) {
  const under = (globalThis.vaeLab.travelling ??= new Map());
  if (kind) under.set(name, SENT[kind] ?? "The pictures are being sent.");
  else under.delete(name);
  let said = document.querySelector("body > .travelling");
  if (!said) {
    said = document.body.appendChild(document.createElement("p"));
    said.className = "travelling";
    said.setAttribute("role", "status");
  }
  const sentences = [...under.values()];
  said.textContent = sentences.includes(SENT.decoder) ? SENT.decoder : sentences[0] ?? "";
}

// Streamlit takes what comes in one moment for one fragment of the page; two blobs may belong to two.
let turn = Promise.resolve();
const inTurn = (ask) => { turn = turn.then(ask).catch(() => {}).then(() => new Promise((done) => setTimeout(done, 150))); };
