"""A variational autoencoder is two networks and a likelihood; everything else is arithmetic in inference/elbo.py."""

import copy

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from vae_core.model.gaussians import DiagonalGaussian
from vae_core.model.likelihoods import BY_NAME, Likelihood
from vae_core.model.networks import OneVariance, conv_decoder, conv_encoder, initialise, mlp
from vae_core.settings import ModelSettings


class VAE(nn.Module):
    """encoder: (..., X) -> (..., 2D) = [mean, log variance]; decoder: (..., D) -> parameters of the likelihood.

    The prior is N(0, I). An autoencoder (stochastic=False) has an encoder of D outputs, and no posterior.
    """

    def __init__(
        self, encoder: nn.Module, decoder: nn.Module, likelihood: Likelihood,
        latent_dim: int | None = None, stochastic: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.encoder, self.decoder, self.likelihood = encoder, decoder, likelihood
        self.stochastic = stochastic
        self.latent_dim = latent_dim or _outputs(encoder) // (2 if stochastic else 1)

    def posterior(self, x: Tensor) -> DiagonalGaussian:
        """q(z|x), the encoder's guess at p(z|x): (..., X) -> a Gaussian over (..., D)."""
        if not self.stochastic:
            raise ValueError("An autoencoder has no distribution over codes; its code is vae.code(x).")
        return DiagonalGaussian(*self.encoder(x).to(x.dtype).chunk(2, -1))

    def code(self, x: Tensor) -> Tensor:
        """The mean of q(z|x), or the code of an autoencoder: (..., X) -> (..., D)."""
        return self.encoder(x).to(x.dtype)[..., : self.latent_dim]

    def observed(self, z: Tensor) -> Distribution:
        """p(x|z), one distribution per pixel: (..., D) -> batch shape (..., X)."""
        return self.likelihood(self.decoder(z).to(z.dtype))  # .to: under bfloat16 autocast sums stay in float32

    def mean(self, z: Tensor) -> Tensor:
        """E[x|z], the image that is shown: (..., D) -> (..., X)."""
        return self.observed(z).mean


def in_float64(vae: VAE) -> VAE:
    """The same model with a decoder that computes in float64, a copy; the encoder is shared.

    In float32 a rounded mean costs a Gaussian likelihood with sigma = 0.01 up to 1e-3 nats per image.
    """
    networks = (copy.deepcopy(part) for part in (vae.decoder, vae.likelihood))
    decoder, likelihood = (part.double() if isinstance(part, nn.Module) else part for part in networks)
    return VAE(vae.encoder, decoder, likelihood, vae.latent_dim, vae.stochastic)


def build(model: ModelSettings, shape: tuple[int, int], rng: torch.Generator) -> VAE:
    """The model that the settings describe, for images of `shape` (H, W), with weights drawn from `rng`."""
    pixels, planes = shape[0] * shape[1], model.row.outputs
    codes = model.latent_dim * (2 if model.stochastic else 1)
    if model.network == "conv":
        encoder = conv_encoder(shape, model.encoder, codes, model.activation)
        decoder = conv_decoder(shape, model.latent_dim, model.decoder, planes, model.activation)
    else:
        inward, linear = (pixels, *model.encoder, codes), model.stochastic and not model.encoder
        encoder = OneVariance(pixels, codes // 2) if linear else mlp(inward, model.activation, -1)
        decoder = mlp((model.latent_dim, *model.decoder, planes * pixels), model.activation, 0)
    initialise(encoder, model.initialisation, rng)
    initialise(decoder, model.initialisation, rng)
    return VAE(encoder, decoder, BY_NAME[model.likelihood](model.variance), model.latent_dim, model.stochastic)


@torch.no_grad()
def dead_units(vae: VAE, x: Tensor) -> tuple[int, int] | None:
    """(dead, all) hidden units: a ReLU that is 0 for every image x (B, X) has no gradient. None: there is no ReLU."""
    alive: list[Tensor] = []
    rectifiers = [module for module in vae.modules() if isinstance(module, nn.ReLU)]
    hooks = [
        module.register_forward_hook(lambda _, inputs, h: alive.append((h > 0).flatten(1).any(0)))
        for module in rectifiers
    ]
    vae.mean(vae.code(x))
    for hook in hooks:
        hook.remove()
    units = torch.cat(alive) if alive else torch.zeros(0, dtype=torch.bool)
    return (int((~units).sum()), len(units)) if rectifiers else None


def _outputs(network: nn.Module) -> int:
    linear = [m for m in network.modules() if isinstance(m, nn.Linear)] if isinstance(network, nn.Module) else []
    if not linear:
        raise ValueError("This encoder has no linear layer to tell its number of outputs; pass latent_dim to VAE.")
    return linear[-1].out_features
