"""Refine q: each image's best diagonal Gaussian, by natural-gradient ascent of its own bound; every step is returned.

The model stays as it is, so log p(x) is constant: what the bound gains, KL(q || p(z|x)) loses
(assets/math.md#refining-q).
B images, N nodes, T steps, D latent dimensions, X pixels; nats per image.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from vae_core.inference.elbo import Elbo, terms
from vae_core.inference.expectations import Rule
from vae_core.model.gaussians import DiagonalGaussian
from vae_core.model.vae import VAE

FURTHEST = 2.0  # a step moves the mean by at most this many of q's deviations, and the log variance by at most half


class Path(NamedTuple):
    """Every step of an ascent; row 0 is its start."""

    mean: Tensor  # (T + 1, B, D)
    logvar: Tensor  # (T + 1, B, D)
    elbo: Tensor  # (T + 1, B)  by the rule of the ascent

    def at(self, step: int) -> DiagonalGaussian:
        return DiagonalGaussian(self.mean[step], self.logvar[step])


def bound(vae: VAE, x: Tensor, q: DiagonalGaussian, rule: Rule) -> Elbo:
    """The bound of any q over (B, D) for images x (B, X): the KL in closed form, E_q log p(x|z) by the rule."""
    t = terms(vae, x, rule.noise.to(x), q)
    return Elbo((rule.weight.to(x) * t.log_px.sum(-1)).sum(0), t.kl.sum(-1))


def refine(
    vae: VAE, x: Tensor, q: DiagonalGaussian, rule: Rule, steps: int = 40, rate: float = 0.3, beta: float = 1.0
) -> Path:
    """Natural-gradient ascent of each image's bound from q over (B, D); beta > 0: of reconstruction / beta - KL, which
    is highest where the objective with that beta is.

    The gradient is scaled by the inverse Fisher information of q, variance for a mean and 2 for a log variance
    (Amari 1998): near a Gaussian posterior each step takes the share `rate` of the way that is left. A step that would
    lower the bound is not taken, and the next one is half as long.
    """
    mean, logvar = q.mean.detach().clone(), q.logvar.detach().clone()
    rates = torch.full_like(mean[:, :1], rate)
    value, up_mean, up_logvar = _natural_gradient(vae, x, mean, logvar, rule, beta)
    rows = [(mean, logvar, value)]
    for _ in range(steps):
        far = (rates * up_mean).div((logvar / 2).exp()).norm(dim=-1, keepdim=True)
        shorter = torch.minimum(FURTHEST / far, FURTHEST / 2 / (rates * up_logvar).norm(dim=-1, keepdim=True))
        stride = rates * shorter.nan_to_num(1.0).clamp(max=1)
        tried = mean + stride * up_mean, (logvar + stride * up_logvar).clamp(-20, 10)
        new, *ups = _natural_gradient(vae, x, *tried, rule, beta)
        better = new >= value  # (B,)
        pick = better[:, None]
        mean, logvar = torch.where(pick, tried[0], mean), torch.where(pick, tried[1], logvar)
        up_mean, up_logvar = torch.where(pick, ups[0], up_mean), torch.where(pick, ups[1], up_logvar)
        value = torch.where(better, new, value)
        rates = torch.where(pick, (1.5 * rates).clamp(max=rate), rates / 2)
        rows.append((mean, logvar, value))
    return Path(*map(torch.stack, zip(*rows, strict=True)))


def _natural_gradient(
    vae: VAE, x: Tensor, mean: Tensor, logvar: Tensor, rule: Rule, beta: float
) -> tuple[Tensor, Tensor, Tensor]:
    """The value to maximise (B,) and its natural gradient in mean and log variance, (B, D) each."""
    with torch.enable_grad():
        mean, logvar = mean.detach().requires_grad_(), logvar.detach().requires_grad_()
        elbo = bound(vae, x, DiagonalGaussian(mean, logvar), rule)
        value = elbo.reconstruction / beta - elbo.kl
        to_mean, to_logvar = torch.autograd.grad(value.sum(), (mean, logvar))
    return value.detach(), logvar.detach().exp() * to_mean, 2 * to_logvar


def best(vae: VAE, x: Tensor, starts: list[DiagonalGaussian], rule: Rule, steps: int = 40) -> DiagonalGaussian:
    """The best result of several starts, image by image, for an ascent may end in a local optimum."""
    paths = [refine(vae, x, start, rule, steps) for start in starts]
    values = torch.stack([path.elbo[-1] for path in paths])  # (S, B)
    chosen = values.argmax(0)[None, :, None]
    mean, logvar = (torch.stack([getattr(path, name)[-1] for path in paths]) for name in ("mean", "logvar"))
    index = chosen.expand(1, *mean.shape[1:])
    return DiagonalGaussian(mean.gather(0, index)[0], logvar.gather(0, index)[0])
