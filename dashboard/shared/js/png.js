// Pictures as PNG, from pixels that the page has computed. What a page reads back from a canvas is noise in a browser
// that guards against fingerprinting: where a picture only exists on a canvas, a sentence says why there is no file.
export const NOISE = "Your browser guards against fingerprinting and returns noise instead of this picture: "
  + "allow this address to read canvases, or save it in another browser.";

const PATCH = 16, UNSEEN = 2; // pixels to a side; some guards change a channel by one level, which nobody sees

// Whether this browser returns what was drawn: written pixels are read back, from both kinds of canvas.
export function canvasReadable() {
  const onPage = Object.assign(document.createElement("canvas"), { width: PATCH, height: PATCH });
  return [onPage, new OffscreenCanvas(PATCH, PATCH)].every((canvas) => {
    const pen = canvas.getContext("2d", { willReadFrequently: true }), written = pen.createImageData(PATCH, PATCH);
    for (let k = 0; k < written.data.length; k++) written.data[k] = k % 4 === 3 ? 255 : (k * 89) % 256;
    pen.putImageData(written, 0, 0);
    const read = pen.getImageData(0, 0, PATCH, PATCH).data;
    return written.data.every((level, k) => Math.abs(level - read[k]) <= UNSEEN);
  });
}

const REMAINDERS = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

function checksum(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = REMAINDERS[(rest ^ byte) & 255] ^ (rest >>> 8);
  return ~rest >>> 0;
}

// Length, name, contents and their CRC: https://www.w3.org/TR/png-3/#5Chunk-layout
function chunk(name, contents) {
  const bytes = new Uint8Array(contents.length + 12), view = new DataView(bytes.buffer);
  view.setUint32(0, contents.length);
  bytes.set([...name].map((letter) => letter.charCodeAt(0)), 4);
  bytes.set(contents, 8);
  view.setUint32(contents.length + 8, checksum(bytes.subarray(4, contents.length + 8)));
  return bytes;
}

async function deflated(bytes) {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

// Red, green, blue and alpha of each pixel, row by row, as a PNG; each pixel becomes a square of `times` by `times`.
export async function png({ data, width, height }, times = 1) {
  const row = 1 + 4 * width * times, bytes = new Uint8Array(row * height * times); // each row begins with its filter: 0, none
  for (let y = 0; y < height; y++) {
    const start = y * times * row;
    for (let x = 0; x < width * times; x++) {
      const from = 4 * (y * width + Math.floor(x / times));
      bytes.set(data.subarray(from, from + 4), start + 1 + 4 * x);
    }
    for (let again = 1; again < times; again++) bytes.copyWithin(start + again * row, start, start + row);
  }
  const head = new Uint8Array(13), view = new DataView(head.buffer);
  view.setUint32(0, width * times);
  view.setUint32(4, height * times);
  head.set([8, 6], 8); // eight bits a channel; red, green, blue, alpha
  const signature = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
  const chunks = [chunk("IHDR", head), chunk("IDAT", await deflated(bytes)), chunk("IEND", new Uint8Array())];
  return new Blob([signature, ...chunks], { type: "image/png" });
}
