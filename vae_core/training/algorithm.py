"""Algorithm 1 of Kingma & Welling (2014), auto-encoding variational Bayes (AEVB), as a walk: what flows back, and when
it has converged. The iteration itself is `single_step.step`.

Two graphs hold the same z. As it stands z ~ q(z|x) is a random node: no gradient passes, and what the reconstruction
asks of phi comes by the score function; the KL sends its own. Reparameterised, z = mu + sigma eps is a function of phi,
and the noise comes from outside (assets/math.md#estimators).
B images, K draws of the noise, D latent dimensions, X pixels; nats per image.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from vae_core.inference.elbo import terms
from vae_core.model.gaussians import DiagonalGaussian, kl_standard_normal
from vae_core.model.vae import VAE

Objective = Callable[[VAE, Tensor, Tensor, float], Tensor]  # of images (B, X) and noise (B, D): (B,)


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


def through_z(vae: VAE, x: Tensor, noise: Tensor, beta: float = 1.0) -> Tensor:
    """The objective of each image (B,), with z = mu + sigma noise a function of phi: what training differentiates."""
    return terms(vae, x, noise[None]).elbo(beta).objective


def past_z(vae: VAE, x: Tensor, noise: Tensor, beta: float = 1.0) -> Tensor:
    """(B,), whose gradient is that of the same objective where z is a random draw (section 2.2).

    z is a number here, cut off from phi: theta has its gradient as before, phi that of the score function,
    log p(x|z) grad log q(z|x), beside that of the KL.
    """
    q = vae.posterior(x)
    z = (q.mean + q.stddev * noise).detach()
    log_px = vae.observed(z).log_prob(x).sum(-1)
    kl = kl_standard_normal(q.mean, q.logvar).sum(-1)
    return log_px + log_px.detach() * q.log_prob(z).sum(-1) - beta * kl


class Spread(NamedTuple):
    """An estimator of the gradient of a batch's mean objective in phi, over several draws of the noise."""

    mean: Tensor  # (P,)  over the draws, P the number of weights in the encoder
    variance: float  # the sum over the weights


def spread(objective: Objective, vae: VAE, x: Tensor, noise: Tensor, beta: float = 1.0) -> Spread:
    """The gradient in phi for each of the K draws of the noise (K, B, D)."""
    phi = list(vae.encoder.parameters())
    each = (torch.autograd.grad(objective(vae, x, draw, beta).mean(), phi) for draw in noise)
    draws = torch.stack([torch.cat([g.flatten() for g in gradient]) for gradient in each]).double()
    return Spread(draws.mean(0), draws.var(0).sum().item())


def converged(bounds: Sequence[float], rise: float, patience: int) -> bool:
    """Whether the best of the last `patience` bounds lies less than `rise` nats above the best one before them."""
    if len(bounds) <= patience:
        return False
    return max(bounds[-patience:]) < max(bounds[:-patience]) + rise
