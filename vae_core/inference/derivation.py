"""log p(x) = ELBO + KL(q || p(z|x)), line by line, each line a number; and how the bound rises with more samples.

Kingma & Welling (2014), equations 1 to 3; Burda, Grosse & Salakhutdinov (2016), equation 8. N nodes, K samples; nats.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from vae_core.inference.expectations import Rule
from vae_core.model.gaussians import DiagonalGaussian, kl_standard_normal, log_standard_normal
from vae_core.model.vae import VAE


class Line(NamedTuple):
    """One line of the derivation: its terms with their values, and why it equals the line before."""

    terms: list[tuple[str, float]]
    reason: str

    @property
    def value(self) -> float:
        return sum(value for _, value in self.terms)


@torch.no_grad()
def derivation(vae: VAE, x: Tensor, q: DiagonalGaussian, rule: Rule, log_px: float, gap: float) -> list[Line]:
    """For one image x (1, X), q over (1, D); log p(x) and the gap KL(q || p(z|x)) come from sums over the plane."""
    z = q.mean + q.stddev * rule.noise.to(x)  # (N, 1, D)
    likelihood = vae.observed(z).log_prob(x).sum(-1).double()  # log p(x|z)
    prior, log_q = log_standard_normal(z).double(), q.log_prob(z).sum(-1).double()
    joint = likelihood + prior  # log p(x, z)
    posterior = joint - log_px  # log p(z|x), by Bayes

    def E(f: Tensor) -> float:  # the expectation over z ~ q
        return (rule.weight * f).sum().item()

    kl = kl_standard_normal(q.mean, q.logvar).sum().item()
    return [
        Line([("log p(x)", log_px)], "what we want; with one or two dimensions we can compute it exactly"),
        Line([("E[log p(x)]", E(torch.full_like(joint, log_px)))], "it does not depend on z, so any q will do"),
        Line([("E[log p(x,z) − log p(z|x)]", E(joint - posterior))], "Bayes: p(x) = p(x,z) / p(z|x), for every z"),
        Line(
            [("E[log p(x,z) − log q(z|x)]", E(joint - log_q)), ("E[log q(z|x) − log p(z|x)]", E(log_q - posterior))],
            "add and subtract log q(z|x)",
        ),
        Line(
            [("ELBO", E(joint - log_q)), ("KL(q(z|x)‖p(z|x))", gap)],
            "the second is a KL, so it is ≥ 0, and the first a lower bound",
        ),
        Line(
            [
                ("E[log p(x|z)]", E(likelihood)),
                ("E[log p(z) − log q(z|x)]", E(prior - log_q)),
                ("KL(q(z|x)‖p(z|x))", gap),
            ],
            "p(x,z) = p(x|z) p(z)",
        ),
        Line(
            [("E[log p(x|z)]", E(likelihood)), ("−KL(q(z|x)‖p(z))", -kl), ("KL(q(z|x)‖p(z|x))", gap)],
            "two Gaussians: the KL has a closed form",
        ),
    ]  # fmt: skip


class Stair(NamedTuple):
    """The bound with K samples: its mean over groups of K, and the standard error of that mean."""

    samples: int  # K
    bound: float
    error: float  # NaN where there is one group


def staircase(log_weights: Tensor, counts: list[int]) -> list[Stair]:
    """log of the mean of K weights, in expectation between the ELBO (K = 1) and log p(x): from M log weights (M,)."""
    stairs = []
    for k in counts:
        groups = log_weights[: len(log_weights) // k * k].double().unflatten(0, (-1, k))
        bounds = groups.logsumexp(1) - math.log(k)
        error = bounds.std().item() / math.sqrt(len(bounds)) if len(bounds) > 1 else math.nan
        stairs.append(Stair(k, bounds.mean().item(), error))
    return stairs


def effective_samples(log_weights: Tensor) -> float:
    """(sum w)^2 / sum w^2 of K log weights (K,)."""
    w = log_weights.double()
    return (2 * w.logsumexp(0) - (2 * w).logsumexp(0)).exp().item()
