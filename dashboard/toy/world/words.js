// What the page says at N images: the guess, the verdict, and the numbers.
import { number } from "../../shared/js/canvas.js";

export const CURVES = ["the upper one", "the lower one"];
export const PLACES = ["at 0", "above both", "between them", "below both"];
const NAMED = 14;
const degrees = (angles) => angles.map((angle) => `${number(angle, 1)}°`).join(" and ");

export function inWords(data, { count, own, truthOnOwn, new: fresh, variance }) {
  const n = count.toLocaleString("en");
  if (!data.shown) return `A model was fitted to ${n} images. One curve is its mean log p(x) on those ${n} images, `
    + "the other on new images from the same world. Slide N, make your guesses, then reveal the truth.";
  const c = `its c is ${number(variance, 3)}, the truth’s ${number(data.variance, 3)}`;
  const noise = variance < data.variance ? ` It took part of their noise for structure: ${c}.` : "";
  const above = `<b>Beating the truth is no success.</b> On its own ${n} images the fit has ${number(own)}, `
    + `and θ* itself only ${number(truthOnOwn)}.${noise}`;
  const lost = Number((-data.entropy).toFixed(2)) - Number(fresh.toFixed(2)); // of the numbers as they are shown
  const best = `New images get ${number(fresh)}, which is ${number(lost)} nats below the best there is, ${number(-data.entropy)}: `
    + "minus the entropy. So not even θ* has p(x) = 1.";
  return Math.abs(own - truthOnOwn) < 0.005 ? best : `${above} ${best}`;
}

export function factsOf(data, { angles, variance, own, truthOnOwn, new: fresh }) {
  const truth = data.shown ? ` <small>truth ${number(data.variance, 3)}</small>` : "";
  const rows = [["noise c that was learned", number(variance, 3) + truth]];
  if (!data.shown) return rows;
  return [
    ...rows,
    ["angles between its plane and the truth’s", degrees(angles)],
    ["own images: fit, and θ*", `${number(own)} <small>and</small> ${number(truthOnOwn)}`],
    ["new images: lost by the fit, KL(p* ‖ p)", `${number(-data.entropy - fresh, 3)} nats`],
  ];
}

export const keyOf = ({ shown }) => (shown ? "<b>●</b> fitted &nbsp; ◯ truth" : "<b>●</b> fitted");

// Whether each guess was right, once the truth is there: of few images, where the curves are named.
export function verdicts(data, { curve, place }) {
  if (!data.shown) return ["", ""];
  const { own, new: fresh } = namedAt(data.fits), best = -data.entropy;
  const says = (guess, right, why) => `${guess === null ? "" : guess === right ? "Right, " : "No, "}${right}: ${why}`;
  return [
    says(curve, CURVES[own > fresh ? 0 : 1], "the fit was chosen to suit those images."),
    says(place, PLACES[best > own ? 1 : best > fresh ? 2 : 3], "the curves meet there as N grows."),
  ];
}

// The fit at which the chart names its curves.
export const namedAt = (fits) => fits.find((fit) => fit.count >= NAMED);
