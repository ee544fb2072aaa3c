"""From a press to what it asked for on screen, in a real browser: median and 95 %, idle, or while training.

A press is timed in the page, from the event to the frame after the watched text or label has changed; what has to be
looked up first (the same image again) is pressed before it counts.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright

from tests.server import CHROMIUM, ROOT, served

PRESSES, PAUSE = 30, 500  # each; ms from an answer to the next press
# Presses `press[k % press.length]`, waits for another text (or aria-label) of what is watched, and for the next frame.
TIMES = """async ([press, watch, count, pause]) => {
  const deep = (selector, root = document) => [...root.querySelectorAll(selector),
    ...[...root.querySelectorAll("*")].filter((e) => e.shadowRoot).flatMap((e) => deep(selector, e.shadowRoot))];
  const said = (e) => e.getAttribute("aria-label") ?? e.textContent;
  const frame = () => new Promise(requestAnimationFrame), times = [];
  for (let k = 0; k < count; k++) {
    const watched = deep(watch), before = watched.map(said), buttons = deep(press);
    const same = () => watched.every((e, i) => said(e) === before[i]);
    await frame(); // what was looked up here is not the press's
    const began = performance.now();
    buttons[k % buttons.length].click();
    while (same() && performance.now() - began < 10000) await frame();
    await frame();
    times.push(performance.now() - began);
    await new Promise((done) => setTimeout(done, pause));
  }
  return times;
}"""


class Action(NamedTuple):
    page: str  # its address
    ready: str  # what stands there once it is drawn
    press: str
    watch: str


ACTIONS = {
    "ELBO, another image": Action(
        "elbo", ".elbo[data-complete='true']", ".picks button[data-kind=test]", "[data-number]"
    ),
    "ELBO, a step of q": Action(  # four that differ in every number
        "elbo", ".elbo[data-complete='true']", ".steps tbody tr:nth-child(-n+4)", "[data-number]"
    ),
    "Explore, another image": Action("", ".pad", ".picks button[data-kind=test]", ".x-image"),
}


def measure(root: Path, training: bool, names: list[str], presses: int = PRESSES) -> Iterator[tuple[str, list[float]]]:
    with tempfile.TemporaryDirectory() as cache, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with served(root / "dashboard" / "app.py", VAE_CACHE_DIR=cache) as address, beside(training, cache):
            for name in names:
                page = browser.new_page(viewport={"width": 1440, "height": 900}, bypass_csp=True)
                yield name, pressed(page, address, ACTIONS[name], count=presses)
                page.close()
        browser.close()


def pressed(page: Page, address: str, action: Action, count: int) -> list[float]:
    page.add_init_script(
        "localStorage.setItem('vae-lab-tour', 'seen'); sessionStorage.setItem('vae-lab-touched', 'yes')"
    )
    page.goto(f"{address}/{action.page}?model=mnist-2d")
    page.wait_for_selector(action.ready, timeout=120_000)
    page.wait_for_selector(".picks button[data-kind=test]", timeout=120_000)
    page.wait_for_timeout(3000)
    if action.page == "elbo":  # the test set is counted from when it is seen
        page.locator(".spread").scroll_into_view_if_needed()
        page.wait_for_selector(".spread[data-count]", timeout=120_000)
        page.locator(".stMain").evaluate("e => e.scrollTo(0, 0)")
    page.evaluate(TIMES, [action.press, action.watch, 4, PAUSE])
    return page.evaluate(TIMES, [action.press, action.watch, count, PAUSE])


@contextlib.contextmanager
def beside(training: bool, cache: str) -> Iterator[None]:
    """A training in a process of its own, as low as the pages' own workers stand."""
    if not training:
        yield
        return
    code = (
        "import os, itertools; os.nice(10); from vae_core import load_dataset, preset, train;"
        "import torch; torch.set_num_threads(1);"
        "[None for _ in train(preset('quick', 'strokes').with_fields(steps=10**6), load_dataset('strokes'))]"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"VAE_CACHE_DIR": cache})
    try:
        threading.Event().wait(8)  # it has drawn its images
        yield
    finally:
        process.kill()
        process.wait()


def spoken(times: list[float]) -> str:
    times = sorted(times)
    return f"{statistics.median(times):5.0f} / {times[int(0.95 * len(times))]:5.0f} ms"


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("trees", nargs="*", type=Path, default=[ROOT], help="other checkouts are measured in turn")
    options.add_argument("--training", action="store_true", help="while one training runs")
    options.add_argument("--only", nargs="*", default=list(ACTIONS), choices=list(ACTIONS))
    options.add_argument("--presses", type=int, default=PRESSES)
    given = options.parse_args()
    for tree in given.trees:
        for name, times in measure(tree.resolve(), given.training, given.only, given.presses):
            print(
                f"{name:26} {'beside a training' if given.training else 'idle':18} {spoken(times)}   {tree}", flush=True
            )
