"""Browsers that do otherwise: colours forced upon the page, noise for what is read from a canvas, cookies refused."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from tests.parameters import rest_long
from tests.server import WITH_SETTINGS, served

pytestmark = pytest.mark.browser

PAGES = {
    "?model=two&i=7": (".pad", 10),
    "manifold?model=two": (".manifold", 4),
    "primer?model=one&scene=4": (".primer", 16),
    "algorithm?model=two": (".walk", 14),
    "likelihood?model=two&i=7": (".pixels", 5),
    "elbo?model=two&i=7": (".elbo", 8),
    "gradients?model=two&i=7": (".arrows", 8),
    "compare?models=two,one&i=7": (".compare", 8),
    "kl": (".beta", 3),
    "paper": (".models[data-drawn='6']", 6),
    "toy": (".world", 12),
}  # fmt: skip  what to wait for, and at least so many canvases
SOME = ("?model=two&i=7", "elbo?model=two&i=7", "likelihood?model=two&i=7", "toy")  # that CI has time for
# Of these in a list the current one alone is marked, by the colour of its edge.
MARKED = {
    "elbo?model=two&i=7": (".equation nav a", "aria-current", "borderBottomColor"),
    "algorithm?model=two": (".lines li", "class", "borderLeftColor"),
}
CANVASES = """(except) => {
  const found = [], walk = (root) => {
    for (const e of root.querySelectorAll("*")) {
      if (e.shadowRoot) walk(e.shadowRoot);
      const seen = e.localName === "canvas" && e.checkVisibility({ visibilityProperty: true });
      if (!seen || !e.getBoundingClientRect().width || e.matches(except)) continue;
      const { data } = e.getContext("2d").getImageData(0, 0, e.width, e.height);
      found.push([`${e.parentElement.className} > ${e.className}`, new Set(new Uint32Array(data.buffer)).size]);
    }
  };
  walk(document);
  return found;
}"""
# What lies over the tiles, over the plane and on x is clear until something is chosen, changed or drawn.
BLANK = ".over, .before, .faint, .sheet"
NOISE = """
  for (const kind of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
    const read = kind.prototype.getImageData;
    kind.prototype.getImageData = function (...where) {
      const picture = read.apply(this, where);
      crypto.getRandomValues(picture.data.subarray(0, Math.min(65536, picture.data.length)));
      return picture;
    };
  }
  const drawn = HTMLCanvasElement.prototype.toDataURL;
  HTMLCanvasElement.prototype.toDataURL = () => drawn.call(document.createElement("canvas"));
