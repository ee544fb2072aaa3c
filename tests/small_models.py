"""Small models for page tests: real files in a run folder, with random weights strong enough to draw something."""

from pathlib import Path

import torch

from vae_core.evaluate import Report, Scores
from vae_core.runs import Entry, Runs
from vae_core.settings import RunSettings
from vae_core.vae import build

CODES = 500


def publish(cache: Path, key: str, *, shape: tuple[int, int] = (28, 28), labelled: bool = True, **fields) -> Entry:
    """A finished run called `key` in a cache folder, as if it had been trained on this machine."""
    settings = RunSettings().with_fields(**{"encoder": (8,), "decoder": (24, 40), **fields})
    dims, rng = settings.model.latent_dim, torch.Generator().manual_seed(sum(key.encode()))
    vae = build(settings.model, shape, rng)
    with torch.no_grad():
        for weights in vae.decoder.parameters():
            weights.mul_(4)
    mean, nothing = torch.randn(CODES, dims, generator=rng), torch.zeros(CODES)
    report = Report(
        CODES, 16, -140.0, elbo=-147.2, elbo_se=0.3, elbo_mc=0.01, kl=7.2, kl_per_dimension=[7.2 / dims] * dims
    )
    scores = Scores(nothing, torch.zeros(CODES, dims), nothing, mean, torch.full((CODES, dims), -4.0))
    labels = (torch.arange(CODES) % 10).numpy() if labelled else None
    with Runs(cache / "runs").draft(settings, name=f"{key} for tests", folder=key) as draft:
        return draft.publish(vae.eval().requires_grad_(False), shape, report, scores, labels)


def unfinished(cache: Path, key: str) -> None:
    """A run that stopped on the way."""
    with Runs(cache / "runs").draft(RunSettings(), name=f"{key} for tests", folder=key) as draft:
        draft.status("running", 640)
