// The lecture's end of the hall: the presenter leads it, a viewer follows; without a hall the room still sees the answers to
// choose from.
import { ballotOf } from "./ballot.js";
import { createFollow } from "./follow.js";
import { createLead } from "./lead.js";

// `now` is where the lecture is; `enter` opens a scene, `go` a model, `scenes()` sets what else a scene has, `say` says a
// sentence for a while. Returns, beside the hall, `place`, which puts something into the address and tells the hall.
export function createHall(root, now, { address, squares, enter, go, scenes, say }) {
  const indexOf = (beta) => {
    const far = now.models.map((model) => Math.abs(model.beta - beta));
    return far.indexOf(Math.min(...far));
  };

  // Where the presenter is.
  function mirror(to, anew) {
    const at = indexOf(to.beta);
    if (to.scene !== now.scene) enter(to.scene, at);
    else if (at !== now.at) go(at);
    scenes().mirror(to, anew);
    if (to.scene === "beta") squares.point(to.z ?? null);
  }

  // Who follows somebody keeps his own address until he lets go.
  function place(part) {
    hall.placed(part);
    if (!hall.follows()) address.place(part);
  }

  const settled = () => place({ scene: now.scene, beta: String(now.models[now.at].beta) });
  const known = location.protocol === "file:" ? null : now.data.hall;
  const leads = known?.presides && !now.data.follow; // a rehearsal on one machine follows in a second browser
  const create = known ? (leads ? createLead : createFollow) : createAlone;
  const hall = { ...NOTHING, ...create(root, now, { mirror, settled, say }) };
  return { ...hall, place };
}

const nothing = () => {};
const NOTHING = {
  begin: nothing, end: nothing, asked: nothing, marks: () => false, placed: nothing, pointed: nothing, chosen: nothing, moved: nothing,
  built: nothing, turnedBy: nothing, follows: () => false, results: () => ({}), forget: nothing,
};

const createAlone = (root, now) => ({
  asked(whether) {
    const question = whether ? now.data.questions[now.scene] : undefined;
    if (question?.kind) root.dataset.ballot = question.kind;
    else delete root.dataset.ballot;
    root.querySelector(".votes").innerHTML = question ? ballotOf(question, null, null) : "";
  },
});
