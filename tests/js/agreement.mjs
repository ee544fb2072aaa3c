// Decodes with the pages' decoder what Python asks for: node agreement.mjs FOLDER ... Of each folder, `blob` is the decoder,
// `points` are its z, and `class` is the one that a conditional decoder is given; into `outputs` go, point by point, the mean image and all outputs of the decoder. Float32 numbers.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { decode, decodeMany, givenClass, parameters, readDecoder } from "../../dashboard/shared/js/decoder.js";

for (const folder of process.argv.slice(2)) {
  const read = readDecoder(new Uint8Array(readFileSync(`${folder}/blob`))), { latent_dim: dims } = read, told = `${folder}/class`;
  const decoder = existsSync(told) ? givenClass(read, Number(readFileSync(told, "utf-8"))) : read;
  const all = new Float32Array(new Uint8Array(readFileSync(`${folder}/points`)).buffer), found = [], many = [];
  const points = Array.from({ length: all.length / dims }, (_, k) => all.subarray(k * dims, (k + 1) * dims));
  const steps = decodeMany(decoder, points, (k, image) => { many[k] = [...image]; });
  while (!steps.next().done);
  points.forEach((point, k) => {
    const mean = [...decode(decoder, point)];
    if (mean.some((value, i) => Math.abs(value - many[k][i]) > 1e-5)) throw new Error(`${folder}: one by one they differ`);
    found.push(...mean, ...parameters(decoder, point));
  });
  writeFileSync(`${folder}/outputs`, new Uint8Array(Float32Array.from(found).buffer));
}
