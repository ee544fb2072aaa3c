"""Rules for expectations under a Gaussian q(z|x): Gauss-Hermite nodes, lattices, and fixed draws."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

NEGLIGIBLE = 1e-7  # nodes with a smaller weight are left out
REACH = 6.5  # deviations of q, beyond which less than 1e-9 of it lies
SPACINGS = {1: (0.25, 0.125, 0.0625, 0.03125), 2: (1.0, 0.5, 0.25, 0.125)}  # deviations of q, in one lattice
PIXELS_AT_ONCE = 2**21  # decoded pixels held at a time


class Rule(NamedTuple):
    """E over N(0, I) as a weighted sum over nodes."""

    noise: Tensor  # (N, 1, D)
    weight: Tensor  # (N, 1)  sums to 1


def gauss_hermite(dims: int, nodes: int) -> Rule:
    """Exact where the integrand is a polynomial of degree 2 nodes - 1 in each dimension."""
    line, weight = (torch.from_numpy(values) for values in np.polynomial.hermite_e.hermegauss(nodes))
    noise, product = _product(line, dims), _product(weight / weight.sum(), dims).prod(-1)
    kept = product > NEGLIGIBLE
    return Rule(noise[kept, None], (product[kept] / product[kept].sum())[:, None])


def lattice(dims: int, spacing: float, offset: float = 0.0) -> Rule:
    """Even nodes, `spacing` deviations apart: for smooth integrands as exact as one likes, however they bend."""
    far = math.ceil(REACH / spacing)
    noise = _product(torch.arange(-far, far + 1, dtype=torch.float64) * spacing + offset, dims)
    noise = noise[noise.square().sum(-1) < REACH**2]
    weight = (-noise.square().sum(-1) / 2).exp()
    return Rule(noise[:, None], (weight / weight.sum())[:, None])


def interleaved(dims: int, spacing: float) -> tuple[Rule, Rule]:
    """Two lattices for N(0, I), the nodes of either in the middle of the other's cells."""
    return lattice(dims, spacing), lattice(dims, spacing, spacing / 2)


def drawn(noise: Tensor) -> Rule:
    """The same noise (N, 1, D) or (N, B, D) at every step: a rule for more dimensions than a product rule can bear."""
    return Rule(noise, torch.full((len(noise), 1), 1 / len(noise), dtype=noise.dtype))


def until_two_agree(
    dims: int, count: int, sums: Callable[[Rule, Tensor], Tensor], apart: Callable[[Tensor], Tensor], tolerance: float
) -> tuple[Tensor, Tensor]:
    """Expectations for `count` images by interleaved lattices, (K, B): refined until two agree to the tolerance, or
    there is no finer one; and by how much the last two do not, (B,).

    sums: a rule and the numbers of b images -> (K, b); apart: the two rules' difference (K, b) -> (b,).
    """
    result, error, active = torch.empty(0, count), torch.empty(count, dtype=torch.float64), torch.arange(count)
    for spacing in SPACINGS[dims]:
        first, second = (sums(rule, active) for rule in interleaved(dims, spacing))
        if not len(result):
            result = torch.empty(len(first), count, dtype=torch.float64)
        result[:, active], error[active] = (first + second) / 2, apart(first - second)
        active = active[error[active] > tolerance]
        if not len(active):
            break
    return result, error


def _product(line: Tensor, dims: int) -> Tensor:
    """(n,) -> (n^D, D)"""
    return torch.cartesian_prod(*[line] * dims).reshape(-1, dims)
