"""Photographs are bright where they are bright, in the light and in the dark: no page, film or list shows a negative.

Every page that shows images of a model is here, and every place on it, with somebody's own photographs, grey and in
colour, and with the bundled models of Frey Faces. A negative shows in the light: in the dark, ink is bright as well, so
CI looks at pages in the light, and `long` at all. No photograph is on the other pages: the KL regularizer and the
phones of its hall have MNIST and shapes, Toy world draws its own, Glossary and the dreams of Paper are digits,
Exercises and About have no images of a model, and Explore travels over MNIST only. Saved pages are in
test_photographs_saved.py, and what Python draws in tests/pages/test_photographs.py.
"""

import base64
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from tests.browser.photograph_places import CI, PLACES, backdrop, pairs, seen
from tests.browser.test_explore_images import draw
from tests.parameters import rest_long
from tests.photographs import Shown, likeness, opened, shows, trained
from tests.server import served

pytestmark = pytest.mark.browser
STAGE = (14, 14)  # tiles
SVG = "http://www.w3.org/2000/svg"


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> dict[str, Shown]:
    """The models that the pages show, by whose images they are; the server has the cache of the trained ones."""
    return trained(tmp_path_factory.mktemp("photographs"))


@pytest.fixture(scope="module")
def address(shown):
    with served(VAE_CACHE_DIR=str(shown["own"].cache), OMP_NUM_THREADS="1") as url:
        yield url


def cases():
    themes = ("light", "dark")
    every = [(whose, name, theme) for whose in CI for name in PLACES for theme in themes if whose in PLACES[name].of]
    return rest_long(every, [(whose, name, "light") for whose in CI for name in CI[whose]])


@pytest.mark.parametrize(("whose", "name", "theme"), cases())
def test_every_photograph_of_a_page_is_one_and_not_its_negative(visit, shown, whose, name, theme):
    place, model = PLACES[name], shown[whose]
    guest = visit(theme=theme)
    guest.page.goto(f"{guest.url}/{place.address.format(**model.keys)}")
    guest.page.wait_for_selector(place.ready)
    place.act(guest)
    places = {selector.format(**model.keys): fit for selector, fit in place.pictures.items()}
    for selector in places:
        guest.until(lambda selector=selector: seen(guest.page, selector), selector)
    guest.page.wait_for_timeout(place.rests)
    for selector, fit in places.items():
        pictures = seen(guest.page, selector)
        size = fit(pictures[0].shape[1], model.mean.shape) if callable(fit) else fit
        assert shows(pictures, model.mean, size), f"{selector}: {[likeness(one, model.mean, size) for one in pictures]}"


@pytest.mark.parametrize("theme", rest_long(["light", "dark"], ["light"]))
def test_a_drawing_on_a_photograph_is_as_bright_as_the_x_that_it_becomes(visit, shown, theme):
    guest = visit(theme=theme).open(f"?model={shown['own'].keys['two']}")
    guest.page.wait_for_selector(".chooser:not(.waiting)")
    draw(guest.page, [(0.3, 0.5), (0.7, 0.5)])
    guest.page.locator(".menu-button", has_text="Drawn").wait_for()
    guest.until(lambda: len(seen(guest.page, ".x-image")) == 1, "x")
    for selector in (".sheet", ".x-image"):
        (picture,) = seen(guest.page, selector)
        tall, wide = picture.shape[:2]
        assert picture[tall // 2, wide // 2].mean() > picture[tall // 8, wide // 2].mean() + 100, selector


@pytest.mark.parametrize("theme", rest_long(["light", "dark"], ["dark"]))
@pytest.mark.parametrize("whose", rest_long(["own", "colour"], ["own"]))
def test_the_saved_pictures_of_a_page_are_no_negatives(visit, shown, whose, theme):
    model = shown[whose]
    tall, wide = model.mean.shape[:2]

    def saved(button: str) -> Image.Image:
        with guest.page.expect_download() as download:
            guest.page.get_by_role("button", name=button).click()
        return opened(download.value.path().read_bytes())

    guest = visit(theme=theme).open(f"?model={model.keys['two']}&back=tiles")
    image = saved("Image as PNG")
    assert shows([np.asarray(image)], model.mean, image.height / tall)
    plane, side = saved("Plane as PNG"), guest.page.locator(".plane").bounding_box()["width"]
    rim = round(44 * plane.width / (side + 88))
    plane = plane.crop((rim, rim, plane.width - rim, plane.height - rim))
    assert shows([np.asarray(plane)], model.mean, backdrop(side, model.mean.shape))
    guest.open(f"manifold?model={model.keys['two']}&n=10", ".manifold[data-grids]")
    dot = round(2400 / (10 * tall))
    left = round(9 * 10 * tall * dot / 100)
    sheet = saved("Save as PNG").crop((left, left, left + 10 * wide * dot, left + 10 * tall * dot))
    assert shows([np.asarray(sheet)], model.mean, (10, 10))


@pytest.mark.long
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("whose", ["own", "colour"])
def test_the_saved_stage_of_a_training_is_no_negative(visit, shown, whose, theme):
    model = shown[whose]
    guest = visit(theme=theme).open(f"train?run={model.keys['two']}", ".training[data-shown]")

    def saved(kind: str) -> bytes:
        guest.page.click(".save-menu summary")
        with guest.page.expect_download() as download:
            guest.page.click(f".save-menu [data-part=stage][data-as={kind}]")
        return download.value.path().read_bytes()

    drawing, whole = ElementTree.fromstring(saved("svg")), opened(saved("png"))
    places, scale = list(drawing.iter(f"{{{SVG}}}image")), whole.width / float(drawing.get("width"))
    rim = [-float(start) for start in drawing.get("viewBox").split()[:2]]
    for place, fit in ((places[0], STAGE), (places[-1], None)):
        picture = np.asarray(opened(base64.b64decode(place.get("href").partition(",")[2])))
        assert shows([picture], model.mean, fit or pairs(picture.shape[1], model.mean.shape))
        x, y, wide, tall = (float(place.get(name)) for name in ("x", "y", "width", "height"))
        box = x + rim[0], y + rim[1], x + rim[0] + wide, y + rim[1] + tall
        picture = np.asarray(whole.crop([round(scale * at) for at in box]))
        assert shows([picture], model.mean, fit or scale * pairs(picture.shape[1] / scale, model.mean.shape))
