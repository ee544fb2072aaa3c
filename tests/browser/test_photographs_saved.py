"""Photographs in pages that need no Python, and in a notebook, are no negatives either: in the light and in the dark.

Takes minutes; run by hand: python -m pytest -m long tests/browser/test_photographs_saved.py
"""

import functools
import os
import subprocess
import sys
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch

from tests.browser import test_notebook
from tests.browser.photograph_places import seen
from tests.photographs import likeness, shows, trained
from tests.server import ROOT
from tests.waiting import until
from vae_core.data.datasets import load_dataset
from vae_core.notebook import explore
from vae_core.runs.store import Runs

pytestmark = [pytest.mark.browser, pytest.mark.long]
notebook = test_notebook.notebook
WHOSE = ("bundled", "own", "colour")
PLANE = {".x-image": 1, ".pad .drawn": 1, ".strip canvas": 1}
PAGES = {
    "explore": (PLANE, "--with-images"),
    "manifold": ({".manifold .tiles": (20, 20), ".manifold .drawn": 1}, "--with-images"),
    "elbo": ({".x-image": 1, ".flow-p": 1}, "--with-images", "--image", "3"),
}  # by its part of the address: what it shows, and the flags that save it


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("photographs"))


@pytest.fixture(scope="module")
def saved(shown, tmp_path_factory):
    """A page's file, made once by the command."""
    folder = tmp_path_factory.mktemp("pages")

    @functools.cache
    def file(whose: str, *flags: str):
        path = folder / f"{whose}-{len(flags)}.html"
        command("export", shown[whose].keys["two"], "--html", str(path), *flags, cache=shown[whose].cache)
        return path

    return file


def command(*words: str, cache) -> None:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "VAE_CACHE_DIR": str(cache)}
    subprocess.run(
        [sys.executable, "-m", "vae_core", *words], cwd=ROOT, env=environment, check=True, timeout=600,
        capture_output=True,
    )  # fmt: skip


@pytest.fixture
def opened(chromium):
    contexts = []

    def open_(address: str, theme: str):
        contexts.append(chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme=theme))
        contexts[-1].add_init_script("try { sessionStorage.setItem('vae-lab-touched', 'yes') } catch {}")
        page = contexts[-1].new_page()
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
        return page

    yield open_
    for context in contexts:
        context.close()


def check(page, places, mean) -> None:
    for selector in places:
        until(lambda selector=selector: seen(page, selector), selector)
    time.sleep(1.5)  # until all is drawn
    for selector, fit in places.items():
        pictures = seen(page, selector)
        assert shows(pictures, mean, fit), f"{selector}: {[likeness(one, mean, fit) for one in pictures]}"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("whose", WHOSE)
def test_a_page_saved_as_a_file(opened, saved, shown, whose, page, theme):
    places, *flags = PAGES[page]
    check(opened(f"{saved(whose, *flags).as_uri()}#{page}", theme), places, shown[whose].mean)


@pytest.fixture(scope="module")
def site(shown, tmp_path_factory):
    """The address of a site of faces."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_): ...

    folder = str(tmp_path_factory.mktemp("site"))
    command("site", folder, "frey-2d", cache=shown["own"].cache)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("page", "places"),
    [
        ("explore/frey-2d", {".pad .drawn": 1, ".strip canvas": 1}),
        ("manifold/frey-2d", PAGES["manifold"][0]),
        ("paper", {".planes figure:has-text('Frey') canvas": (12, 12)}),
    ],
)
def test_a_page_of_a_site(opened, site, shown, page, places, theme):
    check(opened(f"{site}/{page}.html", theme), places, shown["bundled"].mean)


@pytest.mark.parametrize("behind", ["white", "black"])
@pytest.mark.parametrize("whose", ["own", "colour"])
def test_a_cell_of_a_notebook(notebook, shown, whose, behind):
    model = shown[whose]
    data, vae = load_dataset(model.keys["own"]), Runs(model.cache / "runs").get(model.keys["two"]).load().vae
    images = (data.test.reshape(-1, *data.shape).to(torch.float32) / 255).numpy()
    _, frame = notebook(explore(vae, images), behind=behind)
    check(frame, PLANE, model.mean)
