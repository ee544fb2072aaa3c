"""When the KL term wins: which latent directions die at which beta, and what beta a loss as people write it has.

A local analysis at the collapsed solution (assets/math.md#posterior-collapse). A Bernoulli decoder keeps direction j
while beta is below the j-th eigenvalue of the pixels' correlation matrix; a linear-Gaussian one with pixel variance c
while beta c is below the j-th eigenvalue of their covariance. Numpy; the eigenvalues of MNIST come with the product
(assets/mnist-spectrum.json).
"""

import json
from functools import cache
from typing import NamedTuple

import numpy as np

from vae_core.analysis.measurements import ASSETS

SPECTRUM = ASSETS / "mnist-spectrum.json"
NEVER = 1e-6  # a pixel that is on, or off, more rarely than this has no correlation


class Spectrum(NamedTuple):
    """Leading eigenvalues of training images, falling."""

    correlation: list[float]  # of the binarised pixels
    covariance: list[float]  # of the grey pixels in [0, 1]
    variance: float  # the sum of all of the latter
    pixels: int
    images: int
    fingerprint: str  # of the data set
    independent: float | None = None  # test log-likelihood, in nats, of pixels that know their training means only


def correlation(images: np.ndarray) -> np.ndarray:
    """Of pixels drawn anew each time from grey images (N, X) uint8: E[x_i x_j] is E[g_i g_j], except x_i x_i = x_i.

    Pixels that never change are left out: (X', X').
    """
    g = images.astype(np.float32) / 255
    p = g.mean(0, dtype=np.float64)
    alive = (p > NEVER) & (p < 1 - NEVER)
    g, p = g[:, alive], p[alive]
    covariance = (g.T @ g).astype(np.float64) / len(g) - np.outer(p, p)
    np.fill_diagonal(covariance, p * (1 - p))
    deviation = np.sqrt(covariance.diagonal())
    return covariance / np.outer(deviation, deviation)


def spectrum(images: np.ndarray, fingerprint: str = "", most: int = 300) -> Spectrum:
    """Eigenvalues of grey images (N, X) uint8."""
    g = images.astype(np.float32) / 255
    p = g.mean(0, dtype=np.float64)
    covariance = np.linalg.eigvalsh((g.T @ g).astype(np.float64) / len(g) - np.outer(p, p))[::-1]
    ones = np.linalg.eigvalsh(correlation(images))[::-1][:32]
    digits = [[float(f"{v:.6g}") for v in values] for values in (ones, covariance[:most].clip(min=0))]
    return Spectrum(*digits, float(covariance.sum()), images.shape[1], len(images), fingerprint)


@cache
def mnist() -> Spectrum:
    """The bundled one: computed by `python -m vae_core family --write` on the images the family was trained on."""
    return Spectrum(**json.loads(SPECTRUM.read_text("utf-8")))


def predicted_active(eigenvalues: list[float], beta: float, latent_dim: int) -> int:
    """How many of the latent dimensions pay for themselves: each needs an eigenvalue above beta."""
    return min(latent_dim, sum(value > beta for value in eigenvalues))


class Loss(NamedTuple):
    """A loss as people write it: error + weight * kl."""

    error: str = "bce"  # or "mse"
    over_pixels: str = "sum"  # or "mean"
    over_dims: str = "sum"  # or "mean"
    weight: float = 1.0


def effective_beta(loss: Loss, pixels: int, latent_dim: int, variance: float = 0.5) -> float:
    """What weighs the KL once the loss is scaled so that its first term is -log p(x|z), summed over the pixels.

    A squared error is the -log p of N(x; f(z), c I) times 2c. Which c is meant, nobody wrote: only beta c is fixed, and
    without a word c = 1/2, so that the plain sum of squares is -log p.
    """
    beta = loss.weight * (pixels if loss.over_pixels == "mean" else 1) / (latent_dim if loss.over_dims == "mean" else 1)
    return beta / (2 * variance) if loss.error == "mse" else beta
