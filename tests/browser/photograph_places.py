"""The places of all pages where a photograph can stand."""

import base64
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tests.photographs import opened

# Every canvas and image that is seen, as a PNG file.
SEEN = """(all) => {
  const there = (one) => one.width && one.height && one.checkVisibility({ visibilityProperty: true });
  return all.filter(there).map((one) => {
    const { width, naturalWidth = width, height, naturalHeight = height } = one;
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: naturalWidth, height: naturalHeight });
    canvas.getContext("2d").drawImage(one, 0, 0);
    return canvas.toDataURL();
  });
}"""


def seen(page, selector: str) -> list[np.ndarray]:
    """The pictures (H, W, 3) of a page, or of a frame on it, in which anything is drawn."""
    files = page.locator(selector).evaluate_all(SEEN)
    pictures = [np.asarray(opened(base64.b64decode(file.partition(",")[2]))) for file in files]
    return [picture for picture in pictures if np.ptp(picture) > 0]


HIDE = "text=Hide half, let the model fill it in"


class Place(NamedTuple):
    """Where photographs stand: an address, what to wait for, what to do there, and the pictures by their selectors,
    each with the `fit` of `likeness`, or a function of a picture's width and the images' shape that gives it."""

    address: str
    ready: str
    pictures: dict[str, tuple[int, int] | float | Callable]
    act: Callable = lambda guest: None
    of: tuple[str, ...] = ("bundled", "own", "colour")
    rests: int = 0  # ms until all is drawn


def backdrop(side: int, shape: tuple[int, ...]) -> tuple[int, int]:
    return round(side / shape[1]), round(side / shape[0])


def pairs(width: int, shape: tuple[int, ...]) -> float:
    """Twelve images side by side, four pixels apart."""
    return ((width - 44) // 12) / shape[1]


def miniature(side: int, shape: tuple[int, ...]) -> float:
    return 14 / shape[0]


def card(width: int, shape: tuple[int, ...]) -> float:
    """Thumbnails of 56 pixels to their longer side."""
    return 56 / max(shape[:2])


def press(*selectors: str) -> Callable:
    def act(guest) -> None:
        for selector in selectors:
            guest.page.locator(selector).first.click()

    return act


def point_at_a_dot(guest) -> None:
    guest.page.locator(".thumb").first.wait_for()
    guest.page.locator(".thumb").first.hover()
    ring, box = guest.page.locator(".lit-dot"), guest.page.locator(".plane").bounding_box()
    x, y = (float(ring.get_attribute(name)) for name in ("cx", "cy"))
    guest.page.mouse.move(box["x"] + x + 3, box["y"] + y)


def cover_nothing(guest) -> None:
    press(HIDE, ".cover button:has-text('cover nothing')")(guest)
    guest.page.locator(".told", has_text="Nothing is covered").wait_for()


def look_at_the_test_set(guest) -> None:
    guest.page.locator(".spread").scroll_into_view_if_needed()


EXPLORE, ELBO = "?model={two}&i=2", "elbo?model={two}"
PLACES = {
    "explore": Place(
        EXPLORE, ".pad:not(.asked)",
        {".x-image": 1, ".pad .image .drawn": 1, ".thumb canvas": 1, ".strip canvas": 1}, rests=300,
    ),
    "tiles": Place(f"{EXPLORE}&back=tiles", ".pad", {".plane .backdrop": backdrop}, rests=600),
    "sampled": Place(f"{EXPLORE}&pixels=sample", ".pad", {".pad .image .drawn": 1}, of=("bundled",)),
    "a way": Place(f"{EXPLORE}&a=1,-0.5&b=-1,0.5", ".pad", {".way-page .film": 1}, rests=300),
    "a dot": Place(EXPLORE, ".pad", {".dot-card canvas": 1}, point_at_a_dot),
    "hidden": Place(EXPLORE, ".pad", {".filled canvas": 1}, press(HIDE)),
    "uncovered": Place(EXPLORE, ".pad", {".brushed": 6}, cover_nothing),
    "learned": Place(
        "?model={other}", ".pad", {".learned .strip canvas": 1}, press("text=What has each dimension learned?"),
        of=("bundled",), rests=600,
    ),
    "gallery": Place(
        EXPLORE, ".pad", {".model-gallery [data-pick='{two}'] canvas": miniature}, press(".st-key-models button"),
    ),
    "manifold": Place(
        "manifold?model={two}", ".manifold[data-grids]",
        {".manifold .tiles": (20, 20), ".manifold .drawn": 1}, rests=300,
    ),
    "draws": Place("manifold?model={two}", ".samples", {".samples canvas": (6, 6)}, of=("bundled",), rests=300),
    "elbo": Place(ELBO, ".elbo[data-complete='true']", {".x-image": 1, ".flow-p": 1, ".draws canvas": 1}),
    "test set": Place(ELBO, ".elbo[data-complete='true']", {".spread tbody canvas": 1}, look_at_the_test_set),
    "compare": Place(
        "compare?models={two},{other}", ".compare",
        {f".of-{row} canvas": 1 for row in ("image", "few", "point figure", "way", "walk")}, rests=500,
    ),
    "algorithm": Place(
        "algorithm?model={two}&weights=trained&line=4", ".walk",
        {".batch canvas": 1, "canvas[data-of=x]": 1, "canvas[data-of=image]": 1},
    ),
    "primer": Place("primer?model={two}&scene=5", ".primer", {".of-5 .images canvas": 1}),
    "gradients": Place("gradients?model={two}", ".arrows", {".x-image": 1}),
    "likelihood": Place(
        "likelihood?model={two}", ".pixels", {".of-observed canvas": 1, ".pixels .of-mean canvas": 1},
    ),
    "paper": Place(
        "paper", ".models[data-drawn='6']", {".planes figure:has-text('Frey') canvas": (12, 12)}, of=("bundled",),
    ),
    "train": Place(
        "train?run={two}", ".training[data-shown]", {".training .tiles": (14, 14), ".training .pairs": pairs},
        of=("own", "colour"),
    ),
    "several": Place(
        "train?sweep={two:.8},{other:.8}", ".sweep", {".sweep .card canvas": (6, 6)}, of=("own", "colour"),
    ),
    "slow": Place(
        "train?run={two}", ".training[data-shown]", {".slow .board canvas": 1},
        press("text=One step in slow motion", ".slow .take"), of=("own", "colour"),
    ),
    "card": Place(
        'train?preset=quick&set={{"name":"{own}","likelihood":"gaussian","pixels":"dequantised"}}', ".training",
        {".st-key-own-card img": card}, of=("own", "colour"), rests=1000,
    ),
}  # fmt: skip
CI = {
    "own": ("explore", "manifold", "elbo", "compare", "algorithm", "primer", "train"),
    "colour": ("explore",),
    "bundled": ("paper",),
}  # what is looked at of whose, in the light
