"""The grid of z that Manifold shows, what is decoded there, whose codes lie near; and random draws beside it."""

from statistics import NormalDist

import numpy as np

from dashboard.shared import browser_blobs, coverage, model_view
from dashboard.shared.caching import cached
from vae_core.analysis.aggregate_posterior import in_holes

NORMAL = NormalDist()
REACH = 3.0  # equal steps cover -3 to 3
NEAREST = 15  # codes that tell a tile's class
NOBODY = -1  # the class of a hole


def steps(n: int, spacing: str) -> list[float]:
    """z of n steps: at the quantiles (i + 1/2) / n of the prior, or equally far apart."""
    shares = [(i + 0.5) / n for i in range(n)]
    return [REACH * (2 * u - 1) if spacing == "linear" else NORMAL.inv_cdf(u) for u in shares]


def points(n: int, spacing: str, axes: tuple[int, ...], base: list[float]) -> np.ndarray:
    """z of every tile, row by row, row 0 being the largest z2: (n n, D). One dimension runs through all rows."""
    z = np.tile(np.array(base, np.float32), (n * n, 1))
    if len(base) == 1:
        z[:, 0] = steps(n * n, spacing)
        return z
    along = np.array(steps(n, spacing))
    z[:, axes[0]], z[:, axes[1]] = np.tile(along, n), np.repeat(along[::-1], n)
    return z


@cached(max_entries=8)
def tiles(
    model: model_view.Model, n: int, spacing: str, axes: tuple[int, ...], base: tuple[float, ...]
) -> tuple[str, bytes]:
    """The images of a grid, of a decoder that takes a browser long."""
    levels = model_view.decoded(model, points(n, spacing, axes, list(base)))
    return browser_blobs.encode("pictures", [levels], count=n * n, n=n, spacing=spacing, shape=model.entry.shape)


@cached(max_entries=32)
def regions(
    model: model_view.Model, n: int, spacing: str, axes: tuple[int, ...], base: tuple[float, ...]
) -> dict[str, list[int]]:
    """Per tile the commonest class among the nearest codes, over all dimensions, and how many of them are of it.

    Where the training codes hardly ever come (a hole: q(z) < 0.05 p(z)) there is no class. That is told for D <= 2
    only: in ten dimensions 10,000 codes leave even nine of ten held-out codes in a "hole".
    """
    z = points(n, spacing, axes, list(base))
    found = votes(model, z)
    label = found.argmax(1)
    if model.dims <= 2 and model.entry.settings.model.stochastic:
        label[in_holes(coverage.mixed(model), z)] = NOBODY
    return {"labels": label.tolist(), "votes": found.max(1).tolist()}


def votes(model: model_view.Model, z: np.ndarray, count: int = NEAREST) -> np.ndarray:
    """How many of the codes nearest to z (G, D) are of each class: (G, 256). Of fewer codes than `count`, all."""
    count = min(count, len(model.mean))
    far = np.square(model.mean).sum(1) - 2 * z @ model.mean.T  # squared distances, but for |z|^2
    near = np.argpartition(far, count - 1, axis=1)[:, :count]
    found = np.zeros((len(z), 256), np.int64)
    np.add.at(found, (np.arange(len(z))[:, None], model.labels[near]), 1)
    return found
