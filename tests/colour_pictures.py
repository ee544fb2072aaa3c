"""Small pictures in colour, drawn for tests: a disc of one hue somewhere on a ground of another."""

import colorsys

import numpy as np


def discs(count: int, side: int = 8, seed: int = 0) -> np.ndarray:
    """(count, side, side, 3) uint8."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] + 0.5
    hues, places = rng.random((count, 2)), side * (0.25 + 0.5 * rng.random((count, 2)))
    inside = np.hypot(x - places[:, 0, None, None], y - places[:, 1, None, None]) < side / 4
    colours = np.array([[colorsys.hsv_to_rgb(a, 0.8, 0.9), colorsys.hsv_to_rgb(b, 0.8, 0.6)] for a, b in hues])
    levels = np.where(inside[..., None], colours[:, None, None, 0], colours[:, None, None, 1])
    return np.rint(255 * levels).astype(np.uint8)


def glows(count: int, side: int = 16, seed: int = 0) -> np.ndarray:
    """(count, side, side, 3) uint8: a red glow near the middle, green on the right, blue at the bottom, all of it a
    little different in each, so that the mean image says which colour is which and where."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] / side
    strong, places = 0.7 + 0.3 * rng.random((2, count, 1, 1)), 0.4 + 0.2 * rng.random((2, count, 1, 1))
    red = np.exp(-((x - places[0]) ** 2 + (y - places[1]) ** 2) / 0.05)
    levels = np.stack([red, strong[0] * x * (1 - red / 2), strong[1] * y * (1 - red / 2)], -1)
    return np.rint(255 * levels).astype(np.uint8)
