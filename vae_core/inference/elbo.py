"""The evidence lower bound (ELBO): Kingma & Welling (2014), equations 3 to 10; nats per image, larger is better.

A beta-VAE is `beta=4`; estimator A is `closed_form=False`; for L samples pass noise of shape (L, B, D). B images,
L noise samples, D latent dimensions, X pixels. assets/math.md#elbo.
"""

import math
from typing import NamedTuple

from torch import Tensor

from vae_core.model.gaussians import DiagonalGaussian, kl_standard_normal
from vae_core.model.vae import VAE


class Elbo(NamedTuple):
    """The bound of each image and its two terms, in nats: equations 3, 6 and 7."""

    reconstruction: Tensor  # (B,)  E_q log p(x|z)
    kl: Tensor  # (B,)  KL(q(z|x) || p(z)); sampled, and perhaps negative, under estimator A
    beta: float = 1.0
    free: Tensor | float = 0.0  # nats that free bits add to a KL below their floor

    @property
    def value(self) -> Tensor:  # (B,)  the bound on log p(x): never contains beta
        return self.reconstruction - self.kl

    @property
    def objective(self) -> Tensor:  # (B,)  what training ascends
        return self.reconstruction - self.beta * (self.kl + self.free)


class Terms(NamedTuple):
    """The summands of a bound, in nats: per pixel, per dimension, per draw of noise."""

    log_px: Tensor  # (L, B, X)  log p(x_i|z) of each pixel
    kl: Tensor  # (B, D)  KL of each dimension, closed form
    z: Tensor  # (L, B, D)  reparameterised: z = g(noise, x)
    noise: Tensor  # (L, B, D)
    logvar: Tensor  # (B, D)  of q

    @property
    def log_ratio(self) -> Tensor:  # (L, B, D)
        """log q(z_j|x) - log p(z_j), whose mean over the noise is the KL of that dimension."""
        return 0.5 * (self.z.square() - self.noise.square() - self.logvar)

    def elbo(self, beta: float = 1.0, closed_form: bool = True, free_bits: float = 0.0) -> Elbo:
        kl = self.kl.sum(-1) if closed_form else self.log_ratio.sum(-1).mean(0)  # estimator B, estimator A
        free = (free_bits - self.kl.mean(0)).clamp(min=0).sum() if free_bits else 0.0
        return Elbo(self.log_px.sum(-1).mean(0), kl, beta, free)

    def importance_weighted(self, samples: int) -> Tensor:
        """The bound of K = `samples` weighted draws (Burda et al. 2016, equation 8): (B,).

        Its mean over the L/K groups; K must divide L. With K = 1 it is estimator A of the ELBO, and for larger K it
        lies nearer to log p(x).
        """
        log_w = self.log_px.sum(-1) - self.log_ratio.sum(-1)  # log p(x, z) / q(z|x)
        return (log_w.unflatten(0, (-1, samples)).logsumexp(1) - math.log(samples)).mean(0)


def terms(vae: VAE, x: Tensor, noise: Tensor, q: DiagonalGaussian | None = None) -> Terms:
    """The summands of the bound for images x (B, X) and noise (L, B, D) from N(0, I), which the caller draws.

    q: any Gaussian over (B, D) instead of the encoder's. An autoencoder has none, which is a ValueError.
    """
    q = vae.posterior(x) if q is None else q
    z = q.mean + q.stddev * noise
    return Terms(vae.observed(z).log_prob(x), kl_standard_normal(q.mean, q.logvar), z, noise, q.logvar)


def elbo(vae: VAE, x: Tensor, noise: Tensor, beta: float = 1.0, closed_form: bool = True) -> Elbo:
    """One bound per image: estimator B (equation 7), or A (equation 6) where closed_form is False."""
    return terms(vae, x, noise).elbo(beta, closed_form)
