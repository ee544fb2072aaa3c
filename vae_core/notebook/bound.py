"""The bound of one image under somebody's model, with its terms and, for one or two dimensions, log p(x) itself."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from vae_core.inference.elbo import terms
from vae_core.inference.latent_grid import LatentGrid, summable
from vae_core.model.gaussians import DiagonalGaussian
from vae_core.model.vae import VAE

SAMPLES = 256
CLEARLY = 5  # nats


class Bound(NamedTuple):
    """In nats. What this model does not have is None."""

    reconstruction: float | None = None  # E_q log p(x|z); of an autoencoder log p(x|z) at its code
    error: float | None = None  # standard error of that, for the noise
    kl: float | None = None
    elbo: float | None = None
    log_px: float | None = None  # exact

    @property
    def gap(self) -> float | None:
        return None if self.elbo is None or self.log_px is None else self.log_px - self.elbo


@torch.no_grad()
def bound(vae: VAE, x: Tensor, encodes: bool) -> Bound:
    """Of an image x (X,) from 256 noise samples, always the same."""
    if not encodes:
        return Bound()
    if not vae.stochastic:
        return Bound(reconstruction=float(vae.observed(vae.code(x[None])).log_prob(x[None]).sum()))
    noise = torch.randn(SAMPLES, 1, vae.latent_dim, generator=torch.Generator().manual_seed(0))
    found = terms(vae, x[None], noise)
    draws, kl = found.log_px.sum(-1, dtype=torch.float64)[:, 0], float(found.kl.sum())
    reconstruction = float(draws.mean())
    return Bound(reconstruction, float(draws.std()) / math.sqrt(SAMPLES), kl, reconstruction - kl)


@torch.no_grad()
def doubt(vae: VAE, x: Tensor) -> str:
    """A remark where what encode gives beside the mean looks like σ of the images x (B, X), not like log σ²."""
    q = vae.posterior(x)
    if (q.logvar <= 0).any():
        return ""
    noise = torch.randn(16, len(x), vae.latent_dim, generator=torch.Generator().manual_seed(0))
    read = [q, DiagonalGaussian(q.mean, 2 * q.logvar.log())]
    as_given, as_sigma = (terms(vae, x, noise, each).elbo().value.mean().item() for each in read)
    if not as_sigma > as_given + CLEARLY:
        return ""
    return (
        f"Every log variance that encode gives is above 0, and read as σ they make the ELBO {as_sigma - as_given:.0f} "
        "nats higher: does encode give σ instead of log σ²?"
    )


def with_evidence(known: Bound, grid: LatentGrid | None, x: Tensor) -> Bound:
    """With log p(x), where a grid can sum over all z."""
    return known if grid is None else known._replace(log_px=float(grid.log_px(x[None])[0]))


def grid_of(vae: VAE) -> LatentGrid | None:
    return LatentGrid(vae) if vae.stochastic and summable(vae) else None


def in_words(found: Bound, name: str, remark: str) -> list[tuple[str, str]]:
    """For the line below the plane: [kind, text] each."""
    parts = [("", f"{name}:")]
    if found.elbo is not None:
        parts += [
            ("elbo", f"ELBO {number(found.elbo)} ± {found.error:.2g}"), ("", "="),
            ("reconstruction", f"reconstruction {number(found.reconstruction)}"), ("", "−"),
            ("kl", f"KL {number(found.kl)}"),
        ]  # fmt: skip
    elif found.reconstruction is not None:
        parts.append(("reconstruction", f"log p(x|z) at its code {number(found.reconstruction)}"))
        remark = remark or "an autoencoder has no ELBO"
    else:
        remark = remark or "without an encoder there is no q(z|x), and no ELBO"
    if found.log_px is not None:
        gap = "" if found.gap is None else f", so the gap is {number(found.gap)}"
        parts += [("", "·"), ("evidence", f"log p(x) {number(found.log_px)}, exact{gap}")]
    if found.elbo is not None or found.log_px is not None:
        parts.append(("", "nats"))
    return [*parts, *([("", f"({remark})")] if remark else [])]


def number(value: float) -> str:
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")
