"""A real server and a real Chromium, with small models in a cache folder of their own."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.colour_pictures import discs
from tests.own_classes import LETTERS, labelled
from tests.server import CHROMIUM, served
from tests.small_models import own_digits, publish, unfinished
from tests.waiting import LIMIT


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items):
    """All of these need a browser. On a busy machine it may answer late: what fails is tried once more."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def chromium():
    """Chromium, or a skip with the reason; VAE_REQUIRE_BROWSER=1 turns the skip into a failure."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("playwright is not installed")
    with sync_playwright() as playwright:
        path = CHROMIUM or playwright.chromium.executable_path
        if not Path(path).exists():
            _missing("Chromium is not installed")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def profile(chromium, tmp_path_factory):
    """A browser with a profile, which keeps the scripts it has compiled: a page opens in half the time of a new one."""
    folder = tmp_path_factory.mktemp("profile")
    context = chromium.browser_type.launch_persistent_context(
        folder, executable_path=CHROMIUM, args=["--no-sandbox"], bypass_csp=True
    )
    yield context
    context.close()


@pytest.fixture
def new_page(profile):
    """A page of somebody of whom the server at an address has left nothing in the profile but its scripts."""
    pages = []

    def empty(address: str, viewport: dict[str, int]):
        pages.append(profile.new_page())
        profile.clear_cookies()
        talk = profile.new_cdp_session(pages[-1])
        talk.send("Storage.clearDataForOrigin", {"origin": address, "storageTypes": "all"})
        talk.detach()
        pages[-1].set_viewport_size(viewport)
        return pages[-1]

    yield empty
    profile.clear_permissions()
    for page in pages:
        page.close()


def _missing(what: str) -> None:
    if os.environ.get("VAE_REQUIRE_BROWSER") == "1":
        pytest.fail(f"{what}, and VAE_REQUIRE_BROWSER=1 asks for it")
    pytest.skip(what)


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """The runs that the server of these tests offers, by key."""
    cache = tmp_path_factory.mktemp("models")
    gaussian = {"likelihood": "gaussian", "pixels": "dequantised"}
    unfinished(cache, "half")
    digits, lost = str(own_digits(cache)), str(cache / "lost.npz")
    from vae_core.data.datasets import load_dataset

    letters = labelled(cache, LETTERS, count=1500, untested="q")
    tested = load_dataset(str(letters)).test_labels.numpy()
    written = load_dataset(digits).test_labels.numpy()
    return {
        "letters": publish(
            cache, "letters", shape=(12, 12), count=len(tested), labels=tested, classes=LETTERS, name=str(letters)
        ),
        "cache": cache,
        "two": publish(cache, "two"),
        "ten": publish(cache, "ten", latent_dim=10, activation="tanh"),
        "long": publish(cache, "long", strength=1),  # whose 10,000 test images one test begins to fill in
        "one": publish(cache, "one", latent_dim=1, activation="relu"),
        "face": publish(cache, "face", shape=(28, 20), labelled=False, activation="softplus", **gaussian),
        "points": publish(cache, "points", count=100, name=digits, stochastic=False),
        "own": publish(cache, "own", count=100, name=digits),
        "calm": publish(cache, "calm", count=100, name=digits, strength=1),
        "calm10": publish(cache, "calm10", count=100, name=digits, strength=1, latent_dim=10),
        "fresh": publish(cache, "fresh", count=100, name=digits, strength=1),  # whose test set one test fills
        "grey": publish(cache, "grey", count=100, name=digits, **gaussian),
        "told": publish(cache, "told", count=100, labels=written, name=digits, conditional=True, activation="tanh"),
        "lost": publish(cache, "lost", name=lost),
        "conv": publish(cache, "conv", network="conv", encoder=(4, 8), decoder=(8, 4), latent_dim=3),
        "colour": colour(cache),
    }


def colour(cache):
    """A convolutional model of own pictures in colour, which are here."""
    np.savez(cache / "discs.npz", images=discs(140, 16))
    return publish(
        cache, "colour", shape=(16, 16, 3), count=20, labelled=False, name=str(cache / "discs.npz"),
        network="conv", encoder=(4, 8), decoder=(8, 4), likelihood="gaussian", pixels="dequantised",
    )  # fmt: skip


@pytest.fixture(scope="session")
def address(models):
    """The server's address; it runs for the whole session."""
    with served(VAE_CACHE_DIR=str(models["cache"]), OMP_NUM_THREADS="1") as url:
        yield url


