"""The aggregate posterior q(z) = mean over images of q(z|x_n): where in latent space the data's codes lie.

Everything is numpy, in float64, chunk by chunk: pages ask for it without torch. `codes` is anything with the fields
mean (N, D) and logvar (N, D), as `runs.Codes` or `evaluate.Scores`. Marginals over `axes` are exact, for each q(z|x_n)
is diagonal. N images, G points, D latent dimensions, D' of them in `axes`.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

AT_ONCE = 2**18  # pairs of a point and a code: what stays in a processor's cache
HOLE = 0.05  # of the prior's density


class Codes(Protocol):
    mean: np.ndarray  # (N, D)
    logvar: np.ndarray  # (N, D)


class Holes(NamedTuple):
    share: float  # of the prior where q(z) < 0.05 p(z)
    error: float  # its standard error, for it is measured at `points` draws of the prior
    points: int
    images: int  # N, in q(z); fewer images leave more holes


def log_density(codes: Codes, z: np.ndarray, axes: Sequence[int] | None = None) -> np.ndarray:
    """log q(z) at points (G, D'), of the marginal over `axes` (all of them without): (G,) float64, nats."""
    z = np.atleast_2d(np.asarray(z, np.float64))
    mean, logvar = _columns(codes, axes)
    if z.shape[1] != mean.shape[1]:
        raise ValueError(f"Points of {mean.shape[1]} dimensions are needed, these have {z.shape[1]}.")
    precision = np.exp(-logvar)
    # log N(z; m, v) = z^2 . (-1/2v) + z . (m/v) + constant: one product for all pairs
    natural = np.concatenate([-precision / 2, mean * precision], 1).T  # (2D', N)
    constant = -0.5 * (mean**2 * precision + logvar + math.log(2 * math.pi)).sum(1)
    log_q, step = np.empty(len(z)), max(1, AT_ONCE // len(mean))
    for start in range(0, len(z), step):
        some = z[start : start + step]
        pairs = np.concatenate([some**2, some], 1) @ natural
        pairs += constant
        peak = pairs.max(1, keepdims=True)
        pairs -= peak
        weights = np.exp(pairs.astype(np.float32))  # each at most 1, so that float32 does
        log_q[start : start + step] = peak[:, 0] + np.log(weights.sum(1, dtype=np.float64))
    return log_q - math.log(len(mean))


def log_prior(z: np.ndarray) -> np.ndarray:
    """log N(z; 0, I): (G, D') -> (G,)."""
    return -0.5 * (np.square(z).sum(-1) + z.shape[-1] * math.log(2 * math.pi))


def holes(codes: Codes, points: int = 20_000, seed: int = 0, axes: Sequence[int] | None = None) -> Holes:
    """The share of the prior where the decoder was hardly ever trained: q(z) < 0.05 p(z), at fixed draws of p(z).

    Read it beside the same share of held-out codes, which lie where data lie. Of the codes of 5000 images, 0.3 % lie in
    the holes that 5000 others leave for a blurred model with D = 2, 12 % for a sharp one, 92 % for D = 10: q(z) is then
    a sum of needles, and the share speaks of N.
    """
    mean, _ = _columns(codes, axes)
    z = np.random.Generator(np.random.PCG64(seed)).standard_normal((points, mean.shape[1]))
    share = float((log_density(codes, z, axes) - log_prior(z) < math.log(HOLE)).mean())
    return Holes(share, math.sqrt(share * (1 - share) / points), points, len(mean))


def share_outside(codes: Codes, edge: float, axes: Sequence[int] | None = None) -> float:
    """The share of the codes' means with any |z_j| > edge: those that a grid up to the edge does not show."""
    mean = np.asarray(codes.mean)[:, list(axes) if axes is not None else slice(None)]
    if not len(mean):
        raise ValueError("There are no codes to count: evaluate the model on its data set first.")
    return float((np.abs(mean) > edge).any(1).mean())


def _columns(codes: Codes, axes: Sequence[int] | None) -> tuple[np.ndarray, np.ndarray]:
    chosen = list(axes) if axes is not None else slice(None)
    mean, logvar = (np.asarray(part, np.float64)[:, chosen] for part in (codes.mean, codes.logvar))
    if not len(mean):
        raise ValueError("There are no codes to mix: evaluate the model on its data set first.")
    if np.isnan(logvar).any():
        raise ValueError("An autoencoder has no distribution over codes, and so no aggregate posterior.")
    return mean, logvar.clip(-20, 10)
