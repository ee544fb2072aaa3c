"""The ten classes' colours can be told apart, also by who sees no red, green or blue, and their digits can be read."""

import re
from itertools import combinations

import numpy as np
import pytest

from dashboard.train.live.film_export import CLASSES
from tests.server import ROOT

STYLE = (ROOT / "dashboard" / "style.css").read_text("utf-8")
APART = 15  # CIE76 Delta E; what is just noticed is about 2
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
SEEN = {  # linear sRGB as it is seen; Machado, Oliveira & Fernandes (2009), severity 1
    "all": np.eye(3),
    "without red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "without green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "without blue": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip


def named(name: str) -> tuple[str, str]:
    """A colour of the style in light and in dark."""
    return re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", STYLE).groups()


def linear(colour: str) -> np.ndarray:
    c = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    t = XYZ @ rgb / WHITE
    f = np.where(t > 0.008856, np.cbrt(np.maximum(t, 1e-9)), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    lights = sorted(XYZ[1] @ linear(colour) + 0.05 for colour in (one, other))
    return lights[1] / lights[0]


@pytest.mark.parametrize("sight", SEEN)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("kind", ["dot", "glyph"])
def test_every_two_classes_differ(kind, theme, sight):
    seen = [lab(np.clip(SEEN[sight] @ linear(named(f"{kind}{k}")[theme]), 0, 1)) for k in range(10)]
    distance = {pair: np.linalg.norm(seen[pair[0]] - seen[pair[1]]) for pair in combinations(range(10), 2)}
    closest = min(distance, key=distance.get)
    assert distance[closest] >= APART, f"{closest} are {distance[closest]:.1f} apart"


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_digits_and_texts_can_be_read_on_paper_and_panel(theme):
    for name in (*(f"glyph{k}" for k in range(10)), "ink", "ink2", "z", "mu", "kl", "elbo", "reconstruction"):
        for ground in ("paper", "panel"):
            assert contrast(named(name)[theme], named(ground)[theme]) >= 4.5, (name, ground)


def test_a_film_has_the_colours_of_the_light_page():
    assert [named(f"dot{k}")[0] for k in range(10)] == list(CLASSES)


def test_the_measure_is_that_of_the_textbooks():
    assert lab(linear("#ffffff")) == pytest.approx([100, 0, 0], abs=0.02)
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
