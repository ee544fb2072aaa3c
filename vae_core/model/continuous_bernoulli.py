"""The continuous Bernoulli: the Bernoulli's formula made a density of grey pixels (Loaiza-Ganem & Cunningham 2019).

p(x) = C(l) s^x (1 - s)^(1 - x) on [0, 1] with s = sigmoid(l), which is e^(x l) divided by its integral (e^l - 1) / l.
Without C it is no density: its integral is 1 / C, at most 1/2. Written with the logit l, neither the logarithm of the
integral nor C loses a digit near s = 1/2; the mean does, and has a series there. A mean is not s: it is
1/2 + L(l/2) / 2 with the Langevin function L(y) = coth y - 1/y.
"""

import torch
from torch import Tensor
from torch.distributions import ContinuousBernoulli

SERIES_BELOW = 0.25  # |y|: what the series leaves out there is below 1e-14
LANGEVIN = (1 / 3, -1 / 45, 2 / 945, -1 / 4725, 2 / 93555, -1382 / 638512875)  # of y, y^3, ...
HALVINGS = 60


class ContinuousPixels(ContinuousBernoulli):
    """torch's ContinuousBernoulli, from logits alone: torch's own needs s, which float32 rounds to 0 or 1."""

    def log_prob(self, value: Tensor) -> Tensor:
        return _LogProb.apply(*torch.broadcast_tensors(self.logits, value))

    @property
    def mean(self) -> Tensor:
        return mean(self.logits)

    @property
    def log_partition(self) -> Tensor:
        return log_partition(self.logits)

    def icdf(self, value: Tensor) -> Tensor:
        """The x in [0, 1] below which a share `value` lies."""
        size, rising = self.logits.abs().clamp(min=1e-12), self.logits >= 0
        above = torch.where(rising, 1 - value, value)  # of a falling density the mirror image
        x = (1 + torch.log1p(above * torch.expm1(-size)) / size).clamp(0, 1)
        return torch.where(rising, x, 1 - x)


class _LogProb(torch.autograd.Function):
    """x l - log of the integral of e^(x l). Its gradient is x - mean(l), which autograd would lose near l = 0."""

    @staticmethod
    def forward(ctx, logits: Tensor, x: Tensor) -> Tensor:
        ctx.save_for_backward(logits, x)
        logits = logits.float() if logits.dtype == torch.bfloat16 else logits
        return x * logits - log_partition(logits)

    @staticmethod
    def backward(ctx, slope: Tensor) -> tuple[Tensor, Tensor | None]:
        logits, x = ctx.saved_tensors
        return slope * (x - mean(logits.to(slope))), slope * logits if ctx.needs_input_grad[1] else None


def log_partition(logits: Tensor) -> Tensor:
    """log of the integral of e^(x l) over [0, 1], (e^l - 1) / l: max(l, 0) + log((1 - e^-|l|) / |l|)."""
    size = logits.abs()
    ratio = torch.where(size > 0, -torch.expm1(-size) / size.clamp(min=torch.finfo(size.dtype).tiny), 1.0)
    return logits.clamp(min=0) + ratio.log()


def log_normaliser(logits: Tensor) -> Tensor:
    """log C(l) = log(l coth(l/2)), at least log 2: what a Bernoulli's formula lacks as a density, nats per pixel."""
    size = logits.abs()
    return torch.where(size > 0, size / torch.tanh(size / 2).clamp(min=torch.finfo(size.dtype).tiny), 2.0).log()


def mean(logits: Tensor) -> Tensor:
    """E[x] = 1/2 + L(l/2) / 2, in (0, 1)."""
    y = logits / 2
    near = y.abs() < SERIES_BELOW
    far = torch.where(near, 1.0, y)
    square, series = y.clamp(-SERIES_BELOW, SERIES_BELOW).square(), 0.0
    for coefficient in reversed(LANGEVIN):
        series = series * square + coefficient
    return 0.5 + 0.5 * torch.where(near, y * series, 1 / torch.tanh(far) - 1 / far)


def logit_of_mean(wanted: Tensor) -> Tensor:
    """The l with that mean, for means in (0, 1): they lie between -1/mean and 1/(1 - mean)."""
    low, high = -1 / wanted, 1 / (1 - wanted)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        small = mean(middle) < wanted
        low, high = torch.where(small, middle, low), torch.where(small, high, middle)
    return (low + high) / 2
