"""Images as a notebook has them, numpy or torch, rows of planes or planes last: as levels and as rows of numbers."""

from typing import Any, NamedTuple

import numpy as np

from vae_core.data.array_layouts import CLASSES
from vae_core.notebook.own_model import Unsuitable

COUNT = 20_000  # images at most that get a dot
SIDES = 2, 128
BRIGHT = 1.5  # floats beyond it are levels of 0 to 255


class Pictures(NamedTuple):
    """N images of (H, W), in colour (H, W, 3), of X numbers each."""

    x: np.ndarray  # (N, X) float32 in [0, 1], pixel by pixel
    shape: tuple[int, ...]
    labels: np.ndarray | None  # (N,) uint8
    classes: tuple[str, ...]
    remarks: list[str]

    @property
    def levels(self) -> np.ndarray:
        """(N, X) uint8"""
        return np.rint(255 * self.x).astype(np.uint8)

    @property
    def binary(self) -> bool:
        return bool(((self.x == 0) | (self.x == 1)).all())


def pictures_of(images: Any, labels: Any = None) -> Pictures:
    """Images (N, H, W), (N, 1, H, W), or in colour (N, H, W, 3) or (N, 3, H, W), of 0 to 1 or 0 to 255; and a label for
    each, numbers, words or one-hot. Unsuitable says what else it is."""
    found = array(images)
    if found.ndim == 4 and 1 in (found.shape[1], found.shape[3]):
        found = found.reshape(len(found), *(side for k, side in enumerate(found.shape[1:]) if k != _plane(found)))
    elif found.ndim == 4 and found.shape[1] == 3 != found.shape[3]:
        found = np.moveaxis(found, 1, -1)
    if found.ndim not in (3, 4) or not len(found) or found.shape[3:] not in ((), (3,)):
        raise Unsuitable(f"Images are wanted as (N, H, W), or (N, H, W, 3) in colour; these are {found.shape}.")
    if not all(SIDES[0] <= side <= SIDES[1] for side in found.shape[1:3]):
        raise Unsuitable(f"Sides of {SIDES[0]} to {SIDES[1]} pixels are shown, these images have {found.shape[1:3]}.")
    remarks = [f"Of {len(found):,} images the first {COUNT:,} are shown."] if len(found) > COUNT else []
    x = scaled(found[:COUNT]).reshape(len(found[:COUNT]), -1)
    numbers, classes = (None, ()) if labels is None else classes_of(array(labels), len(found), remarks)
    return Pictures(x, found.shape[1:], None if numbers is None else numbers[:COUNT], classes, remarks)


def array(given: Any) -> np.ndarray:
    """Of a torch tensor on any device, of a list of either, of anything that numpy takes."""
    if isinstance(given, list | tuple) and given and hasattr(given[0], "detach"):
        given = [one.detach().cpu() for one in given]
    return np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)


def _plane(found: np.ndarray) -> int:
    """The axis, after the first, of the one plane."""
    return 0 if found.shape[1] == 1 else 2


def scaled(found: np.ndarray) -> np.ndarray:
    if found.dtype == np.uint8:
        return found.astype(np.float32) / 255
    if found.dtype.kind not in "biuf":
        raise Unsuitable(f"Images are numbers, these are {found.dtype}.")
    found = found.astype(np.float32)
    low, high = float(found.min()), float(found.max())
    if not np.isfinite([low, high]).all():
        raise Unsuitable("Some pixels of these images are not finite.")
    if low < 0 or high > 255:
        raise Unsuitable(
            f"These images have values from {low:.3g} to {high:.3g}: give them from 0 to 1, and let encode=lambda x: "
            "... make of them what your model was trained on."
        )
    return found / 255 if high > BRIGHT else found.clip(0, 1)


def classes_of(labels: np.ndarray, count: int, remarks: list[str]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Numbers from 0 on, and a name for each; none where these labels are no classes, which a remark says."""
    if labels.ndim == 2 and labels.shape[1] > 1:
        labels = labels.argmax(1)
    labels = labels.reshape(-1)
    if len(labels) != count:
        raise Unsuitable(f"There are {len(labels):,} labels for {count:,} images.")
    names, numbers = np.unique(labels, return_inverse=True)
    if len(names) > CLASSES:
        remarks.append(f"The labels have {len(names):,} values, more than {CLASSES}: they are left out.")
        return None, ()
    if names.dtype.kind == "f" and (names == np.rint(names)).all():
        names = names.astype(np.int64)
    if names.dtype.kind in "iub" and names[0] >= 0 and names[-1] < CLASSES:  # numbers keep their colour
        return labels.astype(np.uint8), tuple(str(k) for k in range(int(names[-1]) + 1))
    return numbers.astype(np.uint8), tuple(map(str, names))
