// What a viewer does with the three squares: other pictures of the decoder, marginals, a point under the pointer.
const CODES = '<b class="mu asks" data-symbol="q">Codes</b> of MNIST test images, ellipses at 2σ';

// `edge` is half the range of a square; `draw` draws the scene again, `busy` tells whether the pointer is left alone, `pointed` hears
// where it is.
export function createSquareControls(root, squares, edge, { draw, busy, pointed }) {
  const $ = (selector) => root.querySelector(selector), box = $(".squares"), { look } = squares;
  const draws = $(".of-draws"), marginals = $(".of-marginals");
  let waiting = null; // for the next frame

  draws.onclick = () => {
    look.draws = !look.draws;
    draws.textContent = look.draws ? "of 169 draws from the prior" : "on the same plane";
    draw();
  };
  marginals.onclick = () => {
    look.marginals = !look.marginals;
    marginals.setAttribute("aria-pressed", String(look.marginals));
    draw();
  };

  box.onpointermove = (event) => {
    const canvas = event.target.closest?.("canvas");
    if (!canvas || busy() || waiting || event.pointerType === "touch") return;
    waiting = requestAnimationFrame(() => {
      waiting = null;
      const { left, top, width, height } = canvas.getBoundingClientRect(), onRange = (share) => edge * (2 * share - 1);
      const z = [onRange((event.clientX - left) / width), -onRange((event.clientY - top) / height)];
      squares.point(z);
      pointed(z);
      $(".of-codes").innerHTML = `<b class="mu">Codes</b> q(z|x): ${root.dataset.covering || "none"} cover the pointer`;
    });
  };
  box.onpointerleave = () => {
    squares.point(null);
    pointed(null);
    $(".of-codes").innerHTML = CODES;
  };
  box.onpointerleave();
}
