"""Half an image seen, the rest filled in: p(z|x_visible), and what it expects of the hidden pixels. In nats.

Given z pixels are independent, so a model of the visible pixels is the same decoder with some outputs left away:
`visible(vae, seen)` is a VAE like any other. For D <= 2 its posterior is summed on the latent grid. Above, Adam climbs
log p(x_visible, z) from the encoder's guess and from draws of the prior, a Gaussian is laid over each summit, and
draws of that mixture are weighted by what they miss (importance sampling).

B images, X pixels, V of them visible, D latent dimensions, K draws, M summits.
"""

import math
from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal

from vae_core.inference.latent_grid import LatentGrid, summable
from vae_core.model.optimizers import Adam
from vae_core.model.vae import VAE

ROUNDS = 4  # of encoding, decoding, filling in
RESTARTS, CLIMB, STRIDE = 24, 150, 0.1  # places to climb from, steps of Adam, the first of them
PROPOSED = 4000  # draws that are weighted
WIDER = (1.0, 2.0)  # the Gaussian over a summit, and one with wider tails
PRIOR = 0.1  # the prior's share in the mixture: no weight exceeds ten times that of the prior


class Filled(NamedTuple):
    z: Tensor  # (K, D)  draws of p(z|x_visible)
    mean: Tensor  # (X,)  E[x|x_visible], of hidden and visible pixels: the decoder's mean, averaged over z
    log_visible: float  # log p(x_visible)
    effective_samples: float  # of PROPOSED draws; inf where p(z|x_visible) was summed on the grid


def visible(vae: VAE, seen: Tensor) -> VAE:
    """The model of the pixels marked in `seen` (X,) bool: x_visible (..., V) -> q, z (..., D) -> p(x_visible|z).

    Its encoder is the old one, which wants whole images: the hidden pixels are filled in as the decoder would draw
    them, first for the code 0 and then a few times for the latest code (Rezende et al. 2014, appendix F).
    """
    return VAE(
        FillingEncoder(vae, seen), SlicedDecoder(vae.decoder, seen), vae.likelihood, vae.latent_dim, vae.stochastic
    )


