"""An image of one's own in an address: what is written is read again, and nothing else is."""

import numpy as np
import pytest

from dashboard.shared.image_picker import own_link


@pytest.mark.parametrize(("shape", "binary"), [((28, 28), True), ((28, 20), False), ((5, 3), True), ((1, 1), False)])
def test_a_link_gives_back_the_levels_that_were_written(shape, binary):
    grey = np.random.default_rng(0).integers(0, 256, shape[0] * shape[1]).astype(np.uint8)
    kind, found = own_link.read(own_link.written("drawn", grey, shape, binary))
    assert (kind, found.shape) == ("drawn", shape)
    assert np.array_equal(found.ravel(), own_link.rounded(grey, binary))
    away = np.abs(found.ravel().astype(int) - grey).max()
    assert away <= (127 if binary else 9)
    assert np.array_equal(found.ravel() > 127, grey > 127), "black stays black"


def test_784_bits_are_131_characters():
    text = own_link.written("opened", np.zeros(784, np.uint8), (28, 28), True)
    assert len(text.removeprefix("opened-28x28-2-")) == 131


def test_an_image_of_too_many_pixels_has_no_link():
    assert own_link.written("drawn", np.zeros(128 * 128, np.uint8), (128, 128), True) is None
    assert own_link.written("drawn", np.zeros(64 * 64, np.uint8), (64, 64), True) is not None


@pytest.mark.parametrize(
    "text",
    [
        "", "none", "drawn", "drawn-28x28-2-", "drawn-28x28-2-AAAA", "drawn-0x28-2-AAAA", "drawn-2x2-3-AAAA",
        "stolen-1x1-2-AA", "drawn-1x1-2-A!", "drawn-1x1-2-A", "drawn-999x999-16-" + "A" * 1600, "drawn-1x1-2-AA\n",
        "drawn-1x1-2-" + "A" * 9999, "drawn-²x1-2-AA",
    ],
)  # fmt: skip
def test_anything_else_is_no_image(text):
    assert own_link.read(text) is None
