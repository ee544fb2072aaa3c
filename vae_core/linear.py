"""The linear-Gaussian VAE in closed form, and PCA: the baseline of every model, and an exact oracle for its tests.

z ~ N(0, I), x|z ~ N(W z + b, c I). Tipping & Bishop (1999), "Probabilistic PCA"; Lucas et al. (2019), "Don't blame the
ELBO"; the optimum with beta in math.md 9. Everything in nats per image. B images, D latent dimensions, X pixels.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from vae_core.gaussians import LOG_2PI, DiagonalGaussian, kl_standard_normal
from vae_core.likelihoods import fixed_gaussian
from vae_core.vae import VAE


class PCA(NamedTuple):
    mean: Tensor  # (X,)
    axes: Tensor  # (X, X)  principal directions as columns, the largest eigenvalue first
    eigenvalues: Tensor  # (X,)  of the covariance with 1/N, falling

    def residual(self, x: Tensor, dimensions: int) -> Tensor:
        """Squared distance of each image to its projection on the first axes: (B, X) -> (B,)."""
        r, axes = x.to(self.mean) - self.mean, self.axes[:, :dimensions]
        return (r - r @ axes @ axes.mT).square().sum(-1)


def pca(data: Tensor) -> PCA:
    """Principal axes of images (N, X), in float64: D of them leave, on average, the sum of the other eigenvalues."""
    data = data.double()
    mean = data.mean(0)
    eigenvalues, axes = torch.linalg.eigh((data - mean).mT @ (data - mean) / len(data))
    return PCA(mean, axes.flip(1), eigenvalues.flip(0).clamp(min=0))


class LinearGaussian(NamedTuple):
    W: Tensor  # (X, D)
    b: Tensor  # (X,)
    c: float  # variance of each pixel around W z + b

    def precision(self, beta: float = 1.0) -> Tensor:
        """M = W'W + beta c I (D, D): beta c times the posterior's precision."""
        return self.W.mT @ self.W + beta * self.c * torch.eye(self.W.shape[1]).to(self.W)

    def log_px(self, x: Tensor) -> Tensor:
        """log N(x; b, WW' + c I), by the D x D matrix M alone: (B, X) -> (B,)."""
        M, r = self.precision(), x - self.b
        logdet = (x.shape[-1] - len(M)) * math.log(self.c) + torch.logdet(M)  # of WW' + cI
        projected = r @ self.W
        square = (r.square().sum(-1) - (projected * torch.linalg.solve(M, projected.mT).mT).sum(-1)) / self.c
        return -0.5 * (x.shape[-1] * LOG_2PI + logdet + square)

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """p(z|x) = N(M^-1 W'(x - b), c M^-1): mean (B, D), and the covariance (D, D) that all images share."""
        M = self.precision()
        return torch.linalg.solve(M, ((x - self.b) @ self.W).mT).mT, self.c * torch.linalg.inv(M)

    def best_diagonal(self, x: Tensor, beta: float = 1.0) -> DiagonalGaussian:
        """The diagonal q with the largest objective, over (B, D): the posterior's mean, variances c / M_jj.

        With beta it is the best q of reconstruction - beta KL, whose posterior is that of a pixel variance beta c.
        """
        M = self.precision(beta)
        mean = torch.linalg.solve(M, ((x - self.b) @ self.W).mT).mT
        return DiagonalGaussian(mean, (beta * self.c / M.diagonal()).log().expand_as(mean))

    @property
    def gap(self) -> float:
        """log p(x) - ELBO at the best diagonal q, the same for every x; 0 iff the columns of W are orthogonal."""
        M = self.precision()
        return 0.5 * (M.diagonal().log().sum() - torch.logdet(M)).item()

    def reconstruction(self, q: DiagonalGaussian, x: Tensor) -> Tensor:
        """E_q log p(x|z) in closed form: (B, X) -> (B,)."""
        error = (x - self.b - q.mean @ self.W.mT).square().sum(-1) + q.variance @ self.W.square().sum(0)
        return -0.5 * (x.shape[-1] * (LOG_2PI + math.log(self.c)) + error / self.c)

    def elbo(self, q: DiagonalGaussian, x: Tensor) -> Tensor:
        """reconstruction - KL for any diagonal q over (B, D), in closed form: (B,)."""
        return self.reconstruction(q, x) - kl_standard_normal(q.mean, q.logvar).sum(-1)

    @torch.no_grad()
    def vae(self, beta: float = 1.0) -> VAE:
        """This model behind the public face: a linear decoder, and the linear encoder that gives `best_diagonal`."""
        M = self.precision(beta)
        V = torch.linalg.solve(M, self.W.mT)  # (D, X)
        logvar = (beta * self.c / M.diagonal()).log()
        encoder = _linear(torch.cat([V, torch.zeros_like(V)]), torch.cat([-V @ self.b, logvar]))
        return VAE(encoder, _linear(self.W, self.b), fixed_gaussian(self.c), latent_dim=len(M))


def fit(data: Tensor, latent_dim: int, beta: float = 1.0) -> LinearGaussian:
    """The linear-Gaussian VAE with the largest mean reconstruction - beta KL on images (N, X), in float64.

    W_j = u_j sqrt(l_j - beta c) for the k <= latent_dim axes with l_j > beta c, other columns 0;
    c = sum of the l_j beyond k / (X - beta k). At beta = 1 this is probabilistic PCA, and the ELBO equals log p(x).
    Data without variance beyond latent_dim axes raise a ValueError: the density would grow without bound as c -> 0.
    """
    mean, axes, eigenvalues = pca(data)
    pixels = len(mean)
    if not 1 <= latent_dim < pixels or eigenvalues[latent_dim:].sum() <= 1e-12 * eigenvalues.sum():
        raise ValueError(
            f"No variance is left beyond {latent_dim} axes of {pixels} pixels; use fewer latent dimensions."
        )
    k, c = next(
        (k, c) for k, c in _candidates(eigenvalues, latent_dim, beta) if k == 0 or eigenvalues[k - 1] > beta * c
    )
    W = axes[:, :latent_dim] * (eigenvalues[:latent_dim] - beta * c).clamp(min=0).sqrt()
    W[:, k:] = 0
    return LinearGaussian(W, mean, c)


def _candidates(eigenvalues: Tensor, latent_dim: int, beta: float):
    """(k, c) from the most active dimensions down: the first whose k-th axis is worth its KL is the optimum."""
    pixels = len(eigenvalues)
    for k in range(latent_dim, -1, -1):
        if pixels > beta * k:
            yield k, (eigenvalues[k:].sum() / (pixels - beta * k)).item()


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    layer = skip_init(nn.Linear, weight.shape[1], weight.shape[0], dtype=weight.dtype)
    layer.weight.copy_(weight)
    layer.bias.copy_(bias)
    return layer
