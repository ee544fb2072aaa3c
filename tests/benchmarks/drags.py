"""A drag on each page, in a real browser: python -m tests.benchmarks.drags [--training] [--only name ...].

One move per animation frame, to and fro across the thing. From each move to the frame that shows what it did: median
and 95 %; and what the page's own handlers took of it. The screen's frame is 16.7 ms.
"""

import argparse
import tempfile
from collections.abc import Iterator
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.clicks import beside, spoken
from tests.server import CHROMIUM, served

MOVES = 200
PLANE = ".compare canvas[data-symbol=z][tabindex]"
DRAG = """async ([selector, moves]) => {
  const deep = (selector, root = document) => [...root.querySelectorAll(selector),
    ...[...root.querySelectorAll("*")].filter((e) => e.shadowRoot).flatMap((e) => deep(selector, e.shadowRoot))];
  const thing = deep(selector).find((e) => e.getClientRects().length), slider = thing.type === "range";
  thing.scrollIntoView({ block: "center" });
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  const box = thing.getBoundingClientRect(), low = Number(thing.min), high = Number(thing.max);
  thing.setPointerCapture = thing.releasePointerCapture = () => {};
  const fire = (type, k) => thing.dispatchEvent(new PointerEvent(type, {
    bubbles: true, composed: true, pointerId: 1, isPrimary: true, button: 0, buttons: 1,
    clientX: box.x + box.width * (0.5 + 0.38 * Math.sin(0.13 * k)),
    clientY: box.y + box.height * (0.5 + 0.38 * Math.cos(0.11 * k)) }));
  const move = (k) => {
    if (!slider) return fire("pointermove", k);
    thing.value = low + (high - low) * (0.5 + 0.5 * Math.sin(0.13 * k));
    thing.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  };
  fire("pointerdown", 0);
  const whole = [], own = [];
  for (let k = 1; k <= moves; k++) {
    await frame();
    const began = performance.now();
    move(k);
    own.push(performance.now() - began);
    await frame();
    whole.push(performance.now() - began);
  }
  fire("pointerup", moves);
  if (slider) thing.dispatchEvent(new Event("change", { bubbles: true, composed: true }));
  return [whole, own];
}"""


class Drag(NamedTuple):
    page: str  # its address
    ready: str  # what stands there once it is drawn
    thing: str  # that is dragged


DRAGS = {
    "Explore, the point": Drag("?model=mnist-2d", ".pad", ".plane"),
    "Manifold, over the grid": Drag("manifold?model=mnist-2d", ".grid canvas", ".grid canvas"),
    "ELBO, q": Drag("elbo?model=mnist-2d&i=0", ".elbo[data-complete='true']", ".plane"),
    "ELBO, L": Drag("elbo?model=mnist-2d&i=0", ".elbo[data-complete='true']", ".many input"),
    "Compare, the point": Drag("compare?models=mnist-2d,mnist-ae-2d", PLANE, PLANE),
    "KL, the scale of beta": Drag("kl?scene=2", ".track", ".track"),
    "Primer, a slider": Drag("primer?scene=1", "input[type=range]", "input[type=range]"),
    "Toy, the curves": Drag("toy", ".curves", ".curves"),
    "Likelihood, a dial": Drag("likelihood", ".dial input", ".dial input"),
    "Gradients, a slider": Drag("gradients?model=mnist-2d", ".sliders input", ".sliders input"),
}


def measure(names: list[str], training: bool, moves: int = MOVES) -> Iterator[tuple[str, list[float], list[float]]]:
    """(name, ms from each move to its frame, ms of the page's own handlers)"""
    with tempfile.TemporaryDirectory() as cache, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with served(VAE_CACHE_DIR=cache) as address, beside(training, cache):
            for name in names:
                page = browser.new_page(viewport={"width": 1440, "height": 900}, bypass_csp=True)
                yield name, *dragged(page, address, DRAGS[name], moves)
                page.close()
        browser.close()


def dragged(page: Page, address: str, drag: Drag, moves: int) -> tuple[list[float], list[float]]:
    page.add_init_script(
        "localStorage.setItem('vae-lab-tour', 'seen'); sessionStorage.setItem('vae-lab-touched', 'yes')"
    )
    page.goto(f"{address}/{drag.page}")
    for selector in (drag.ready, drag.thing):
        page.wait_for_selector(selector, timeout=120_000)
    page.wait_for_timeout(4000)
    page.evaluate(DRAG, [drag.thing, 20])
    return page.evaluate(DRAG, [drag.thing, moves])


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--training", action="store_true", help="while one training runs")
    options.add_argument("--only", nargs="*", default=list(DRAGS), choices=list(DRAGS))
    options.add_argument("--moves", type=int, default=MOVES)
    given = options.parse_args()
    for name, whole, own in measure(given.only, given.training, given.moves):
        print(f"{name:26} to the frame {spoken(whole)}   handlers {spoken(own)}", flush=True)
