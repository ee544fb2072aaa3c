"""A likelihood and a data set that a test adds to those that there are, as README.md says how."""

import sys
from types import ModuleType
from typing import NamedTuple

import numpy as np
import torch
from torch.distributions import Laplace

from vae_core import registry
from vae_core.data.image_arrays import ImageArrays
from vae_core.model import likelihoods

WIDTH = 0.1


class ToyLikelihood(NamedTuple):
    row: registry.Likelihood

    def register(self, monkeypatch) -> None:
        monkeypatch.setitem(registry.LIKELIHOODS, "laplace", self.row)
        monkeypatch.setitem(likelihoods.BY_NAME, "laplace", lambda variance: laplace)


def laplace(outputs: torch.Tensor) -> Laplace:
    return Laplace(torch.sigmoid(outputs), WIDTH, validate_args=False)


class ToyDataSet(NamedTuple):
    """140 images of 8x6 with one bright column, in the left or in the right half."""

    row: registry.DataSet

    def register(self, monkeypatch) -> None:
        module = ModuleType(self.row.module)
        module.images = lambda name, root, download, progress: ImageArrays(self.images(), self.labels(), train=120)
        monkeypatch.setitem(sys.modules, self.row.module, module)
        monkeypatch.setitem(registry.DATA_SETS, "bars", self.row)

    def labels(self) -> np.ndarray:
        return (self.images()[:, 0, 3:].max(1) > 0).astype(np.uint8)

    def images(self) -> np.ndarray:
        made, rng = np.zeros((140, 8, 6), np.uint8), np.random.default_rng(0)
        for image, place, level in zip(made, rng.integers(0, 6, 140), rng.integers(100, 256, 140), strict=True):
            image[:, place] = level
        return made


LAPLACE = ToyLikelihood(registry.Likelihood("Laplace", 1, False, "grey", "sigmoid"))
BARS = ToyDataSet(
    registry.DataSet(
        "Bars", "Bars drawn for a test: no licence.", "vae_core.data.bars", ("left", "right"), photograph=True,
        shape=(8, 6), own_test=False, preset={"clip": 5.0}, paper={"encoder": (20,)},
    )
)  # fmt: skip
