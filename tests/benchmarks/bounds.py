"""Prints what a model's bounds lack on test images: python tests/benchmarks/bounds.py [mnist-2d] [200]

Gaps and their two parts against the exact evidence, importance bounds of growing K for each proposal, the errors of
fixed grids, and the variance of gradient estimators, trained and untrained. All in nats, means over the images.
"""

import sys
import time
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from vae_core.data.datasets import load_dataset
from vae_core.inference.bound_decomposition import tightness
from vae_core.inference.derivation import effective_samples, staircase
from vae_core.inference.expectations import gauss_hermite
from vae_core.inference.gradient_estimators import gradients
from vae_core.inference.importance_sampling import importance
from vae_core.inference.latent_grid import Decoded, LatentGrid
from vae_core.inference.variational_refinement import best
from vae_core.model.gaussians import DiagonalGaussian, log_standard_normal
from vae_core.model.vae import VAE, build
from vae_core.runs.store import find
from vae_core.training.train import WEIGHTS, generator

COUNTS = [1, 10, 100, 1000]


def main(name: str = "mnist-2d", count: str = "200") -> None:
    run = find(name).load()
    settings, vae = run.settings, run.vae
    x = load_dataset(settings.data.name).observed("test", range(int(count)), 0, settings.data.pixels)
    grid = LatentGrid(vae)
    began = time.perf_counter()
    log_px, certificate = grid.evidence(x)
    took = 1e3 * (time.perf_counter() - began) / len(x)
    print(f"{name}, {len(x)} test images, {torch.get_num_threads()} threads; evidence {took:.0f} ms an image")
    print(
        f"  certificate: last halving at most {certificate.change.max():.0e} nats, tail e^{certificate.tail.max():.0f}"
    )
    gaps(vae, grid, x, log_px)
    stairs(vae, x, log_px)
    grids(vae, x, log_px)
    variances(vae, x[0], "trained")
    variances(
        build(settings.model, run.manifest["shape"], generator(settings.train.seed, WEIGHTS, 0)), x[0], "untrained"
    )


def gaps(vae: VAE, grid: LatentGrid, x: Tensor, log_px: Tensor) -> None:
    q = vae.posterior(x)
    parts = tightness(vae, q, x, log_px)
    gap, bound = parts.gap, parts.elbo
    modes = torch.stack([place.z[place.log_joint.argmax()] for place in map(grid.place, x)]).to(x)
    top = best(vae, x, [q, DiagonalGaussian(modes, q.logvar)], gauss_hermite(2, 7))
    least = tightness(vae, top, x, log_px).gap
    print(f"log p(x) {log_px.mean():.2f}, ELBO {bound.mean():.2f}, gap {gap.mean():.2f} (median {gap.median():.2f})")
    print(f"  |log p(x) - ELBO - gap| at most {(log_px - bound - gap).abs().max():.1e}")
    print(f"  amortisation {(gap - least).mean():.2f}, approximation {least.mean():.2f}, smallest {least.min():.1e}")
    print(f"  a better Gaussian wins more than 1 nat for {100 * (gap - least > 1).float().mean():.0f} % of the images")


def stairs(vae: VAE, x: Tensor, log_px: Tensor) -> None:
    print(f"importance bound, K = {', '.join(map(str, COUNTS))}; what it lacks; effective of 1000 (median)")
    for proposal in ("posterior", "mixture", "prior"):
        weights = torch.cat(
            [
                importance(vae, part, 1000, torch.Generator().manual_seed(0), proposal).log_weights
                for part in x.split(25)
            ],
            1,
        )
        means = [torch.tensor([staircase(w, [k])[0].bound for w in weights.mT]).mean().item() for k in COUNTS]
        lacks = ", ".join(f"{log_px.mean().item() - mean:.2f}" for mean in means)
        effective = torch.tensor([effective_samples(w) for w in weights.mT]).median()
        print(f"  {proposal:10} {', '.join(f'{mean:.2f}' for mean in means)};  {lacks};  {effective:.1f}")


@torch.no_grad()
def grids(vae: VAE, x: Tensor, log_px: Tensor) -> None:
    print("fixed grids on [-a, a]^2, G points a side: mean and worst error against the refined one")
    for side in (121, 400):
        for a in (3.0, 4.0, 6.0):
            line = (torch.arange(side) + 0.5) * (2 * a / side) - a
            total = torch.full((len(x),), -torch.inf, dtype=torch.float64)
            for z in torch.cartesian_prod(line, line).split(4096):
                joint = Decoded(vae, z, torch.float64).log_px(x) + log_standard_normal(z).double()
                total = torch.logaddexp(total, joint.logsumexp(1))
            error = (total + 2 * torch.tensor(2 * a / side).double().log() - log_px).abs()
            print(f"  a = {a:g}, G = {side}: {error.mean():.3f}, {error.max():.2f}")


def variances(vae: VAE, x: Tensor, when: str) -> None:
    with torch.no_grad():
        q = vae.posterior(x[None])
    one = DiagonalGaussian(q.mean[0], q.logvar[0])
    found = gradients(vae, x, one, torch.randn(20_000, 2, generator=torch.Generator().manual_seed(0)))
    base, reference = found["reparameterised B"].variance, found["reparameterised B"].mean.double()
    print(f"gradient variance against the reparameterised B, {when}, test image 0; distance of the means in errors")
    for name, gradient in found.items():
        part = gradient.mean.double()
        error = ((part.var(0) + reference.var(0)) / len(part)).sqrt()
        off = ((part.mean(0) - reference.mean(0)).abs() / error).max()
        print(f"  {name:22} {gradient.variance / base:12.4g}   {off:.1f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
