"""From `streamlit run` to a pad that can be dragged, in a real browser, beside a page of Streamlit with one word on it.

Cold is a server just started and a browser that has never seen it; warm is the same page loaded again. Both programs
are started in turn, so that a slow moment of the machine hits both alike.
"""

import statistics
import time
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.hall import empty_page
from tests.server import CHROMIUM, ROOT, served

READY = {
    # the pad notes the frames it has drawn; after that it takes a drag
    "ours": "() => { const deep = (root) => [...root.querySelectorAll('*')].some((e) => Number(e.dataset?.frames) > 0"
    " || (e.shadowRoot && deep(e.shadowRoot))); return deep(document); }",
    "empty": "() => document.querySelector('[data-testid=stMarkdown]')?.innerText.includes('hello')",
}


class Opening(NamedTuple):
    """Seconds, medians of the rounds, and bytes that came over the wire."""

    cold: float
    warm: float
    sent: float


def measure(rounds: int = 5, root: Path = ROOT) -> dict[str, Opening]:
    """Of this dashboard ("ours") and of the empty page ("empty")."""
    with empty_page() as hello, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        programs = {"ours": root / "dashboard" / "app.py", "empty": hello}
        found: dict[str, list[Opening]] = {name: [] for name in programs}
        for _ in range(rounds):
            for name, program in programs.items():
                found[name].append(opened(browser, program, READY[name]))
        browser.close()
    return {name: Opening(*map(statistics.median, zip(*each, strict=True))) for name, each in found.items()}


def opened(browser: Browser, program: Path, ready: str) -> Opening:
    began = time.perf_counter()
    with served(program) as address:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page, sent = context.new_page(), []
        page.on("response", lambda r: sent.append(int(r.headers.get("content-length", 0))))
        page.on("websocket", lambda w: w.on("framereceived", lambda data: sent.append(len(data))))
        page.goto(address)
        page.wait_for_function(ready, polling=10)
        cold = time.perf_counter() - began
        came = sum(sent)
        page.wait_for_timeout(3000)  # what is done after the first paint is over
        began = time.perf_counter()
        page.goto(address)
        page.wait_for_function(ready, polling=10)
        warm = time.perf_counter() - began
        context.close()
    return Opening(cold, warm, came)
