// The presenter's end of the hall: tells the server where the lecture is, and draws the votes as they come.
import { html } from "../../shared/js/html.js";
import { ballotOf, resultOf, safe } from "./ballot.js";
import { createSender, listenTo, stateNow } from "./channel.js";

const LINE = "vae-lab-hall"; // to the presenter's second window
const AGAIN = 1000; // ms until a place that got lost is sent again
const FORGOTTEN = 6 * 3600; // seconds after which votes are those of another lecture, as state.py has it
const HINTS = { tap: "The plane of codes. The circles hold 39 % and 86 % of the prior." };

// `now` is where the lecture is, `say` says a sentence for a while.
export function createLead(root, now, { say }) {
  const $ = (selector) => root.querySelector(selector), model = () => now.models[now.at];
  const leader = `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`, line = new BroadcastChannel(LINE);
  const own = {}; // what the scenes have of their own, beside scene and beta
  const send = createSender("hall", told);
  let on = false, phase = "shown", state = null, last = "", stop = () => {}, turn = () => {};

  const question = () => now.data.questions?.[now.scene];
  const asks = () => "asking" in root.dataset;
  // The votes on the question of this scene; null: another one stands on the server.
  const tally = () => (state?.question && state.question.round === question()?.round ? state.tally : null);

  function push(more = {}) {
    if (!on) return;
    const place = { scene: now.scene, beta: model().beta, phase, ...own }, text = JSON.stringify(place);
    if (text === last && !more.begins) return;
    last = text;
    send({ ...place, leader, ...more });
  }

  function told(answer) {
    if (answer === null) return void setTimeout(() => { last = ""; push(); }, AGAIN);
    const [taken, said] = answer;
    if (!taken && said) say(said);
  }

  function heard(next) {
    state = next;
    draw();
  }

  function draw() {
    const asked = asks() ? question() : undefined;
    drawVotes(root, asked, tally(), phase === "marked");
    $(".count").textContent = asked && on && now.data.hall.vote ? votesOf(tally()) : "";
    $(".voted").textContent = on && !asked ? resultOf(state?.results?.[now.scene]) : "";
  }

  function begin() {
    on = true;
    stop = listenTo("hall/events", heard);
    push({ begins: true });
  }

  function end() {
    if (!on) return;
    phase = "over";
    push();
    on = false;
    stop();
    draw();
  }

  function asked(whether) {
    phase = whether ? "asking" : "shown";
    delete own.step;
    draw();
    push();
  }

  // Marks what is right, where somebody has voted; false: there is nothing to mark.
  function marks() {
    if (!on || phase !== "asking" || !tally()?.count || question().right === undefined) return false;
    phase = "marked";
    draw();
    push();
    return true;
  }

  function placed({ g, d, try: tried, loss }) {
    const numbers = (text) => text.split(",").map(Number);
    Object.assign(own, g && { g: numbers(g) }, d && { d: Number(d) }, tried && { try: tried }, loss && { loss });
    push();
  }

  function pointed(z) {
    if (z) own.z = z.map((value) => Number(value.toFixed(3)));
    else delete own.z;
    push();
  }

  line.onmessage = ({ data }) => { if (on && (data.turn === 1 || data.turn === -1)) turn(data.turn); };
  $(".second").hidden = !now.data.hall.vote; // nobody but you comes to a server that listens on this machine alone
  $(".second").onclick = () => globalThis.open("hall", "vae-lab-presenter", "popup,width=900,height=700");

  return {
    begin, end, asked, marks, placed, pointed,
    chosen(image) { own.image = image; push(); },
    moved: push,
    built(step) { own.step = step; push(); draw(); },
    turnedBy: (next) => { turn = next; },
    results,
    forget() { stop(); line.close(); },
  };
}

// What came out in this lecture: also of a question that stood at its end, and after its page was read again.
async function results() {
  const { began, results: told } = await stateNow("hall/events") ?? {};
  return began && Date.now() / 1000 - began < FORGOTTEN ? told : {};
}

export const votesOf = (tally) => `${tally?.count ?? 0} ${tally?.count === 1 ? "vote" : "votes"}`;

// The question's answers with their votes below it, and once it is marked what is right.
function drawVotes(root, asked, tally, marked) {
  if (asked?.kind) root.dataset.ballot = asked.kind;
  else delete root.dataset.ballot;
  root.dataset.votes = tally?.count ?? 0;
  root.querySelector(".votes").innerHTML = asked ? html`
    <div class="ballot">${ballotOf(asked, tally, marked ? asked : null)}</div>
    <p class="told">${marked ? answered(asked, tally) : HINTS[asked.kind] ?? ""}</p>` : "";
}

const answered = (asked, tally) => `${safe(asked.told)} <b>${safe(resultOf({ ...tally, did: asked.did }))}</b>`;
