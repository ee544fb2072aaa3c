"""The bound of many images, decomposed: reconstruction, KL, gap and log p(x) of each, for a model with D <= 2.

E_q is a sum over two interleaved lattices of even nodes, which check each other: for smooth integrands an even sum over
a Gaussian errs like exp(-2 pi^2 / spacing^2), and where one bends more, their difference shows it
(assets/math.md#expectations).
B images, N nodes, D latent dimensions, X pixels; nats per image, sums in float64.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from vae_core.inference.expectations import Rule, interleaved
from vae_core.model.gaussians import DiagonalGaussian, kl_standard_normal, log_standard_normal
from vae_core.model.vae import VAE, in_float64

SPACINGS = {1: (0.25, 0.125, 0.0625, 0.03125), 2: (1.0, 0.5, 0.25, 0.125)}  # deviations of q, in one lattice
AT_ONCE = 2**21  # decoded pixels held at a time


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
def tightness(vae: VAE, q: DiagonalGaussian, x: Tensor, log_px: Tensor, tolerance: float = 1e-4) -> Tightness:
    """Decompose the bound of any q over (B, D) for images x (B, X); the evidence log_px (B,) normalises p(z|x).

    The lattices are refined until their two sums agree to the tolerance, or there is no finer one: see `error`.
    """
    q, x, vae = DiagonalGaussian(q.mean.double(), q.logvar.double()), x.double(), in_float64(vae)
    result, active = torch.empty(3, len(x), dtype=torch.float64), torch.arange(len(x))
    for spacing in SPACINGS[vae.latent_dim]:
        part = DiagonalGaussian(q.mean[active], q.logvar[active])
        sums = torch.stack([_sums(vae, part, x[active], rule) for rule in interleaved(vae.latent_dim, spacing)])
        error = (sums[0] - sums[1]).abs().amax(0)
        result[:, active] = torch.cat([sums.mean(0), error[None]])
        active = active[error > tolerance]
        if not len(active):
            break
    reconstruction, log_ratio, error = result
    kl = kl_standard_normal(q.mean, q.logvar).sum(-1)
    return Tightness(reconstruction, kl, log_ratio + log_px, log_px.double(), error)


@torch.no_grad()
def per_pixel(vae: VAE, q: DiagonalGaussian, x: Tensor, tolerance: float = 1e-4) -> tuple[Tensor, float]:
    """E_q log p(x_i|z) of each pixel (X,) of one image x (1, X), q over (1, D); and the error of their sum.

    The lattices are those of `tightness`, so that the sum is its reconstruction.
    """
    q, x, vae = DiagonalGaussian(q.mean.double(), q.logvar.double()), x.double(), in_float64(vae)
    for spacing in SPACINGS[vae.latent_dim]:
        pixels = torch.stack([_pixel_sums(vae, q, x, rule) for rule in interleaved(vae.latent_dim, spacing)])
        error = pixels.sum(1).diff().abs().item()
        if error <= tolerance:
            break
    return pixels.mean(0), error


def _pixel_sums(vae: VAE, q: DiagonalGaussian, x: Tensor, rule: Rule) -> Tensor:
    step = max(1, AT_ONCE // x.numel())
    return sum(
        weight[:, 0] @ vae.observed(q.mean + q.stddev * noise).log_prob(x)[:, 0]
        for noise, weight in zip(rule.noise.split(step), rule.weight.split(step), strict=True)
    )


def _sums(vae: VAE, q: DiagonalGaussian, x: Tensor, rule: Rule) -> Tensor:
    """E_q of log p(x|z), and of log q(z) - log p(x, z): (2, B)."""
    log_scale, total = q.logvar.sum(-1) / 2, torch.zeros(2, len(x), dtype=torch.float64)
    step = max(1, AT_ONCE // max(1, x.numel()))
    for noise, weight in zip(rule.noise.split(step), rule.weight.split(step), strict=True):
        z = q.mean + q.stddev * noise  # (n, B, D)
        log_px = vae.observed(z).log_prob(x).sum(-1)  # (n, B)
        log_ratio = log_standard_normal(noise) - log_scale - log_px - log_standard_normal(z)
        total += torch.stack([(weight * log_px).sum(0), (weight * log_ratio).sum(0)])
    return total
