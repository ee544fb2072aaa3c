"""How every page is laid out at the widths that people have: nothing outside it, no text on another or cut, one scale.

layout.js measures in the page. A page is opened once, and then its window changes.
"""

from pathlib import Path

import pytest

from dashboard.shared.page_registry import PAGES
from tests.parameters import rest_long

pytestmark = pytest.mark.browser

READY = {
    "explore": ".pad", "manifold": ".manifold", "elbo": ".elbo", "kl": ".beta", "compare": ".compare",
    "train": ".training", "primer": ".primer", "algorithm": ".walk", "likelihood": ".pixels",
    "gradients": ".arrows", "paper": ".figures", "toy": ".vanishing[data-kl]", "exercises": "h2.exercise",
    "glossary": ".glossary", "about": ".st-key-references",
}  # fmt: skip
PHONE, LAPTOP = (390, 844), (1366, 768)
NINE = ("explore", "manifold", "elbo", "kl", "compare", "train", "likelihood", "algorithm", "paper")  # in CI
ZOOMED = (683, 384)  # a laptop's page at 200 %
SIZES = (PHONE, ZOOMED, (1024, 768), LAPTOP, (1440, 900), (1920, 1080))
SCENES = ("vae", "beta", "cost", "humps", "numbers", "plane", "collapse", "remedies", "really", "factors", "closing")
FOLDED, MODELS, IMAGES = ".stExpander summary", ".st-key-models button >> nth=0", ".menu-button >> nth=0"
DRAWERS = ("drawer", "several", "own-images", "run-importing")  # of Train
STATES = {  # what else a page shows, by what leads there; each of them that fits the selector is clicked
    "kl": [*(f".scenes button[data-scene={scene}]" for scene in SCENES), ".save summary"],
    "primer": [*(f".scenes button[data-scene='{scene}']" for scene in "12345"), FOLDED],
    "explore": [FOLDED, IMAGES, MODELS],
    "elbo": [FOLDED, IMAGES, MODELS],
    "compare": [FOLDED, MODELS],
    "likelihood": [FOLDED],
    "gradients": [FOLDED],
    "algorithm": [FOLDED],
    "paper": [FOLDED],
    "toy": [FOLDED],
    "train": [f".st-key-{key} button >> nth=0" for key in DRAWERS],
    "exercises": [".stPopover button >> nth=0"],
}
ADDRESSES = {  # and by address
    "explore": ["?model=mnist-conditional-2d", "?model=mnist-10d", "?model=mnist-1d", "?model=frey-2d"],
    "manifold": ["?model=mnist-10d", "?model=frey-2d"],
    "elbo": ["?model=mnist-10d", "?model=mnist-ae-2d"],
    "compare": ["?models=mnist-2d,mnist-10d,mnist-20d"],
    "gradients": ["?model=mnist-10d"],
}
AFAR = "kl"  # is read from afar: its sizes grow with the screen, and its sentences are as wide as that
FINDINGS = ("outside", "overlaps", "cuts", "hyphens", "wide")
TYPE = {14, 15, 18, 24, 28}  # px, the tokens of style.css
CONTROLS = {28, 36, 44}
MEASURING = Path(__file__).with_suffix("").with_name("layout.js").read_text("utf-8")
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifts.push(shift.value);
}).observe({ type: "layout-shift", buffered: true });
"""
MOST_SHIFT = 0.02


@pytest.fixture(scope="module")
def lab(chromium):
    """A server with the models that come with the product."""
    from tests.server import served

    with served(OMP_NUM_THREADS="1") as address:
        yield address


@pytest.fixture
def opened(new_page, lab):
    """Opens a page in a window of a size, with the measuring in it; the tour was seen before."""

    def come(name: str, size: tuple[int, int] = LAPTOP, address: str = ""):
        width, height = size
        page = new_page(lab, {"width": width, "height": height})
        page.set_default_timeout(90_000)
        seen = "localStorage.setItem('vae-lab-tour', 'seen'); sessionStorage.setItem('vae-lab-touched', 'yes');"
        page.add_init_script(seen + SHIFTS)
        page.goto(f"{lab}/{'' if name == PAGES[0] else name}{address}")
        page.wait_for_selector(READY[name], state="attached")
        page.wait_for_selector(".stApp[data-test-script-state=notRunning]")
        page.wait_for_timeout(600)
        page.evaluate(MEASURING)
        return page

    return come


def sized(page, size: tuple[int, int]) -> dict:
    """What is found on a page once its window has a size, in px."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_timeout(300)
    return page.evaluate("window.layout()")


def wrong(found: dict, name: str = "") -> dict[str, list[str]]:
    """What of it should not be on the page of that name."""
    return {what: found[what] for what in FINDINGS if found[what] and (name, what) != (AFAR, "wide")}


@pytest.mark.parametrize("name", rest_long(PAGES, NINE))
def test_a_page_fits_a_phone_and_a_laptop_and_arrives_without_a_jump(opened, name):
    page = opened(name)
    assert sum(page.evaluate("window.shifts")) < MOST_SHIFT
    page.locator("h1").first.wait_for(timeout=3000)  # what is there is seen: nothing waits for what has come
    found = sized(page, LAPTOP)
    assert wrong(found, name) == {}
    scale = found["scale"]
    assert name == AFAR or {float(size) for size in scale["type"]} <= TYPE, scale["sizes"]
    assert {int(height) for height in scale["controls"]} <= CONTROLS, scale["heights"]
    assert wrong(sized(page, PHONE), name) == {}


@pytest.mark.long
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_every_window(opened, name):
    said = {}
    for address in ("", *ADDRESSES.get(name, ())):
        page = opened(name, address=address)
        for size in SIZES:
            said[address, size] = wrong(sized(page, size), name)
    assert {where: found for where, found in said.items() if found} == {}


@pytest.mark.long
@pytest.mark.parametrize("name", STATES)
def test_what_unfolds_fits_every_window(opened, name):
    page, said = opened(name), {}
    for step in STATES[name]:
        page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
        for part in page.locator(f".stMain {step}").all():
            part.click()
            page.wait_for_timeout(1500)
        for size in SIZES:
            said[step, size] = wrong(sized(page, size), name)
        page.keyboard.press("Escape")
    assert {where: found for where, found in said.items() if found} == {}


@pytest.mark.long
@pytest.mark.parametrize("name", PAGES)
def test_a_page_arrives_on_a_phone_without_a_jump(opened, name):
    page = opened(name, PHONE)
    page.wait_for_timeout(4000)
    assert sum(page.evaluate("window.shifts")) < MOST_SHIFT


def test_the_measuring_finds_what_is_wrong(opened):
    """The control: a box that is too wide, a text on another, one that is cut, a keyboard's minus."""
    page = opened("about")
    page.evaluate("""() => document.querySelector(".claim").insertAdjacentHTML("beforeend", `
      <div style="width: 3000px; height: 9px"></div><b style="position: absolute; left: 60px; top: 8px">over it: -3</b>
      <div style="width: 30px; overflow: hidden; white-space: nowrap">what is cut</div>`)""")
    assert sorted(wrong(sized(page, LAPTOP))) == ["cuts", "hyphens", "outside", "overlaps"]
