// A phone in the hall: the question that stands, one vote, which may be changed until the answer is shown, and the answer.
import { html } from "../../shared/js/html.js";
import { SCENES } from "../lecture/words.js";
import { ballotOf, chartOf, distanceOf, dotAt, lineOf, planeOf, resultOf, ringOf, safe, FINEST } from "./ballot.js";
import { listenTo, post } from "./channel.js";
import { createVoteForm } from "./vote_form.js";

const AGAIN = 1200; // ms until a vote is sent again that came too fast, or found no network
const UNSENT = "Not sent yet, for there is no connection. It goes out by itself.";

export default createPhone;

function createPhone() {
  const page = document.querySelector("main"), votes = {}; // what this phone has voted, by round
  let state = null, shown = "", unsent = null, form = null;
  page.innerHTML = html`
    <div class="top"><b>VAE Lab</b><span class="where"></span></div>
    <p class="lost" role="status" hidden>No connection. This page tries again by itself.</p>
    <div class="body"></div>
    <p class="said" role="status"></p>
    <p class="follow"><a href="kl?follow=1">Follow the lecture on this phone</a></p>`;
  const $ = (selector) => page.querySelector(selector), say = (words) => { $(".said").textContent = words; };

  function heard(next) {
    state = next;
    const { place: { scene, phase = "" }, question } = state, number = SCENES.findIndex(([name]) => name === scene) + 1;
    $(".where").textContent = number ? `scene ${number} of ${SCENES.length}` : "";
    const now = `${scene} ${phase} ${question?.round}`;
    if (now !== shown) {
      shown = now;
      draw(phase, question);
    }
  }

  function draw(phase, question) {
    const body = $(".body");
    form = null;
    say("");
    if (phase === "asking" && question) {
      form = createVoteForm(body, question, votes[question.round], (vote) => cast(question.round, vote));
      if (question.round in votes) say("You have voted. You may change it until the answer is shown.");
    } else if (phase === "marked" && question && state.answer) body.innerHTML = answered(question, state.answer, votes[question.round]);
    else body.innerHTML = between(state, phase);
  }

  function cast(round, vote) {
    unsent = { round, vote };
    send();
  }

  async function send() {
    const going = unsent;
    if ($(".said").textContent !== UNSENT) say("Sending …");
    const answer = await post("vote", going);
    if (unsent !== going) return; // another one is on its way
    const [taken, said, status] = answer ?? [];
    if (!answer || status === 429) {
      if (!answer) say(UNSENT);
      return void setTimeout(() => { if (unsent === going) send(); }, AGAIN);
    }
    unsent = null;
    if (taken) {
      votes[going.round] = going.vote;
      if (state?.question?.round === going.round) form?.mark(going.vote);
    }
    say(said);
  }

  fetch("vote/mine").then((answer) => answer.json()).then((mine) => {
    Object.assign(votes, { ...mine, ...votes });
    shown = "";
    if (state) heard(state);
  }).catch(() => {});
  listenTo("vote/events", heard, (lost) => { $(".lost").hidden = !lost; });
}

function between({ results, place: { scene } }, phase) {
  if (phase === "over") {
    const voted = SCENES.filter(([name]) => results[name]);
    return html`
      <h1>The lecture is over</h1>
      ${voted.map(([name, title]) => `<p><b>${title}</b><br>${safe(resultOf(results[name]))}</p>`)}`;
  }
  if (!phase) return "<h1>No question yet</h1><p>This page waits for the presenter: the question comes here by itself.</p>";
  return html`
    <h1>Look at the screen</h1>
    <p>${safe(resultOf(results[scene]))}</p>
    <p class="quiet">The next question comes here by itself.</p>`;
}

// The answer beside this phone's own vote.
function answered(question, answer, own) {
  const right = own !== undefined && isRight(question, answer, own);
  return html`
    <h1>${safe(question.ask)}</h1>
    <p class="verdict">${own === undefined ? "You did not vote." : right ? "You were right." : "Not quite."}</p>
    <p>${safe(answer.told)}</p>
    <div class="ballot">${pictureOf(question, answer, own)}</div>
    <p>${safe(resultOf({ ...answer.tally, did: answer.did }))}</p>`;
}

function pictureOf(question, answer, own) {
  if (question.kind === "choice") return ballotOf(question, answer.tally, answer);
  if (question.kind === "tap") {
    return planeOf(question, ringOf(question, answer) + (own ? dotAt(...own, 20) : ""), "How far out half of the codes lie, and your tap");
  }
  const truth = answer.right.map((value) => (FINEST * value) / question.axes.top);
  return chartOf(question, lineOf(truth, "truth") + (own ? lineOf(own, "own") : ""), "The KL of the models over β, and your curve");
}

// As the server counts it (questions.py).
export function isRight(question, { right, close }, vote) {
  const { kind, axes } = question;
  if (kind === "choice") return vote === right;
  if (kind === "tap") {
    const distance = distanceOf(question, vote);
    return right[0] <= distance && distance <= right[1];
  }
  const off = vote.map((value, k) => Math.abs((value * axes.top) / FINEST - right[k]));
  return off.reduce((sum, value) => sum + value, 0) / off.length <= close * axes.top;
}
