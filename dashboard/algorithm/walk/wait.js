// What was asked of Python and is not there yet: until then no line is turned, and the numbers shown are said to be old.

// `more(left)` asks for the iterations that an answer left over, for many of them come in parts.
export function createWait(root, more) {
  let asked = null, answered = null; // how many iterations, 0 for other things; the count at which the rest was asked for

  function ask(iterations = 0) {
    asked = iterations;
    root.classList.toggle("asked", asked !== null);
    for (const button of root.querySelectorAll(".steer button")) button.disabled = asked !== null;
  }

  function told({ left, count, atOnce }) {
    ask(left ? asked || atOnce : null);
    if (left && answered !== count) setTimeout(() => more(left));
    answered = left ? count : null;
  }

  return { ask, told, on: () => asked !== null, words: (data) => (asked === null ? null : inWait(data, asked)) };
}

export function inWait({ left }, asked) {
  const done = asked > 1 && left ? asked - 1 - left : 0;
  return asked > 1 ? `computing … ${done} of ${asked}` : asked ? "computing the next iteration …" : "computing …";
}
