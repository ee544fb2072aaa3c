"""One training from settings to a published run: what the command line, the bundle and a page's job all do.

Settings in, run folder out; it knows neither screen nor terminal. Whoever calls it hears each Progress through `tell`
and ends it through `stop`; a stopped run keeps a checkpoint, and the same settings go on from there.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vae_core.datasets import Dataset
from vae_core.evaluate import scores, summary
from vae_core.runs import Entry, Runs, find
from vae_core.seals import SealError
from vae_core.settings import RunSettings
from vae_core.train import Diverged, Progress, train

SAVE_EVERY = 30.0  # seconds between two checkpoints
WATCHED = 1000  # validation images whose bound is followed, twenty times in a training


def perform(
    settings: RunSettings, dataset: Dataset, runs: Runs, *,
    tell: Callable[[Progress, float | None], None] = lambda progress, validation: None,
    stop: Callable[[], bool] = lambda: False,
    folder: str = "", half: bool = False, name: str = "", **more: Any,
) -> Entry:  # fmt: skip
    """Trains `settings` on `dataset`, or goes on where an earlier call stopped, and publishes the run into `runs`.

    The entry that comes back is done, or stopped with a checkpoint; Diverged is recorded and raised. `half` stores
    float16; the report is always that of the stored weights. `more` goes into the manifest.
    """
    settings = settings.with_fields(fingerprint=dataset.fingerprint)
    with runs.draft(settings, name, folder) as draft:
        checkpoint = draft.resume()
        watch, last, saved = _watched(settings, dataset), 0, 0.0
        try:
            for progress in train(settings, dataset, start=_start(settings), checkpoint=checkpoint):
                validation = None
                if progress.step * 20 // progress.steps > last and watch is not None:
                    last = progress.step * 20 // progress.steps
                    s = scores(progress.vae, watch, samples=1)
                    validation = summary(s, 1, progress.vae.stochastic)
                    validation = validation.elbo or validation.reconstruction
                draft.record(progress, validation)
                tell(progress, validation)
                if stop() and progress.step < progress.steps:
                    draft.save(progress, "stopped")
                    return runs.get(draft.folder.name)
                if progress.seconds - saved > SAVE_EVERY:
                    draft.save(progress)
                    saved = progress.seconds
        except Diverged as error:
            draft.status("diverged", error.step)
            raise
        vae = progress.vae.eval().requires_grad_(False)
        if half:
            vae.half().float()
        x = dataset.observed("test", range(len(dataset.test)), pixels=settings.data.pixels)
        s = scores(vae, x)
        report = summary(s, 16, vae.stochastic)
        if dataset.source:  # the user's own file or folder, to find the images again
            more["source"] = dataset.source
        return draft.publish(vae, dataset.shape, report, s, dataset.test_labels, progress.seconds, half, **more)


def _watched(settings: RunSettings, dataset: Dataset) -> Tensor | None:
    count, held_out = len(dataset.train), settings.data.validation
    first = range(count - held_out, count)[:WATCHED]
    return dataset.observed("train", first, pixels=settings.data.pixels) if held_out else None


def _start(settings: RunSettings) -> dict[str, Tensor] | None:
    """The weights of the run that this one starts from, if it does."""
    key = settings.train.start_from
    if not key:
        return None
    entry = find(key)
    if entry is None:
        raise SealError(f"start_from names the run {key!r}, which is not here; train it first.")
    if entry.settings.model != settings.model:
        raise SealError(f"start_from names the run {key!r}, whose network is another; give this one the same settings.")
    return {name: torch.from_numpy(array) for name, array in entry.weights().items()}
