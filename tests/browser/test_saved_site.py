"""The lecture as one file, and a site below a path of a web server: played and visited without Python.

Takes minutes; run by hand: python -m pytest -m long tests/browser/test_saved_site.py
"""

import functools
import os
import re
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.browser.test_kl import LECTURE, SCENES
from tests.browser.test_saved_page import OWN
from tests.server import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.long]


def command(*words: str) -> str:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "vae_core", *words], cwd=ROOT, env=environment, check=True, timeout=600,
        capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout


@pytest.fixture
def seen(chromium):
    """A page without network but to what begins with the addresses that are given; it may complain of nothing."""
    contexts, trouble = [], []

    def open_(address: str, *allowed: str, offline: bool = False):
        context = chromium.new_context(viewport={"width": 1366, "height": 768}, offline=offline)
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(f"{page.url}: {error}"))
        page.on("console", lambda said: trouble.append(said.text) if said.type in ("error", "warning") else None)
        page.on("request", lambda asked: None if asked.url.startswith((*OWN, *allowed)) else trouble.append(asked.url))
        page.goto(address)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert trouble == []


def test_the_lecture_is_played_from_its_opening_to_its_closing_scene(seen, tmp_path):
    file = tmp_path / "lecture.html"
    command("export", "lecture", "--html", str(file))
    assert file.stat().st_size <= 10e6
    text = file.read_text("utf-8")
    others = ("www.w3.org", "arxiv.org/abs")  # a name space, and the papers that it names
    assert not [found for found in re.findall(r"https?://[^\s\"'`<>)]+", text) if not any(o in found for o in others)]
    page = seen(file.as_uri(), offline=True)
    page.wait_for_selector("html[data-ready]")
    lecture, last = page.locator(LECTURE), page.locator(".of-closing li.step-2")
    page.locator(".present").click()
    met, asked = [], 0
    while not (page.locator(".room").is_hidden() and last.is_visible()):
        if page.locator(".room").is_visible():
            asked += 1
        else:
            scene = lecture.get_attribute("data-scene")
            met += [scene] if met[-1:] != [scene] else []
            assert page.locator(".claim-of").inner_text()
        assert len(met) + asked < 60
        page.keyboard.press("PageDown")
    assert tuple(met) in (SCENES, SCENES[:-1])
    assert asked == len(SCENES)
    assert not page.locator(".needs-python").is_visible()
    page.keyboard.press("PageUp")
    assert last.is_hidden()


@pytest.fixture
def below(tmp_path):
    """The address of a folder, below a path of a web server that knows nothing else."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_): ...

    served = tmp_path / "served"
    (served / "courses" / "vae").mkdir(parents=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(served)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield served / "courses" / "vae" / "site", f"http://127.0.0.1:{server.server_port}/courses/vae/site/"
    server.shutdown()
    server.server_close()


def test_a_site_works_below_a_path_every_link_leads_somewhere_and_what_needs_python_says_so(seen, below):
    folder, address = below
    command("site", str(folder), "strokes-2d", "mnist-beta-4")
    page = seen(address, address)
    page.wait_for_url("**/explore/strokes-2d.html")
    page.wait_for_selector("html[data-ready] .pad[data-frames]")
    before = page.locator(".pad").get_attribute("data-z")
    page.locator(".plane").press("ArrowRight")
    assert page.locator(".pad").get_attribute("data-z") != before
    page.locator(".models select").select_option(index=1)
    page.wait_for_url("**/explore/mnist-beta-4.html")
    for name in ("Manifold", "KL regularizer", "Paper", "Glossary"):
        page.get_by_role("link", name=name, exact=True).first.click()
        page.wait_for_selector("html[data-ready]")
        page.wait_for_timeout(500)
        assert page.locator("main:not([hidden]) h1, main:not([hidden]) .beta").first.is_visible()
    seen_pages, todo = set(), [page.evaluate("location.href")]
    while todo:
        here = todo.pop()
        if here in seen_pages:
            continue
        seen_pages.add(here)
        answer = page.request.get(here)
        assert answer.ok, here
        links = re.findall(r'<a[^>]* href="([^"#:]+)"', answer.text().split("<main")[0])
        todo += [page.evaluate("([link, base]) => new URL(link, base).href", [link, here]) for link in links]
    assert len(seen_pages) >= 5
    page.goto(f"{address}explore/strokes-2d.html")
    page.wait_for_selector("html[data-ready] .pad[data-frames]")
    page.locator(".article a[href='elbo']").first.click()
    assert "streamlit run dashboard/app.py" in page.locator(".needs-python").inner_text()
