// The decoded image at z: its means, or pixels drawn from p(x|z).
import { meanOf, parameters } from "../../shared/js/decoder.js";
import { uniforms } from "../../shared/js/gaussian.js";
import { logLikelihood, samplePixels } from "../../shared/js/likelihood.js";
import { bytesOf, imageAt, inkInto, sizeOf } from "../../shared/js/canvas.js";
import { onShelf } from "../../shared/js/blobs.js";
import { fitImage } from "../../shared/js/widgets.js";

export function createDecoded(canvas, pad) {
  const brush = canvas.getContext("2d");
  let picture = null, pixels = new Float32Array(0), chance = null, draw = null;

  function fit(size, phone) {
    picture = fitImage(canvas, pad.data.shape, size, phone);
    pixels = new Float32Array(sizeOf(pad.data.shape));
    draw = null;
  }

  // The uniform numbers of a draw of pixels are kept while z moves, so that the picture does not flicker.
  function drawnPixels(output) {
    if (draw !== pad.look.draws) chance = Float32Array.from(pixels, uniforms(pad.look.draws));
    draw = pad.look.draws;
    return samplePixels(pad.decoder, output, chance, pad.data.variance, pixels);
  }

  // Shows the image at z; gives log p(x|z) of the chosen x, NaN while nobody knows it.
  function show() {
    const { data, decoder, image, z } = pad;
    if (!decoder) return NaN;
    const output = parameters(decoder, z);
    const logFit = image ? logLikelihood(decoder, output, image.x, data.variance) : NaN;
    paint(output);
    return logFit;
  }

  const paint = (output) =>
    put(pad.look.pixels === "sample" ? drawnPixels(output) : meanOf(pad.decoder, output), pad.table);

  // As long as there is no decoder here the server draws: base64 levels, after the hand has let go.
  function showServed() {
    const { data, table } = pad;
    if (onShelf(data.model) || !table || !picture) return;
    put(imageAt(bytesOf(data.picture), 0, sizeOf(data.shape)), table);
  }

  function put(image, table) {
    inkInto(picture, image, pad.data.shape, table);
    brush.putImageData(picture, 0, 0);
  }

  return { fit, show, showServed, preview: (z) => paint(parameters(pad.decoder, z)), picture: () => picture };
}
