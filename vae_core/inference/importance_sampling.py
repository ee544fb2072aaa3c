"""log p(x) by importance sampling from the encoder's posterior (Burda et al. 2016)."""

import math
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from vae_core.inference.expectations import PIXELS_AT_ONCE
from vae_core.model.gaussians import DiagonalGaussian, log_standard_normal
from vae_core.model.vae import VAE


class Importance(NamedTuple):
    """What K weighted samples say about each image, float64, in nats."""

    log_px: Tensor  # (B,)  a lower bound on log p(x) in expectation: one draw may exceed it
    effective_samples: Tensor  # (B,)  (sum w)^2 / sum w^2, of K
    log_weights: Tensor  # (K, B)
    log_likelihoods: Tensor  # (K, B)  log p(x|z) of the draws

    @property
    def posterior_kl(self) -> Tensor:
        """KL(p(z|x) || p(z)) = E log p(x|z) - log p(x), z from the posterior, by these weights: (B,).

        About e^KL draws from the prior are needed until one explains the image. By few effective samples it is a guess.
        """
        return (self.log_weights.softmax(0) * self.log_likelihoods).sum(0) - self.log_px


@torch.no_grad()
def importance(
    vae: VAE, x: Tensor, samples: int, rng: Generator, proposal: str = "mixture", q: DiagonalGaussian | None = None
) -> Importance:
    """Burda et al. (2016), equation 8: log of the mean of K weights p(x, z) / proposal(z), summed in float64.

    proposal: "posterior" is q(z|x), which may miss a mode and then be far too low; "prior" is p(z); "mixture" is half
    of each, so that no weight exceeds twice that of either. q: any other guess over (B, D) in the encoder's place.
    Another proposal, no image, or no sample is a ValueError.
    """
    if proposal not in ("mixture", "posterior", "prior"):
        raise ValueError(f"The proposal must be mixture, posterior or prior, not {proposal!r}.")
    if not len(x):
        raise ValueError("Importance sampling needs at least one image, not 0.")
    if samples < 1:
        raise ValueError(f"Importance sampling needs at least one sample, not {samples}.")
    share = {"mixture": 0.5, "posterior": 1.0, "prior": 0.0}[proposal]  # of q
    if q is None:
        q = vae.posterior(x) if share else DiagonalGaussian(*x.new_zeros(2, len(x), vae.latent_dim))
    mixing = torch.tensor([share, 1 - share], dtype=torch.float64, device=x.device).log()
    parts, likelihoods = [], []
    for some in range(0, samples, step := max(1, PIXELS_AT_ONCE // max(1, x.numel()))):
        k = min(step, samples - some)
        noise = torch.randn(k, *q.mean.shape, generator=rng, dtype=x.dtype, device=x.device)
        from_q = torch.rand(k, len(x), 1, generator=rng, dtype=x.dtype, device=x.device) < share
        z = torch.where(from_q, q.mean + q.stddev * noise, noise)  # (k, B, D)
        log_prior = log_standard_normal(z).double()
        log_mixture = torch.stack([q.log_prob(z).sum(-1).double(), log_prior], -1) + mixing
        log_px = vae.observed(z).log_prob(x).sum(-1).double()
        likelihoods.append(log_px)
        parts.append(log_px + log_prior - log_mixture.logsumexp(-1))
    w = torch.cat(parts)
    effective = (2 * w.logsumexp(0) - (2 * w).logsumexp(0)).exp()
    return Importance(w.logsumexp(0) - math.log(samples), effective, w, torch.cat(likelihoods))
