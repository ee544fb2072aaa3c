"""The data set shapes: one coloured figure on a coloured ground, drawn from seven independent factors; always there.

The factors are drawn independently of each other and, but for the kind of figure, from an interval: no combination of
them occurs twice, so that those of the test images are all new. None of them is a circle (a turn is smaller than any
figure's symmetry), and hues span a third of theirs at most: a longer arc through red, green and blue becomes two
dimensions of a code, and one number could not stand for it. n images of S x S.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from vae_core.data.image_arrays import ImageArrays
from vae_core.registry import DATA_SETS

VERSION = 2  # part of the data's fingerprint: raise it when a pixel changes
SEED, COUNTS = 0, (30_000, 5000)
SIDE, CHUNK = 32, 500
FIGURES = DATA_SETS["shapes"].classes
RANGES = {  # hues in turns, size and place in pixels, rotation in degrees
    "hue": (0.0, 0.3), "size": (5.0, 9.0), "rotation": (-30.0, 30.0), "x": (10.0, 22.0), "y": (10.0, 22.0),
    "background hue": (0.45, 0.75),
}  # fmt: skip
FACTORS = ("shape", *RANGES)
FIGURE, GROUND = (0.85, 1.0), (0.55, 0.55)  # saturation and value of their colours


def images(name: str, root: Path | str | None, download: bool, progress: Callable[[str], None]) -> ImageArrays:
    """32x32 pictures in colour with the factors that drew them; nothing is read from `root`."""
    progress("Drawing the shapes data set.")
    parts = [shapes(count, np.random.Generator(np.random.PCG64([SEED, k]))) for k, count in enumerate(COUNTS)]
    (train, train_factors), (test, test_factors) = parts
    labels = (factors[:, 0].astype(np.uint8) for factors in (train_factors, test_factors))
    sealed = hashlib.sha256(f"shapes version {VERSION} seed {SEED} counts {COUNTS}".encode()).hexdigest()
    return ImageArrays(
        train, next(labels), test, next(labels), fingerprint=sealed, factor_names=FACTORS,
        factors=(train_factors, test_factors),
    )  # fmt: skip


def shapes(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Images (N, S, S, 3) uint8 and their factors (N, F) float32. The same generator gives the same bytes."""
    figure = rng.integers(len(FIGURES), size=count)
    rest = [rng.uniform(low, high, count) for low, high in RANGES.values()]
    factors = np.stack([figure, *rest], 1).astype(np.float32)
    return render(factors), factors


def render(factors: np.ndarray) -> np.ndarray:
    """Images (N, S, S, 3) uint8 of factors (N, F)."""
    drawn = np.empty((len(factors), SIDE, SIDE, 3), np.uint8)
    for figure in range(len(FIGURES)):
        rows = np.flatnonzero(factors[:, 0] == figure)
        for start in range(0, len(rows), CHUNK):
            some = rows[start : start + CHUNK]
            drawn[some] = painted(figure, factors[some].astype(np.float32))
    return drawn


def painted(figure: int, factors: np.ndarray) -> np.ndarray:
    """Images (n, S, S, 3) uint8 of one kind of figure."""
    _, hue, size, rotation, x, y, ground = (column[:, None, None] for column in factors.T)
    centres = np.arange(SIDE, dtype=np.float32) + np.float32(0.5)
    right, down, turn = centres - x, centres[:, None] - y, np.radians(rotation)
    u = (right * np.cos(turn) + down * np.sin(turn)) / size
    v = (down * np.cos(turn) - right * np.sin(turn)) / size
    share = np.clip(0.5 - size * outside(figure, u, v), 0, 1)[..., None]  # of a pixel that the figure covers
    behind = colour(ground, *GROUND)
    return np.rint(255 * (behind + share * (colour(hue, *FIGURE) - behind))).astype(np.uint8)


def outside(figure: int, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """How far a point (u, v) lies outside of a figure of size 1, v pointing down; negative inside."""
    r = np.hypot(u, v)
    match FIGURES[figure]:
        case "ellipse":
            return 0.6 * (np.hypot(u, v / 0.6) - 1)
        case "square":
            return np.maximum(np.abs(u), np.abs(v)) - 0.8
        case "triangle":
            return np.maximum(v, 0.866 * np.abs(u) - 0.5 * v) - 0.5
        case "star":
            return r - 0.72 - 0.25 * np.cos(5 * np.arctan2(u, -v))
        case "cross":
            return np.minimum(
                np.maximum(np.abs(u) - 0.95, np.abs(v) - 0.32), np.maximum(np.abs(u) - 0.32, np.abs(v) - 0.95)
            )
        case _:
            return np.maximum(np.hypot(u, v + 0.4) - 0.95, -0.4 - v)


def colour(hue: np.ndarray, saturation: float, value: float) -> np.ndarray:
    """Red, green and blue in [0, 1] of a hue in turns (n, 1, 1): (n, 1, 1, 3)."""
    k = (np.array([5, 3, 1], np.float32) + 6 * hue[..., None]) % 6
    return value * (1 - saturation * np.clip(np.minimum(k, 4 - k), 0, 1))
