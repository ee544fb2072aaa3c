// What lies under the mouse before it is pressed: a dashed ring on the plane, and its image, in a dashed frame, in place
// of the point's.

// `pointAt(event)` is the z there, `show(z)` draws its image, `back()` the point's again, which ends the preview; `dots` say
// which test image is there.
export function connectHover(root, pad, { pointAt, show, back, dots }) {
  const plane = root.querySelector(".plane"), ring = root.querySelector(".ghost");
  let frame = 0, last = null;

  const free = ({ buttons, pointerType }) => !buttons && pointerType === "mouse" && !("travels" in root.dataset);

  function preview() {
    frame = 0;
    if (!last || !pad.scene) return;
    const { left, top, width } = plane.getBoundingClientRect(), zoomed = pad.side / width;
    dots.over((last.clientX - left) * zoomed, (last.clientY - top) * zoomed);
    if (!pad.scene.decoder) return;
    ring.style.transform = `translate(${(last.clientX - left).toFixed(1)}px, ${(last.clientY - top).toFixed(1)}px)`;
    root.dataset.hovers = "";
    show(pointAt(last));
  }

  function over(event) {
    last = free(event) ? event : null;
    if (!last) dots.none();
    if (last && !frame) frame = requestAnimationFrame(preview);
  }

  function leave() {
    last = null;
    dots.none();
    if ("hovers" in root.dataset) back();
  }

  plane.addEventListener("pointermove", over);
  plane.addEventListener("pointerleave", leave);
  plane.addEventListener("pointerdown", () => { last = null; dots.none(); });
  return () => cancelAnimationFrame(frame);
}
