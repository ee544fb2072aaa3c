"""The reparameterisation trick as an experiment: estimates of one gradient, of one image, from the same noise."""

import math
from typing import Any, NamedTuple

import numpy as np
import torch

from dashboard.shared import image_bound, model_view
from dashboard.shared.caching import cached
from dashboard.shared.image_bound import BoundInputs
from vae_core.inference.expectations import lattice
from vae_core.inference.gradient_estimators import BIASED, Gradient, gradients, values
from vae_core.inference.variational_refinement import bound
from vae_core.model.gaussians import DiagonalGaussian, kl_standard_normal
from vae_core.model.vae import VAE, build
from vae_core.training.train import WEIGHTS, generator

WHEN = ("trained", "untrained")
DETACH = ("no", "yes")  # z, from q's parameters
SAMPLES = 4000  # noise samples per estimator
ARROWS = 200
MANY = (1, 2, 5, 10, 20)  # L
POINTS, FEW = 61, 10  # of the curve over mu, and draws for each point
REFERENCE = "reparameterised B"
OVER = 20  # test images over which the ratios are given as well


class Setting(NamedTuple):
    """A network, an image and its q."""

    vae: VAE
    x: torch.Tensor  # (X,)
    q: DiagonalGaussian  # over (D,)


@cached(max_entries=4)
def untrained(model: model_view.Model) -> VAE:
    settings = model.entry.settings
    rng = generator(settings.train.seed, WEIGHTS, 0)
    return build(settings.model, model.entry.shape, rng, model.knows).requires_grad_(False).given(model.given)


def setting(s: BoundInputs, when: str) -> Setting:
    vae = model_view.network(s.model) if when == WHEN[0] else untrained(s.model)
    with torch.no_grad():
        q = vae.posterior(s.pixels)
    return Setting(vae, s.pixels[0], DiagonalGaussian(q.mean[0], q.logvar[0]))


def drawn(now: Setting) -> dict[str, Gradient]:
    noise = torch.randn(SAMPLES, len(now.q.mean), generator=torch.Generator().manual_seed(0))
    return gradients(now.vae, now.x, now.q, noise)


@cached(max_entries=8)
def found(s: BoundInputs, when: str) -> dict[str, Gradient]:
    """Single-sample gradients of each estimator."""
    return drawn(setting(s, when))


def exact(s: BoundInputs, when: str, axes: list[int]) -> list[float]:
    """d ELBO / d mu along the axes: by a sum over the plane; for D > 2 the mean of the reparameterised B."""
    if s.model.dims > 2:
        return found(s, when)[REFERENCE].mean.mean(0)[axes].tolist()
    now = setting(s, when)
    with torch.enable_grad():
        mean = now.q.mean[None].clone().requires_grad_()
        value = bound(
            now.vae, now.x[None], DiagonalGaussian(mean, now.q.logvar[None]), lattice(s.model.dims, 0.5)
        ).value
        (gradient,) = torch.autograd.grad(value.sum(), mean)
    return gradient[0, axes].tolist()


class Row(NamedTuple):
    """One estimator with L samples per estimate, over all dimensions."""

    name: str
    arrows: list[list[float]]  # in (mu_1, mu_2), or the two largest dimensions
    mean: list[float]
    error: list[float]  # standard errors of the mean
    variance: float  # of mu and log sigma^2 together
    ratio: float  # to that of the reparameterised B
    signal: float  # |mean| / its deviation, over mu
    wrong: bool


def rows(s: BoundInputs, when: str, many: int, axes: list[int]) -> list[Row]:
    every = found(s, when)
    base = every[REFERENCE].averaged(many)
    return [row(name, one.averaged(many), base, axes) for name, one in every.items()]


def ratio(estimate: Gradient, base: Gradient) -> float:
    return estimate.variance / base.variance if base.variance > 0 else math.inf


