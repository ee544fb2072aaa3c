"""Algorithm 1 of Kingma & Welling (2014), auto-encoding variational Bayes (AEVB), as a walk: what flows back, and when
it has converged. The iteration itself is `single_step.step`.

Two graphs hold the same z. As it stands z ~ q(z|x) is a random node: no gradient passes, and phi learns through the
score function alone. Reparameterised, z = mu + sigma eps is a function of phi, and the noise comes from outside.
B images, K draws of the noise, D latent dimensions, X pixels; nats per image.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from vae_core.inference.elbo import terms
from vae_core.model.gaussians import DiagonalGaussian
from vae_core.model.vae import VAE


class Backward(NamedTuple):
    """Norms of the gradient of an image's objective, reconstruction - beta KL, at the nodes of the graph: (B,) each."""

    z: Tensor  # of log p(x|z): what the decoder asks of z
    mean: Tensor  # of log p(x|z) in mu, through z: dz / dmu = 1, so it is the same
    sigma: Tensor  # of log p(x|z) in sigma, through z: dz / dsigma = eps
    kl_mean: Tensor  # of beta KL in mu
    kl_sigma: Tensor  # of beta KL in sigma


def backward(vae: VAE, x: Tensor, noise: Tensor, beta: float = 1.0) -> Backward:
    """What flows back along the reparameterised graph for images x (B, X) with one draw of noise (B, D) each."""
    with torch.no_grad():
        q = vae.posterior(x)
    mean, sigma = q.mean.requires_grad_(), q.stddev.requires_grad_()
    z = mean + sigma * noise
    t = terms(vae, x, noise[None], DiagonalGaussian(mean, 2 * sigma.log()))
    (through,) = torch.autograd.grad(vae.observed(z).log_prob(x).sum(), z)
    in_mean, in_sigma = torch.autograd.grad(t.log_px.sum(), (mean, sigma), retain_graph=True)
    kl_mean, kl_sigma = torch.autograd.grad(beta * t.kl.sum(), (mean, sigma))
    return Backward(*(part.norm(dim=-1) for part in (through, in_mean, in_sigma, kl_mean, kl_sigma)))


class Spread(NamedTuple):
    """An estimator of the gradient of a batch's mean objective in phi, over several draws of the noise."""

    mean: Tensor  # (P,)  over the draws, P the number of weights in the encoder
    variance: float  # the sum over the weights


def reparameterised(vae: VAE, x: Tensor, noise: Tensor, beta: float = 1.0) -> Spread:
    """The gradient that training follows, one estimate for each of the K draws of noise (K, B, D)."""
    return _spread(vae, (terms(vae, x, draw[None]).elbo(beta).objective.mean() for draw in noise))


def score_function(vae: VAE, x: Tensor, noise: Tensor, beta: float = 1.0) -> Spread:
    """The same gradient past a random z: log p(x|z) grad log q(z|x), with z taken for a constant (section 2.2)."""

    def objectives():
        for draw in noise:
            q = vae.posterior(x)
            t = terms(vae, x, draw[None], q)
            z = (q.mean + q.stddev * draw).detach()
            weight = t.log_px[0].sum(-1).detach()
            yield (weight * q.log_prob(z).sum(-1) - beta * t.kl.sum(-1)).mean()

    return _spread(vae, objectives())


def _spread(vae: VAE, objectives) -> Spread:
    phi = [w for w in vae.encoder.parameters() if w.requires_grad]
    draws = torch.stack(
        [torch.cat([g.flatten() for g in torch.autograd.grad(value, phi)]) for value in objectives]
    ).double()
    return Spread(draws.mean(0), draws.var(0).sum().item())


def converged(bounds: Sequence[float], rise: float, patience: int) -> bool:
    """Whether the best of the last `patience` bounds lies less than `rise` nats above the best one before them."""
    if len(bounds) <= patience:
        return False
    return max(bounds[-patience:]) < max(bounds[:-patience]) + rise
