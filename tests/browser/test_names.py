"""Names of runs and files are text on every page, whatever stands in them."""

import pytest

from tests.parameters import rest_long
from tests.server import served
from tests.small_models import own_digits, publish

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=window.hurt=1> ![](x) $x$ *y* [z](javascript:hurt())"
PAGES = {
    "?model=bad": ".pad", "manifold?model=bad": ".manifold", "elbo?model=bad": ".elbo",
    "primer?model=bad&scene=5": ".primer", "algorithm?model=bad": ".walk", "likelihood?model=bad": ".pixels",
    "gradients?model=bad": ".arrows", "compare?models=bad,two": ".compare", "train?run=bad&over=two": ".training",
    "kl": ".beta", "paper": ".figures", "toy": ".world", "glossary": ".glossary",
    "about": ".st-key-references",
}  # fmt: skip
SHORT = ("?model=bad", "elbo?model=bad", "compare?models=bad,two", "train?run=bad&over=two")
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


@pytest.mark.parametrize("path", rest_long(PAGES, SHORT))
def test_a_name_is_text(chromium, hall, path):
    page, refused = chromium.new_page(), []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(f"{hall}/{path}")
    page.wait_for_selector(PAGES[path], timeout=180_000)
    page.wait_for_timeout(2500)
    if page.locator(".st-key-models button").count():
        page.locator(".st-key-models button").first.click()
        page.wait_for_timeout(700)
    assert page.evaluate(STRANGE) == []
    assert page.evaluate("window.hurt") is None
    assert refused == [], "nothing of ours needs more than the policy allows"
    page.close()


def test_the_search_would_find_it(chromium, hall):
    page = chromium.new_page()
    page.set_content("<div></div>")
    page.evaluate("n => { document.querySelector('div').attachShadow({ mode: 'open' }).innerHTML = n; }", HOSTILE)
    page.wait_for_timeout(500)
    assert page.evaluate(STRANGE) != []
    assert page.evaluate("window.hurt") == 1
    page.close()


def test_even_a_script_on_the_page_reaches_nobody_else(chromium, hall):
    page = chromium.new_page()
    page.goto(hall)
    page.wait_for_selector(".pad", timeout=180_000)
    blocked = page.evaluate(
        """async () => {
          const blocked = [];
          document.addEventListener("securitypolicyviolation", (e) => blocked.push(e.effectiveDirective));
          await fetch("https://outside.example/").catch(() => {});
          new Image().src = "https://outside.example/a.png";
          const script = document.createElement("script");
          script.textContent = "window.hurt = 3";
          document.body.append(script);
          await new Promise((done) => setTimeout(done, 500));
          return blocked;
        }"""
    )
    assert sorted(blocked) == ["connect-src", "img-src", "script-src-elem"]
    assert page.evaluate("window.hurt") is None
    page.close()