"""


def forced(visit, theme: str):
    guest = visit(theme=theme)
    guest.page.emulate_media(forced_colors="active", color_scheme=theme)
    return guest


def show_pictures(page, least: int) -> None:
    """Waits until as many canvases as there should be are there, each with more than one colour."""
    try:
        page.wait_for_function(
            f"([least, blank]) => {{ const all = ({CANVASES})(blank); "
            "return all.length >= least && all.every(([, colours]) => colours > 1); }",
            arg=[least, BLANK], timeout=30_000,
        )  # fmt: skip
    except Exception as late:
        raise AssertionError(page.evaluate(CANVASES, BLANK)) from late


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.long)])
@pytest.mark.parametrize("path", rest_long(PAGES, SOME))
def test_every_picture_is_seen_in_forced_colours(visit, path, theme):
    component, least = PAGES[path]
    guest = forced(visit, theme)
    guest.page.goto(f"{guest.url}/{path}")
    guest.page.wait_for_selector(component)
    show_pictures(guest.page, least)
    if path in MARKED:
        one, attribute, edge = MARKED[path]
        guest.page.wait_for_selector(f"{one}[{attribute}]")
        choices = guest.page.locator(one).all()
        current = [bool(choice.get_attribute(attribute)) for choice in choices]
        assert current.count(True) == 1
        seen = [look(choice, edge) for choice in choices]
        assert [colour == seen[current.index(True)] for colour in seen] == current


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_a_run_on_the_train_page_and_the_glossary_are_seen_in_forced_colours(visit, theme):
    guest = forced(visit, theme)
    guest.page.goto(f"{guest.url}/train")
    guest.page.wait_for_selector(".training .curves svg text")
    chosen, other = guest.page.locator(".training .segments button").all()
    assert look(chosen, "backgroundColor") != look(other, "backgroundColor")
    preset = guest.page.locator("[data-testid=stButtonGroup] button")
    assert look(preset.nth(0), "backgroundColor") != look(preset.nth(1), "backgroundColor")
    guest.page.goto(f"{guest.url}/glossary")
    guest.page.wait_for_selector(".glossary dt")
    assert look(guest.page.locator(".glossary dt").first, "color") != look(
        guest.page.locator(".stApp"), "backgroundColor"
    )


def look(part, name: str) -> str:
    return part.evaluate("(e, name) => getComputedStyle(e)[name]", name)


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_forced_colours_leave_pictures_classes_tracks_and_choices_as_they_are(visit, theme):
    plain, guest = visit(theme=theme), forced(visit, theme)
    seen = []
    for one in (plain, guest):
        one.open("?model=two&i=7&z=0.5,0.5")
        one.page.wait_for_selector(".legend button")
        one.page.wait_for_selector(".x-image:not([hidden])")
        seen.append([one.pixels(canvas) for canvas in (".drawn", ".x-image")])
    for ordinary, now in zip(*seen, strict=True):
        assert (ordinary == now).all()
    digits = guest.page.locator(".legend button")
    assert digits.all_inner_texts() == [str(k) for k in range(10)]
    assert len({look(digit, "color") for digit in digits.all()}) == 10
    chosen, other = guest.page.locator(".layers button").all()[:2]
    assert look(chosen, "backgroundColor") != look(other, "backgroundColor")
    knobs = [look(one.page.locator(".slider .knob").first, "backgroundColor") for one in (plain, guest)]
    assert knobs[0] == knobs[1]
    for drawn in (".noise input", ".menu-button"):
        assert "gradient" in look(guest.page.locator(drawn).first, "backgroundImage")
    assert look(guest.page.locator(".picks [aria-pressed=true]"), "outlineWidth") == "3px"
    pages = guest.page.get_by_test_id("stTopNavLink")
    assert [look(link, "textDecorationLine") for link in pages.all()] == ["underline"] + ["none"] * 5


def test_a_manifold_is_printed_on_white_paper_in_forced_dark_colours(visit):
    guest = forced(visit, "dark").open("manifold?model=two", ".manifold")
    with guest.page.expect_download() as download:
        guest.page.locator(".print").click()
    paper = np.asarray(Image.open(download.value.path()).convert("L"), float)
    assert paper[0, 0] == 255
    assert paper.min() < 60


# -- a browser that guards against fingerprinting ----------------------------------------------------------------------


def draw(guest) -> None:
    box = guest.page.locator(".sheet").bounding_box()
    at = [(0.3, 0.25), (0.5, 0.15), (0.7, 0.3), (0.5, 0.48), (0.72, 0.65), (0.5, 0.88), (0.28, 0.75)]
    for k, (u, v) in enumerate(at):
        guest.page.mouse.move(box["x"] + u * box["width"], box["y"] + v * box["height"], steps=4)
        if k == 0:
            guest.page.mouse.down()
    guest.page.mouse.up()
    guest.wait_for_address("i=drawn-")
    guest.page.wait_for_selector(".pad:not(.asked)")
    guest.page.locator(".menu-button", has_text="Drawn").wait_for()
    guest.settle()  # the point has come to the stroke's code


def test_a_stroke_has_the_same_code_where_a_canvas_returns_noise(visit):
    codes = []
    for guarded in (False, True):
        guest = visit()
        if guarded:
            guest.page.add_init_script(NOISE)
        guest.open("?model=mnist-beta-1&i=3")
        guest.page.wait_for_selector(".chooser:not(.waiting)")
        draw(guest)
        codes.append([guest.page.locator(part).inner_text() for part in (".mu", ".sigma")] + [guest.data()["z"]])
        noisy = guest.page.evaluate(
            "[...new OffscreenCanvas(9, 9).getContext('2d').getImageData(0, 0, 9, 9).data].some((v) => v)"
        )
        assert noisy == guarded
    assert codes[0] == codes[1]


def test_a_picture_of_pixels_is_saved_as_it_is_where_a_canvas_returns_noise_and_of_others_a_sentence_says_why(visit):
    ordinary = visit().open("?model=two&z=0.5,0.5")
    guest = visit()
    guest.page.add_init_script(NOISE)
    guest.open("?model=two&z=0.5,0.5")
    saved = []
    for one in (ordinary, guest):
        with one.page.expect_download() as download:
            one.page.get_by_role("button", name="Image as PNG").click()
        saved.append(np.asarray(Image.open(download.value.path()).convert("RGB")))
    assert (saved[0] == saved[1]).all()
    assert (saved[0][20::40, 20::40] == ordinary.pixels(".drawn")).all()
    guest.page.get_by_role("button", name="Plane as PNG").click()
    guest.page.get_by_text(re.compile("returns noise instead of this picture.* as SVG needs no canvas")).wait_for()
    with guest.page.expect_download() as download:
        guest.page.get_by_role("button", name="Plane as SVG").click()
    assert "<svg" in download.value.path().read_text("utf-8")


def test_no_page_saves_noise(visit):
    presses = {
        "manifold?model=two": (".manifold", [".print"]),
        "gradients?model=two&i=7": (".arrows", [".along .figure"]),
        "kl": (".beta", [".save summary", ".save [data-as=png]"]),
    }
    for path, (component, buttons) in presses.items():
        guest, files = visit(), []
        guest.page.add_init_script(NOISE)
        guest.page.on("download", lambda download, files=files: files.append(download))
        guest.open(path, component)
        for button in buttons:
            guest.page.locator(button).click()
        guest.page.get_by_text("returns noise instead of this picture").first.wait_for()
        assert files == []


# -- cookies, and a server that began again ----------------------------------------------------------------------------


@pytest.mark.parametrize("refuses", [True, pytest.param(False, marks=pytest.mark.long)])
def test_a_browser_without_cookies_hears_why_it_cannot_send_a_file(chromium, address, tmp_path, refuses):
    if WITH_SETTINGS is None:
        pytest.skip("this machine has no Chromium of its own")
    if refuses:
        (tmp_path / "Default").mkdir()
        settings = {"profile": {"default_content_setting_values": {"cookies": 2}}}
        (tmp_path / "Default" / "Preferences").write_text(json.dumps(settings))
    playwright = chromium.browser_type
    context = playwright.launch_persistent_context(tmp_path, executable_path=WITH_SETTINGS, args=["--no-sandbox"])
    try:
        page = context.pages[0]
        page.goto(f"{address}/train")
        for name in ("Own images", "Import a run"):
            page.get_by_text(name).click()
            page.locator("[data-testid=stFileUploader]").wait_for()
            assert page.get_by_text("Your browser refuses this address’s cookies").count() == refuses
            page.keyboard.press("Escape")
            page.locator("[data-testid=stFileUploader]").wait_for(state="detached")
    finally:
        context.close()


# Counts the runs of the page that have ended.
RUNS = """() => {
  window.runs = 0;
  const app = document.querySelector(".stApp"), state = () => app.dataset.testScriptState;
  let last = state();
  new MutationObserver(() => { if (last === "running" && state() === "notRunning") window.runs++; last = state(); })
    .observe(app, { attributes: true });
}"""


def test_a_drawing_is_sent_again_to_a_server_that_began_again(visit, models):
    environment = {"VAE_CACHE_DIR": str(models["cache"]), "OMP_NUM_THREADS": "1"}
    guest = visit()
    with served(**environment) as first:
        guest.url, port = first, first.rpartition(":")[2]
        guest.open("?model=two&i=7")
        guest.page.wait_for_selector(".chooser:not(.waiting)")
        draw(guest)
        before = guest.page.locator(".mu").inner_text()
    guest.page.wait_for_selector(".stApp:not([data-test-connection-state=CONNECTED])")
    guest.page.evaluate(RUNS)
    with served(port=int(port), **environment):
        guest.page.wait_for_function(
            "!document.querySelector('[data-test-connection-state=CONNECTED]')", timeout=30_000
        )
        guest.page.wait_for_selector("[data-test-connection-state=CONNECTED]", timeout=180_000)
        guest.page.wait_for_function("window.runs > 0", timeout=180_000)
        guest.page.locator(".menu-button", has_text="Drawn").wait_for(timeout=180_000)
        assert guest.page.locator(".sheet").is_visible()
        assert guest.page.locator(".x-none").inner_text() == ""
        assert guest.page.locator(".mu").inner_text() == before
        guest.complaints.clear()  # the browser's own, about the server that was gone


def test_a_page_that_streamlit_has_lost_opens_again_once(visit):
    guest = visit().open("manifold?model=two", ".manifold")
    opened = []
    guest.page.on("load", lambda page: opened.append(page.url))
    lost = "dispatchEvent(new ErrorEvent('error', { message: 'Error: Bad delta path index 3 (should be …)' }))"
    with guest.page.expect_navigation():
        guest.page.evaluate(lost)
    guest.page.wait_for_selector(".manifold")
    assert "model=two" in guest.page.url
    guest.page.evaluate(lost)
    guest.page.wait_for_timeout(1000)
    assert len(opened) == 1, "a page that is lost at once is left alone"
