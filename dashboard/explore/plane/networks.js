// The two networks of the picture: the decoder's first hidden layer at z, the encoder's at x.
import { bytesOf } from "../../shared/js/canvas.js";
import { createNetwork, hiddenOf } from "./network.js";

export function createNetworks(root, pad) {
  const part = (name) => ({ box: root.querySelector(name), network: createNetwork(root.querySelector(name)) });
  const encoder = part(".encoder"), decoder = part(".decoder");
  let hidden = null, seen = null, colours = null;

  // Anew for another size, theme, model or axes; the decoder's cells stand where in the plane their units answer.
  function lay(latest) {
    colours = latest;
    const { data } = pad, phone = root.classList.contains("phone");
    hidden = pad.decoder ? hiddenOf(pad.decoder, data.axes) : null;
    seen = data.encoder && encoderOf(data.encoder);
    decoder.network.lay(hidden, phone ? "above" : "right", colours);
    encoder.network.lay(seen, phone ? "above" : "left", colours);
    say(decoder.box, "decoder", decoderWords(pad, hidden));
    say(encoder.box, "encoder", encoderWords(seen));
    encode();
  }

  const encode = () => encoder.network.show(pad.empty ? null : seen?.values, [0, 255]);

  // Another image, or the first one: cells that stand where they stood only change their shades.
  function image() {
    const { encoder: sent } = pad.data;
    if (!seen && sent) return lay(colours);
    seen = sent && { ...seen, values: bytesOf(sent.levels) };
    encode();
  }

  return { lay, image, show: () => decoder.network.show(hidden?.values, hidden?.range) };
}

const encoderOf = ({ levels, across, up }) => ({ values: bytesOf(levels), across: bytesOf(across), up: bytesOf(up) });

function say(box, name, words) {
  box.title = words;
  box.querySelector("canvas").setAttribute("aria-label", words);
}

function decoderWords({ decoder, data: { dims } }, hidden) {
  const does = "The decoder turns the code z into an image.";
  if (!decoder) return does;
  if (!hidden) return `${does} This one is linear: it has no hidden layer.`;
  const where = dims === 1 ? "on the line it answers: what lights up at the right answers to points at the right."
    : "in the plane it answers: what lights up at the top answers to points at the top.";
  return `${does} You see its first hidden layer at this point: ${hidden.across.length} units, each a cell, the darker the higher `
    + `its activation. Each stands where ${where}`;
}

function encoderWords(seen) {
  const does = "The encoder looks at your image x and says where its code may lie.";
  if (!seen) return does;
  return `${does} You see its first hidden layer for this image: ${seen.across.length} units, each a cell, the darker the higher `
    + "its activation. Each stands where in the image it looks most.";
}
