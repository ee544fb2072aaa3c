"""Where to look in latent space: grids and paths of codes to decode. Tensors of z only; no model is asked.

Pictures are read like a plot: row 0 holds the largest z2, column 0 the smallest z1.
"""

import torch
from torch import Tensor


def quantile_grid(steps: int) -> Tensor:
    """Tile centres of equal prior mass, ndtri((i + 1/2) / steps) on both axes: (steps, steps, 2). AEVB figure 4.

    No tile lies at infinity; 20 steps span ±1.960. `prior_share_outside` says how much of the prior is not shown.
    Less than one step is a ValueError.
    """
    return _square(torch.special.ndtri((torch.arange(_counted(steps), dtype=torch.float64) + 0.5) / steps))


def linear_grid(steps: int, extent: float) -> Tensor:
    """Centres of steps x steps equal cells of the square [-extent, extent]^2: (steps, steps, 2)."""
    return _square(extent * ((2 * torch.arange(_counted(steps), dtype=torch.float64) + 1) / steps - 1))


def prior_share_outside(steps: int, dims: int = 2) -> float:
    """The prior's mass beyond the outermost tile centres of a `quantile_grid`: 1 - (1 - 1/steps)^dims."""
    return 1 - (1 - 1 / _counted(steps)) ** dims


def embed(grid: Tensor, base: Tensor, axes: tuple[int, int] = (0, 1)) -> Tensor:
    """The plane through the code `base` (D,) along two of its axes: (..., 2) -> (..., D), the other axes as in base."""
    if len(set(axes)) != 2 or not all(0 <= axis < base.shape[-1] for axis in axes):
        raise ValueError(f"A plane needs two different axes of 0 to {base.shape[-1] - 1}, not {axes}.")
    z = base.expand(*grid.shape[:-1], -1).clone()
    z[..., list(axes)] = grid.to(z)
    return z


def straight(a: Tensor, b: Tensor, steps: int) -> Tensor:
    """Evenly spaced codes on the line from a to b, ends included: (D,), (D,) -> (steps, D)."""
    return torch.lerp(a, b, _fractions(a, steps))


def spherical(a: Tensor, b: Tensor, steps: int) -> Tensor:
    """From a to b with the direction turning evenly and the length changing evenly: (D,), (D,) -> (steps, D).

    In many dimensions N(0, I) lives near a sphere, which the straight line leaves (White 2016, "Sampling generative
    networks"). Opposite codes have no shortest arc: it then runs over the axis that a leans on least. Where there is no
    arc at all (D = 1, or an end at the origin) the path is straight.
    """
    radius, other = a.norm(), b.norm()
    if a.shape[-1] == 1 or radius == 0 or other == 0:
        return straight(a, b, steps)
    t, u, v = _fractions(a, steps), a / radius, b / other
    across = v - (v @ u) * u
    angle = torch.atan2(across.norm(), v @ u)
    if across.norm() < 100 * torch.finfo(a.dtype).eps:  # (anti)parallel: what is left is rounding
        across = torch.zeros_like(a)
        across[u.abs().argmin()] = 1
    w = across - (across @ u) * u
    w = w / w.norm()
    return torch.lerp(radius, other, t) * (torch.cos(t * angle) * u + torch.sin(t * angle) * w)


def _fractions(like: Tensor, steps: int) -> Tensor:
    return torch.linspace(0, 1, _counted(steps), dtype=like.dtype, device=like.device)[:, None]


def _square(z: Tensor) -> Tensor:
    return torch.stack(torch.meshgrid(z, z.flip(0), indexing="xy"), -1).to(torch.get_default_dtype())


def _counted(steps: int) -> int:
    if steps < 1:
        raise ValueError(f"A grid or path needs at least one step, not {steps}.")
    return steps
