"""A change in one part of a page does not have the browser work out the styles of all of it again."""

import json

import pytest

# A part comes and goes, a run begins and ends, and after each the styles are asked for. Returns the number of elements.
CHANGES = """() => {
  const box = document.querySelector(".stMain .stVerticalBlock"), app = document.querySelector(".stApp");
  const styled = () => getComputedStyle(document.body).color, part = document.createElement("div");
  const all = (root) => [...root.querySelectorAll("*")]
    .reduce((sum, e) => sum + 1 + (e.shadowRoot ? all(e.shadowRoot) : 0), 0);
  styled();
  box.append(part); styled(); part.remove(); styled();
  for (const state of ["running", "notRunning"]) { app.dataset.testScriptState = state; styled(); }
  return all(document.body);
}"""


@pytest.mark.parametrize(("page", "stands"), [("", ".pad"), ("elbo", ".elbo[data-complete='true']")])
def test_styles_are_worked_out_for_few_elements(chromium, address, page, stands):
    tab = chromium.new_page(viewport={"width": 1440, "height": 900})
    try:
        tab.goto(f"{address}/{page}?model=two")
        tab.wait_for_selector(stands, timeout=90_000)
        tab.wait_for_selector(".stApp[data-test-script-state='notRunning']", timeout=90_000)
        chromium.start_tracing(page=tab, categories=["devtools.timeline"])
        try:
            elements = tab.evaluate(CHANGES)
        finally:
            events = json.loads(chromium.stop_tracing())["traceEvents"]
    finally:
        tab.close()
    worked_out = [event["args"].get("elementCount", 0) for event in events if event["name"] == "UpdateLayoutTree"]
    assert len(worked_out) >= 2, "what comes and goes is styled"
    assert 0 < max(worked_out) < elements / 3, f"{max(worked_out)} of {elements} elements"
