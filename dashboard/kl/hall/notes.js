// What a lecturer may want to remember in each scene, and the minutes it takes with its question: while the room votes, and at
// each step of the clicker (builds.js). The numbers are on the screen.
export const NOTES = {
  vae: {
    minutes: 5,
    asks: "Show how to vote: a camera on the code, then one tap. Everybody guesses, nobody is graded.",
    steps: [
      "An image goes in. The encoder answers with a region where its code may lie, not with a point.",
      "A code z is drawn from that region, and the decoder draws it. Click another digit.",
      "One loss: what the drawing misses, and what the code costs. The lecture is about the second term.",
    ],
  },
  beta: {
    minutes: 6,
    asks: "Only the distance counts. Hint, if they hesitate: nothing pulls the codes to the centre.",
    steps: [
      "β = 0: look at the codes first, then at the holes. What does a draw from a hole look like?",
      "β = 1, the bound itself: codes widen and holes close.",
      "β = 4: look at the digits between two classes.",
      "β = 64: ask what is left in a code before you say “collapse”.",
    ],
  },
  cost: {
    minutes: 4,
    asks: "The KL of a code has two parts, each at least 0: where it lies, and how wide it is.",
    steps: [
      "A typical code at β = 1, in one of its dimensions: far from as wide as the prior.",
      "One σ off the centre and as wide as the prior: only the position costs.",
      "In the centre and half as wide: only the width costs. Pull it to 0 and let them guess.",
    ],
  },
  humps: {
    minutes: 4,
    asks: "Say what q may do: move, and be wider or narrower.",
    steps: [
      "Close together both ways round give nearly the same q.",
      "Farther apart: ask which of the two will have to choose a hump.",
      "Now they disagree. The ELBO’s gap is KL(q‖posterior), so an encoder settles on one hump.",
    ],
  },
  numbers: {
    minutes: 4,
    asks: "One stroke from left to right; a minute is enough. The axis is not even: it has the β of the models.",
    steps: [
      "Where was the room too steep? Then split the KL: information about the image, and mismatch with the prior.",
      "β = 0: how much of the KL is information?",
      "β = 64: what is left of either?",
    ],
  },
  plane: {
    minutes: 5,
    asks: "Ask what else “best” could mean: sharp drawings, good draws, few numbers.",
    steps: [
      "Each model is a point: what its codes cost, and what its drawings miss. β is the slope at its best buy.",
      "β = 0: the rate costs nothing, so it is spent.",
      "β = 16: a nat of rate has to save 16 nats of distortion.",
    ],
  },
  collapse: {
    minutes: 4,
    asks: "The prediction needs the data alone, no model.",
    steps: [
      "While an eigenvalue is above β, a nat spent on its direction pays.",
      "β = 20: let them count the eigenvalues above it, then look at the model.",
      "β = 28: the same again.",
      "β = 40: and once more.",
    ],
  },
  remedies: {
    minutes: 4,
    asks: "Warm-up: β grows during the first part of training. The objective at the end is the same.",
    steps: [
      "From the start at this β: the path of its loss, and where it ends.",
      "With warm-up: another path to the same objective. Free bits would change the objective itself.",
    ],
  },
  really: {
    minutes: 3,
    asks: "Ask them to look at their own code: mean or sum, and over what?",
    steps: [
      "A mean over pixels weighs the KL as many times more.",
      "Sums over both: β is the weight that you wrote.",
      "A squared error that is averaged: the β that most code on the web has.",
    ],
  },
  factors: {
    minutes: 4,
    asks: "A factor is what was varied to draw the images: hue, size, place. Who expects the same of a second seed?",
    steps: [
      "Look for a row in which one thing moves and all else stays. Then the dots: five trainings each, far apart.",
      "A price on total correlation alone. It costs ELBO, too.",
      "Turned codes draw the same images with the same ELBO: the score is one of axes.",
    ],
  },
  closing: {
    minutes: 2,
    asks: "Let two of them answer aloud before you show the votes.",
    steps: ["What the KL is good for.", "What too high a price does.", "What to report. Leave the address on the screen for questions."],
  },
};

export const MINUTES = Object.values(NOTES).reduce((sum, { minutes }) => sum + minutes, 0);

// The minute of the lecture at which a scene should be over.
export const untilOf = (scene) => {
  const names = Object.keys(NOTES);
  return names.slice(0, names.indexOf(scene) + 1).reduce((sum, name) => sum + NOTES[name].minutes, 0);
};
