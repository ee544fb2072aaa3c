"""The Train page as a student uses it: one click on the quick preset of MNIST, beside a live page.

Times count from the click. The bound is that of held-out images, read from the run's own progress afterwards.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import sync_playwright

from dashboard.shared import train_link
from tests.server import CHROMIUM, served
from vae_core.runs.store import Runs

LONG_TASKS = """() => {
  window.longTasks = [];
  const note = (list) => longTasks.push(...list.getEntries().map((e) => e.duration));
  new PerformanceObserver(note).observe({ type: "longtask" });
}"""


class Live(NamedTuple):
    first_step: float  # seconds
    first_picture: float
    two_epochs: float
    end: float
    bound_at_two: float  # nats per image, held out
    test_bound: float
    long_tasks: list[float]  # milliseconds, while it trained
    training_seconds: float  # of the worker, without snapshots and validation
    alive_seconds: float  # from its first step to its last


def click(seed: int = 0) -> Live:
    """One training from the click to its end."""
    chosen = json.dumps({"name": "mnist", "seed": seed} | train_link.fast("quick"), separators=(",", ":"))
    with tempfile.TemporaryDirectory() as cache, served(VAE_CACHE_DIR=cache, OMP_NUM_THREADS="1") as address:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{address}/train?preset=quick&set={chosen}")
            page.wait_for_selector(".training")
            page.wait_for_timeout(15_000)  # data are read, a worker waits: as for whoever has looked at the page
            page.evaluate(LONG_TASKS)
            played = page.locator(".training").get_attribute("data-run")  # a recorded training, before the click
            page.click(".st-key-train button")
            began = time.time()
            page.wait_for_selector(f".training[data-shown]:not([data-run='{played}'])")
            picture = time.time() - began
            key = page.locator(".training").get_attribute("data-run")
            page.wait_for_selector(f".training[data-run='{key}'][data-status='done']", timeout=300_000)
            end = time.time() - began
            tasks = page.evaluate("longTasks")
            browser.close()
        folder = Path(cache) / "runs" / key
        entry = Runs(folder.parent).get(key)
        moments = {int(path.stem.rpartition("-")[2]): path.stat().st_mtime for path in folder.glob("snapshot-*")}
        rows = entry.history()
        two = min(row["step"] for row in rows if row["step"] >= 1100 and "validation" in row)
        row = next(row for row in rows if row["step"] == two)
        # a snapshot's file says when its step was done; between two of them time runs with the training's own seconds
        first, last = moments[1] - began, moments[max(moments)] - began
        share = row["seconds"] / rows[-1]["seconds"]
        return Live(
            first, picture, first + share * (last - first), end, row["validation"], entry.metrics["elbo"], tasks,
            entry.manifest["seconds"], last - first,
        )  # fmt: skip
