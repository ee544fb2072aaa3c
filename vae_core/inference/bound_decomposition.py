"""The bound of many images, decomposed: reconstruction, KL, gap and log p(x) of each, for a model with D <= 2.

E_q is a sum over two interleaved lattices of even nodes, which check each other: for smooth integrands an even sum over
a Gaussian errs like exp(-2 pi^2 / spacing^2), and where one bends more, their difference shows it
(assets/math.md#expectations).
B images, N nodes, D latent dimensions, X pixels; nats per image, sums in float64.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from vae_core.inference.expectations import PIXELS_AT_ONCE, Rule, until_two_agree
from vae_core.model.gaussians import DiagonalGaussian, FullGaussian, log_standard_normal
from vae_core.model.vae import VAE, in_float64


class Tightness(NamedTuple):
    """ELBO + gap = log p(x), where the gap is summed independently, never computed as that difference."""

    reconstruction: Tensor  # (B,)  E_q log p(x|z)
    kl: Tensor  # (B,)  KL(q || p(z)), in closed form
    gap: Tensor  # (B,)  KL(q || p(z|x))
    log_px: Tensor  # (B,)
    error: Tensor  # (B,)  of reconstruction, ELBO and gap: by how much the two lattices of the last rule disagree

    @property
    def elbo(self) -> Tensor:  # (B,)
        return self.reconstruction - self.kl


@torch.no_grad()
def tightness(
    vae: VAE, q: DiagonalGaussian | FullGaussian, x: Tensor, log_px: Tensor, tolerance: float = 1e-4
) -> Tightness:
    """Decompose the bound of any q over (B, D) for images x (B, X); the evidence log_px (B,) normalises p(z|x).

    The lattices are refined until their two sums agree to the tolerance, or there is no finer one: see `error`.
    """
    q, x, vae = q.double(), x.double(), in_float64(vae)

    def sums(rule: Rule, some: Tensor) -> Tensor:
        """E_q of log p(x|z), and of log q(z) - log p(x, z): (2, b)."""
        part, total = q[some], torch.zeros(2, len(some), dtype=torch.float64)
        for noise, weight, z, pixels in _decoded(vae, part, x[some], rule):
            log_px = pixels.sum(-1)  # (n, b)
            log_ratio = log_standard_normal(noise) - part.log_scale - log_px - log_standard_normal(z)
            total += torch.stack([(weight * log_px).sum(0), (weight * log_ratio).sum(0)])
        return total

    (reconstruction, log_ratio), error = until_two_agree(
        vae.latent_dim, len(x), sums, lambda difference: difference.abs().amax(0), tolerance
    )
    return Tightness(reconstruction, q.kl(), log_ratio + log_px, log_px.double(), error)


@torch.no_grad()
def per_pixel(vae: VAE, q: DiagonalGaussian, x: Tensor, tolerance: float = 1e-4) -> tuple[Tensor, float]:
    """E_q log p(x_i|z) of each pixel (X,) of one image x (1, X), q over (1, D); and the error of their sum.

    The lattices are those of `tightness`, so that the sum is its reconstruction.
    """
    q, x, vae = q.double(), x.double(), in_float64(vae)

    def sums(rule: Rule, some: Tensor) -> Tensor:  # (X, 1)
        return sum(weight.T @ pixels[:, 0] for _, weight, _, pixels in _decoded(vae, q, x, rule)).T

    pixels, error = until_two_agree(vae.latent_dim, 1, sums, lambda difference: difference.sum(0).abs(), tolerance)
    return pixels[:, 0], error.item()


def _decoded(
    vae: VAE, q: DiagonalGaussian | FullGaussian, x: Tensor, rule: Rule
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Some nodes at a time: noise (n, 1, D), weight (n, 1), z (n, B, D) and log p(x_i|z) of each pixel (n, B, X)."""
    step = max(1, PIXELS_AT_ONCE // max(1, x.numel()))
    for noise, weight in zip(rule.noise.split(step), rule.weight.split(step), strict=True):
        z = q.at(noise)
        yield noise, weight, z, vae.observed(z).log_prob(x)
