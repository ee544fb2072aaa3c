"""A variational autoencoder is two networks and a likelihood; everything else is arithmetic in inference/elbo.py."""

import copy
import itertools
import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.distributions import Distribution
from torch.nn.functional import one_hot

from vae_core.model.gaussians import DiagonalGaussian, log_standard_normal
from vae_core.model.likelihoods import BY_NAME, Likelihood
from vae_core.model.networks import (
    ACTIVATIONS,
    OneVariance,
    WithClass,
    conv_decoder,
    conv_encoder,
    initialise,
    mlp,
    of_class,
)
from vae_core.settings import ModelSettings

CHUNK = 1000  # images at a time
STILL = 1e-6  # a change of an activation that float32 can hardly tell from none


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

    def log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        """log p(x, z) of images x (..., X) and codes z (..., D), summed over the pixels in float64: (...)."""
        log_px = self.observed(z).log_prob(x).sum(-1, dtype=torch.float64)
        return log_px + log_standard_normal(z).double()

    def mean(self, z: Tensor) -> Tensor:
        """E[x|z], the image that is shown: (..., D) -> (..., X)."""
        return self.observed(z).mean

    def given(self, y: int | Tensor | None) -> "VAE":
        """The model given a class or, for B images, the class of each (B,): this one itself, which knows no classes."""
        return self


