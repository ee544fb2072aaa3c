"""What the ELBO page shows of the best q while that is still being found."""

import re

import pytest

from tests.browser.test_elbo import PAGE, complete

PARTS = re.compile(r"[\d.]+(?= a\w+ gap)")
# Does something to the page, and returns what stands there in each frame until the best q is known again.
SEEN = """async (act) => {
  const root = [...document.querySelectorAll("*")].map((e) => e.shadowRoot?.querySelector(".elbo")).find(Boolean);
  const part = (selector) => root.querySelector(selector), frames = [], end = performance.now() + 60000;
  const was = root.dataset.subject, frame = () => new Promise(requestAnimationFrame);
  act === "image" ? part(".picks button[data-kind=test]:nth-child(4)").click() : part(".plane").focus();
  const key = (type) => part(".plane").dispatchEvent(new KeyboardEvent(type, { key: "ArrowRight", bubbles: true }));
  if (act !== "image") { key("keydown"); key("keyup"); }
  while (performance.now() < end) {
    await frame();
    const waits = root.dataset.complete === "false", { subject } = root.dataset;
    if (waits) frames.push({ other: subject !== was, split: part(".split").innerText, step: part(".step").disabled,
      rows: part(".steps tbody").innerText, old: part(".steps tbody").classList.contains("old") });
    else if (frames.length) return frames;
  }
  return frames;
}"""


@pytest.fixture
def elbo(visit):
    return complete(visit(), "elbo?model=calm&i=0")


def test_the_gap_of_another_image_is_not_the_former_one(elbo):
    before = elbo.page.locator(".split").inner_text()
    frames = elbo.page.evaluate(SEEN, "image")
    assert frames
    assert all(frame["other"] for frame in frames)
    assert {frame["split"] for frame in frames} == {"The best q is being found."}
    assert {frame["rows"].strip() for frame in frames} == {"q is being improved, 40 steps."}
    after = elbo.page.locator(".split").inner_text()
    assert after not in (before, "The best q is being found.")


def test_a_q_of_ones_own_keeps_the_rows_until_there_are_others(elbo):
    before = elbo.page.locator(".steps tbody").inner_text()
    parts = PARTS.findall(elbo.page.locator(".split").inner_text())
    assert len(parts) == 2
    frames = elbo.page.evaluate(SEEN, "own")
    assert frames
    assert all(frame["rows"] == before and frame["old"] and frame["step"] for frame in frames)
    assert all(PARTS.findall(frame["split"]) == parts for frame in frames), "the encoder's gap is the same"
    assert elbo.page.locator(".steps tbody").inner_text() != before
    assert elbo.page.locator(f"{PAGE} .step").is_enabled()
