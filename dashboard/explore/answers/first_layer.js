// The encoder's first hidden layer for an image, as plane/hidden_units.py sends it to the picture of the encoder.
const places = new WeakMap();

const base64 = (levels) => btoa(String.fromCharCode(...levels));

// Activations from -1 to 1 where they are bounded, else from 0, or the lowest, to the highest.
export function firstLayer(encoder, hidden, { activation }) {
  if (!places.has(encoder)) places.set(encoder, placesOf(encoder));
  const bounded = activation === "tanh", low = bounded ? -1 : Math.min(0, ...hidden), high = bounded ? 1 : Math.max(...hidden);
  const shade = (value) => Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low || 1))));
  return { levels: base64(Uint8Array.from(hidden, shade)), ...places.get(encoder) };
}

// Where in the image each unit's squared weights have their centre, to the right and up, as ranks.
export function placesOf({ layers: [{ inputs, outputs, weight }], shape: [, wide] }) {
  const across = new Float64Array(outputs), up = new Float64Array(outputs);
  for (let unit = 0; unit < outputs; unit++) {
    let all = 1e-12;
    for (let k = 0; k < inputs; k++) {
      const square = weight[unit * inputs + k] ** 2;
      all += square;
      across[unit] += square * (k % wide);
      up[unit] -= square * Math.floor(k / wide);
    }
    across[unit] /= all;
    up[unit] /= all;
  }
  return { across: base64(ranks(across)), up: base64(ranks(up)) };
}

function ranks(values) {
  const found = new Uint8Array(values.length), most = Math.max(1, values.length - 1);
  [...values.keys()].sort((a, b) => values[a] - values[b]).forEach((unit, rank) => { found[unit] = Math.round((255 * rank) / most); });
  return found;
}