class ConditionalVAE(VAE):
    """p(x|z, y) and q(z|x, y): both networks take the class y as one-hot beside their input; the prior stays N(0, I).

    Kingma, Mohamed, Rezende & Welling (2014), model M2 with every label known; Sohn, Lee & Yan (2015), whose prior
    depends on y. It becomes a VAE once it is given a class, and its bound is then one of log p(x|y), not of log p(x):
    assets/math.md#conditional-models.
    encoder: (..., X + C) -> (..., 2D), decoder: (..., D + C) -> parameters of the likelihood, C classes.
    """

    def __init__(
        self, encoder: nn.Module, decoder: nn.Module, likelihood: Likelihood, classes: int,
        latent_dim: int | None = None, stochastic: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(encoder, decoder, likelihood, latent_dim, stochastic)
        self.classes = classes

    def given(self, y: int | Tensor | None) -> VAE:
        """The model given a class: a VAE whose first biases have taken it in, W [x; e_y] + b = W_x x + (b + w_y).

        Given the class of each of B images (B,) it encodes and decodes (..., B, X) and (..., B, D), and learns. All
        weights but those biases are shared with this model. No class, or one that there is not, is a ValueError.
        """
        if y is None:
            raise ValueError(CHOOSE)
        y = torch.as_tensor(y).long()
        if len(outside := y[(y < 0) | (y >= self.classes)]):
            raise ValueError(f"There is no class {int(outside[0])}: they are 0 to {self.classes - 1}.")
        if not y.ndim:
            encoder, decoder = (of_class(network, self.classes, int(y)) for network in (self.encoder, self.decoder))
        else:
            chosen = one_hot(y, self.classes)
            encoder, decoder = (WithClass(network, chosen) for network in (self.encoder, self.decoder))
        return VAE(encoder, decoder, self.likelihood, self.latent_dim, self.stochastic).train(self.training)

    def code(self, x: Tensor) -> Tensor:
        raise ValueError(CHOOSE)

    def posterior(self, x: Tensor) -> DiagonalGaussian:
        raise ValueError(CHOOSE)

    def observed(self, z: Tensor) -> Distribution:
        raise ValueError(CHOOSE)


def by_class(vae: VAE, labels: Tensor | None, images: int) -> Iterator[tuple[VAE, Tensor]]:
    """For sums that are of one model: it given each class that occurs among the labels (B,), with the rows (n,) of the
    images of that class; a model that knows no classes once, with the rows of all B images."""
    if not isinstance(vae, ConditionalVAE):
        yield vae, torch.arange(images)
    elif labels is None:
        raise ValueError(CHOOSE)
    else:
        for y in labels.unique().tolist():
            yield vae.given(y), (labels == y).nonzero()[:, 0]


CHOOSE = "A conditional model draws and encodes images of a class: choose one with vae.given(y)."


def in_float64(vae: VAE) -> VAE:
    """The same model with a decoder that computes in float64: a copy, unless it does so already; the encoder is shared.

    In float32 a rounded mean costs a Gaussian likelihood with sigma = 0.01 up to 1e-3 nats per image.
    """
    parts = [part for part in (vae.decoder, vae.likelihood) if isinstance(part, nn.Module)]
    numbers = [t for part in parts for t in part.state_dict().values() if t.is_floating_point()]
    if numbers and all(t.dtype == torch.float64 for t in numbers):
        return vae
    networks = (copy.deepcopy(part) for part in (vae.decoder, vae.likelihood))
    decoder, likelihood = (part.double() if isinstance(part, nn.Module) else part for part in networks)
    return VAE(vae.encoder, decoder, likelihood, vae.latent_dim, vae.stochastic)


def build(model: ModelSettings, shape: tuple[int, ...], rng: torch.Generator, classes: int = 0) -> VAE:
    """The model that the settings describe, for images of `shape`, with weights drawn from `rng`.

    `shape` is (H, W) and X = H W, or (H, W, 3) in colour and X = 3 H W. A conditional model is for so many classes;
    without any it is a ValueError, and so are settings that do not suit the shape.
    """
    model.check_shape(shape)
    pixels, planes = math.prod(shape), model.row.outputs
    beside = classes if model.conditional else 0
    if model.conditional and not classes:
        raise ValueError("A conditional model needs images with labels, and these have none: leave conditional out.")
    codes = model.latent_dim * (2 if model.stochastic else 1)
    if model.network == "conv":
        encoder = conv_encoder(shape, model.encoder, codes, model.activation)
        decoder = conv_decoder(shape, model.latent_dim, model.decoder, planes, model.activation)
    else:
        inward, linear = (pixels + beside, *model.encoder, codes), model.stochastic and not model.encoder
        encoder = OneVariance(inward[0], codes // 2) if linear else mlp(inward, model.activation, -1)
        decoder = mlp((model.latent_dim + beside, *model.decoder, planes * pixels), model.activation, 0)
    initialise(encoder, model.initialisation, rng)
    initialise(decoder, model.initialisation, rng)
    parts, rest = (encoder, decoder, BY_NAME[model.likelihood](model.variance)), (model.latent_dim, model.stochastic)
    return ConditionalVAE(*parts, classes, *rest) if model.conditional else VAE(*parts, *rest)


@torch.no_grad()
def dead_units(vae: VAE, x: Tensor, labels: Tensor | None = None) -> dict[str, tuple[int, int]]:
    """(dead, all) hidden units of "encoder" and "decoder", each where it has any.

    A dead unit's activation is the same for all images x (B, X), to the precision of float32: a ReLU that never fires,
    a tanh that is stuck at 1. Nothing is said of a single image. A conditional model needs the images' classes (B,).
    """
    found = {}
    for name, network in (("encoder", vae.encoder), ("decoder", vae.decoder)) if len(x) > 1 else ():
        units = [module for module in network.modules() if isinstance(module, tuple(ACTIVATIONS.values()))]
        found |= {name: [_Range(module) for module in units]} if units else {}
    try:
        for start in range(0, len(x), CHUNK):
            given = vae.given(None if labels is None else labels[start : start + CHUNK])
            given.mean(given.code(x[start : start + CHUNK]))
    finally:
        for each in itertools.chain(*found.values()):
            each.hook.remove()
    still = {name: torch.cat([each.still() for each in ranges]) for name, ranges in found.items()}
    return {name: (int(units.sum()), len(units)) for name, units in still.items()}


class _Range:
    """The least and the largest output of each unit of an activation, over all that it is given."""

    def __init__(self, module: nn.Module) -> None:
        self.low, self.high = torch.tensor(torch.inf), torch.tensor(-torch.inf)
        self.hook = module.register_forward_hook(self.see)

    def see(self, _: nn.Module, inputs: tuple[Tensor, ...], h: Tensor) -> None:
        h = h.flatten(1).float()
        self.low, self.high = torch.minimum(self.low, h.amin(0)), torch.maximum(self.high, h.amax(0))

    def still(self) -> Tensor:
        """Whether each unit never changed: (units,)."""
        return self.high - self.low <= STILL * self.high.abs().clamp(min=1)


def _outputs(network: nn.Module) -> int:
    linear = [m for m in network.modules() if isinstance(m, nn.Linear)] if isinstance(network, nn.Module) else []
    if not linear:
        raise ValueError("This encoder has no linear layer to tell its number of outputs; pass latent_dim to VAE.")
    return linear[-1].out_features
