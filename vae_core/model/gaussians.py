"""Closed forms of Gaussians: divergences, entropies, densities. All in nats; any leading shape.

The diagonal KL uses expm1: at logvar = 1e-4 the plain float32 form `exp(logvar) - 1 - logvar` is wrong by a factor of
three, and that is exactly where a lecture on posterior collapse looks.
"""

import math

import torch
from torch import Tensor
from torch.distributions import Normal

LOG_2PI = math.log(2 * math.pi)


class DiagonalGaussian(Normal):
    """N(mean, diag(exp(logvar))): torch's Normal that remembers its log variance, clamped to [-20, 10]."""

    def __init__(self, mean: Tensor, logvar: Tensor) -> None:
        self.logvar = logvar.clamp(-20.0, 10.0)
        super().__init__(mean, (self.logvar / 2).exp(), validate_args=False)


def kl_standard_normal(mean: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mean, exp(logvar)) || N(0, 1)) of each dimension: AEVB appendix B, one summand, the sign turned."""
    return 0.5 * (mean.square() + torch.expm1(logvar) - logvar)


def kl_normal(m1: Tensor, s1: Tensor, m2: Tensor, s2: Tensor) -> Tensor:
    """KL(N(m1, s1^2) || N(m2, s2^2)), elementwise; s are standard deviations."""
    return torch.log(s2 / s1) + (s1.square() + (m1 - m2).square()) / (2 * s2.square()) - 0.5


def kl_full(mean1: Tensor, covariance1: Tensor, mean2: Tensor, covariance2: Tensor) -> Tensor:
    """KL(N(mean1, covariance1) || N(mean2, covariance2)) of k-dimensional Gaussians, (..., k) and (..., k, k)."""
    difference = (mean2 - mean1).unsqueeze(-1)
    trace = torch.linalg.solve(covariance2, covariance1).diagonal(dim1=-2, dim2=-1).sum(-1)
    square = (difference.mT @ torch.linalg.solve(covariance2, difference)).squeeze((-1, -2))
    return 0.5 * (trace + square - mean1.shape[-1] + torch.logdet(covariance2) - torch.logdet(covariance1))


def entropy_normal(s: Tensor) -> Tensor:
    """H[N(m, s^2)], elementwise. May be negative: a density above 1 is no probability."""
    return 0.5 * (LOG_2PI + 1) + torch.log(s)


def cross_entropy_normal(m1: Tensor, s1: Tensor, m2: Tensor, s2: Tensor) -> Tensor:
    """-E log N(z; m2, s2^2) under z ~ N(m1, s1^2): what KL is the excess of over the entropy."""
    return 0.5 * LOG_2PI + torch.log(s2) + (s1.square() + (m1 - m2).square()) / (2 * s2.square())


def log_standard_normal(z: Tensor) -> Tensor:
    """log N(z; 0, I), summed over the last axis: (..., D) -> (...)."""
    return -0.5 * (z.square().sum(-1) + z.shape[-1] * LOG_2PI)
