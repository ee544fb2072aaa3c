"""A world whose truth is known: a linear-Gaussian theta* = (W*, b*, c*), and the images that it draws.

z ~ N(0, I), x = W* z + b* + sqrt(c*) noise: the model class of probabilistic PCA (Tipping & Bishop 1999), so that a fit
can be held against the truth, and log p(x) against its best value, minus the entropy of p*(x).
"""

import numpy as np
import torch
from torch import Tensor

from vae_core.model.linear_gaussian import LinearGaussian

SHAPE = (4, 5)  # H, W of its images
PIXELS, LATENT = SHAPE[0] * SHAPE[1], 2
VARIANCE = 0.25  # c*
THETA, IMAGES, NEW = range(3)  # streams of random numbers


def truth(seed: int) -> LinearGaussian:
    """theta* of the world with this number, float64: entries of W* and b* from N(0, 1), W*'s columns orthogonal."""
    drawn = torch.from_numpy(_normal(seed, THETA, PIXELS, LATENT + 1))
    return LinearGaussian(drawn[:, :LATENT], drawn[:, LATENT], VARIANCE).principal()


def images(seed: int, count: int, stream: int = IMAGES) -> Tensor:
    """x (count, X) float64 of that world; the first N are the same, however many are asked for."""
    world, drawn = truth(seed), torch.from_numpy(_normal(seed, stream, count, LATENT + PIXELS))
    return world.sample(drawn[:, :LATENT], drawn[:, LATENT:])


def _normal(seed: int, stream: int, *shape: int) -> np.ndarray:
    return np.random.Generator(np.random.PCG64([seed, stream])).standard_normal(shape)
