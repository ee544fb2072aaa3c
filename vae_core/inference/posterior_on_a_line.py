"""Bayes' theorem on a line: prior times likelihood of one image is its posterior, for models of one latent dimension.

p(z|x) = p(z) p(x|z) / p(x). All three are exact: p(x) is the quadrature of latent_grid.py. Nats per image.
N points of the line, X pixels.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from vae_core.inference.latent_grid import LatentGrid

LEFT_OUT = 1e-4  # of the posterior's mass, on either side of its interval


class LinePosterior(NamedTuple):
    """p(z|x) of one image, and the evidence that divides."""

    log_px: float
    change: float  # nats of log p(x) at the quadrature's last halving
    mean: float
    stddev: float
    low: float  # between the two lies all of p(z|x) but 1e-4 on either side
    high: float


@torch.no_grad()
def line_posterior(grid: LatentGrid, x: Tensor) -> LinePosterior:
    """The posterior of one image (X,); a model of more than one dimension is a ValueError."""
    if grid.vae.latent_dim != 1:
        raise ValueError(f"A line has one dimension, this model has {grid.vae.latent_dim}; choose one with D = 1.")
    log_px, certificate = grid.evidence(x[None])
    squares = grid.masses(x)
    z, order = squares.z[:, 0].sort()
    mass = squares.mass[order]
    mean = (mass * z).sum()
    stddev = (mass * (z - mean).square()).sum().sqrt()
    below = mass.cumsum(0)
    low, high = (int(torch.searchsorted(below, share)) for share in (LEFT_OUT, 1 - LEFT_OUT))
    last = len(z) - 1
    return LinePosterior(
        log_px.item(), certificate.change.item(), mean.item(), stddev.item(),
        z[low].item() - squares.side / 2, z[min(high, last)].item() + squares.side / 2,
    )  # fmt: skip


@torch.no_grad()
def line_log_likelihood(grid: LatentGrid, x: Tensor, z: Tensor) -> Tensor:
    """log p(x|z) of one image (X,) at places (N,) of the line, in float64: (N,)."""
    return grid.fine.observed(z.double()[:, None]).log_prob(x.double()).sum(-1)
