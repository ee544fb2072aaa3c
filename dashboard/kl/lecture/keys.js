// The keyboard: which keys move a value, and by how much.
const DIRECTIONS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };

export const withModifier = (event) => event.ctrlKey || event.metaKey || event.altKey;

// What an arrow key adds to a value that moves in such steps; 0 for every other key.
export const arrowStep = (event, step) => (withModifier(event) ? 0 : step * (DIRECTIONS[event.key] ?? 0));
