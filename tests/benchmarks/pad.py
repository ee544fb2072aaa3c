"""The latent pad of mnist-2d in a real browser, dragged along a Lissajous curve at the rate of the screen."""

import statistics

from playwright.sync_api import sync_playwright

from tests.server import CHROMIUM, served

# Runs in the page: one pointer move per animation frame; the pad notes what each cost it and counts its draws.
DRAG = """async ({ moves }) => {
  const deep = (selector, root = document) => [...root.querySelectorAll(selector),
    ...[...root.querySelectorAll("*")].filter((e) => e.shadowRoot).flatMap((e) => deep(selector, e.shadowRoot))];
  const root = deep("[data-frames]")[0], plane = deep(".plane")[0], box = plane.getBoundingClientRect();
  const fire = (type, i) => plane.dispatchEvent(new PointerEvent(type, {
    bubbles: true, composed: true, pointerId: 1, isPrimary: true, button: 0, buttons: 1,
    clientX: box.x + box.width * (0.5 + 0.38 * Math.sin(0.37 * i)),
    clientY: box.y + box.height * (0.5 + 0.38 * Math.cos(0.27 * i)) }));
  const frame = () => new Promise(requestAnimationFrame);
  plane.setPointerCapture = () => {};
  fire("pointerdown", 0);
  const costs = [], before = Number(root.dataset.frames), start = performance.now();
  for (let i = 1; i <= moves; i++) {
    fire("pointermove", i);
    await frame();
    costs.push(Number(root.dataset.cost));
  }
  const seconds = (performance.now() - start) / 1000, drawn = Number(root.dataset.frames) - before;
  fire("pointerup", moves);
  return { costs, rate: drawn / seconds, frames: moves / seconds };
}"""


def measure(moves: int = 300) -> tuple[float, float, float]:
    """Milliseconds of own computing per move, median and 95th percentile, and images drawn per second."""
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{address}/?model=mnist-2d")
        page.wait_for_selector("[data-frames]")
        page.wait_for_timeout(3000)
        result = page.evaluate(DRAG, {"moves": moves})
        browser.close()
    costs = sorted(result["costs"])
    return statistics.median(costs), costs[int(0.95 * len(costs))], result["rate"]
