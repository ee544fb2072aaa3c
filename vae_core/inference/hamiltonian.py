"""Hamiltonian Monte Carlo (Duane et al. 1987; Neal 2011): draws from a density of which only ratios are known, p(z|x).

z moves like a body in the potential -log p, with a momentum drawn anew for each transition. Leapfrog steps keep the
energy nearly constant, and what they lose of it decides whether the end point is taken, so that the draws are right
whatever the step size. assets/math.md#hamiltonian-monte-carlo. B chains, D latent dimensions; nats.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Generator, Tensor

LEAPFROGS = 10  # Kingma & Welling (2014), appendix E
ACCEPTANCE = 0.9  # what the step size is tuned to, there
GAIN = 0.5  # of the tuning: how far one transition's acceptance moves the logarithm of the step size
JITTER = 0.2  # the step size varies by so much, or a Gaussian's orbit could come back to where it began
DIVERGED = 1000.0  # nats of energy that no accurate orbit gains

LogDensity = Callable[[Tensor], Tensor]  # of z (B, D), up to a constant: (B,)


class Orbit(NamedTuple):
    """Where a leapfrog ends, and log p at both ends."""

    z: Tensor  # (B, D)
    momentum: Tensor  # (B, D)
    before: Tensor  # (B,)
    after: Tensor  # (B,)


class Transition(NamedTuple):
    z: Tensor  # (B, D)  the end of the orbit, or where it was refused, its start
    acceptance: Tensor  # (B,)  the probability with which it was taken
    diverged: Tensor  # (B,) bool  the energy ran away: the step size is far too large


class Draws(NamedTuple):
    """Successive states of B chains after their step size was tuned."""

    z: Tensor  # (S, B, D)
    acceptance: float  # mean over these transitions
    step_size: float
    halved: int  # how often the step size was halved while it was tuned

    @property
    def remark(self) -> str:
        """One sentence about what went wrong on the way; "" if nothing did."""
        return remark(self.halved)


def leapfrog(log_density: LogDensity, z: Tensor, momentum: Tensor, step_size: float, steps: int = LEAPFROGS) -> Orbit:
    """Half a kick, then drifts and kicks by turns: run again with the momentum turned, it ends where it began."""
    before, slope = _slope(log_density, z)
    momentum = momentum + step_size / 2 * slope
    for step in range(1, steps + 1):
        z = z + step_size * momentum
        after, slope = _slope(log_density, z)
        momentum = momentum + (step_size if step < steps else step_size / 2) * slope
    return Orbit(z, momentum, before, after)


def transition(log_density: LogDensity, z: Tensor, step_size: float, rng: Generator) -> Transition:
    """One orbit from each of B states, taken with probability min(1, exp(-energy gained)) (Metropolis et al. 1953)."""
    momentum = torch.randn(z.shape, generator=rng, dtype=z.dtype)
    jitter, luck = torch.rand(1, generator=rng).item(), torch.rand(len(z), generator=rng, dtype=torch.float64)
    orbit = leapfrog(log_density, z, momentum, step_size * (1 + JITTER * (2 * jitter - 1)))
    kinetic = [0.5 * p.double().square().sum(-1) for p in (momentum, orbit.momentum)]
    gained = (kinetic[1] - orbit.after.double()) - (kinetic[0] - orbit.before.double())
    acceptance = (-gained).exp().clamp(max=1).nan_to_num(0)
    taken = luck < acceptance
    return Transition(torch.where(taken[:, None], orbit.z, z), acceptance, ~(gained < DIVERGED))


def tuned(step_size: float, t: Transition) -> float:
    """The next step size: half of it where an orbit diverged, else a little more or less, towards ACCEPTANCE."""
    if t.diverged.any():
        return step_size / 2
    return step_size * math.exp(GAIN * (t.acceptance.mean().item() - ACCEPTANCE))


def remark(halved: int) -> str:
    """What to say of a step size that was halved so often; of one that never was, ""."""
    times = "once" if halved == 1 else f"{halved:,} times"
    return f"Orbits diverged, so the step size was halved {times}." if halved else ""


def sample(
    log_density: LogDensity, z: Tensor, draws: int, rng: Generator, burn_in: int = 50, step_size: float = 0.2
) -> Draws:
    """`draws` states of each chain from z (B, D) on, after `burn_in` transitions that find the step size."""
    halved, kept, acceptance = 0, [], 0.0
    for turn in range(burn_in + draws):
        t = transition(log_density, z, step_size, rng)
        z = t.z
        if turn < burn_in:
            halved += bool(t.diverged.any())
            step_size = tuned(step_size, t)
        else:
            kept.append(z)
            acceptance += t.acceptance.mean().item() / draws
    return Draws(torch.stack(kept), acceptance, step_size, halved)


def _slope(log_density: LogDensity, z: Tensor) -> tuple[Tensor, Tensor]:
    """log p (B,) at z, and its gradient (B, D)."""
    with torch.enable_grad():
        z = z.detach().requires_grad_()
        height = log_density(z)
        (slope,) = torch.autograd.grad(height.sum(), z)
    return height.detach(), slope
