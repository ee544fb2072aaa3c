"""Encoders and decoders: plain torch modules from (..., in) to (..., out), initialised from an explicit generator.

torch's own initialisation draws from the process-wide generator, which a second session would disturb; `skip_init` and
`initialise` keep a seeded model the same whoever else is training.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from vae_core.model.matrix_products import multiply_with_onednn
from vae_core.settings import halved

multiply_with_onednn()

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "tanh": nn.Tanh,
    "silu": nn.SiLU,
    "relu": nn.ReLU,
    "softplus": nn.Softplus,
}


class CodeLinear(nn.Linear):
    """A linear layer that stays in full precision under bfloat16 autocast: the one that writes or reads the code.

    bfloat16 rounds z = 1 to steps of 0.008, coarser than the sigma of a good 2-D posterior; measured on MNIST with
    D = 2, it costs nats. The layer is narrow, so full precision costs no time.
    """

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return super().forward(x.to(self.weight.dtype))


def mlp(widths: tuple[int, ...], activation: str, code: int) -> nn.Sequential:
    """Linear layers through `widths` = (in, hidden..., out), the activation between them and none at the end.

    `code` is the index of the layer that touches the code: -1 in an encoder, 0 in a decoder.
    """
    kinds: list[type[nn.Linear]] = [nn.Linear] * (len(widths) - 1)
    kinds[code] = CodeLinear
    layers: list[nn.Module] = []
    for kind, (inputs, outputs) in zip(kinds, pairwise(widths), strict=True):
        layers += [skip_init(kind, inputs, outputs), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers[:-1])


class OneVariance(nn.Module):
    """The linear VAE's encoder: a linear mean, and a learned log variance that is the same for every x.

    Lucas, Tucker, Grosse & Norouzi (2019): with a linear decoder the best variance does not depend on x.
    """

    def __init__(self, pixels: int, latent_dim: int) -> None:
        super().__init__()
        self.mean = skip_init(CodeLinear, pixels, latent_dim)
        self.logvar = nn.Parameter(torch.zeros(latent_dim))

    def forward(self, x: Tensor) -> Tensor:
        mean = self.mean(x)
        return torch.cat([mean, self.logvar.to(mean.dtype).expand_as(mean)], -1)


def conv_encoder(shape: tuple[int, int], channels: tuple[int, ...], outputs: int, activation: str) -> nn.Module:
    """Convolutions of stride 2 through `channels`, then one linear layer: (..., H W) -> (..., outputs)."""
    height, width = halved(shape, len(channels))
    layers: list[nn.Module] = [nn.Unflatten(-1, (1, *shape))]
    for inputs, outs in pairwise((1, *channels)):
        layers += [skip_init(nn.Conv2d, inputs, outs, 4, stride=2, padding=1), ACTIVATIONS[activation]()]
    layers += [nn.Flatten(), skip_init(CodeLinear, channels[-1] * height * width, outputs)]
    return Flat(nn.Sequential(*layers))


def conv_decoder(
    shape: tuple[int, int], inputs: int, channels: tuple[int, ...], planes: int, activation: str
) -> nn.Module:
    """The mirror of `conv_encoder`: (..., inputs) -> (..., planes H W)."""
    height, width = halved(shape, len(channels))
    layers: list[nn.Module] = [
        skip_init(CodeLinear, inputs, channels[0] * height * width),
        ACTIVATIONS[activation](),
        nn.Unflatten(-1, (channels[0], height, width)),
    ]
    for ins, outs in zip(channels, (*channels[1:], planes), strict=True):
        layers += [skip_init(nn.ConvTranspose2d, ins, outs, 4, stride=2, padding=1), ACTIVATIONS[activation]()]
    return Flat(nn.Sequential(*layers[:-1], nn.Flatten()))


class Flat(nn.Module):
    """Lets a network that wants one batch axis take any: (..., in) -> (..., out)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x.reshape(-1, x.shape[-1])).reshape(*x.shape[:-1], -1)


@torch.no_grad()
def initialise(network: nn.Module, scheme: str, rng: torch.Generator) -> None:
    """uniform: torch's default U(±1/sqrt(fan in)); xavier, he; normal: std 0.01, as in the AEVB authors' code."""
    for module in network.modules():
        if not isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            continue
        fan_in = nn.init._calculate_correct_fan(module.weight, "fan_in")
        match scheme:
            case "uniform":
                nn.init.kaiming_uniform_(module.weight, a=math.sqrt(5), generator=rng)
                module.bias.uniform_(-1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in), generator=rng)
            case "normal":
                module.weight.normal_(0, 0.01, generator=rng)
                module.bias.normal_(0, 0.01, generator=rng)
            case "xavier":
                nn.init.xavier_uniform_(module.weight, generator=rng)
                module.bias.zero_()
            case "he":
                nn.init.kaiming_normal_(module.weight, generator=rng)
                module.bias.zero_()
