// Blobs as they travel: float16 numbers come back as the float32 numbers they stand for.
import assert from "node:assert/strict";
import test from "node:test";
import { unpacked } from "../../dashboard/shared/js/blob_encoding.js";

// From the definition of float16: sign, five bits of exponent, ten of mantissa.
function meaning(half) {
  const sign = half & 0x8000 ? -1 : 1, exponent = (half >> 10) & 31, mantissa = half & 1023;
  return sign * (exponent ? (1 + mantissa / 1024) * 2 ** (exponent - 15) : (mantissa / 1024) * 2 ** -14);
}

function sent(start, halves, rest, shift = 0) {
  const bytes = new Uint8Array(shift + 8 + start + 2 * halves.length + rest.length).subarray(shift);
  const view = new DataView(bytes.buffer, shift);
  view.setUint32(0, start, true);
  view.setUint32(4, halves.length, true);
  for (let i = 0; i < start; i++) bytes[8 + i] = i;
  halves.forEach((half, i) => { bytes[8 + start + i] = half & 255; bytes[8 + start + halves.length + i] = half >> 8; });
  bytes.set(rest, 8 + start + 2 * halves.length);
  return bytes;
}

test("every finite float16, subnormal and negative ones too", () => {
  const halves = Array.from({ length: 65536 }, (_, half) => half).filter((half) => ((half >> 10) & 31) < 31);
  const blob = unpacked(sent(12, halves, [7, 8, 9]));
  const numbers = new Float32Array(blob.buffer, blob.byteOffset + 12, halves.length);
  halves.forEach((half, i) => assert.ok(Object.is(numbers[i], meaning(half)), `${half.toString(16)}: ${numbers[i]}`));
  assert.deepEqual([...blob.subarray(0, 12)], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  assert.deepEqual([...blob.subarray(12 + 4 * halves.length)], [7, 8, 9]);
});

test("what did not travel as float16 is as it was", () => {
  assert.deepEqual([...unpacked(sent(4, [], [5, 6]))], [0, 1, 2, 3, 5, 6]);
});

test("wherever in a buffer the bytes begin", () => {
  const blob = unpacked(sent(8, [0x3c00, 0xc000], [1], 3));
  assert.deepEqual([...new Float32Array(blob.buffer, 8, 2)], [1, -2]);
});
