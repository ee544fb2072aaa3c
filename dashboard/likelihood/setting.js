// A setting that the hand moves at once and Python hears of: until it answers with the value that was told last, an
// answer to an earlier one moves nothing back.
export function createSetting() {
  let told = null;
  return {
    tell(value) { told = value; return value; },
    // What holds now: `own` is what the hand has set (null before the first answer), `theirs` what Python says.
    after(own, theirs) {
      const waiting = told !== null && told !== theirs;
      if (!waiting) told = null;
      return own === null || !waiting ? theirs : own;
    },
  };
}
