"""Estimators of one gradient, five of them unbiased: d ELBO / d (mu, log sigma^2) of one image, a sample at a time.

All of them from the same noise, so that what differs is the estimator. Kingma & Welling (2014), section 2.2 to 2.3;
Roeder, Wu & Duvenaud (2017), "Sticking the landing". assets/math.md#estimators.
N samples, D latent dimensions, X pixels; in nats.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from vae_core.model.gaussians import DiagonalGaussian, kl_standard_normal, log_standard_normal
from vae_core.model.vae import VAE

BIASED = "z detached"


class Gradient(NamedTuple):
    mean: Tensor  # (N, D)  d / d mu
    logvar: Tensor  # (N, D)  d / d log sigma^2

    def averaged(self, samples: int) -> "Gradient":
        """What L = `samples` noise samples per estimate give: (N / L, D)."""
        if not 1 <= samples <= len(self.mean):
            raise ValueError(f"There are {len(self.mean)} samples: L must lie between 1 and that, not {samples}.")
        whole = len(self.mean) // samples * samples
        return Gradient(*(part[:whole].unflatten(0, (-1, samples)).mean(1) for part in self))

    @property
    def variance(self) -> float:
        """The total variance over both parameters and all dimensions."""
        return sum(part.double().var(0).sum().item() for part in self)


class Values(NamedTuple):
    """Single-sample estimates of the bound itself, (N,) each: AEVB equations 6 and 7."""

    a: Tensor
    b: Tensor


def gradients(vae: VAE, x: Tensor, q: DiagonalGaussian, noise: Tensor) -> dict[str, Gradient]:
    """Single-sample gradients for one image x (X,), q over (D,), noise (N, D): by the name of the estimator.

    score function: f grad log q, with f = log p(x, z) - log q(z), which needs no gradient of the decoder;
    with baseline: (f - the mean of the other samples' f) grad log q, which needs N >= 2; with thousands of samples that
        mean is as good as known, with few it varies: leave-one-out over L = 2 has about twice this variance;
    reparameterised A: d f(mu + sigma noise); B: the same with the KL in closed form;
    sticking the landing: A without the gradient of log q in its parameters, whose mean is 0;
    z detached: B where z is taken for a constant, as if sampling blocked the way: only the KL is left, and it is wrong.
    """
    if len(noise) < 2:
        raise ValueError("A leave-one-out baseline needs the f of another sample: at least 2 noise samples.")
    sigma, mu = q.stddev, q.mean
    z = mu + sigma * noise
    log_px, h = _log_likelihood(vae, x, z)
    f = log_px + log_standard_normal(z) - q.log_prob(z).sum(-1)
    score = noise / sigma, (noise.square() - 1) / 2  # d log q(z) in mu, and in log sigma^2, at fixed z
    others = (f.sum() - f) / (len(f) - 1)
    along = sigma * noise / 2  # dz / d log sigma^2
    kl = mu.expand_as(h), (torch.expm1(q.logvar) / 2).expand_as(h)
    climb = h - z + noise / sigma  # d [log p(x, z) - log q(z)] / dz
    return {
        "score function": Gradient(*(f[:, None] * part for part in score)),
        "with baseline": Gradient(*((f - others)[:, None] * part for part in score)),
        "reparameterised A": Gradient(h - z, (h - z) * along + 0.5),
        "reparameterised B": Gradient(h - kl[0], h * along - kl[1]),
        "sticking the landing": Gradient(climb, climb * along),
        BIASED: Gradient(-kl[0], -kl[1]),
    }


@torch.no_grad()
def values(vae: VAE, x: Tensor, q: DiagonalGaussian, noise: Tensor) -> Values:
    """Estimator A's and B's value at each sample, for one image x (X,), q over (D,), noise (N, D)."""
    z = q.mean + q.stddev * noise
    log_px = vae.observed(z).log_prob(x).sum(-1)
    a = log_px + log_standard_normal(z) - q.log_prob(z).sum(-1)
    return Values(a, log_px - kl_standard_normal(q.mean, q.logvar).sum(-1))


def _log_likelihood(vae: VAE, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    """log p(x|z) (N,), and its gradient in z (N, D)."""
    with torch.enable_grad():
        z = z.detach().requires_grad_()
        log_px = vae.observed(z).log_prob(x).sum(-1)
        (h,) = torch.autograd.grad(log_px.sum(), z)
    return log_px.detach(), h
