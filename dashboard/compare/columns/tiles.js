// A row of small images on one canvas: some across, as many lines as it takes; a click chooses one.
import { inkInto, shades } from "../../shared/js/canvas.js";

export function createStrip(canvas, choose = null) {
  let shown = null, focus = 0;

  // { images: [Float32Array] or null, awaited: how many images have their place until they come, across, side (CSS pixels
  // of a tile), current, shape, photograph }
  function show(next, root) {
    const images = next.images ?? Array(next.awaited).fill(null);
    shown = { ...next, images };
    canvas.hidden = !images.length;
    if (canvas.hidden) return;
    const { shape: [height, width], side, current } = next, across = Math.min(next.across, images.length);
    const lines = Math.ceil(images.length / across), scale = side / Math.max(height, width);
    const columns = across * (width + 1) - 1, rows = lines * (height + 1) - 1; // one pixel of paper between tiles
    if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
    canvas.style.width = `${columns * scale}px`;
    canvas.style.height = `${rows * scale}px`;
    canvas.classList.toggle("sharp", scale >= 2 || scale === 1);
    const pen = canvas.getContext("2d"), picture = pen.createImageData(columns, rows), table = shades(root, next.photograph);
    const corner = (k) => [(k % across) * (width + 1), Math.floor(k / across) * (height + 1)];
    images.forEach((image, k) => image && inkInto(picture, image, next.shape, table, ...corner(k)));
    pen.putImageData(picture, 0, 0);
    canvas.classList.toggle("pickable", Boolean(choose));
    mark(current, across, scale, [height, width]);
  }

  // The frame around the chosen one lies above the canvas, so that it is as thin on every screen.
  function mark(current, across, scale, [height, width]) {
    const frame = canvas.parentElement.querySelector(".current") ?? canvas.parentElement.appendChild(document.createElement("i"));
    frame.className = "current";
    frame.hidden = !choose || current < 0;
    if (frame.hidden) return;
    frame.style.left = `${(current % across) * (width + 1) * scale}px`;
    frame.style.top = `${Math.floor(current / across) * (height + 1) * scale}px`;
    frame.style.width = `${width * scale}px`;
    frame.style.height = `${height * scale}px`;
    focus = current;
  }

  if (choose) {
    canvas.onclick = (event) => {
      const across = Math.min(shown.across, shown.images.length), lines = Math.ceil(shown.images.length / across);
      const column = Math.floor((event.offsetX / canvas.clientWidth) * across);
      const k = Math.floor((event.offsetY / canvas.clientHeight) * lines) * across + column;
      if (column >= 0 && column < across && k >= 0 && k < shown.images.length) choose(k);
    };
    canvas.onkeydown = (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      choose((focus + by + shown.images.length) % shown.images.length);
    };
  }
  return { show };
}
