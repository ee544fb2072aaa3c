"""Wake-sleep (Hinton, Dayan, Frey & Neal 1995), with which Kingma & Welling (2014) compare their algorithm.

Wake: z is what the encoder makes of an image, and the decoder learns to give that image back. Sleep: the model dreams
z and x, and the encoder learns to tell the z of that x. Neither phase differentiates through a random draw, so it works
for discrete z too; but the two objectives are not one bound: sleep minimises KL(p(z|x) || q(z|x)), the other way round,
and on dreams rather than on images. assets/math.md#wake-sleep. B images, D dimensions, X pixels; nats per image.
"""

import torch
from torch import Generator, Tensor
from torch.distributions import Distribution, constraints

from vae_core.inference.elbo import Terms, terms
from vae_core.model.vae import VAE


def objective(vae: VAE, x: Tensor, noise: Tensor, rng: Generator) -> tuple[Tensor, Terms]:
    """Both phases for images x (B, X) and noise (L, B, D): the objective (B,), and the terms of the bound.

    Each phase has the gradient of one network only, so that one step of the sum takes both.
    """
    with torch.no_grad():
        q = vae.posterior(x)
    t = terms(vae, x, noise, q)  # q is constant here: what is left is the gradient of log p(x|z) in theta
    return t.log_px.sum(-1).mean(0) + asleep(vae, len(x), rng), t


def asleep(vae: VAE, dreams: int, rng: Generator) -> Tensor:
    """log q(z|x) of so many (x, z) ~ p(x, z), whose gradient is that of phi: (dreams,)."""
    z, x = dreamt(vae, dreams, rng)
    return vae.posterior(x).log_prob(z).sum(-1)


@torch.no_grad()
def dreamt(vae: VAE, dreams: int, rng: Generator) -> tuple[Tensor, Tensor]:
    """z ~ N(0, I) and x ~ p(x|z): (dreams, D) and (dreams, X)."""
    weight = next(vae.decoder.parameters())
    z = torch.randn(dreams, vae.latent_dim, generator=rng, dtype=weight.dtype)
    return z, drawn(vae.observed(z), rng)


def drawn(p: Distribution, rng: Generator) -> Tensor:
    """Pixels from p(x|z), by a generator of the caller's: torch's distributions draw from the process-wide one."""
    if p.support is constraints.boolean:
        return torch.bernoulli(p.mean, generator=rng)
    return p.mean + p.stddev * torch.randn(p.mean.shape, generator=rng, dtype=p.mean.dtype)
