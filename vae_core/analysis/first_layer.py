"""A decoder's first layer and draws of the prior: its weights turn and stretch the cloud, its activation bends it.

Doersch (2016): a simple prior is enough, because the first layers of the decoder can map it to
whatever the later ones need. N draws, D latent dimensions, H units.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from vae_core.model.networks import ACTIVATIONS
from vae_core.model.vae import VAE


class Bend(NamedTuple):
    """The cloud before and after the activation, seen along two orthonormal directions of the H units.

    The first is the one along which the output varies most, the second the one along which it differs most from any
    linear function of z. Both clouds are centred; before is a linear function of z.
    """

    before: Tensor  # (N, 2)
    after: Tensor  # (N, 2)
    bent: float  # the share of the output's variance that no linear function of z has
    units: int


@torch.no_grad()
def first_layer(vae: VAE, z: Tensor) -> tuple[Tensor, Tensor] | None:
    """The first layer's units before and after its activation, (N, D) -> twice (N, H); None: a linear decoder."""
    bends = [module for module in vae.decoder.modules() if isinstance(module, tuple(ACTIVATIONS.values()))]
    if not bends:
        return None
    seen: list[tuple[Tensor, Tensor]] = []
    hook = bends[0].register_forward_hook(lambda _, inputs, output: seen.append((inputs[0], output)))
    vae.decoder(z)
    hook.remove()
    before, after = (part.flatten(1).double() for part in seen[0])
    return before, after


def bend(vae: VAE, z: Tensor) -> Bend | None:
    """How the first layer bends these draws; None where nothing does. H = 1 has no second direction: zeros."""
    layer = first_layer(vae, z)
    if layer is None:
        return None
    before, after = (part - part.mean(0) for part in layer)
    code = z.double() - z.double().mean(0)
    rest = after - code @ torch.linalg.lstsq(code, after).solution
    across = leading(after)
    up = leading(rest - (rest @ across)[:, None] * across)
    directions = torch.stack([across, up], -1)
    whole = after.square().sum()
    share = (rest.square().sum() / whole).item() if whole > 0 else 0.0
    return Bend(before @ directions, after @ directions, share, after.shape[1])


def leading(values: Tensor) -> Tensor:
    """The unit vector along which (N, H) varies most, its largest entry positive: (H,); zeros where nothing varies."""
    scale = values.abs().max()
    if scale < 1e-12:
        return torch.zeros(values.shape[1], dtype=values.dtype)
    _, _, directions = torch.linalg.svd(values / scale, full_matrices=False)
    first = directions[0]
    return first * first[first.abs().argmax()].sign()
