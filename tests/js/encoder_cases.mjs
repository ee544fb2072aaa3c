// Encodes what test_encoder.py asks for and prints it: node encoder_cases.mjs FILE, where FILE holds blobs, images and drawings.
import fs from "node:fs";
import { encode, readEncoder } from "../../dashboard/shared/js/encoder.js";
import { centred, cropped } from "../../dashboard/shared/js/strokes_to_pixels.js";

const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const { models, drawings } = JSON.parse(fs.readFileSync(process.argv[2]));

const encoded = models.map(({ blob, images, given }) => {
  const encoder = readEncoder(bytes(blob));
  return images.map((x) => {
    const { mean, sigma } = encode(encoder, Float32Array.from(bytes(x)), given);
    return { mean, sigma };
  });
});
const prepared = drawings.map(({ levels, side, shape, photograph }) => {
  const made = (photograph ? cropped : centred)(bytes(levels), side, shape);
  return made && [...made];
});
process.stdout.write(JSON.stringify({ encoded, prepared }));
