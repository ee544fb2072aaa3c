"""The linear-Gaussian VAE in closed form, and PCA: the baseline of every model, and an exact oracle for its tests.

z ~ N(0, I), x|z ~ N(W z + b, c I). Tipping & Bishop (1999), "Probabilistic PCA"; Lucas et al. (2019), "Don't blame the
ELBO"; the optimum with beta: assets/math.md#linear-gaussian-models. Everything in nats per image. B images, D latent
dimensions, X pixels.
"""

import copy
import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from vae_core.model.gaussians import LOG_2PI, DiagonalGaussian, kl_full, kl_standard_normal
from vae_core.model.likelihoods import fixed_gaussian
from vae_core.model.networks import unset
from vae_core.model.optimizers import LBFGS
from vae_core.model.vae import VAE

CHUNK = 5000  # images at a time: in float64 they take 31 MB


class PCA(NamedTuple):
    """Principal component analysis of images, float64: the linear autoencoder with the smallest squared error."""

    mean: Tensor  # (X,)
    axes: Tensor  # (X, X)  principal directions as columns, the largest eigenvalue first
    eigenvalues: Tensor  # (X,)  of the covariance with 1/N, falling

    def residual(self, x: Tensor, dimensions: int) -> Tensor:
        """Squared distance of each image to its projection on the first axes: (B, X) -> (B,)."""
        r, axes = x.to(self.mean) - self.mean, self.axes[:, :dimensions]
        return (r - r @ axes @ axes.mT).square().sum(-1)


def pca(data: Tensor) -> PCA:
    """Principal axes of images (N, X), in float64: D of them leave, on average, the sum of the other eigenvalues."""
    mean = sum(some.double().sum(0) for some in data.split(CHUNK)) / len(data)
    centred = (some.double() - mean for some in data.split(CHUNK))
    eigenvalues, axes = torch.linalg.eigh(sum(r.mT @ r for r in centred) / len(data))
    return PCA(mean, axes.flip(1), eigenvalues.flip(0).clamp(min=0))


def principal_angles(A: Tensor, B: Tensor) -> Tensor:
    """Angles between the planes that the columns of A and of B (X, D) span, in degrees, rising: (D,).

    Björck & Golub (1973); from sines and cosines together, for a cosine alone loses the digits of a small angle.
    """
    Q, R = (torch.linalg.qr(columns.double()).Q for columns in (A, B))
    cosines, sines = torch.linalg.svdvals(Q.mT @ R), torch.linalg.svdvals(R - Q @ (Q.mT @ R)).flip(0)
    return torch.rad2deg(torch.atan2(sines, cosines))


class LinearGaussian(NamedTuple):
    """p(x|z) = N(x; W z + b, c I), whose evidence, posterior and ELBO are closed forms, in nats per image."""

    W: Tensor  # (X, D)
    b: Tensor  # (X,)
    c: float  # variance of each pixel around W z + b

    def precision(self, beta: float = 1.0) -> Tensor:
        """M = W'W + beta c I (D, D): beta c times the posterior's precision."""
        return self.W.mT @ self.W + beta * self.c * torch.eye(self.W.shape[1]).to(self.W)

    @property
    def covariance(self) -> Tensor:
        """Of x, over all z: WW' + c I, (X, X)."""
        return self.W @ self.W.mT + self.c * torch.eye(len(self.W)).to(self.W)

    @property
    def entropy(self) -> float:
        """-E log p(x) over the model's own images, nats: 1/2 ln det(2 pi e (WW' + c I))."""
        spread = len(self.W) * (LOG_2PI + 1 + math.log(self.c))  # were W zero
        return 0.5 * (spread + torch.logdet(self.precision() / self.c).item())

    def kl(self, other: "LinearGaussian") -> float:
        """KL(self || other) of the two densities of x, nats: what log p loses where self's images are other's x."""
        return kl_full(self.b, self.covariance, other.b, other.covariance).item()

    def sample(self, z: Tensor, noise: Tensor) -> Tensor:
        """Images x = W z + b + sqrt(c) noise from standard normal z (N, D) and noise (N, X): (N, X)."""
        return z @ self.W.mT + self.b + math.sqrt(self.c) * noise

    def principal(self) -> "LinearGaussian":
        """The same p(x) with orthogonal columns, the longest first: p(x) knows W only up to a rotation of z."""
        U, lengths, _ = torch.linalg.svd(self.W, full_matrices=False)
        return self._replace(W=U * lengths)

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


