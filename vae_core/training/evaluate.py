"""Evaluate a trained model on a set of images: the bound and its terms, per image and per dimension.

The convention of every printed test ELBO: all test images, binarisation seed 0, L = 16 noise samples. It carries two
errors: `elbo_se` over the images (another test set would differ by this) and `elbo_mc` over the noise (another seed).
"""

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.distributions import constraints

from vae_core.data.datasets import Dataset, mean_image, observe, uniforms
from vae_core.inference.elbo import terms
from vae_core.model.vae import VAE

CHUNK = 150  # images at a time: 16 x 150 x 784 floats are 7.5 MB, and what is larger leaves the cache of a processor
ACTIVE = 0.01  # Burda, Grosse & Salakhutdinov (2016), section 5.1: Var_x(E[z_j|x]) above it


class Scores(NamedTuple):
    """The terms of each image's bound, in nats, and its q(z|x)."""

    reconstruction: Tensor  # (B,)
    kl: Tensor  # (B, D)
    noise_variance: Tensor  # (B,)  of log p(x|z) over the noise
    mean: Tensor  # (B, D)
    logvar: Tensor  # (B, D); of an autoencoder, which has none: NaN
    importance_weighted: Tensor | None = None  # (B,)  the bound of K samples, where it was asked for

    @property
    def elbo(self) -> Tensor:  # (B,)
        return self.reconstruction - self.kl.sum(-1)


class Report(NamedTuple):
    """Means over the images, nats per image. An autoencoder has a reconstruction only: the rest is None.

    Every number is finite where the bound is, so that it can be kept as JSON.
    """

    images: int
    samples: int
    reconstruction: float
    elbo: float | None = None
    elbo_se: float | None = None  # None: one image has no spread
    elbo_mc: float | None = None  # None: nor has one noise sample
    kl: float | None = None
    kl_per_dimension: list[float] | None = None
    active_units: int | None = None  # None: nor have one image's codes
    mean_sigma: list[float] | None = None
    mean_square: list[float] | None = None  # E z_j^2 under the aggregate posterior: 1 where it matches the prior
    importance_weighted: float | None = None  # the bound of K samples, of a model that was trained for it
    importance_weighted_se: float | None = None

    def to_dict(self) -> dict[str, Any]:
        weighted = ("importance_weighted", "importance_weighted_se")
        return {name: value for name, value in self._asdict().items() if value is not None or name not in weighted}


@torch.no_grad()
def scores(
    vae: VAE, x: Tensor, samples: int = 16, seed: int = 0, labels: Tensor | None = None, importance: int = 1
) -> Scores:
    """The terms of the bound for each observed image x (B, X), with L = `samples` draws of noise from `seed`.

    A conditional model needs the images' classes, labels (B,), and its bounds are of log p(x|y). With K = `importance`
    above 1, at most L, the bound of K weighted samples too, its mean over as many groups of K as there are.
    """
    rng = torch.Generator().manual_seed(seed)
    noise = torch.randn(samples, len(x), vae.latent_dim, generator=rng).to(x.dtype)  # (L, B, D)
    parts, model, batches = [], vae, x.split(CHUNK)
    classes = [None] * len(batches) if labels is None else labels.split(CHUNK)
    for batch, eps, y in zip(batches, noise.split(CHUNK, 1), classes, strict=True):
        vae = model.given(y)
        if not vae.stochastic:
            code = vae.code(batch)
            log_px, no_kl = vae.observed(code).log_prob(batch).sum(-1), torch.zeros_like(code)
            parts.append(Scores(log_px, no_kl, torch.zeros_like(log_px), code, torch.full_like(code, torch.nan)))
            continue
        t = terms(vae, batch, eps, q := vae.posterior(batch))
        log_px = t.log_px.sum(-1)  # (L, B)
        spread = log_px.var(0) if samples > 1 and len(batch) else torch.full_like(log_px[0], torch.nan)
        parts.append(Scores(log_px.mean(0), t.kl, spread, q.mean, q.logvar))
        if importance > 1:
            grouped = samples // importance * importance
            few = t._replace(log_px=t.log_px[:grouped], z=t.z[:grouped], noise=eps[:grouped])
            parts[-1] = parts[-1]._replace(importance_weighted=few.importance_weighted(importance))
    return Scores(*(torch.cat(column) if column[0] is not None else None for column in zip(*parts, strict=True)))


def evaluate(
    vae: VAE, images: Tensor, samples: int = 16, seed: int = 0, pixels: str | None = None,
    labels: Tensor | None = None,
) -> Report:  # fmt: skip
    """Scores and averages uint8 images (N, X), observed through their own fixed uniforms, or pixels x already observed.

    `pixels` is the rule of observation; without it a Bernoulli sees dynamic pixels and a Gaussian dequantised ones.
    `labels` (N,) are the images' classes, for a conditional model.
    """
    if images.dtype == torch.uint8:
        draws = uniforms("test", list(range(len(images))), images.shape[1], seed)
        images = observe(images, pixels or default_pixels(vae), draws)
    return summary(scores(vae, images, samples, seed, labels), samples, vae.stochastic)


def summary(s: Scores, samples: int, stochastic: bool = True) -> Report:
    """Averages the scores; no images are a ValueError."""
    if not (count := len(s.elbo)):
        raise ValueError("There are no images to evaluate: a mean needs at least one.")
    reconstruction = s.reconstruction.double().mean().item()
    if not stochastic:
        return Report(count, 1, reconstruction)
    variance, weighted = s.logvar.double().exp(), s.importance_weighted
    return Report(
        count, samples, reconstruction,
        elbo=s.elbo.double().mean().item(),
        elbo_se=standard_error(s.elbo),
        elbo_mc=(s.noise_variance.double().sum() / samples).sqrt().item() / count if samples > 1 else None,
        kl=s.kl.double().sum(-1).mean().item(),
        kl_per_dimension=s.kl.double().mean(0).tolist(),
        active_units=int((s.mean.double().var(0) > ACTIVE).sum()) if count > 1 else None,
        mean_sigma=variance.sqrt().mean(0).tolist(),
        mean_square=(s.mean.double().square() + variance).mean(0).tolist(),
        importance_weighted=None if weighted is None else weighted.double().mean().item(),
        importance_weighted_se=None if weighted is None else standard_error(weighted),
    )  # fmt: skip


def standard_error(values: Tensor) -> float | None:
    """Of the mean of (N,) values; None of a single one, which has no spread."""
    return values.double().std().item() / math.sqrt(len(values)) if len(values) > 1 else None


def independent_pixels(dataset: Dataset) -> float:
    """Test log-likelihood of a model that knows each pixel's training mean and nothing else: a collapsed VAE."""
    mean = (mean_image(dataset.train) / 255).clamp(1e-6, 1 - 1e-6)
    x = mean_image(dataset.observed("test", range(len(dataset.test))))  # enough, for log p(x) is linear in x
    return (x * mean.log() + (1 - x) * torch.log1p(-mean)).sum().item()


def default_pixels(vae: VAE) -> str:
    """By what p(x|z) is a distribution of: 0 and 1, or a continuum."""
    binary = vae.given(0).observed(torch.zeros(1, vae.latent_dim)).support is constraints.boolean
    return "dynamic" if binary else "dequantised"
