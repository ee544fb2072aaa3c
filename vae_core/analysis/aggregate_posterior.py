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
BLOCK = 2**9  # points and codes at a time in the count of holes: a product that stays in the cache
MOST = 60.0  # exponents are cut here: e^60 is far above any threshold, and far from overflow


class Codes(Protocol):
    mean: np.ndarray  # (N, D)
    logvar: np.ndarray  # (N, D)


class Holes(NamedTuple):
    share: float  # of the prior where q(z) < 0.05 p(z)
    error: float  # its standard error over the draws alone: other images would give another q(z)
    points: int  # draws of the prior at which it is measured
    images: int  # N, in q(z); fewer images leave more holes
    held_out: float | None = None  # the share of codes of other images that lie in these holes; None: not asked
    others: int = 0  # how many codes of other images were looked at


def kl_of_codes(codes: Codes) -> np.ndarray:
    """KL(q(z_j|x_n) || p(z_j)) in closed form, (N, D): `gaussians.kl_standard_normal` for pages without torch."""
    mean, logvar = (np.asarray(part, np.float64) for part in (codes.mean, codes.logvar))
    return 0.5 * (mean**2 + np.expm1(logvar) - logvar)


def log_density(codes: Codes, z: np.ndarray, axes: Sequence[int] | None = None) -> np.ndarray:
    """log q(z) at points (G, D'), of the marginal over `axes` (all of them without): (G,) float64, nats."""
    z = np.atleast_2d(np.asarray(z, np.float64))
    mean, logvar = _columns(codes, axes)
    if z.shape[1] != mean.shape[1]:
        raise ValueError(f"Points of {mean.shape[1]} dimensions are needed, these have {z.shape[1]}.")
    natural, constant = _natural(mean, logvar)
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


def in_holes(codes: Codes, z: np.ndarray, axes: Sequence[int] | None = None) -> np.ndarray:
    """Whether q(z) < 0.05 p(z) at points (G, D'): (G,) bool.

    Codes are added up some at a time, and a point is done when those so far already give it enough: where codes are
    dense that takes few of them. Only a hole is held against all N.
    """
    z = np.atleast_2d(np.asarray(z, np.float64))
    mean, logvar = _columns(codes, axes)
    if z.shape[1] != mean.shape[1]:
        raise ValueError(f"Points of {mean.shape[1]} dimensions are needed, these have {z.shape[1]}.")
    natural, constant = _natural(mean, logvar)
    constant -= math.log(HOLE * len(mean))
    empty = np.ones(len(z), bool)
    for some in np.array_split(np.arange(len(z)), math.ceil(len(z) / BLOCK) or 1):
        points, missing = np.concatenate([z[some] ** 2, z[some]], 1), log_prior(z[some])
        total, open_ = np.zeros(len(some)), np.arange(len(some))
        for start in range(0, len(mean), BLOCK):
            block = slice(start, start + BLOCK)
            pairs = points[open_] @ natural[:, block]  # log of q(z|x_n) / (0.05 N p(z))
            pairs += constant[block]
            pairs -= missing[open_, None]
            total[open_] += np.exp(np.minimum(pairs, MOST).astype(np.float32)).sum(1, dtype=np.float64)
            open_ = open_[total[open_] < 1]
            if not len(open_):
                break
        empty[some] = total < 1
    return empty


def holes(
    codes: Codes, points: int = 20_000, seed: int = 0, axes: Sequence[int] | None = None, held_out: Codes | None = None
) -> Holes:
    """The share of the prior where the decoder was hardly ever trained: q(z) < 0.05 p(z), at fixed draws of p(z).

    `codes` are those the decoder was trained on; how many codes (means) of `held_out` images lie there is counted too.
    With ten dimensions 10,000 codes leave most of the prior and nine of ten held-out codes in a "hole": q(z) is then a
    sum of needles and the share speaks of N. Marginals over one or two axes do not have this trouble.
    """
    mean, _ = _columns(codes, axes)
    z = np.random.Generator(np.random.PCG64(seed)).standard_normal((points, mean.shape[1]))
    share = float(in_holes(codes, z, axes).mean())
    others = None if held_out is None else _columns(held_out, axes)[0]
    return Holes(
        share, math.sqrt(share * (1 - share) / points), points, len(mean),
        *(() if others is None else (float(in_holes(codes, others, axes).mean()), len(others))),
    )  # fmt: skip


def share_outside(codes: Codes, edge: float, axes: Sequence[int] | None = None) -> float:
    """The share of the codes' means with any |z_j| > edge: those that a grid up to the edge does not show."""
    mean = np.asarray(codes.mean)[:, list(axes) if axes is not None else slice(None)]
    if not len(mean):
        raise ValueError("There are no codes to count: evaluate the model on its data set first.")
    return float((np.abs(mean) > edge).any(1).mean())


def _natural(mean: np.ndarray, logvar: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log N(z; m, v) = z^2 . (-1/2v) + z . (m/v) + constant: one product for all pairs; (2D', N) and (N,)."""
    precision = np.exp(-logvar)
    constant = -0.5 * (mean**2 * precision + logvar + math.log(2 * math.pi)).sum(1)
    return np.concatenate([-precision / 2, mean * precision], 1).T, constant


def _columns(codes: Codes, axes: Sequence[int] | None) -> tuple[np.ndarray, np.ndarray]:
    chosen = list(axes) if axes is not None else slice(None)
    mean, logvar = (np.asarray(part, np.float64)[:, chosen] for part in (codes.mean, codes.logvar))
    if not len(mean):
        raise ValueError("There are no codes to mix: evaluate the model on its data set first.")
    if np.isnan(logvar).any():
        raise ValueError("An autoencoder has no distribution over codes, and so no aggregate posterior.")
    return mean, logvar.clip(-20, 10)
