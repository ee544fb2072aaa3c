"""Rules for expectations under a Gaussian q(z|x): Gauss-Hermite nodes, lattices, and fixed draws."""

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

NEGLIGIBLE = 1e-7  # nodes with a smaller weight are left out
REACH = 6.5  # deviations of q, beyond which less than 1e-9 of it lies


class Rule(NamedTuple):
    """E over N(0, I) as a weighted sum over nodes."""

    noise: Tensor  # (N, 1, D)
    weight: Tensor  # (N, 1)  sums to 1


def gauss_hermite(dims: int, nodes: int) -> Rule:
    """Exact where the integrand is a polynomial of degree 2 nodes - 1 in each dimension."""
    line, weight = (torch.from_numpy(values) for values in np.polynomial.hermite_e.hermegauss(nodes))
    noise = torch.cartesian_prod(*[line] * dims).reshape(-1, dims)
    product = torch.cartesian_prod(*[weight / weight.sum()] * dims).reshape(-1, dims).prod(-1)
    kept = product > NEGLIGIBLE
    return Rule(noise[kept, None], (product[kept] / product[kept].sum())[:, None])


def lattice(dims: int, spacing: float) -> Rule:
    """Even nodes, `spacing` deviations apart: for smooth integrands as exact as one likes, however they bend."""
    line = torch.arange(-round(REACH / spacing), round(REACH / spacing) + 1, dtype=torch.float64) * spacing
    noise = torch.cartesian_prod(*[line] * dims).reshape(-1, dims)
    noise = noise[noise.square().sum(-1) < REACH**2]
    weight = (-noise.square().sum(-1) / 2).exp()
    return Rule(noise[:, None], (weight / weight.sum())[:, None])


def drawn(noise: Tensor) -> Rule:
    """The same noise (N, 1, D) or (N, B, D) at every step: a rule for more dimensions than a product rule can bear."""
    return Rule(noise, torch.full((len(noise), 1), 1 / len(noise), dtype=noise.dtype))


def interleaved(dims: int, spacing: float) -> tuple[Rule, Rule]:
    """Two lattices for N(0, I), the nodes of either in the middle of the other's cells."""
    far = math.ceil(REACH / spacing)
    line = torch.arange(-far, far + 1, dtype=torch.float64) * spacing
    nodes = torch.cartesian_prod(*[line] * dims).reshape(-1, dims)
    return tuple(_rule(part[part.square().sum(-1) < REACH**2]) for part in (nodes, nodes + spacing / 2))


def _rule(noise: Tensor) -> Rule:
    weight = (-noise.square().sum(-1) / 2).exp()
    return Rule(noise[:, None], (weight / weight.sum())[:, None])
