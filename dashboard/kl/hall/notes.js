// What a lecturer may want to remember in each scene; the numbers are on the screen.
export const NOTES = {
  vae: [
    "Start from an image: the encoder says where its code may lie, the decoder draws a code.",
    "Two networks, one loss: what the drawing misses, and what the code costs.",
  ],
  beta: [
    "Let them guess before they see β = 0: nothing pulls the codes to the centre.",
    "Walk to 1, 4 and 64. Watch three things: the codes, the holes, the digits.",
  ],
  cost: [
    "A code pays for lying off the centre and for being narrow: two terms, both at least 0.",
    "Then the two poses: one σ off, and half as wide.",
  ],
  humps: [
    "Forward and reverse KL disagree once the humps are far apart.",
    "An encoder minimises KL(q‖posterior), so it settles on one hump.",
  ],
  numbers: [
    "Compare their curves with the models’: most people draw too steep a fall, or too slow a one.",
    "Then split the KL: information about the image, and mismatch with the prior.",
  ],
  plane: [
    "Each model is a point; β is the slope at which it is the best buy.",
    "Ask what “best” means before you show the bound.",
  ],
  collapse: [
    "The prediction comes from the data alone, before any training.",
    "While an eigenvalue is above β, a nat spent there pays.",
  ],
  remedies: [
    "Same objective, other path: the start decides where training ends.",
    "Free bits change the objective; warm-up changes only the way.",
  ],
  really: [
    "Ask them to look at their own code: mean or sum, over what?",
    "A mean over pixels multiplies β by their number.",
  ],
  closing: ["Let them say the three sentences before you show them.", "Leave the link on the screen."],
};
