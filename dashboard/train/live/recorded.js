// Before the first click a recorded training plays, faintly: which of its frames is to be seen now.
const FRAME = 450, REST = 6; // milliseconds a frame, frames that the last one stays

// `redraw` draws the stage; frameOf() is the index of the frame that stands there.
export function createRecording(redraw) {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let count = 0, k = 0, timer = 0;

  function stop() {
    clearInterval(timer);
    timer = 0;
  }

  function next() {
    if (document.hidden) return;
    k = (k + 1) % (count + REST);
    if (k < count) redraw();
  }

  return {
    // film: what plays, null for nothing
    play(film) {
      count = film?.steps.length ?? 0;
      if (!count || still.matches) return stop();
      timer ||= setInterval(next, FRAME);
    },
    frameOf: () => Math.min(still.matches ? count - 1 : k, count - 1),
    stop,
  };
}
