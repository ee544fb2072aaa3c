"""What the KL term consists of: information about the image, and a mismatch between all codes and the prior.

    mean KL(q(z|x_n) || p(z)) = I(n; z) + KL(q(z) || p(z))        Hoffman & Johnson (2016), "ELBO surgery"

Both parts are estimated with draws of their own, so that their sum is a check and no tautology. Everything is numpy, in
nats, over the N codes that are given: I is at most ln N. For D = 2 the mismatch is also a sum over a grid.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from vae_core.analysis.aggregate_posterior import Codes, kl_of_codes, log_density, log_prior

DRAWS = 10_000  # of each part: a standard error of 0.005 to 0.03 nats over the bundled family
STEP = 0.5  # of the grid, in units of the narrowest usual code
REACH = 8.0  # beyond the prior and, in standard deviations, beyond the outermost code
BELOW_AT = np.linspace(-9, 9, 9001)  # P(z < x), tabulated for `mass_on_cells`
BELOW = np.array([NormalDist().cdf(x) for x in BELOW_AT])
RISE = np.append(np.diff(BELOW), 0)
SOME = 4096  # codes at a time


class Surgery(NamedTuple):
    kl: float  # mean over the images, closed form
    information: float  # I(n; z): what a code tells about which image it is of
    information_error: float  # standard error, over the draws
    mismatch: float  # KL(q(z) || p(z)): what no decoder can win back
    mismatch_error: float
    images: int  # N; ln N bounds the information

    @property
    def excess(self) -> float:
        """What the two parts miss of their sum; noise, or a mistake."""
        return self.information + self.mismatch - self.kl


def surgery(codes: Codes, draws: int = DRAWS, seed: int = 0) -> Surgery:
    """The two parts, each from draws of its own of z ~ q(z): an image at random, then its q(z|x)."""
    mean, logvar = (np.asarray(part, np.float64) for part in (codes.mean, codes.logvar))
    rng = np.random.Generator(np.random.PCG64(seed))

    n, noise = rng.integers(len(mean), size=draws), rng.standard_normal((draws, mean.shape[1]))
    z = mean[n] + np.exp(logvar[n] / 2) * noise
    own = -0.5 * (noise**2 + logvar[n] + math.log(2 * math.pi)).sum(1)  # log q(z|x_n)
    information = own - log_density(codes, z)

    z = sample(codes, draws, rng)
    log_p = log_prior(z)
    mismatch = log_density(codes, z) - log_p
    # E log p(z) is known in closed form: what the draws miss of it, they miss of the mismatch in proportion.
    exact = -0.5 * ((mean**2 + np.exp(logvar)).mean(0) + math.log(2 * math.pi)).sum()
    mismatch -= np.cov(mismatch, log_p)[0, 1] / max(log_p.var(), 1e-12) * (log_p - exact)
    error = math.sqrt(draws)
    return Surgery(
        float(kl_of_codes(codes).sum(1).mean()), float(information.mean()), float(information.std()) / error,
        float(mismatch.mean()), float(mismatch.std()) / error, len(mean),
    )  # fmt: skip


class Correlation(NamedTuple):
    total: float  # KL(q(z) || prod_j q(z_j)), nats: 0 where the dimensions are independent
    error: float  # standard error, over the draws
    images: int  # N


def total_correlation(codes: Codes, draws: int = DRAWS, seed: int = 0) -> Correlation:
    """What the dimensions of z ~ q(z) have in common: the part of the mismatch that is in no single dimension,

        KL(q(z) || p(z)) = TC + sum_j KL(q(z_j) || p(z_j))        Chen, Li, Grosse & Duvenaud (2018)

    It is that of the mixture of these N images. With many dimensions I(n; z) comes near its ceiling ln N, and then so
    few images correlate more than all that there could be: TC falls as N grows.
    """
    z = sample(codes, draws, np.random.Generator(np.random.PCG64(seed)))
    marginals = sum(log_density(codes, z[:, [d]], [d]) for d in range(z.shape[1]))
    found = log_density(codes, z) - marginals
    return Correlation(float(found.mean()), float(found.std()) / math.sqrt(draws), len(codes.mean))


def sample(codes: Codes, draws: int, rng: np.random.Generator) -> np.ndarray:
    """z ~ q(z): (draws, D) float64."""
    n = rng.integers(len(codes.mean), size=draws)
    mean, logvar = (np.asarray(part, np.float64)[n] for part in (codes.mean, codes.logvar))
    return mean + np.exp(logvar / 2) * rng.standard_normal(mean.shape)


def density_on_grid(codes: Codes, across: np.ndarray, up: np.ndarray) -> np.ndarray:
    """q(z) at every point of a grid, D = 2: (len(up), len(across)). One matmul, since each q(z|x_n) is a product."""
    mean, logvar = (np.asarray(part, np.float64) for part in (codes.mean, codes.logvar))
    if mean.shape[1] != 2:
        raise ValueError(f"A grid needs 2 latent dimensions, these codes have {mean.shape[1]}; use log_density.")

    def factor(dimension: int, at: np.ndarray) -> np.ndarray:  # (N, len(at))
        sigma = np.exp(logvar[:, dimension, None] / 2)
        scaled = (at[None] - mean[:, dimension, None]) / sigma
        return (np.exp(-0.5 * scaled**2) / (sigma * math.sqrt(2 * math.pi))).astype(np.float32)

    return factor(1, up).T @ factor(0, across) / len(mean)


def mismatch_on_grid(codes: Codes) -> float:
    """KL(q(z) || p(z)) as a sum over a fine grid, D = 2: independent of any draw, good to 0.01 nats while the codes
    are not needles (mean sigma above 0.05)."""
    mean, sigma = np.asarray(codes.mean, np.float64), np.exp(np.asarray(codes.logvar, np.float64) / 2)
    h = max(0.01, STEP * float(np.quantile(sigma, 0.02)))
    low, high = (mean - REACH * sigma).min(0).clip(max=-REACH), (mean + REACH * sigma).max(0).clip(min=REACH)
    across, up = (np.arange(a, b + h, h) for a, b in zip(low, high, strict=True))
    total = 0.0
    for rows in np.array_split(up, max(1, len(up) // 200)):
        q = density_on_grid(codes, across, rows).astype(np.float64)
        log_p = log_prior(np.stack(np.meshgrid(across, rows), -1))
        total += float((q * (np.log(np.maximum(q, 1e-300)) - log_p)).sum())
    return total * h * h


def mass_on_cells(codes: Codes, edges: np.ndarray) -> np.ndarray:
    """The share of q(z) in each cell of a square grid, D = 2, row 0 holding the smallest z2: exact for needles too."""
    mean, logvar = (np.asarray(part, np.float64) for part in (codes.mean, codes.logvar))

    def shares(dimension: int, some: slice) -> np.ndarray:  # (n, cells)
        scaled = (edges[None] - mean[some, dimension, None]) / np.exp(logvar[some, dimension, None] / 2)
        place = ((scaled - BELOW_AT[0]) * ((len(BELOW) - 1) / (BELOW_AT[-1] - BELOW_AT[0]))).clip(0, len(BELOW) - 1)
        step = place.astype(np.int32)  # linear between the table's entries, without a search for each
        return np.diff(BELOW[step] + (place - step) * RISE[step], axis=1).astype(np.float32)

    parts = (slice(start, start + SOME) for start in range(0, len(mean), SOME))
    return sum(shares(1, some).T @ shares(0, some) for some in parts) / len(mean)
