// What only the browser changes and the address keeps: backdrop, view, kind of pixels, classes that are switched off.
import { asNumbers, fromNumbers } from "./zoom.js";

export function createLook() {
  const look = { view: null, backdrop: "", pixels: "", draws: 0, without: new Set(), adopt, shown, asSent };
  let nonce = null;

  // Taken from the address when the model or its axes are new, and when anyone but this pad has changed it there: the
  // browser's Back. Says whether the look in the address is the one that it has been.
  function adopt(data, last) {
    const seen = nonce === data.look.nonce, sameModel = last?.name === data.name;
    if (seen && sameModel && last.model === data.model && String(last.axes) === String(data.axes)) return seen;
    nonce = data.look.nonce;
    look.view = fromNumbers(sameModel && seen ? null : data.look.zoom, data.view);
    if (sameModel && seen) return seen;
    const { back, pixels, draw, hide } = data.look;
    Object.assign(look, { backdrop: back, pixels, draws: draw, without: new Set(hide) });
    return seen;
  }

  // The backdrop, where this model has it.
  function shown({ backdrops }) {
    return backdrops.includes(look.backdrop) ? look.backdrop : backdrops[0];
  }

  function asSent(data) {
    const home = String(look.view.x) === String(data.view.x);
    return {
      back: shown(data), pixels: look.pixels, draw: look.draws, hide: [...look.without].sort((a, b) => a - b),
      zoom: home ? null : asNumbers(look.view),
    };
  }

  return look;
}
