// The lecture's end of the hall: the presenter leads it, a viewer follows; without a hall the room still sees the answers to
// choose from.
import { ballotOf } from "./ballot.js";
import { createFollow } from "./follow.js";
import { createLead } from "./lead.js";

export function createHall(root, now, ways) {
  const { hall } = now.data;
  if (!hall || location.protocol === "file:") return createNone(root, now);
  return hall.presides ? createLead(root, now, ways) : createFollow(root, now, ways);
}

function createNone(root, now) {
  const nothing = () => {};
  return {
    begin: nothing, end: nothing, marks: () => false, placed: nothing, pointed: nothing, moved: nothing, built: nothing,
    turnedBy: nothing, follows: () => false, results: () => ({}), forget: nothing,
    asked(whether) {
      const question = whether ? now.data.questions?.[now.scene] : undefined;
      if (question?.kind) root.dataset.ballot = question.kind;
      else delete root.dataset.ballot;
      root.querySelector(".votes").innerHTML = question ? ballotOf(question, null, null) : "";
    },
  };
}
