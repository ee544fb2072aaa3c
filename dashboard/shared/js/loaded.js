// All that Streamlit is told of a component's script: where it lies (components.py writes that in). A browser reads it once.
const at = new URL("ADDRESS", document.baseURI).href, AGAIN = [300, 1000, 3000]; // ms until it is asked for again
const latest = new WeakMap(); // per place, what Streamlit has given it last

const read = (tries = 0) => import(tries ? `${at}?${tries}` : at).catch(async (lost) => {
  if (tries === AGAIN.length) throw lost;
  await new Promise((done) => setTimeout(done, AGAIN[tries]));
  return read(tries + 1);
});
const module = read();

// Until the module is there, each place waits with the newest of what it was given; what was given before is out of date.
export default async function mount(given) {
  latest.set(given.parentElement, given);
  const { default: component } = await module;
  return latest.get(given.parentElement) === given ? component(given) : () => {};
}
