// What lies under the mouse before it is pressed: a dashed ring on the plane, and its image, in a dashed frame, in place
// of the point's.

// `pointAt(event)` is the z there, `show(z)` draws its image, `back()` the point's again, which ends the preview.
export function connectHover(root, pad, { pointAt, show, back }) {
  const plane = root.querySelector(".plane"), ring = root.querySelector(".ghost");
  let frame = 0, last = null;

  const free = ({ buttons, pointerType }) => !buttons && pointerType === "mouse" && !("travels" in root.dataset);

  function preview() {
    frame = 0;
    if (!last || !pad.scene?.decoder) return;
    const { left, top } = plane.getBoundingClientRect();
    ring.style.transform = `translate(${(last.clientX - left).toFixed(1)}px, ${(last.clientY - top).toFixed(1)}px)`;
    root.dataset.hovers = "";
    show(pointAt(last));
  }

  function over(event) {
    last = free(event) ? event : null;
    if (last && !frame) frame = requestAnimationFrame(preview);
  }

  function leave() {
    last = null;
    if ("hovers" in root.dataset) back();
  }

  plane.addEventListener("pointermove", over);
  plane.addEventListener("pointerleave", leave);
  plane.addEventListener("pointerdown", () => { last = null; });
  return () => cancelAnimationFrame(frame);
}
