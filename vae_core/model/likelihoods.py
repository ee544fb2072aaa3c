"""p(x|z): a decoder's output becomes a torch distribution over pixels, whose log_prob keeps one value per pixel.

A likelihood owns the squashing of its mean: sigmoid for pixels, identity for the linear-Gaussian models. What follows
from its name, such as its outputs per pixel, stands in vae_core/registry.py. Most are plain functions; the two
Gaussians with one variance are small modules, since one of them learns it.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.distributions import Bernoulli, Distribution, Normal

from vae_core.model.continuous_bernoulli import ContinuousPixels, logit_of_mean
from vae_core.model.gaussians import LOG_2PI

Likelihood = Callable[[Tensor], Distribution]

# A learned variance is unbounded below: without a floor the likelihood of a flat pixel diverges. sigma = 0.01 is about
# 2.6 grey levels; on Frey faces a floor of 0.05 costs 65 nats and 0.01 nothing.
SIGMA_FLOOR, SIGMA_CEILING = 0.01, 1.0


class BinaryPixels(Bernoulli):
    """torch's Bernoulli, whose log_prob and gradient need only functions that are fast on every processor."""

    def log_prob(self, value: Tensor) -> Tensor:
        return _BernoulliLogProb.apply(*torch.broadcast_tensors(self.logits, value))


class _BernoulliLogProb(torch.autograd.Function):
    """log p = x l - max(l, 0) + log max(s, 1 - s) with s = sigmoid(l): x l - softplus(l) by torch's fast functions.

    The logarithm is that of a number between 1/2 and 1, so it is off by a rounding and never infinite. The gradient
    needs no logarithm: it is x - s.
    """

    @staticmethod
    def forward(ctx, logits: Tensor, x: Tensor) -> Tensor:
        ctx.save_for_backward(logits, x)
        logits = logits.float() if logits.dtype == torch.bfloat16 else logits
        s = torch.sigmoid(logits)
        return (x * logits).sub_(logits.clamp(min=0)).add_(torch.maximum(s, 1 - s).log_())

    @staticmethod
    def backward(ctx, slope: Tensor) -> tuple[Tensor, Tensor | None]:
        logits, x = ctx.saved_tensors
        return slope * (x - torch.sigmoid(logits.to(slope))), slope * logits if ctx.needs_input_grad[1] else None


def bernoulli(logits: Tensor) -> Bernoulli:
    """Independent binary pixels from logits l (..., X): log p = x l - softplus(l), never from probabilities."""
    return BinaryPixels(logits=logits, validate_args=False)


def continuous_bernoulli(logits: Tensor) -> ContinuousPixels:
    """Independent grey pixels in [0, 1] from logits l (..., X): log p = x l - log((e^l - 1) / l)."""
    return ContinuousPixels(logits=logits, validate_args=False)


def gaussian(parameters: Tensor) -> Normal:
    """Pixel means sigmoid(.) and log variances from (..., 2X), sigma held in [SIGMA_FLOOR, SIGMA_CEILING].

    The log variance is bounded smoothly, by a scaled sigmoid, so that its gradient never dies at a bound.
    """
    mean, logvar = parameters.chunk(2, -1)
    low, high = math.log(SIGMA_FLOOR), math.log(SIGMA_CEILING)
    return Normal(torch.sigmoid(mean), (low + (high - low) * torch.sigmoid(logvar)).exp(), validate_args=False)


class IsotropicNormal(Normal):
    """torch's Normal for pixels (..., X) that share a variance; its log_prob takes one logarithm, not one per pixel."""

    def __init__(self, mean: Tensor, logvar: Tensor) -> None:
        super().__init__(mean, (logvar / 2).exp().expand_as(mean), validate_args=False)
        self.logvar = logvar  # ()

    def log_prob(self, value: Tensor) -> Tensor:
        return (value - self.loc).square() * (-0.5 * (-self.logvar).exp()) - 0.5 * (self.logvar + LOG_2PI)


class fixed_gaussian(nn.Module):
    """N(x; decoder(z), variance I) of means (..., X): the weight 1 / (2 variance) on the squared error."""

    def __init__(self, variance: float) -> None:
        super().__init__()
        self.variance = float(variance)

    def forward(self, mean: Tensor) -> Normal:
        return IsotropicNormal(mean, mean.new_tensor(math.log(self.variance)))


class isotropic_gaussian(nn.Module):
    """N(x; decoder(z), c I) with one learned log variance: that of probabilistic PCA (Tipping & Bishop 1999)."""

    def __init__(self, variance: float = 1.0) -> None:
        super().__init__()
        self.logvar = nn.Parameter(torch.tensor(math.log(variance)))

    @property
    def variance(self) -> float:
        return self.logvar.exp().item()

    def forward(self, mean: Tensor) -> Normal:
        return IsotropicNormal(mean, self.logvar.to(mean.dtype))


BY_NAME: dict[str, Callable[[float], Likelihood]] = {  # of ModelSettings.variance, where it has one
    "bernoulli": lambda variance: bernoulli,
    "gaussian": lambda variance: gaussian,
    "fixed_gaussian": fixed_gaussian,
    "isotropic_gaussian": isotropic_gaussian,
    "continuous_bernoulli": lambda variance: continuous_bernoulli,
}

OUTPUT_OF_MEAN: dict[str, Callable[[Tensor], Tensor]] = {  # the inverse of each squash in the registry
    "identity": lambda mean: mean,
    "sigmoid": torch.logit,
    "langevin": logit_of_mean,
}
