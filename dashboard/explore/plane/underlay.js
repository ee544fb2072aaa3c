// While the point travels: what the decoder draws all over the plane, faint behind the dots.
import { sharpen } from "../../shared/js/canvas.js";
import { tiles } from "./backdrop.js";

const SLICE = 4; // ms of a frame that it may take: the point goes first

export function createUnderlay(root) {
  const canvas = root.querySelector(".faint");
  let stop = () => {};

  // Ink alone is seen on the dots' ground: on paper what is dark, on a dark page what is light.
  function show(scene) {
    canvas.style.mixBlendMode = scene.colours.ground[0] < 128 ? "screen" : "multiply";
    canvas.classList.add("seen");
    stop = tiles(sharpen(canvas, scene.side, scene.side), { ...scene, ready: null }, () => {}, SLICE);
  }

  function hide() {
    stop();
    canvas.classList.remove("seen");
  }

  return { show, hide };
}
