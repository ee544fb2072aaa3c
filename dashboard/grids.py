"""The grid of z that Manifold shows, what is decoded there, whose codes lie near; and random draws beside it."""

import base64
from contextlib import suppress
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import streamlit as st

from dashboard import coverage, state
from vae_core.aggregate import in_holes
from vae_core.runs import Entry, bundled, trained
from vae_core.settings import DataSettings

NORMAL = NormalDist()
REACH = 3.0  # equal steps cover -3 to 3
NEAREST = 15  # codes that tell a tile's class
NOBODY = -1  # the class of a hole
SIDE_BY_SIDE = (2, 5, 10, 20)  # latent dimensions
SAMPLES = 6  # to a side of a panel
MEASURED = 1000  # draws


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


@st.cache_resource(max_entries=8, show_spinner=False)
def tiles(
    _model: state.Model, key: str, n: int, spacing: str, axes: tuple[int, ...], base: tuple[float, ...]
) -> tuple[str, bytes]:
    """The images of a grid, for decoders that the browser cannot run."""
    levels = state.decoded(_model, points(n, spacing, axes, list(base)))
    return state.pack("pictures", [levels], count=n * n, n=n, spacing=spacing, shape=_model.entry.shape)


@st.cache_resource(max_entries=32, show_spinner=False)
def regions(
    _model: state.Model, key: str, n: int, spacing: str, axes: tuple[int, ...], base: tuple[float, ...]
) -> dict[str, list[int]]:
    """Per tile the commonest class among the nearest codes, over all dimensions, and how many of them are of it.

    Where the training codes hardly ever come (a hole: q(z) < 0.05 p(z)) there is no class. That is told for D <= 2
    only: in ten dimensions 10,000 codes leave even nine of ten held-out codes in a "hole".
    """
    z = points(n, spacing, axes, list(base))
    found = votes(_model, z)
    label = found.argmax(1)
    if _model.dims <= 2 and _model.entry.settings.model.stochastic:
        label[in_holes(coverage.mixed(_model), z)] = NOBODY
    return {"labels": label.tolist(), "votes": found.max(1).tolist()}


def votes(model: state.Model, z: np.ndarray, count: int = NEAREST) -> np.ndarray:
    """How many of the codes nearest to z (G, D) are of each class: (G, 256). Of fewer codes than `count`, all."""
    count = min(count, len(model.mean))
    far = np.square(model.mean).sum(1) - 2 * z @ model.mean.T  # squared distances, but for |z|^2
    near = np.argpartition(far, count - 1, axis=1)[:, :count]
    found = np.zeros((len(z), 256), np.int64)
    np.add.at(found, (np.arange(len(z))[:, None], model.labels[near]), 1)
    return found


# -- random samples of models with more and more dimensions ------------------------------------------------------------


class Facts(NamedTuple):
    """What is measured on a model's draws of the prior."""

    undecided: float | None  # pixels whose mean lies between 0.1 and 0.9; None: pixels that are no coins
    between: float | None  # the share of the draws around which no class has a majority; None: no labels
    images: float | None  # the same of test images


def family(model: state.Model) -> list[state.Model]:
    """For each number of dimensions the best plain model of the same x, bundled if there is one."""
    data = model.entry.settings.data
    found: dict[int, Entry] = {}
    for runs in (bundled(), trained()):
        plain = [e for e in runs.list() if e.ready and comparable(e) and same_x(e.settings.data, data)]
        best = sorted(plain, key=lambda e: e.metrics["elbo"])  # the last of each dimension stays
        found = {e.settings.model.latent_dim: e for e in best} | found
    models = []
    for dims in SIDE_BY_SIDE:
        if dims in found:
            with suppress(ValueError):  # damaged: the picker says so
                models.append(state.model(found[dims]))
    return models


def same_x(one: DataSettings, other: DataSettings) -> bool:
    """ELBOs of other pixels have another scale."""
    return (one.name, one.pixels) == (other.name, other.pixels)


def comparable(entry: Entry) -> bool:
    settings = entry.settings
    kept = settings.model.stochastic and settings.model.network == "mlp" and settings.train.beta == 1
    return kept and entry.metrics.get("elbo") is not None


def noise(model: state.Model, count: int, seed: int) -> np.ndarray:
    """z ~ N(0, I): the same numbers for every model, of which each takes as many as it has dimensions."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return rng.standard_normal((count, max(SIDE_BY_SIDE)), np.float32)[:, : model.dims]


def samples(model: state.Model, seed: int) -> str:
    """SAMPLES x SAMPLES mean images, as base64."""
    levels = _samples(model, model.entry.key, model.entry.created, seed)
    return base64.b64encode(levels.tobytes()).decode()


@st.cache_resource(max_entries=64, show_spinner=False)
def _samples(_model: state.Model, key: str, created: str, seed: int) -> np.ndarray:
    return state.decoded(_model, noise(_model, SAMPLES * SAMPLES, seed))


def facts(model: state.Model) -> Facts:
    """Measured once per model, off the page's path: it imports torch and decodes many draws."""
    coins = model.entry.settings.model.likelihood == "bernoulli"
    z = noise(model, MEASURED, 0)
    levels = state.decoded(model, z)
    undecided = float(((levels > 0.1 * 255) & (levels < 0.9 * 255)).sum(1).mean()) if coins else None
    if model.labels is None or len(model.mean) < MEASURED:
        return Facts(undecided, None, None)
    others = votes(model, model.mean[:MEASURED], NEAREST + 1)
    others[np.arange(MEASURED), model.labels[:MEASURED]] -= 1  # an image is the nearest to itself
    return Facts(undecided, *(float((found.max(1) <= NEAREST // 2).mean()) for found in (votes(model, z), others)))
