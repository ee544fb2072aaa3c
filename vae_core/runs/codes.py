"""The codes of a data set's images: in memory, and in float16 as a file has them."""

from typing import NamedTuple

import numpy as np

LARGEST_HALF = 60_000


class Codes(NamedTuple):
    mean: np.ndarray  # (N, D) float32
    logvar: np.ndarray  # (N, D) float32; NaN for an autoencoder
    labels: np.ndarray | None  # (N,) uint8


def compact(mean: np.ndarray, logvar: np.ndarray) -> dict[str, np.ndarray]:
    """Codes as a file has them: in float16, and one row of log variances where it is the same for every image, as of
    linear models and autoencoders."""
    codes = in_float16({"mean": mean, "logvar": logvar})
    if np.array_equal(codes["logvar"], codes["logvar"][:1].repeat(len(mean), 0), equal_nan=True):
        codes["logvar"] = codes["logvar"][:1].copy()
    return codes


def unpacked(tensors: dict[str, np.ndarray]) -> Codes:
    """What `compact` wrote, with the labels that may lie beside it."""
    logvar = np.broadcast_to(tensors["logvar"], tensors["mean"].shape)  # one row where it is the same for every image
    return Codes(tensors["mean"].astype(np.float32), logvar.astype(np.float32), tensors.get("labels"))


def in_float16(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """In float16, where that can hold them: numbers that run away stay in float32."""
    large = any(np.abs(array).max(initial=0) > LARGEST_HALF for array in arrays.values())
    return {name: array.astype(np.float32 if large else np.float16, order="C") for name, array in arrays.items()}
