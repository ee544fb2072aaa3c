"""Which networks of a model the browser computes by itself: layers that it knows, with the numbers that torch gives."""

import re
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from vae_core.exchange.foreign_weights import Foreign, pixel_by_pixel, recognise
from vae_core.model.networks import ACTIVATIONS
from vae_core.model.vae import VAE, build
from vae_core.runs.encoder_blob import blob_of_encoder
from vae_core.runs.export import blob_of_decoder
from vae_core.settings import ModelSettings

CLOSE = 1e-4  # between both, of images and codes
PLACES = 20  # beside the codes


class Networks(NamedTuple):
    """As blobs, each b"" where only Python computes it."""

    settings: ModelSettings
    decoder: bytes
    encoder: bytes


def lacking(networks: Networks, encodes: bool) -> str:
    """One sentence about what a page cannot do where no Python is, "" where the browser computes all of the model."""
    alone = {"decoder": (networks.decoder, "draws nothing at z"),
             "encoder": (networks.encoder or not encodes, "finds no code for what you draw")}  # fmt: skip
    lacks = {name: what for name, (there, what) in alone.items() if not there}
    if not lacks:
        return ""
    parts, effects = " and the ".join(lacks), " and ".join(lacks.values())
    return f"Only Python computes the {parts} of this model: a page opened without it {effects}."


def browser_networks(
    model: Any, vae: VAE, shape: tuple[int, ...], x: Tensor, likelihood: str, variance: float, layout: str = "",
    activation: str = "",
) -> Networks:  # fmt: skip
    """Of a model and of the VAE that it is here, compared on images x (B, X): each network that agrees is taken."""
    likelihood = _name(model) if isinstance(model, VAE) else likelihood
    plain = ModelSettings(
        latent_dim=vae.latent_dim, likelihood=likelihood, variance=variance, stochastic=vae.stochastic
    )
    if not isinstance(model, nn.Module):
        return Networks(plain, b"", b"")
    try:
        weights = _weights(model, shape, layout)
        plain = plain.replace(**_widths(weights))
    except (Foreign, ValueError):
        return Networks(plain, b"", b"")
    found = [
        _agreeing(vae, shape, x, plain.replace(activation=name), weights) for name in _activations(model, activation)
    ]
    return max(found, key=lambda each: (bool(each.decoder), bool(each.encoder)))


def _agreeing(
    vae: VAE, shape: tuple[int, ...], x: Tensor, settings: ModelSettings, weights: dict[str, np.ndarray]
) -> Networks:
    """The networks with these weights, where they give what the model gives."""
    try:
        known = build(settings, shape, torch.Generator())
        known.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    except (ValueError, RuntimeError):
        return Networks(settings, b"", b"")
    rng = torch.Generator().manual_seed(0)
    with torch.no_grad():
        z = torch.cat([vae.code(x), torch.randn(PLACES, vae.latent_dim, generator=rng)])
        decodes = torch.allclose(known.mean(z), vae.mean(z), atol=CLOSE)
        codes, theirs = known.encoder(x), vae.encoder(x)
    encodes = codes.shape == theirs.shape and torch.allclose(codes, theirs, atol=CLOSE, rtol=CLOSE)
    decoder = blob_of_decoder(weights, settings, shape) if decodes else b""
    return Networks(settings, decoder, blob_of_encoder(weights, settings, shape) if encodes else b"")


def _weights(model: nn.Module, shape: tuple[int, ...], layout: str) -> dict[str, np.ndarray]:
    """Under our names."""
    found = {name: tensor.detach().cpu().float().numpy().copy() for name, tensor in model.state_dict().items()}
    return found if isinstance(model, VAE) else dict(pixel_by_pixel(recognise(found, layout), shape).weights)


def _activations(model: nn.Module, known: str) -> list[str]:
    """The one that is known, else those of its modules, else any: pytorch/examples compute theirs by themselves."""
    kinds = {kind: name for name, kind in ACTIVATIONS.items()}
    return (
        [known]
        if known
        else list({kinds[type(m)]: 0 for m in model.modules() if type(m) in kinds}) or list(ACTIVATIONS)
    )


def _name(vae: VAE) -> str:
    """The likelihood of a model of ours: a function of likelihoods.py, or of a class there."""
    return getattr(vae.likelihood, "__name__", type(vae.likelihood).__name__)


def _widths(weights: dict[str, np.ndarray]) -> dict[str, Any]:
    """The settings that say how wide hidden layers are."""
    found: dict[str, Any] = {"network": "mlp"}
    for part in ("encoder", "decoder"):
        names = [name for name in weights if name.startswith(f"{part}.") and weights[name].ndim > 1]
        layers = [weights[name] for name in sorted(names, key=lambda name: int((re.findall(r"\d+", name) or [0])[-1]))]
        maps = [layer for layer in layers if layer.ndim == 4]
        if maps:
            found |= {"network": "conv", part: tuple(layer.shape[0] for layer in maps)}
        else:
            found[part] = tuple(layer.shape[0] for layer in layers[:-1])
    return found
