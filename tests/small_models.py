"""Small models for page tests: real files in a run folder, with random weights strong enough to draw something."""

from pathlib import Path

import numpy as np
import torch

from vae_core.model.vae import build
from vae_core.runs.store import Entry, Runs
from vae_core.settings import RunSettings
from vae_core.training.evaluate import Report, Scores

CODES = 500


def publish(
    cache: Path, key: str, *, called: str | None = None, shape: tuple[int, int] = (28, 28), labelled: bool = True,
    count: int = CODES, labels: np.ndarray | None = None, classes: tuple[str, ...] = (), strength: float = 4, **fields,
) -> Entry:  # fmt: skip
    """A finished run in the folder `key` of a cache, as if it had been trained on this machine.

    A decoder with weights of strength 1 draws little, and its exact sums take a tenth of the time.
    """
    settings = RunSettings().with_fields(**{"encoder": (8,), "decoder": (24, 40), **fields})
    dims, rng = settings.model.latent_dim, torch.Generator().manual_seed(sum(key.encode()))
    if labels is None and labelled:
        labels = (torch.arange(count) % 10).numpy()
    known = max(len(classes), int(labels.max()) + 1) if settings.model.conditional else 0
    vae = build(settings.model, shape, rng, known)
    with torch.no_grad():
        for weights in vae.decoder.parameters():
            weights.mul_(strength)
    mean, nothing = torch.randn(count, dims, generator=rng), torch.zeros(count)
    report = Report(
        count, 16, -140.0, elbo=-147.2, elbo_se=0.3, elbo_mc=0.01, kl=7.2, kl_per_dimension=[7.2 / dims] * dims
    )
    scores = Scores(nothing, torch.zeros(count, dims), nothing, mean, torch.full((count, dims), -4.0))
    named = {"classes": list(classes)} if classes else {}
    runs = Runs(cache / "runs")
    with runs.draft(settings, name=called or f"{key} for tests", folder=key, shape=shape) as draft:
        draft.publish(vae.eval().requires_grad_(False), report, scores, labels, **named)
    return runs.get(key)


def unfinished(cache: Path, key: str) -> None:
    """A run that stopped on the way."""
    with Runs(cache / "runs").draft(RunSettings(), name=f"{key} for tests", folder=key) as draft:
        draft.status("running", 640)


def own_digits(folder: Path, tested: int = 100) -> Path:
    """A data set file of digits, of which the last ones, one in seven, are for testing."""
    from vae_core.data.strokes import strokes

    file, drawn = folder / "digits.npz", strokes(7 * tested, np.random.default_rng(0))
    np.savez(file, images=drawn.images.reshape(-1, 28, 28), labels=drawn.labels)
    return file