@torch.no_grad()
def principal_autoencoder(principal: PCA, latent_dim: int) -> VAE:
    """PCA behind the public face: the code is the projection on the first axes, in units of the pixels."""
    axes, pixels = principal.axes[:, :latent_dim], len(principal.mean)
    c = principal.eigenvalues[latent_dim:].sum().item() / pixels  # the likeliest variance of its errors
    encoder = _linear(axes.mT, -axes.mT @ principal.mean)
    return VAE(encoder, _linear(axes, principal.mean), fixed_gaussian(c), latent_dim, stochastic=False)


def maximise_elbo(vae: VAE, principal: PCA, iterations: int = 1000) -> int:
    """Takes a linear VAE, in place, to a maximum of its mean ELBO; returns the iterations of L-BFGS that it took.

    The bound depends on the images through their mean and their covariance alone, so each iteration sees all of them.
    Turning the columns of W changes the bound little: Adam is still degrees away when the bound is right to 1e-4.
    """
    exact = copy.deepcopy(vae).double().requires_grad_(True)
    mean, covariance = principal.mean, (principal.axes * principal.eigenvalues) @ principal.axes.mT
    encoder, (decoder,) = exact.encoder, (layer for layer in exact.decoder.modules() if isinstance(layer, nn.Linear))
    optimizer = LBFGS(
        exact.parameters(), max_iter=iterations, max_eval=2 * iterations, tolerance_grad=1e-9, tolerance_change=0,
        history_size=50, line_search_fn="strong_wolfe",
    )  # fmt: skip

    def negative_elbo() -> Tensor:
        V, W = encoder.mean.weight, decoder.weight
        code = encoder.mean(mean)  # of the mean image; the codes' covariance is V C V'
        codes = V @ covariance @ V.mT
        off = mean - decoder(code)
        error = covariance.trace() - 2 * (W.mT * (V @ covariance)).sum() + ((W.mT @ W) * codes).sum()
        error = error + off.square().sum() + encoder.logvar.exp() @ W.square().sum(0)
        logc = exact.likelihood.logvar
        reconstruction = -0.5 * (len(mean) * (LOG_2PI + logc) + error / logc.exp())
        kl = kl_standard_normal(code, encoder.logvar).sum() + 0.5 * codes.trace()
        optimizer.zero_grad()
        loss = kl - reconstruction
        loss.backward()
        return loss

    optimizer.step(negative_elbo)
    vae.load_state_dict(exact.state_dict())
    return optimizer.state[next(exact.parameters())]["n_iter"]


class Fit(NamedTuple):
    """A linear model on the images that it was fitted to; means over them, computed in float64."""

    residual: float  # squared error of the mean reconstruction, summed over the pixels
    variance: float  # c
    angles: list[float]  # degrees between the planes of W and of the first principal axes, rising
    turned: list[float] | None = None  # degrees from each column of W to the axis next to it
    log_px: float | None = None  # nats; None, as the two around it, for an autoencoder: it has no p(x)
    elbo: float | None = None


@torch.no_grad()
def measured(vae: VAE, data: Tensor, principal: PCA) -> Fit:
    """What a linear model, trained or in closed form, reaches on images (N, X) with these principal axes."""
    vae = copy.deepcopy(vae).double()
    (decoder,) = (layer for layer in vae.decoder.modules() if isinstance(layer, nn.Linear))
    model = LinearGaussian(decoder.weight, decoder.bias, vae.likelihood.variance)
    axes, total = principal.axes[:, : vae.latent_dim], torch.zeros(3, dtype=torch.float64)
    for x in (some.double() for some in data.split(CHUNK)):
        total[0] += (x - vae.mean(vae.code(x))).square().sum()
        if vae.stochastic:
            total[1] += model.log_px(x).sum()
            total[2] += model.elbo(vae.posterior(x), x).sum()
    residual, log_px, elbo = (total / len(data)).tolist()
    angles = principal_angles(model.W, axes).tolist()
    if not vae.stochastic:
        return Fit(residual, model.c, angles)
    cosines = (normalize(model.W, dim=0).mT @ axes).abs().max(1).values
    return Fit(residual, model.c, angles, torch.rad2deg(cosines.clamp(max=1).acos()).tolist(), log_px, elbo)


def _candidates(eigenvalues: Tensor, latent_dim: int, beta: float):
    """(k, c) from the most active dimensions down: the first whose k-th axis is worth its KL is the optimum."""
    pixels = len(eigenvalues)
    for k in range(latent_dim, -1, -1):
        if pixels > beta * k:
            yield k, (eigenvalues[k:].sum() / (pixels - beta * k)).item()


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    layer = unset(nn.Linear, weight.shape[1], weight.shape[0], dtype=weight.dtype)
    layer.weight.copy_(weight)
    layer.bias.copy_(bias)
    return layer
