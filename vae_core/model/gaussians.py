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

    @property
    def log_scale(self) -> Tensor:
        """Half the logarithm of the covariance's determinant: (...)."""
        return self.logvar.sum(-1) / 2

    def at(self, noise: Tensor) -> Tensor:
        """z of noise (..., D) from N(0, I)."""
        return self.mean + self.stddev * noise

    def kl(self) -> Tensor:
        """KL(q || N(0, I)), over all dimensions: (...)."""
        return kl_standard_normal(self.mean, self.logvar).sum(-1)

    def double(self) -> "DiagonalGaussian":
        return DiagonalGaussian(self.mean.double(), self.logvar.double())

    def __getitem__(self, some: Tensor) -> "DiagonalGaussian":
        return DiagonalGaussian(self.mean[some], self.logvar[some])


class FullGaussian:
    """N(mean, L L^T) by its Cholesky factor, a lower triangle with a positive diagonal: means (..., D), L (..., D, D).

    It offers what sums over q need of a DiagonalGaussian.
    """

    def __init__(self, mean: Tensor, cholesky: Tensor) -> None:
        self.mean, self.cholesky = mean, cholesky

    @property
    def log_scale(self) -> Tensor:
        return self.cholesky.diagonal(dim1=-2, dim2=-1).log().sum(-1)

    def at(self, noise: Tensor) -> Tensor:
        return self.mean + (self.cholesky @ noise.unsqueeze(-1)).squeeze(-1)

    def kl(self) -> Tensor:
        """1/2 (|L|^2 + |mean|^2 - D) - ln det L; in terms of ln L_jj - L_jj + 1, which keep their digits near L = I."""
        scale = self.cholesky.diagonal(dim1=-2, dim2=-1)
        own = 0.5 * torch.expm1(2 * scale.log()) - scale.log()  # 1/2 (L_jj^2 - 1) - ln L_jj
        beside = self.cholesky.tril(-1).square().sum((-1, -2))
        return own.sum(-1) + 0.5 * (beside + self.mean.square().sum(-1))

    def double(self) -> "FullGaussian":
        return FullGaussian(self.mean.double(), self.cholesky.double())

    def __getitem__(self, some: Tensor) -> "FullGaussian":
        return FullGaussian(self.mean[some], self.cholesky[some])


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
