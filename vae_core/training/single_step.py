"""One step of training taken apart: batch -> q -> noise -> z -> p -> two losses -> gradients -> update.

The same arithmetic as train.py in the same order, with everything on the way kept. Either network may be held still:
one learns to encode for a fixed decoder, or to decode for fixed codes.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.optim import Optimizer

from vae_core.inference.elbo import terms
from vae_core.model.vae import VAE
from vae_core.settings import TrainSettings
from vae_core.training.algorithm import Objective, through_z
from vae_core.training.train import OPTIMIZERS

PARTS = ("encoder", "decoder")


class Step(NamedTuple):
    """What one step computes for a batch of B images, in nats per image."""

    x: Tensor  # (B, X)
    mean: Tensor  # (B, D)
    sigma: Tensor  # (B, D)
    noise: Tensor  # (B, D)
    z: Tensor  # (B, D)
    image: Tensor  # (B, X)  E[x|z]
    reconstruction: Tensor  # (B,)
    kl: Tensor  # (B,)
    gradients: dict[str, float]  # per layer of both networks, the norm of the mean objective's gradient
    reconstruction_after: Tensor  # (B,)  the same batch and noise with the new weights
    kl_after: Tensor  # (B,)


def optimizer(vae: VAE, chosen: TrainSettings) -> Optimizer:
    """A fresh optimizer of the kind that trains the model: its moments are empty."""
    vae.requires_grad_(True)
    return OPTIMIZERS[chosen.optimizer](vae.parameters(), chosen)


def step(
    vae: VAE, optimizer: Optimizer, x: Tensor, noise: Tensor, beta: float = 1.0, parts: tuple[str, ...] = PARTS,
    objective: Objective = through_z, labels: Tensor | None = None,
) -> Step:  # fmt: skip
    """Takes one step of reconstruction - beta KL on x (B, X) with noise (B, D), and changes the weights of `parts`.

    A conditional model needs the images' classes, labels (B,).
    """
    model, vae = vae, vae.given(labels)  # with the same weights
    with torch.no_grad():
        q = vae.posterior(x)
        z = q.mean + q.stddev * noise
        image, bound = vae.mean(z), terms(vae, x, noise[None], q).elbo(beta)
    optimizer.zero_grad()
    (-objective(vae, x, noise, beta).mean()).backward()
    gradients = layers(model)
    for part in set(PARTS) - set(parts):
        getattr(model, part).zero_grad()  # no gradient: an optimizer leaves these weights alone
    optimizer.step()
    optimizer.zero_grad()
    with torch.no_grad():
        after = terms(vae, x, noise[None]).elbo(beta)
    before = (q.mean, q.stddev, noise, z, image, bound.reconstruction, bound.kl)
    return Step(x, *before, gradients, after.reconstruction, after.kl)


def layers(vae: VAE) -> dict[str, float]:
    """Norm of the gradient of each layer, weight and bias together, from the images to the images."""
    squares: dict[str, float] = {}
    for name, weight in vae.named_parameters():
        if weight.grad is not None:
            layer = name.rpartition(".")[0]
            squares[layer] = squares.get(layer, 0.0) + weight.grad.square().sum().item()
    return {layer: total**0.5 for layer, total in squares.items()}
