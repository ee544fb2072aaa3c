// What a visitor trains here: a button for each algorithm, and a line for each of the runs.
import { capital, progress } from "./words.js";

const ACTIVE = ["queued", "running", "paused"];

export function drawRuns(box, { panel, live, names, run, may }, send) {
  const buttons = document.createElement("div");
  buttons.className = "buttons";
  const algorithms = [...new Set(panel.lines.map((line) => line.algorithm))];
  if (may) buttons.append(...algorithms.map((name) => trainButton(name, { panel, live, names, run, send })));
  else buttons.textContent = "In this hall the presenter trains; everything else is yours to explore.";
  box.replaceChildren(buttons, ...live.map((line) => lineOf(line, names, send)));
}

function trainButton(name, { panel, live, names, run, send }) {
  const made = document.createElement("button"), known = panel.lines.find((line) => line.algorithm === name && !line.trial);
  const busy = live.some((line) => line.algorithm === name && ACTIVE.includes(line.status));
  const k = known.images_seen.indexOf(100_000), seconds = k < 0 ? null : known.seconds[k] * (run / 100_000);
  Object.assign(made, { type: "button", className: "action", disabled: busy });
  made.textContent = `Train ${names[name]} on ${run.toLocaleString("en")} images`;
  if (seconds) made.title = `It took us about ${Math.max(1, Math.round(seconds))} seconds of one processor core`;
  made.onclick = () => {
    made.disabled = true;
    send.setTriggerValue("train", { algorithm: name, nonce: Date.now() });
  };
  return made;
}

function lineOf(line, names, send) {
  const made = document.createElement("div"), { name, said, share } = progress(line, names);
  made.className = "line";
  made.innerHTML = `<b class="word ${line.algorithm}"></b><span></span>`;
  made.children[0].textContent = capital(name);
  made.children[1].textContent = said;
  if (ACTIVE.includes(line.status)) {
    const bar = Object.assign(document.createElement("progress"), { value: share, max: 1 });
    bar.setAttribute("aria-label", `${name}: part of the training that is done`);
    made.append(bar, button("Stop", () => send.setTriggerValue("stop", { key: line.key, nonce: Date.now() })));
  } else if (line.ready) {
    made.append(button("Open it in Explore", () => send.setTriggerValue("open", line.key)));
  }
  return made;
}

const button = (textContent, onclick) =>
  Object.assign(document.createElement("button"), { type: "button", className: "action", textContent, onclick });
