// The names of classes. A label is a number, classes[label] is its name: text from a file, which is never markup.
// There are ten colours; with more classes they repeat.
export const COLOURS = 10;
const SHORT = 5; // characters on the plane

export const nameOf = (classes, label) => classes?.[label] ?? String(label);

export const colourOf = (label) => `var(--glyph${label % COLOURS})`;

export const htmlOf = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

// The start of a name, with an ellipsis where its end is left out.
export function cut(name, most) {
  const characters = [...String(name)];
  if (characters.length <= most) return String(name);
  return most > 1 ? `${characters.slice(0, most - 1).join("")}…` : characters[0];
}

// A few characters for every name; of names that begin alike, the start and the end.
export function shortNames(classes) {
  const starts = classes.map((name) => cut(name, SHORT));
  return classes.map((name, k) => {
    const characters = [...name], alike = starts.filter((start) => start === starts[k]).length > 1;
    return alike && characters.length > SHORT ? `${characters.slice(0, 2).join("")}…${characters.slice(-2).join("")}` : starts[k];
  });
}

// How many times as far apart as digits these names are written across, in fonts of about 15 pixels.
export const stretch = (names) => Math.max(1, (8.5 * Math.max(1, ...names.map((name) => [...name].length)) + 10) / 30);
