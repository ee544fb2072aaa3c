// The line to the hall's server: what it tells as it changes, and what is sent to it.
const AGAIN = 3000; // ms until a refused line is tried again
const SOON = 90; // ms between two places that are sent
const LATE = 2000; // ms after which nobody waits for the state any more

// Hears the state from an address, while the page is seen; `lost` hears whether the line is down. A browser mends a line that
// breaks by itself; one that the server refused is tried again. Returns what ends it.
export function listenTo(address, heard, lost = () => {}) {
  let source = null, waiting = null, ended = false;

  function open() {
    clearTimeout(waiting);
    if (ended || document.hidden || source) return;
    source = new EventSource(address);
    source.onopen = () => lost(false);
    source.onmessage = ({ data }) => {
      lost(false);
      heard(JSON.parse(data));
    };
    source.onerror = () => {
      lost(true);
      if (source?.readyState !== EventSource.CLOSED) return;
      shut();
      waiting = setTimeout(open, AGAIN);
    };
  }
  function shut() {
    source?.close();
    source = null;
  }
  const seen = () => (document.hidden ? shut() : open());
  document.addEventListener("visibilitychange", seen);
  open();
  return () => {
    ended = true;
    clearTimeout(waiting);
    document.removeEventListener("visibilitychange", seen);
    shut();
  };
}

// The state as it is now, also for a page that is not seen; null where nobody tells it in time.
export function stateNow(address) {
  return new Promise((done) => {
    const source = new EventSource(address), late = setTimeout(end, LATE, null);
    function end(state) {
      clearTimeout(late);
      source.close();
      done(state);
    }
    source.onmessage = ({ data }) => end(JSON.parse(data));
    source.onerror = () => end(null);
  });
}

// [whether it was taken, what the server says]; null: there was no network.
export async function post(address, value) {
  try {
    const answer = await fetch(address, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(value), keepalive: true,
    });
    const { said = "" } = await answer.json().catch(() => ({}));
    return [answer.ok, said, answer.status];
  } catch {
    return null;
  }
}

// Sends the last of the values that come at once, one after the other; `told` hears each answer.
export function createSender(address, told) {
  let next = null, busy = false;
  async function work() {
    busy = true;
    await null; // what else this moment brings
    while (next) {
      const value = next;
      next = null;
      told(await post(address, value));
      await new Promise((after) => { setTimeout(after, SOON); });
    }
    busy = false;
  }
  return (value) => {
    next = { ...value, begins: value.begins || next?.begins || false };
    if (!busy) work();
  };
}