class Visit:
    """One visitor's page, with what it complained about and where it wanted to go."""

    def __init__(self, page, url: str) -> None:
        self.page, self.url, self.complaints, self.strangers = page, url, [], []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._said)
        page.on("request", self._asked)

    def _said(self, message) -> None:
        # Streamlit asks for its own files below a deep link first, and falls back: two 404s that mean nothing.
        if message.type == "error" and "404" not in message.text:
            self.complaints.append(message.text)

    def _asked(self, request) -> None:
        if not request.url.startswith((self.url, self.url.replace("http", "ws"), "data:", "blob:")):
            self.strangers.append(request.url)

    def open(self, path: str = "", component: str = ".pad") -> "Visit":
        self.page.goto(f"{self.url}/{path}")
        self.page.wait_for_selector(component)
        self.settle(component)
        return self

    def settle(self, component: str = ".pad") -> None:
        """Waits until the component has drawn and then stayed as it is for a moment."""
        self.page.wait_for_function("window.vaeLab && window.vaeLab.shelf.size > 0 && !window.vaeLab.fetching")
        before = None
        for _ in range(100):
            now = self.page.locator(component).evaluate("e => JSON.stringify(e.dataset)")
            if now == before and '"frames"' in now:
                return
            before = now
            self.page.wait_for_timeout(150)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Waits until something is true of the page, while the page goes on."""
        deadline = time.monotonic() + LIMIT
        while not condition():
            assert time.monotonic() < deadline, f"waited {LIMIT} s for {what}"
            self.page.wait_for_timeout(50)

    def data(self, component: str = ".pad") -> dict:
        return self.page.locator(component).evaluate("e => ({...e.dataset})")

    def pixels(self, canvas: str):
        import numpy as np

        size, values = self.page.locator(canvas).evaluate(
            "c => [[c.height, c.width], [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]]"
        )
        return np.array(values, float).reshape(*size, 4)[..., :3]

    def wait_for_address(self, part: str) -> None:
        self.page.wait_for_function("part => decodeURIComponent(location.search).includes(part)", arg=part)


@pytest.fixture
def visit(chromium, new_page, address):
    """Opens a page for a visitor with a given screen and theme; afterwards nobody may have complained.

    `first`: somebody who was never here, to whom the tour is offered. `arrives`: nothing has been touched in this tab,
    so that Explore's point travels.
    """
    contexts, visits = [], []

    def come(
        width: int = 1440, height: int = 900, theme: str = "light", touch: bool = False, first: bool = False,
        arrives: bool = False,
    ) -> Visit:  # fmt: skip
        screen = {"width": width, "height": height}
        if visits or touch:  # there is one profile, without touch
            # bypass_csp: waiting for a condition evaluates text in the page; test_names.py keeps the policy
            contexts.append(chromium.new_context(viewport=screen, has_touch=touch, is_mobile=touch, bypass_csp=True))
        page = contexts[-1].new_page() if visits or touch else new_page(address, screen)
        page.emulate_media(color_scheme=theme)
        page.context.set_default_timeout(90_000)  # a busy machine is slow, not wrong
        if not first:
            page.add_init_script("localStorage.setItem('vae-lab-tour', 'seen')")
        if not arrives:
            page.add_init_script("sessionStorage.setItem('vae-lab-touched', 'yes')")
        visits.append(Visit(page, address))
        return visits[-1]

    yield come
    for context in contexts:
        context.close()
    for each in visits:
        assert each.complaints == []
        assert each.strangers == []
