"""The gap as the decoder's noise goes to 0: with one code for each image the posterior becomes Gaussian.

One latent dimension and one pixel: z ~ N(0, 1), x|z ~ N(f(z), sigma^2). Doersch (2016), "Tutorial on variational
autoencoders", appendix: for an f that can be inverted there is a Gaussian q with KL(q || p(z|x)) -> 0 as sigma -> 0;
its proof takes N(g(x), (g'(x) sigma)^2) with g the inverse of f. Where two codes give the same image, the nearest q is
at one of them, and ln 2 nats remain (assets/math.md#gap). Everything in nats, in float64; K images.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from vae_core.model.gaussians import LOG_2PI

DECODERS: dict[str, Callable[[Tensor], Tensor]] = {
    "straight": lambda z: z,
    "bent": lambda z: z + 0.45 * (2 * z).sin(),  # rises everywhere: one code for each image
    "folded": lambda z: z.square(),  # z and -z give the same image
}
END, STEP = 8.0, 0.002  # of the sum over z: finer than the narrowest posterior here, whose deviation is 0.0035
REACH, NODE = 7.0, 0.2  # of the sum over the noise of q
STEPS, STILL = 60, 1e-7  # Newton steps at most; a step this short is the last: the KL is flat there
STARTS = (2.0, 1.0, 0.0, -1.0)  # codes that the search for the nearest q begins at
TIE = 1e-9  # nats: as near as the nearest


class Nearest(NamedTuple):
    """The Gaussian q = N(mean, stddev^2) with the smallest KL(q || p(z|x)), for each image: (K,) each."""

    mean: Tensor
    stddev: Tensor
    kl: Tensor  # the gap: log p(x) - ELBO
    log_px: Tensor


def log_joint(f: Callable[[Tensor], Tensor], z: Tensor, x: Tensor, sigma: Tensor) -> Tensor:
    """log p(x|z) + log p(z), elementwise."""
    return -0.5 * (((x - f(z)) / sigma).square() + z.square()) - sigma.log() - LOG_2PI


def log_px(f: Callable[[Tensor], Tensor], x: Tensor, sigma: Tensor) -> Tensor:
    """log p(x) by the trapezoidal rule over z: (K,). Its error falls faster than any power of the step."""
    z = torch.linspace(-END, END, round(2 * END / STEP) + 1, dtype=torch.float64)
    return log_joint(f, z, x[:, None], sigma[:, None]).logsumexp(-1) + math.log(STEP)


def kl_to_posterior(f, mean: Tensor, stddev: Tensor, x: Tensor, sigma: Tensor, evidence: Tensor) -> Tensor:
    """KL(N(mean, stddev^2) || p(z|x)) by the trapezoidal rule over q's noise, elementwise; `evidence` is log p(x)."""
    noise = torch.linspace(-REACH, REACH, round(2 * REACH / NODE) + 1, dtype=torch.float64)
    weights = NODE * (-0.5 * (noise.square() + LOG_2PI)).exp()
    z = mean[..., None] + stddev[..., None] * noise
    energy = (weights * log_joint(f, z, x[..., None], sigma[..., None])).sum(-1)
    return evidence - energy - stddev.log() - 0.5 * (LOG_2PI + 1)


def nearest(f: Callable[[Tensor], Tensor], x: Tensor, sigma: Tensor) -> Nearest:
    """The Gaussian nearest to the posterior of each image x (K,) under the noise sigma (K,).

    Damped Newton steps on (mean, ln stddev) from each of STARTS, and the best of what they reach; of two that are
    equally near, the one at the larger code.
    """
    evidence = log_px(f, x, sigma)
    many = torch.stack([values.repeat_interleave(len(STARTS)) for values in (x, sigma, evidence)])
    begin = torch.tensor(STARTS, dtype=torch.float64).repeat(len(x))
    at = torch.stack([begin, (many[1] / 2).clamp(max=1.0).log()], -1)  # (K starts, 2)
    value, gradient, curvature = _derivatives(f, at, many)
    length = torch.ones_like(value)
    for _ in range(STEPS):
        eigenvalues, axes = torch.linalg.eigh(curvature)
        along = (axes.mT @ gradient[..., None]) / (eigenvalues.abs() + 1e-12)[..., None]  # downhill on any curvature
        move = length[:, None] * (axes @ along).squeeze(-1)
        moving = (move.abs().amax(-1) > STILL).nonzero().squeeze(1)
        if not len(moving):
            break
        trial = at[moving] - move[moving]
        found = _derivatives(f, trial, many[:, moving])
        better = found[0] <= value[moving]
        length[moving] = torch.where(better, (2 * length[moving]).clamp(max=1.0), length[moving] / 4)
        for kept, new in zip((at, value, gradient, curvature), (trial, *found), strict=True):
            kept[moving[better]] = new[better]
    value = value.reshape(len(x), -1)
    best = (value < value.min(-1, keepdim=True).values + TIE).int().argmax(-1)
    mean, logwidth = at.reshape(len(x), -1, 2)[torch.arange(len(x)), best].unbind(-1)
    return Nearest(mean, logwidth.exp(), value[torch.arange(len(x)), best], evidence)


def _derivatives(f: Callable[[Tensor], Tensor], at: Tensor, many: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The KL (B,) at (mean, ln stddev), its gradient (B, 2) and its Hessian (B, 2, 2)."""
    at = at.detach().requires_grad_(True)
    value = kl_to_posterior(f, at[:, 0], at[:, 1].exp(), *many)  # B sums that do not depend on each other
    (gradient,) = torch.autograd.grad(value.sum(), at, create_graph=True)
    rows = [torch.autograd.grad(gradient[:, k].sum(), at, retain_graph=True)[0] for k in range(2)]
    return value.detach(), gradient.detach(), torch.stack(rows, 1)
