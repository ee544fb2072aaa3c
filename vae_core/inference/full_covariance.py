"""Each image's best Gaussian with any covariance: how much of the gap is that q is diagonal, for the same decoder.

    gap of the encoder's q = amortisation (to the best diagonal q) + what a covariance closes + what no Gaussian reaches

Natural-gradient ascent of each image's own bound, as in variational_refinement.py, in the coordinates of q itself:
q = N(m, L L^T) moves to m + L u and L (I + A), A a lower triangle. There the Fisher information is 1, and 2 for the
diagonal of A (assets/math.md#refining-q). B images, D latent dimensions; nats per image.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from vae_core.inference.expectations import Rule
from vae_core.model.gaussians import DiagonalGaussian, FullGaussian
from vae_core.model.vae import VAE

FURTHEST = 2.0  # a step moves the mean by at most this many deviations of q, and A by at most a quarter of it


class Best(NamedTuple):
    """Where the ascent ends, and its bound (B,) by the ascent's rule."""

    q: FullGaussian
    elbo: Tensor


def bound(vae: VAE, x: Tensor, q: FullGaussian, rule: Rule) -> Tensor:
    """The ELBO of any q over (B, D) for images x (B, X): its KL in closed form, E_q log p(x|z) by the rule."""
    log_px = vae.observed(q.at(rule.noise.to(x))).log_prob(x).sum(-1)
    return (rule.weight.to(x) * log_px).sum(0) - q.kl()


def best_full(vae: VAE, x: Tensor, q: DiagonalGaussian, rule: Rule, steps: int = 60, rate: float = 0.3) -> Best:
    """From a diagonal q over (B, D), which the result is never worse than. Steps as in `refine`: one that would lower
    the bound is not taken, and the next one is half as long."""
    mean, cholesky = q.mean.detach().clone(), torch.diag_embed(q.stddev.detach())
    rates = torch.full_like(mean[:, :1], rate)
    value, up, turn = _natural_gradient(vae, x, mean, cholesky, rule)
    for _ in range(steps):
        far, bent = (rates * up).norm(dim=-1, keepdim=True), (rates * turn.flatten(1)).norm(dim=-1, keepdim=True)
        stride = rates * torch.minimum(FURTHEST / far, FURTHEST / 4 / bent).nan_to_num(1.0).clamp(max=1)
        moved = _moved(mean, cholesky, stride * up, stride[..., None] * turn)
        new, *ways = _natural_gradient(vae, x, *moved, rule)
        better = new >= value  # (B,)
        pick, square = better[:, None], better[:, None, None]
        mean, cholesky = torch.where(pick, moved[0], mean), torch.where(square, moved[1], cholesky)
        up, turn = torch.where(pick, ways[0], up), torch.where(square, ways[1], turn)
        value, rates = torch.where(better, new, value), torch.where(pick, (1.5 * rates).clamp(max=rate), rates / 2)
    return Best(FullGaussian(mean, cholesky), value)


def _moved(mean: Tensor, cholesky: Tensor, up: Tensor, turn: Tensor) -> tuple[Tensor, Tensor]:
    """m + L u and L (I + A), with e^A_jj on the diagonal, which stays positive."""
    step = turn.tril(-1) + torch.diag_embed(turn.diagonal(dim1=-2, dim2=-1).exp())
    return mean + (cholesky @ up[..., None])[..., 0], cholesky @ step


def _natural_gradient(vae: VAE, x: Tensor, mean: Tensor, cholesky: Tensor, rule: Rule) -> tuple[Tensor, Tensor, Tensor]:
    """The bound (B,), and its natural gradient in u (B, D) and A (B, D, D)."""
    with torch.enable_grad():
        mean, cholesky = mean.detach().requires_grad_(), cholesky.detach().requires_grad_()
        value = bound(vae, x, FullGaussian(mean, cholesky), rule)
        to_mean, to_cholesky = torch.autograd.grad(value.sum(), (mean, cholesky))
    mine = cholesky.detach().mT
    turn = (mine @ to_cholesky).tril()
    turn = turn - torch.diag_embed(turn.diagonal(dim1=-2, dim2=-1)) / 2
    return value.detach(), (mine @ to_mean[..., None])[..., 0], turn
