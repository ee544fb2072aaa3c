"""Named arrays as a file of them is read: what there is, and how one is had."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vae_core.data.array_layouts import words
from vae_core.data.checksums import LIMIT, DatasetError

SIDEWAYS, LETTER = ("emnist",), (28, 28)  # words in names of files, and the images in these


class Arrays(NamedTuple):
    """The arrays of a file by their names: their shapes, and what reads one of them."""

    shapes: dict[str, tuple[int, ...]]
    read: Callable[[str], np.ndarray]
    remark: str = ""  # what was left out of them, or done to them
    held: int = 0  # bytes of those that are in memory already


def too_large(path: Path, size: int, most: int = LIMIT) -> DatasetError:
    return DatasetError(
        f"{path} unpacks to {size / 1024**2:,.0f} MB, {most // 1024**2} are allowed: use fewer or smaller images."
    )


def of_known(arrays: dict[str, np.ndarray], sideways: bool = False, remark: str = "") -> Arrays:
    """Arrays that are in memory; images that lie on their side are stood upright."""
    if sideways:
        arrays = arrays | {"images": arrays["images"].reshape(-1, *LETTER).transpose(0, 2, 1)}
    held = sum(array.nbytes for array in arrays.values())
    return Arrays({name: array.shape for name, array in arrays.items()}, arrays.__getitem__, remark, held)


def lies_on_its_side(path: Path, images: np.ndarray) -> tuple[bool, str]:
    """Whether rows and columns are exchanged, as in all files of EMNIST, and what to say of it."""
    here = bool(set(words(path.name)) & set(SIDEWAYS)) and images.ndim > 1 and images[0].size == math.prod(LETTER)
    return here, "rows and columns were exchanged, as EMNIST needs it" if here else ""
