"""The data set toy: images of a world whose truth is known (model/toy_world.py), as grey levels; always there.

Each of the 20 values x becomes a pixel 1/2 + scale x, in steps of 1/255. In these units p(x) is larger by 1/scale for
each pixel: log p(x) grows by -X log(scale), and nothing else changes.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from vae_core.data.image_arrays import ImageArrays
from vae_core.model import toy_world
from vae_core.model.linear_gaussian import LinearGaussian

VERSION = 1  # part of the data's fingerprint: raise it when a pixel changes
SEED, COUNTS = 0, (60_000, 10_000)
DEVIATIONS = 6  # of the most variable pixel that fit between its mean and 0 or 1: nothing is cut off
STEP = 1 / 255


def images(name: str, root: Path | str | None, download: bool, progress: Callable[[str], None]) -> ImageArrays:
    """4x5 grey images of world 0; nothing is read from `root`."""
    streams = (toy_world.IMAGES, toy_world.NEW)
    parts = [grey(toy_world.images(SEED, count, stream).numpy()) for count, stream in zip(COUNTS, streams, strict=True)]
    sealed = hashlib.sha256(f"toy version {VERSION} seed {SEED} counts {COUNTS}".encode()).hexdigest()
    return ImageArrays(parts[0], test=parts[1], fingerprint=sealed)


def scale() -> float:
    """Grey, from 0 to 1, for each unit of x."""
    world = toy_world.truth(SEED)
    spread = world.b.abs() + DEVIATIONS * world.covariance.diagonal().sqrt()
    return 0.5 / spread.max().item()


def grey(x: np.ndarray) -> np.ndarray:
    """x (N, X) as levels (N, H, W) uint8."""
    return np.rint(255 * np.clip(0.5 + scale() * x, 0, 1)).astype(np.uint8).reshape(-1, *toy_world.SHAPE)


def truth() -> LinearGaussian:
    """theta* in the units of `grey` pixels (0 to 1), float64. Rounding to steps adds their variance, step^2 / 12, to c
    (Sheppard's correction)."""
    world, s = toy_world.truth(SEED), scale()
    return LinearGaussian(s * world.W, 0.5 + s * world.b, s**2 * world.c + STEP**2 / 12)
