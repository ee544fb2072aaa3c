"""Which test images come first, so that few of them stand for all; and the mean over all of them, estimated from those.

Each class has its share among the first n images, whatever n is: stratified sampling with proportional allocation.
Cochran (1977), Sampling Techniques, chapter 5.
"""

import math
from typing import NamedTuple

import numpy as np

SEED = 0  # of the order within a class: the same on every machine


class Estimate(NamedTuple):
    """A mean over all images of a test set, in the unit of the values."""

    mean: float
    error: float  # its standard error; 0 where every image is known


def order(labels: np.ndarray | None, count: int) -> np.ndarray:
    """(count,) every image once. The j-th of a class’s N_c images, shuffled, stands at the share (j + 1/2) / N_c."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    if labels is None:
        return rng.permutation(count)
    place = np.zeros(count)
    for label in np.unique(labels):
        mine = rng.permutation(np.flatnonzero(labels == label))
        place[mine] = (np.arange(len(mine)) + 0.5) / len(mine)
    return np.lexsort((labels, place))


def estimate(values: np.ndarray, labels: np.ndarray | None, all_labels: np.ndarray | None, count: int) -> Estimate:
    """The mean over all `count` images from the values (n,) of some of them, which `order` chose.

    Each class is weighted by its share of all images, and its variance counts for the part of it that is not known.
    Where a class has too few values to know its variance, the values are taken for one sample without classes. Values
    that are not finite stand for nothing: the mean is then over images that have one.
    """
    finite = np.isfinite(values)
    if not finite.any():
        return Estimate(math.nan, math.nan)
    if labels is not None and all_labels is not None:
        every, sizes = np.unique(all_labels, return_counts=True)
        strata = [(values[finite & (labels == label)], size) for label, size in zip(every, sizes, strict=True)]
        lost = [int((~finite & (labels == label)).sum()) for label in every]
        strata = [(known, size - gone) for (known, size), gone in zip(strata, lost, strict=True)]
        if all(len(known) > 1 or len(known) == size for known, size in strata):
            return combined([part for part in strata if part[1]])
    return combined([(values[finite], count - int((~finite).sum()))])


def combined(strata: list[tuple[np.ndarray, int]]) -> Estimate:
    """Of strata (their known values, their size)."""
    total = sum(size for _, size in strata)
    mean, variance = 0.0, 0.0
    for known, size in strata:
        share, n = size / total, len(known)
        mean += share * known.mean(dtype=np.float64)
        if n < size:
            spread = known.var(ddof=1, dtype=np.float64) if n > 1 else math.nan
            variance += share**2 * spread / n * (1 - n / size)
    return Estimate(float(mean), math.sqrt(variance))
