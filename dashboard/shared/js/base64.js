// What Python sends as text inside a component's data: base64 -> bytes or float32 numbers.
export const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

export const floats = (text) => new Float32Array(bytes(text).buffer);
