"""Faces are bright where they are bright, in the light and in the dark: no page, film or list shows a negative."""

import numpy as np
import pytest

from tests.parameters import rest_long
from vae_core.data.datasets import DatasetError, load_dataset

pytestmark = pytest.mark.browser
PAGES = {
    "explore": ("?model=frey-2d", ".pad", 2),
    "elbo": ("elbo?model=frey-2d", ".elbo[data-complete='true']", 2),
    "compare": ("compare?models=frey-2d,frey-10d", ".compare", 4),
}
# The grey levels of every canvas that holds one image, 28 by 20.
FACES = """() => {
  const all = (root) => [...root.querySelectorAll("canvas"),
    ...[...root.querySelectorAll("*")].filter((e) => e.shadowRoot).flatMap((e) => all(e.shadowRoot))];
  return all(document).filter((c) => c.width === 20 && c.height === 28 && c.getClientRects().length).map((c) => {
    const { data } = c.getContext("2d").getImageData(0, 0, 20, 28);
    return [c.className, Array.from({ length: 560 }, (_, k) => data[4 * k] + data[4 * k + 1] + data[4 * k + 2])];
  });
}"""


@pytest.fixture(scope="module")
def mean_face() -> np.ndarray:
    try:
        return load_dataset("frey", download=False).test.numpy().astype(float).mean(0)
    except DatasetError:
        pytest.skip("needs the Frey Faces")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", rest_long(list(PAGES), ["explore", "elbo"]))
def test_every_face_of_a_page_is_one_and_not_its_negative(visit, mean_face, name, theme):
    path, ready, least = PAGES[name]
    guest = visit(theme=theme)
    guest.page.goto(f"{guest.url}/{path}")
    guest.page.wait_for_selector(ready)

    def faces():
        return [(name, np.array(levels)) for name, levels in guest.page.evaluate(FACES) if max(levels) > min(levels)]

    guest.until(lambda: len(faces()) >= least, "images of faces")
    for canvas, levels in faces():
        assert np.corrcoef(levels, mean_face)[0, 1] > 0.4, f"{canvas} is a negative"
