"""log p(x) without an encoder's help: the estimator of Kingma & Welling (2014), appendix D.

1. Draw z from p(z|x) by Hamiltonian Monte Carlo. 2. Fit a density q to these draws. 3. Draw again, and average q/p:
the mean of q(z) / p(x, z) over p(z|x) is the integral of q over p(x), which is 1 / p(x) (Gelfand & Dey 1994). It is no
bound. The same q, made wider, is also a proposal for importance sampling, which checks it. B images, D dimensions.
assets/math.md#marginal-likelihood.
"""

import math
from typing import NamedTuple

import torch
from torch import Generator, Tensor
from torch.distributions import MultivariateNormal

from vae_core.inference import hamiltonian
from vae_core.inference.expectations import PIXELS_AT_ONCE
from vae_core.model.vae import VAE

LARGEST = 5  # dimensions; appendix D says "less then 5": beyond, the draws are too few for the fit
BURN_IN, FITTED, AVERAGED, WEIGHED = 30, 40, 36, 100  # transitions, draws of p(z|x) for q, for the mean, and of q
WIDER = 2.0  # the proposal's covariance over q's, so that no weight is large
BLOCKS = 6  # of successive draws, whose means are nearly independent: the error of a mean over a chain


class MarginalLikelihood(NamedTuple):
    """Two estimates of each image's log p(x), float64, in nats, each with its standard error over the draws."""

    log_px: Tensor  # (B,)  appendix D
    error: Tensor  # (B,)
    importance: Tensor  # (B,)  from the proposal q, made wider: a lower bound on average
    importance_error: Tensor  # (B,)
    acceptance: float  # of the chains
    remark: str  # what went wrong with them, in a sentence, or ""


def marginal_likelihood(vae: VAE, x: Tensor, rng: Generator, start: Tensor | None = None) -> MarginalLikelihood:
    """Estimates log p(x) of images x (B, X). The chains begin at `start` (B, D), else at draws of q(z|x).

    More than LARGEST dimensions, or no image, are a ValueError.
    """
    if vae.latent_dim > LARGEST:
        raise ValueError(
            f"The estimator of appendix D needs at most {LARGEST} latent dimensions, this model has {vae.latent_dim}; "
            "use importance sampling instead."
        )
    if not len(x):
        raise ValueError("The marginal likelihood needs at least one image, not 0.")
    if start is None:
        with torch.no_grad():
            q = vae.posterior(x)
        start = q.mean + q.stddev * torch.randn(q.mean.shape, generator=rng, dtype=x.dtype)
    draws = hamiltonian.sample(lambda z: vae.log_joint(x, z), start, FITTED + AVERAGED, rng, BURN_IN)
    q = fitted(draws.z[:FITTED])
    with torch.no_grad():
        second = draws.z[FITTED:]
        ratios = q.log_prob(second.double()) - _log_joint(vae, x, second)
        noise = torch.randn(WEIGHED, *start.shape, 1, generator=rng, dtype=torch.float64)
        wide = MultivariateNormal(q.loc, scale_tril=q.scale_tril * math.sqrt(WIDER), validate_args=False)
        z = wide.loc + (wide.scale_tril @ noise)[..., 0]
        weights = _log_joint(vae, x, z.to(x)) - wide.log_prob(z)
    inverse, error = _log_mean(ratios, BLOCKS)
    return MarginalLikelihood(-inverse, error, *_log_mean(weights, WEIGHED), draws.acceptance, draws.remark)


def fitted(z: Tensor) -> MultivariateNormal:
    """The Gaussian with mean and covariance of each image's draws (S, B, D), float64."""
    z = z.double()
    off = (z - z.mean(0)).permute(1, 0, 2)  # (B, S, D)
    covariance = off.mT @ off / (len(z) - 1) + 1e-9 * torch.eye(z.shape[-1]).double()
    return MultivariateNormal(z.mean(0), covariance, validate_args=False)


def _log_joint(vae: VAE, x: Tensor, z: Tensor) -> Tensor:
    """log p(x, z) of S draws (S, B, D), some at a time: (S, B)."""
    return torch.cat([vae.log_joint(x, some) for some in z.split(max(1, PIXELS_AT_ONCE // x.numel()))])


def _log_mean(logs: Tensor, blocks: int) -> tuple[Tensor, Tensor]:
    """The log of the mean of S numbers (S, B) given by their logs, and its standard error, from means of blocks."""
    largest = logs.max(0).values
    means = (logs - largest).exp().unflatten(0, (blocks, -1)).mean(1)  # (blocks, B)
    return means.mean(0).log() + largest, means.std(0) / means.mean(0) / math.sqrt(blocks)
