// What Python is told of where a lecture is, once nothing has changed for a while.
const QUIET = 250; // ms

export function createAddress() {
  let tell = () => {}, waiting = null, pending = {};
  function place(part) {
    pending = { ...pending, ...part };
    clearTimeout(waiting);
    waiting = setTimeout(() => { tell(pending); pending = {}; }, QUIET);
  }
  return { place, tellTo: (next) => { tell = next; }, stop: () => clearTimeout(waiting) };
}
