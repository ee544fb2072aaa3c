"""How much each dimension of a code says about each factor that drew the images, and whether one alone says it.

Mutual information I(z_j; v_k) in nats between a sample z_j of q(z|x) and a factor v_k, both cut into bins that are
equally often met; the mutual information gap (Chen, Li, Grosse & Duvenaud 2018) is, of each factor's entropy, what the
best dimension says of it beyond the second best. It measures whether factors lie along axes, not what is known: the
same model with its codes rotated scores lower (assets/math.md#latent-factors). N images, D dimensions, F factors.
"""

from typing import NamedTuple

import numpy as np

BINS = 20


class FactorInformation(NamedTuple):
    """Of every dimension and factor; all but the gap in nats."""

    information: np.ndarray  # (D, F)
    entropy: np.ndarray  # (F,)  of the factors in their bins
    gaps: np.ndarray  # (F,)  of each factor, in [0, 1]

    @property
    def gap(self) -> float:
        """The mutual information gap: the mean over the factors."""
        return float(self.gaps.mean())


def factor_information(
    mean: np.ndarray, logvar: np.ndarray, factors: np.ndarray, seed: int = 0, bins: int = BINS
) -> FactorInformation:
    """Of codes (N, D), a sample of each, and the factors (N, F) of the same images; what does not vary says nothing."""
    return told_by(sampled(mean, logvar, seed), factors, bins)


def turned(
    mean: np.ndarray, logvar: np.ndarray, factors: np.ndarray, seed: int = 0, bins: int = BINS
) -> FactorInformation:
    """Of the same samples, turned by a random rotation: the codes of a model that draws the same images as likely."""
    z, rng = sampled(mean, logvar, seed), np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(rng.standard_normal((z.shape[1],) * 2))
    return told_by(z @ rotation, factors, bins)


def sampled(mean: np.ndarray, logvar: np.ndarray, seed: int = 0) -> np.ndarray:
    """One z of each q(z|x): (N, D); of an autoencoder, whose codes are points, log variances are -inf."""
    rng = np.random.default_rng(seed)
    return mean + np.exp(logvar / 2) * rng.standard_normal(mean.shape)


def told_by(z: np.ndarray, factors: np.ndarray, bins: int = BINS) -> FactorInformation:
    """Of samples z (N, D) and the factors (N, F) of the same images."""
    codes, told = binned(z, bins), binned(factors, bins)
    found = np.array([[mutual_information(code, factor) for factor in told.T] for code in codes.T])
    entropy = np.array([mutual_information(factor, factor) for factor in told.T])
    best = -np.sort(-found, axis=0)
    second = best[1] if len(best) > 1 else 0 * best[0]
    gaps = np.divide(best[0] - second, entropy, out=np.zeros_like(entropy), where=entropy > 0)
    return FactorInformation(found, entropy, gaps.clip(0, 1))


def binned(values: np.ndarray, bins: int) -> np.ndarray:
    """The bin of each value (N, F), a column for itself: of few different values each is one, else there are `bins`."""
    made = np.empty(values.shape, int)
    for k, column in enumerate(values.T):
        different, place = np.unique(column, return_inverse=True)
        if len(different) > bins:
            edges = np.quantile(column, np.arange(1, bins) / bins)
            place = np.searchsorted(edges, column, side="right")
        made[:, k] = place
    return made


def mutual_information(a: np.ndarray, b: np.ndarray) -> float:
    """Of two columns of bins (N,), in nats, at least 0, less what finite counts add (Miller 1955)."""
    counts = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(counts, (a, b), 1)
    rows, columns, n = counts.sum(1), counts.sum(0), len(a)
    met = counts > 0
    found = (counts[met] / n * np.log(counts[met] * n / np.outer(rows, columns)[met])).sum()
    bias = (met.sum() - (rows > 0).sum() - (columns > 0).sum() + 1) / (2 * n)
    return max(0.0, float(found - bias))
