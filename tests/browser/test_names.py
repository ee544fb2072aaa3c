"""Names of runs and files are text on every page, whatever stands in them."""

import pytest

from tests.server import served
from tests.small_models import own_digits, publish

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=window.hurt=1> ![](x) $x$ *y* [z](javascript:hurt())"
PAGES = {
    "?model=bad": ".pad", "manifold?model=bad": ".manifold", "elbo?model=bad": ".elbo",
    "gradients?model=bad": ".arrows", "compare?models=bad,two": ".compare", "train?run=bad&over=two": ".training",
}  # fmt: skip
STRANGE = """() => {
  const found = [], walk = (root) => {
    for (const e of root.querySelectorAll("*")) {
      if (e.shadowRoot) walk(e.shadowRoot);
      if (e.matches("img[src='x'], img[src$='/x'], a[href^='javascript:']")) found.push(e.outerHTML);
    }
  };
  walk(document);
  return found;
}"""


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    """A server whose runs have names that want to be more than names."""
    cache = tmp_path_factory.mktemp("names")
    digits = own_digits(cache).rename(cache / "<img src=x onerror=window.hurt=2>.npz")
    publish(cache, "bad", called=HOSTILE, count=100, name=str(digits))
    publish(cache, "two", called=HOSTILE, count=100, name=str(digits))
    with served(VAE_CACHE_DIR=str(cache), OMP_NUM_THREADS="1") as address:
        yield address


@pytest.mark.parametrize("path", PAGES)
def test_a_name_is_text(chromium, hall, path):
    page = chromium.new_page()
    page.goto(f"{hall}/{path}")
    page.wait_for_selector(PAGES[path], timeout=60_000)
    page.wait_for_timeout(2500)
    if page.locator(".st-key-models button").count():
        page.locator(".st-key-models button").first.click()
        page.wait_for_timeout(700)
    assert page.evaluate(STRANGE) == []
    assert page.evaluate("window.hurt") is None
    page.close()


def test_the_search_would_find_it(chromium, hall):
    page = chromium.new_page()
    page.set_content("<div></div>")
    page.evaluate("n => { document.querySelector('div').attachShadow({ mode: 'open' }).innerHTML = n; }", HOSTILE)
    page.wait_for_timeout(500)
    assert page.evaluate(STRANGE) != []
    assert page.evaluate("window.hurt") == 1
    page.close()
