"""One training, from settings to a published run: used by the command line, the bundle command and all workers.

It takes orders through the run's folder, so they work across processes and machines: hold, one step more, go on, stop.
A stopped or diverged run is published too, as far as it came; a stopped one keeps its checkpoint, and the same settings
go on from there. Every tenth of the way and at each snapshot the bound of fixed validation images is taken.
"""

import contextlib
import math
import time
from collections.abc import Callable
from typing import Any

from vae_core.jobs.workers import abandoned
from vae_core.runs import usage_log
from vae_core.runs.store import Entry, Runs, find
from vae_core.runs.training_run import Draft, snapshot_steps, state
from vae_core.sealed_files import SealError, read_lines
from vae_core.settings import RunSettings

SAVE_EVERY = 30.0  # seconds between two checkpoints
SHOW_EVERY = 0.5  # seconds between two looks at the weights
WATCHED_FROM = 10  # steps
WATCHED = 1000  # validation images whose bound is followed
IDLE = 600.0  # seconds after which a held training is stopped, to free its memory
ABSURD = -1e6  # nats per image: weights that are finite and run away are no model to look at


def train_run(
    settings: RunSettings, dataset, runs: Runs, *,
    tell: Callable[[Any, float | None], None] = lambda progress, validation: None,
    stop: Callable[[], bool] = lambda: False,
    finish: Callable[[Any, Any], dict[str, Any]] = lambda vae, dataset: {},
    folder: str = "", half: bool = False, name: str = "", codes: int | None = None, device: str | None = None,
    **more: Any,
) -> Entry:  # fmt: skip
    """Trains `settings` on `dataset`, or goes on where an earlier call stopped, and publishes the run into `runs`.

    The entry that comes back is done, or stopped with a checkpoint; Diverged is recorded and raised. `half` stores
    float16 and keeps no snapshots; the report is always that of the stored weights. `codes`: of so many training images
    the codes are kept, at most. `device`: cpu, cuda, mps or auto, else what VAE_DEVICE says. `more` goes into the
    manifest, and what `finish` says that it did to the trained model.
    Settings that `check` refuses raise its ValueError, and no run is entered.
    """
    from vae_core.training import devices
    from vae_core.training.train import Diverged

    place = devices.chosen(device)
    if place.type != "cpu":
        more["device"] = place.type
    settings = settings.with_fields(fingerprint=dataset.fingerprint)
    check(settings, dataset)
    if dataset.source:  # the user's own file or folder, to find the images again
        more["source"] = dataset.source
    more["photograph"] = dataset.photograph
    with runs.draft(settings, name, folder, dataset.shape, half) as draft:
        if draft.done:
            return runs.get(draft.folder.name)
        draft.source = dataset.source
        try:
            progress = _trained(draft, dataset, tell, stop, place)
            ended = "done" if progress.step == progress.steps else "stopped"
            if progress.chains and progress.chains.remark:
                more["why"] = progress.chains.remark
            more |= finish(progress.vae, dataset) if ended == "done" else {}
            _publish(draft, dataset, progress.vae, progress.step, progress.seconds, ended, codes, **more)
            if ended == "stopped":
                draft.status("stopped", progress.step)
        except Diverged as error:
            _publish_last_finite(draft, dataset, error, **more)
            draft.status("diverged", error.step, str(error))
            raise
        except Exception as error:
            with contextlib.suppress(OSError):
                draft.status("failed", state(draft.folder).get("step", 0), str(error))
            raise
    if runs.quarantine:  # the bundled models are not evicted
        usage_log.note(runs.folder, draft.folder.name)
    return runs.get(draft.folder.name)


def check(settings: RunSettings, dataset) -> None:
    """A ValueError in one sentence where these settings cannot be trained on these images, before anything is begun.

    What could be wrong: nothing is left to train on, the network does not fit the images, or the run to start from is
    not here.
    """
    from vae_core.training.train import initial

    settings.model.check_shape(dataset.shape)
    dataset.training(settings.data.validation, settings.data.images)
    initial(settings, dataset, _start(settings))


def _trained(draft: Draft, dataset, tell, stop, device):
    """The training itself; the last Progress, at the last step or where it was told to stop."""
    from vae_core.training.train import initial, train

    settings, checkpoint = draft.settings, draft.resume()
    start, vae = _start(settings), None
    before = sum(row["seconds"] for row in read_lines(draft.folder / "progress.jsonl")[-1:])
    if checkpoint is None and not draft.half:
        vae = initial(settings, dataset, start)
        draft.snapshot(vae, 0)
        draft.show(vae, 0)
    keep = set() if draft.half else snapshot_steps(settings.train.steps, _bytes(checkpoint or vae.state_dict()))
    watch, tenth, saved, shown = _watched(settings, dataset), 0, 0.0, 0.0

    def due(step: int) -> bool:
        command = draft.command()
        told = command.stop or (command.until is not None and step >= command.until)
        return told or step in keep or stop() or abandoned()

    for progress in train(settings, dataset, start=start, checkpoint=checkpoint, due=due, device=device):
        progress = progress._replace(seconds=before + progress.seconds)
        held_out = {}
        if progress.step * 10 // progress.steps > tenth or (progress.step in keep and progress.step >= WATCHED_FROM):
            tenth, held_out = progress.step * 10 // progress.steps, _validation(progress.vae, watch)
        draft.record(progress, **held_out)
        tell(progress, held_out.get("validation"))
        if progress.step in keep:
            draft.snapshot(progress.vae, progress.step)
        if time.monotonic() > shown + SHOW_EVERY and not draft.half:
            draft.show(progress.vae, progress.step)
            draft.status("running", progress.step)
            shown = time.monotonic()
        if progress.step == progress.steps:
            return progress
        if _told_to_stop(draft, progress, stop):
            draft.save(progress)
            return progress
        if progress.seconds - before - saved > SAVE_EVERY:
            draft.save(progress)
            saved = progress.seconds - before
    raise ValueError(f"{draft.name} has no step left to train.")  # unreachable: no checkpoint is of the last step


