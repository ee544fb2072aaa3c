"""An image that a model draws itself: z ~ p(z), x ~ p(x|z), the same for a seed on every machine."""

from typing import NamedTuple

import torch
from torch import Tensor

from vae_core.model.vae import VAE


class PriorDraw(NamedTuple):
    mean: Tensor  # (1, X)  of p(x|z)
    x: Tensor  # (1, X)  drawn from it


@torch.no_grad()
def prior_draw(vae: VAE, seed: int, binary: bool) -> PriorDraw:
    """One image of an unconditional model; `binary`: x is black and white, else a grey level in [0, 1]."""
    rng = torch.Generator().manual_seed(seed)
    p = vae.observed(torch.randn(1, vae.latent_dim, generator=rng))
    noise = torch.rand(p.mean.shape, generator=rng)
    x = (noise < p.mean).float() if binary else p.icdf(noise.clamp(1e-6, 1 - 1e-6)).clamp(0, 1)
    return PriorDraw(p.mean, x)
