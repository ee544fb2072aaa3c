"""What the module of a data set returns: grey levels as arrays, before they become a Dataset."""

from typing import NamedTuple

import numpy as np


class ImageArrays(NamedTuple):
    """Images (N, H, W) or in colour (N, H, W, 3), uint8, with labels (N,) uint8 or None, in two parts; without test
    images, `train` of all the images are for training and the split says which."""

    images: np.ndarray
    labels: np.ndarray | None = None
    test: np.ndarray | None = None
    test_labels: np.ndarray | None = None
    train: int = 0  # of the images, where there are no test images; 0: six in seven
    fingerprint: str = ""  # where it is cheaper than the sha256 of the images
    factor_names: tuple[str, ...] = ()  # what drew the images
    factors: tuple[np.ndarray, np.ndarray] | None = None  # of both parts (N, F) float32
    remark: str = ""  # what was done to the images, for the viewer
    classes: tuple[str, ...] = ()  # what the labels mean, where only the files say it
