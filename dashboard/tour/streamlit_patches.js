// What Streamlit leaves to be done around the pages, in the one component that is on all of them.
let here = null;

// On a narrow screen the list of pages stays open after a choice; by itself it closes on what calls itself a phone.
export function arrived(page) {
  const close = "[data-testid=stSidebar][data-collapsed=false] [data-testid=stSidebarCollapseButton] button";
  if (here !== null && here !== page && innerWidth < 768) document.querySelector(close)?.click();
  here = page;
}

// Each address that is written would be an entry of the history, a new page several: Backs that show nothing. What is
// written after one touch is one entry, and what a page writes by itself is none.
export function oneEntryPerTouch(history, events = globalThis) {
  if (history.oneEntryPerTouch) return;
  history.oneEntryPerTouch = true;
  const push = history.pushState.bind(history);
  let touched = false;
  for (const name of ["pointerdown", "keydown", "click"]) {
    events.addEventListener(name, (event) => { touched ||= event.isTrusted; }, true);
  }
  history.pushState = (...entry) => {
    if (touched) push(...entry);
    else history.replaceState(...entry);
    touched = false;
  };
}
