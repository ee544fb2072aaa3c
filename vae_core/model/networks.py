"""Encoders and decoders: plain torch modules from (..., in) to (..., out), initialised from an explicit generator.

torch's own initialisation draws from the process-wide generator, which a second session would disturb; `unset` and
`initialise` keep a seeded model the same whoever else is training.
"""

import copy
import math
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from vae_core.model.matrix_products import multiply_with_onednn
from vae_core.settings import colours, halved

multiply_with_onednn()

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "tanh": nn.Tanh,
    "silu": nn.SiLU,
    "relu": nn.ReLU,
    "softplus": nn.Softplus,
}


def unset(kind: type[nn.Module], *sizes: int, **more: Any) -> nn.Module:
    """A layer of this kind whose weights are not drawn yet: they hold whatever stood in memory.

    torch's skip_init gives the same by way of a device without memory, for which it imports a computer algebra system:
    half a second, and 60 MB for as long as the process runs.
    """
    silent = type(kind.__name__, (kind,), {"reset_parameters": lambda self: None})
    layer = silent(*sizes, **more)
    layer.__class__ = kind
    return layer


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
        layers += [unset(kind, inputs, outputs), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers[:-1])


class OneVariance(nn.Module):
    """The linear VAE's encoder: a linear mean, and a learned log variance that is the same for every x.

    Lucas, Tucker, Grosse & Norouzi (2019): with a linear decoder the best variance does not depend on x.
    """

    def __init__(self, pixels: int, latent_dim: int) -> None:
        super().__init__()
        self.mean = unset(CodeLinear, pixels, latent_dim)
        self.logvar = nn.Parameter(torch.zeros(latent_dim))

    def forward(self, x: Tensor) -> Tensor:
        mean = self.mean(x)
        return torch.cat([mean, self.logvar.to(mean.dtype).expand_as(mean)], -1)


class Planes(nn.Module):
    """Images as rows of pixels (B, H W C), red, green and blue of a pixel side by side, -> (B, C, H, W)."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        height, width = self.shape[:2]
        return x.unflatten(-1, (height, width, colours(self.shape))).movedim(-1, -3)


class Pixels(nn.Module):
    """The way back, of several numbers for each of the C colours: (B, planes C, H, W) -> (B, planes H W C)."""

    def __init__(self, planes: int) -> None:
        super().__init__()
        self.planes = planes

    def forward(self, x: Tensor) -> Tensor:
        return x.unflatten(-3, (self.planes, -1)).movedim(-3, -1).flatten(1)


def conv_encoder(shape: tuple[int, ...], channels: tuple[int, ...], outputs: int, activation: str) -> nn.Module:
    """Convolutions of stride 2 through `channels`, then one linear layer: (..., X) -> (..., outputs)."""
    height, width = halved(shape, len(channels))
    layers: list[nn.Module] = [Planes(shape)]
    for inputs, outs in pairwise((colours(shape), *channels)):
        layers += [unset(nn.Conv2d, inputs, outs, 4, stride=2, padding=1), ACTIVATIONS[activation]()]
    layers += [nn.Flatten(), unset(CodeLinear, channels[-1] * height * width, outputs)]
    return Flat(nn.Sequential(*layers))


def conv_decoder(
    shape: tuple[int, ...], inputs: int, channels: tuple[int, ...], planes: int, activation: str
) -> nn.Module:
    """The mirror of `conv_encoder`: (..., inputs) -> (..., planes X)."""
    height, width = halved(shape, len(channels))
    layers: list[nn.Module] = [
        unset(CodeLinear, inputs, channels[0] * height * width),
        ACTIVATIONS[activation](),
        nn.Unflatten(-1, (channels[0], height, width)),
    ]
    for ins, outs in zip(channels, (*channels[1:], planes * colours(shape)), strict=True):
        layers += [unset(nn.ConvTranspose2d, ins, outs, 4, stride=2, padding=1), ACTIVATIONS[activation]()]
    return Flat(nn.Sequential(*layers[:-1], Pixels(planes)))


class Flat(nn.Module):
    """Lets a network that wants one batch axis take any: (..., in) -> (..., out)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x.reshape(-1, x.shape[-1])).reshape(*x.shape[:-1], -1)


class WithClass(nn.Module):
    """A network of (..., B, in + C) that is given the classes of the B images, one-hot (B, C): (..., B, in) -> out."""

    def __init__(self, network: nn.Module, chosen: Tensor) -> None:
        super().__init__()
        self.network, self.chosen = network, chosen

    def forward(self, x: Tensor) -> Tensor:
        return self.network(torch.cat([x, self.chosen.to(x).expand(*x.shape[:-1], -1)], -1))


@torch.no_grad()
def of_class(network: nn.Module, classes: int, y: int) -> nn.Module:
    """The network of (..., in + C) given class y, (..., in) -> (..., out): the class is part of the first bias.

    `network` is an mlp or a OneVariance; all its other weights are shared with the one that comes back.
    """
    name, old = next((name, part) for name, part in network.named_modules() if isinstance(part, nn.Linear))
    inputs, learns = old.in_features - classes, old.weight.requires_grad
    first = unset(type(old), inputs, old.out_features)
    first.weight = nn.Parameter(old.weight[:, :inputs].clone(), learns)  # its own: a matrix product wants it whole
    first.bias = nn.Parameter(old.bias + old.weight[:, inputs + y], learns)
    made = copy.copy(network)
    made._modules = network._modules | {name: first}
    return made


@torch.no_grad()
def initialise(network: nn.Module, scheme: str, rng: torch.Generator) -> None:
    """uniform: torch's default U(±1/sqrt(fan in)); xavier, he; normal: N(0, 0.01²), as in the AEVB authors' code;
    large: N(0, 1), which is what a bad start looks like."""
    for module in network.modules():
        if not isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            continue
        fan_in = nn.init._calculate_correct_fan(module.weight, "fan_in")
        match scheme:
            case "uniform":
                nn.init.kaiming_uniform_(module.weight, a=math.sqrt(5), generator=rng)
                module.bias.uniform_(-1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in), generator=rng)
            case "normal" | "large":
                spread = 0.01 if scheme == "normal" else 1.0
                module.weight.normal_(0, spread, generator=rng)
                module.bias.normal_(0, spread, generator=rng)
            case "xavier":
                nn.init.xavier_uniform_(module.weight, generator=rng)
                module.bias.zero_()
            case "he":
                nn.init.kaiming_normal_(module.weight, generator=rng)
                module.bias.zero_()