class SlicedDecoder(nn.Module):
    """The outputs of a decoder that belong to the visible pixels, of one or of two planes."""

    def __init__(self, decoder: nn.Module, seen: Tensor) -> None:
        super().__init__()
        self.decoder, self.seen = decoder, seen

    def forward(self, z: Tensor) -> Tensor:
        outputs = self.decoder(z)
        return outputs[..., self.seen.repeat(outputs.shape[-1] // len(self.seen))]


class FillingEncoder(nn.Module):
    def __init__(self, vae: VAE, seen: Tensor) -> None:
        super().__init__()
        self.vae, self.seen = vae, seen

    def forward(self, x: Tensor) -> Tensor:
        whole = self.vae.mean(x.new_zeros(*x.shape[:-1], self.vae.latent_dim))
        for _ in range(ROUNDS):
            whole[..., self.seen] = x
            whole = self.vae.mean(self.vae.code(whole))
        whole[..., self.seen] = x
        return self.vae.encoder(whole)


def inpaint(vae: VAE, x: Tensor, seen: Tensor, draws: int, rng: Generator) -> Filled:
    """p(z|x_visible) and what it expects, for one image x (X,) of which `seen` (X,) bool marks the visible pixels.

    The values of x elsewhere are not looked at.
    """
    part, x_visible = visible(vae, seen), x[seen]
    if summable(vae):
        (z, mass, side, log_visible), effective = LatentGrid(part).masses(x_visible), math.inf
    else:
        z, log_weight = weighted(part, x_visible, rng)
        mass, side = log_weight.softmax(0), 0.0
        log_visible = (log_weight.logsumexp(0) - math.log(len(z))).item()
        effective = 1 / mass.square().sum().item()
    chosen = torch.multinomial(mass, draws, replacement=True, generator=rng)
    within = torch.rand(draws, z.shape[1], generator=rng, dtype=z.dtype) - 0.5
    with torch.no_grad():
        mean = torch.zeros(len(seen), dtype=torch.float64)
        for some, share in zip(z.split(1000), mass.split(1000), strict=True):
            mean += share @ vae.mean(some.to(x)).double()
    return Filled((z[chosen] + side * within).to(x), mean.to(x), log_visible, effective)


def log_hidden(vae: VAE, x: Tensor, seen: Tensor, rng: Generator) -> Tensor:
    """log p(x_hidden|x_visible), the log of E[p(x_hidden|z)] under p(z|x_visible): (B, X) -> (B,) float64.

    It is the difference of two evidences, log p(x) - log p(x_visible): exact where both are summed,
    else estimates.
    """
    part, x_visible = visible(vae, seen), x[:, seen]
    if summable(vae):
        return LatentGrid(vae).log_px(x) - LatentGrid(part).log_px(x_visible)
    weights = [torch.stack([weighted(m, image, rng)[1] for image in y]) for m, y in ((vae, x), (part, x_visible))]
    return weights[0].logsumexp(1) - weights[1].logsumexp(1)


def weighted(vae: VAE, x: Tensor, rng: Generator) -> tuple[Tensor, Tensor]:
    """Draws z (PROPOSED, D) of a mixture over the summits of log p(x, z), and log p(x, z) - log mixture(z): float64."""
    proposal = mixture(vae, x, summits(vae, x, rng))
    parts, shares = proposal.component_distribution, proposal.mixture_distribution.probs
    place = torch.multinomial(shares, PROPOSED, replacement=True, generator=rng)
    noise = torch.randn(PROPOSED, vae.latent_dim, 1, generator=rng, dtype=torch.float64)
    z = parts.loc[place] + (parts.scale_tril[place] @ noise)[..., 0]
    with torch.no_grad():
        return z, vae.log_joint(x, z.to(x)) - proposal.log_prob(z)


def summits(vae: VAE, x: Tensor, rng: Generator) -> Tensor:
    """Where Adam ends that climbs log p(x, z) from the encoder's code and from draws of the prior: (M, D).

    Half of these are the likeliest of many draws, the others any.
    """
    half = RESTARTS // 2
    with torch.no_grad():
        dice = torch.randn(100 * half, vae.latent_dim, generator=rng, dtype=x.dtype)
        likely = vae.log_joint(x, dice).topk(half).indices
        z = torch.cat([vae.code(x[None]), dice[likely], dice[: half - 1]])
    z.requires_grad_()
    adam = Adam([z])
    for step in range(CLIMB):
        adam.param_groups[0]["lr"] = STRIDE * (1 - step / CLIMB)
        z.grad = -torch.autograd.grad(vae.log_joint(x, z).sum(), z)[0]
        adam.step()
    return z.detach()


def mixture(vae: VAE, x: Tensor, z: Tensor) -> MixtureSameFamily:
    """Gaussians as wide as the summits z (M, D) are, in shares of what they hold, a wider copy of each, and the prior.

    A direction in which log p(x, z) is flatter than the prior, or rises, gets the prior's width.
    """
    z = z.clone().requires_grad_()
    height = vae.log_joint(x, z)
    (slope,) = torch.autograd.grad(height.sum(), z, create_graph=True)
    rows = [torch.autograd.grad(slope[:, j].sum(), z, retain_graph=True)[0] for j in range(z.shape[1])]
    bend, axes = torch.linalg.eigh(-torch.stack(rows, 1).double())  # (M, D), (M, D, D)
    bend = bend.clamp(min=1.0)
    found = height.detach() - 0.5 * bend.log().sum(1)  # log of what each holds, but for a constant
    apart = distinct(z.detach().double(), bend, axes)
    found, z, bend, axes = found[apart], z.detach().double()[apart], bend[apart], axes[apart]
    share = 0.8 * (found - found.max()).softmax(0) + 0.2 / len(z)
    spread = axes @ torch.diag_embed(1 / bend) @ axes.mT
    home = torch.zeros(1, z.shape[1], dtype=torch.float64), torch.eye(z.shape[1], dtype=torch.float64)[None]
    centres = torch.cat([z.repeat(len(WIDER), 1), home[0]])
    covariances = torch.cat([*(spread * width**2 for width in WIDER), home[1]])
    shares = torch.cat([*(share * (1 - PRIOR) / len(WIDER) for _ in WIDER), torch.tensor([PRIOR])])
    return MixtureSameFamily(Categorical(shares), MultivariateNormal(centres, covariances))


def distinct(z: Tensor, bend: Tensor, axes: Tensor) -> list[int]:
    """Indices of summits (M, D) that are further than a deviation from every earlier one."""
    kept: list[int] = []
    for m in range(len(z)):
        away = ((z[m] - z[kept])[:, None] @ axes[kept])[:, 0]  # along each axis of the earlier ones
        if not kept or (away.square() * bend[kept]).sum(1).min() > 1:
            kept.append(m)
    return kept
