"""The variance family in numbers: one network on grey MNIST for each variance c of its decoder, and one that learns c.

With E the expected squared error, summed over X pixels, ELBO = -X/2 ln(2 pi c) - E/(2c) - KL
(assets/math.md#likelihoods). Bounds and KL stand in the manifests, squared errors in assets/comparison.json.
`python -m vae_core variances` prints the table.
"""

import math
from typing import TYPE_CHECKING, NamedTuple

from vae_core.analysis import model_comparison
from vae_core.analysis.posterior_collapse import mnist, predicted_active
from vae_core.runs.store import Entry, bundled

if TYPE_CHECKING:
    from torch import Tensor

    from vae_core.model.vae import VAE

NAME = "mnist-c-"
WIDTHS = (16, 10, 10, 10, 9, 11, 8, 10)  # of the table's columns

NOTES = (
    "error: squared error of the mean reconstruction, summed over the pixels; E: the expected one",
    "constant: -X/2 ln(2 pi c); ELBO = constant - E/(2c) - KL, nats per image",
    "predicted: by the linear theory, the axes whose eigenvalue of the pixels' covariance is above c",
)


class Member(NamedTuple):
    """A model of the family on the test images; nats per image, squared errors summed over the pixels."""

    name: str
    variance: float  # c
    learned: bool
    pixels: int
    latent_dim: int
    residual: float | None  # squared error of the mean reconstruction; None: not measured
    reconstruction: float
    kl: float
    elbo: float
    elbo_error: float  # over the images
    active_units: int
    predicted: int  # of the linear theory

    @property
    def constant(self) -> float:
        """The part of the bound that is the same for every image."""
        return constant(self.variance, self.pixels)

    @property
    def expected_residual(self) -> float:
        """E_q of the squared error, from the reconstruction: what the bound charges for."""
        return expected_residual(self.reconstruction, self.variance, self.pixels)


class Image(NamedTuple):
    """One image under one model, in the same units."""

    residual: float  # of the picture that the decoder makes of q's mean
    expected_residual: float  # E_q
    kl: float
    elbo: float
    elbo_error: float  # Monte Carlo
    mean: list[float]  # (D,) of q(z|x)


def constant(variance: float, pixels: int) -> float:
    """-X/2 ln(2 pi c): log p(x|z) of an image without any error. Positive where c < 1 / (2 pi)."""
    return -pixels / 2 * math.log(2 * math.pi * variance)


def expected_residual(reconstruction: float, variance: float, pixels: int) -> float:
    return 2 * variance * (constant(variance, pixels) - reconstruction)


def same_beta(variance: float, beta: float = 1.0, other: float = 1.0) -> float:
    """The beta that gives a decoder of variance `other` the same optimum: only beta c counts."""
    return beta * variance / other


def variance_of(weight: float, pixels: int = 1) -> float:
    """The c of a loss weight * error + KL; `pixels`: the error is a mean over so many, else their sum."""
    return pixels / (2 * weight)


def members() -> list[Entry]:
    """The bundled runs of the family, by their variance."""
    entries = [e for e in bundled().list() if e.key.startswith(NAME) and e.status == "done"]
    return sorted(entries, key=lambda e: variance(e)[0])


def variance(entry: Entry) -> tuple[float, bool]:
    """c, and whether the model has learned it."""
    if entry.settings.model.row.variance == "learned":
        return math.exp(entry.weights()["likelihood.logvar"].item()), True
    return entry.settings.model.variance, False


def member(entry: Entry) -> Member:
    r, model, measured = entry.metrics, entry.settings.model, model_comparison.known(entry)
    c, learned = variance(entry)
    return Member(
        entry.key, c, learned, math.prod(entry.shape), model.latent_dim, measured.residual if measured else None,
        r["reconstruction"], r["kl"], r["elbo"], r["elbo_se"], r["active_units"],
        predicted_active(mnist().covariance, same_beta(c, entry.settings.train.beta), model.latent_dim),
    )  # fmt: skip


def family() -> list[Member]:
    return [member(entry) for entry in members()]


def of_image(vae: "VAE", x: "Tensor", seed: int = 0) -> Image:
    """One image (1, X) under a member."""
    import torch

    from vae_core.model.gaussians import kl_standard_normal

    with torch.no_grad():
        q = vae.posterior(x)
        residual = (vae.mean(q.mean) - x).square().sum().item()
        kl = kl_standard_normal(q.mean, q.logvar).sum().item()
    value, error = model_comparison.elbos(vae, x, seed)
    elbo, c = value.item(), vae.likelihood.variance
    return Image(residual, expected_residual(elbo + kl, c, x.shape[1]), kl, elbo, error.item(), q.mean[0].tolist())


def table(rows: list[Member]) -> str:
    """The family as text."""
    heads = ("c", "error", "constant", "E/(2c)", "KL", "ELBO", "active", "predicted")
    lines = ["".join(f"{head:>{width}}" for head, width in zip(heads, WIDTHS, strict=True))]
    for m in rows:
        cells = (
            f"{m.variance:.4g}" + (" learned" if m.learned else ""), "-" if m.residual is None else f"{m.residual:.2f}",
            f"{m.constant:.1f}", f"{m.expected_residual / (2 * m.variance):.1f}", f"{m.kl:.2f}", f"{m.elbo:.1f}",
            f"{m.active_units}", f"{m.predicted}",
        )  # fmt: skip
        lines.append("".join(f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True)))
    return "\n".join([*lines, *NOTES])