def _bytes(tensors) -> int:
    """What the weights among the tensors of a model, or of a checkpoint, take in float16."""
    return sum(2 * t.numel() for name, t in tensors.items() if not name.startswith(("optimizer.", "chains.", "step")))


def _told_to_stop(draft: Draft, progress, stop: Callable[[], bool]) -> bool:
    """Holds as long as the orders say so; True when it is time to stop."""
    began, held = time.monotonic(), None
    while True:
        command = draft.command()
        if command.stop or stop() or abandoned():
            return True
        if command.until is None or progress.step < command.until:
            if held is not None and command.until is None:
                draft.status("running", progress.step)
            return False
        if held != progress.step:
            held = progress.step
            draft.save(progress)
            draft.show(progress.vae, progress.step)
            draft.status("paused", progress.step)
        if time.monotonic() > began + IDLE:
            return True
        time.sleep(0.03)


def _publish(
    draft: Draft, dataset, vae, step: int, seconds: float, ended: str, codes: int | None = None, **more: Any
) -> None:
    from vae_core.analysis.coverage import training_codes
    from vae_core.training.evaluate import scores, summary

    vae = vae.eval().requires_grad_(False)
    if draft.half:
        vae.half().float()
    importance = draft.settings.train.importance_samples
    samples = max(importance, 16 if ended == "done" else 2)  # who stops a training does not want to wait
    x = dataset.observed("test", range(len(dataset.test)), pixels=draft.settings.data.pixels)
    s = scores(vae, x, samples, labels=dataset.test_labels, importance=importance)
    report = summary(s, samples, vae.stochastic)
    bound = report.reconstruction - (report.kl or 0.0)
    if not math.isfinite(bound) or (ended == "diverged" and bound < ABSURD):
        raise ValueError("The bound of these weights is not finite, or of no use.")
    if dataset.test_labels is not None and dataset.classes:
        more["classes"] = list(dataset.classes)
    if ended == "done" and vae.stochastic:
        more["training"] = training_codes(vae, dataset, draft.settings.data, codes)
    draft.publish(vae, report, s, dataset.test_labels, seconds=seconds, ended=ended, step=step, **more)
    vae.requires_grad_(True)


def _publish_last_finite(draft: Draft, dataset, error, **more: Any) -> None:
    """The weights before the bad step, else, where those have run away already, the newest snapshot that has not."""
    entry = Runs(draft.folder.parent, draft.quarantine).get(draft.folder.name)
    steps = [step for step in reversed(entry.snapshots()) if step < error.step] if entry else []
    for step, vae in [(error.step, error.vae), *map(entry.at, steps)]:
        with contextlib.suppress(ValueError):
            return _publish(draft, dataset, vae, step, 0.0, "diverged", why=str(error), **more)
    return None


def _validation(vae, watch) -> dict[str, float]:
    """The bound of the watched images and its terms in nats, from one sample each; an autoencoder's reconstruction.

    Of a model that climbs the bound of K weighted samples that one too, from K samples each.
    """
    from vae_core.training.evaluate import scores, summary

    if watch is None:
        return {}
    r = summary(scores(vae, *watch), watch[1], vae.stochastic)
    found = {
        "validation": r.reconstruction if r.elbo is None else r.elbo,
        "validation_reconstruction": r.reconstruction,
    }
    found |= {} if r.kl is None else {"validation_kl": r.kl}
    found |= {} if r.importance_weighted is None else {"validation_importance_weighted": r.importance_weighted}
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _watched(settings: RunSettings, dataset):
    """What `scores` takes for the images whose bound is followed: x, the samples, their seed, their classes, K."""
    count, held_out, samples = len(dataset.train), settings.data.validation, settings.train.importance_samples
    first = range(count - held_out, count)[:WATCHED]
    if not held_out:
        return None
    x, labels = dataset.observed("train", first, pixels=settings.data.pixels), dataset.labels("train", first)
    return x, samples, 0, labels, samples


def _start(settings: RunSettings) -> dict[str, Any] | None:
    """The weights of the run that this one starts from, if it does."""
    import torch

    key = settings.train.start_from
    if not key:
        return None
    entry = find(key)
    if entry is None:
        raise SealError(f"start_from names the run {key!r}, which is not here; train it first.")
    if entry.settings.model != settings.model:
        raise SealError(f"start_from names the run {key!r}, whose network is another; give this one the same settings.")
    return {name: torch.from_numpy(array) for name, array in entry.weights().items()}