def row(name: str, estimate: Gradient, base: Gradient, axes: list[int]) -> Row:
    along, count = estimate.mean[:, axes].double(), len(estimate.mean)
    deviation = estimate.mean.double().std(0)
    signal = (estimate.mean.double().mean(0).norm() / deviation.norm().clamp(min=1e-12)).item()
    return Row(
        name,
        np.round(along[:ARROWS].numpy(), 3).tolist(),
        along.mean(0).tolist(),
        (along.std(0) / math.sqrt(count)).tolist(),
        estimate.variance,
        ratio(estimate, base),
        signal,
        name == BIASED,
    )


@torch.no_grad()
def curve(s: BoundInputs, when: str, axis: int) -> dict[str, Any]:
    """The estimated bound as one mean moves, with the same noise for every point, and with fresh noise for each."""
    now, rng = setting(s, when), torch.Generator().manual_seed(1)
    steps = torch.linspace(-3, 3, POINTS) * now.q.stddev[axis]
    same = torch.randn(1, FEW, s.model.dims, generator=rng).expand(POINTS, -1, -1)
    fresh = torch.randn(POINTS, FEW, s.model.dims, generator=rng)
    mean = now.q.mean.repeat(POINTS, 1)
    mean[:, axis] += steps
    kl = kl_standard_normal(mean, now.q.logvar).sum(-1)
    lines = {}
    for name, noise in (("same", same), ("fresh", fresh)):
        z = mean[:, None] + now.q.stddev * noise
        lines[name] = (now.vae.observed(z).log_prob(now.x).sum(-1).mean(1) - kl).tolist()
    return {"at": mean[:, axis].tolist(), **lines}


def spreads(s: BoundInputs) -> dict[str, dict[str, float]]:
    """How much single draws of the bound's own value vary under A and B, untrained and trained."""
    made = {}
    for when in WHEN:
        now = setting(s, when)
        noise = torch.randn(1000, s.model.dims, generator=torch.Generator().manual_seed(0))
        a, b = values(now.vae, now.x, now.q, noise)
        made[when] = {"A": a.double().var().item(), "B": b.double().var().item()}
    return made


class Range(NamedTuple):
    """Of a ratio over several images."""

    median: float
    least: float
    most: float


def over_images(model: model_view.Model, dataset: Any, when: str) -> dict[str, Range]:
    """Each estimator's variance, as a multiple of that of B, over the first test images: a second or more."""
    ratios: dict[str, list[float]] = {}
    some = range(min(OVER, len(dataset.test)))
    labels = dataset.labels("test", some)
    for i, x in enumerate(dataset.observed("test", some, 0, model.entry.settings.data.pixels)):
        of_class = model_view.given(model, None if labels is None else int(labels[i]))
        every = drawn(setting(image_bound.bound_inputs(of_class, x.numpy()), when))
        for name, one in every.items():
            ratios.setdefault(name, []).append(ratio(one, every[REFERENCE]))
    return {name: Range(float(np.median(many)), min(many), max(many)) for name, many in ratios.items()}


@cached(max_entries=64)
def picture(s: BoundInputs, when: str, many: int) -> dict[str, Any]:
    axes, now = sorted(s.model.order[:2]), setting(s, when)
    other = WHEN[1 - WHEN.index(when)]
    return {
        "subject": f"{s.key} {when} {many}",
        "dims": s.model.dims,
        "axes": axes,
        "when": when,
        "many": many,
        "choices": {"when": WHEN, "many": MANY},
        "rows": [one._asdict() for one in rows(s, when, many, axes)],
        "other": {one.name: one.ratio for one in rows(s, other, many, axes)},
        "exact": exact(s, when, axes),
        "curve": curve(s, when, axes[0]),
        "spreads": spreads(s),
        "mean": now.q.mean[axes].tolist(),
        "sigma": now.q.stddev[axes].tolist(),
        "noise": torch.randn(ARROWS, 2, generator=torch.Generator().manual_seed(0)).tolist(),
        "exactly": image_bound.exact(s).exact,
    }
