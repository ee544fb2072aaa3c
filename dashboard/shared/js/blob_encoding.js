// A blob as shared/blob_server.py sends it, back as it was: float16 numbers, low bytes before high bytes, in float32.

// A blob by its name, from the server.
export async function fetchBlob(name) {
  const answer = await fetch(`./blobs/${name}`);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return unpacked(new Uint8Array(await answer.arrayBuffer()));
}

export function unpacked(bytes) {
  const head = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const start = head.getUint32(0, true), count = head.getUint32(4, true), sent = bytes.subarray(8);
  if (!count) return sent;
  const blob = new Uint8Array(sent.length + 2 * count);
  blob.set(sent.subarray(0, start));
  widen(sent.subarray(start, start + 2 * count), new Uint32Array(blob.buffer, start, count), new Float32Array(blob.buffer, start, count));
  blob.set(sent.subarray(start + 2 * count), start + 4 * count);
  return blob;
}

// The bits of a float16 in their places are those of a float32 that is 2^112 times too small.
function widen(planes, bits, numbers) {
  for (let i = 0, count = bits.length; i < count; i++) {
    const half = planes[i] | (planes[count + i] << 8);
    bits[i] = ((half & 0x7fff) << 13) | ((half & 0x8000) << 16);
    numbers[i] *= 2 ** 112;
  }
}
