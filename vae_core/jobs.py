"""Trainings: one of them from settings to a published run, and a bounded queue of them.

`perform` is what the command line, the bundle and every worker do. It takes orders through the run's folder, so they
work across processes and machines: hold, one step more, go on, stop. `work` is the same with JSON in and JSON out, for
any concurrent.futures.Executor. A stopped or diverged run is published too, as far as it came; a stopped one keeps its
checkpoint, and the same settings go on from there.
"""

import contextlib
import json
import math
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

from vae_core.drafts import Draft, Orders, describe, give, in_training, now, snapshot_steps, state
from vae_core.runs import Entry, Runs, find
from vae_core.seals import SealError, as_json, write
from vae_core.settings import RunSettings
from vae_core.workers import abandoned

SAVE_EVERY = 30.0  # seconds between two checkpoints
SHOW_EVERY = 0.5  # seconds between two looks at the weights
WATCHED = 1000  # validation images whose bound is followed
IDLE = 600.0  # seconds after which a held training is stopped, to free its memory
PER_VISITOR = 3  # trainings at a time: one that runs, two that wait


def perform(
    settings: RunSettings, dataset, runs: Runs, *,
    tell: Callable[[Any, float | None], None] = lambda progress, validation: None,
    stop: Callable[[], bool] = lambda: False,
    folder: str = "", half: bool = False, name: str = "", **more: Any,
) -> Entry:  # fmt: skip
    """Trains `settings` on `dataset`, or goes on where an earlier call stopped, and publishes the run into `runs`.

    The entry that comes back is done, or stopped with a checkpoint; Diverged is recorded and raised. `half` stores
    float16 and keeps no snapshots; the report is always that of the stored weights. `more` goes into the manifest.
    """
    from vae_core.train import Diverged

    settings = settings.with_fields(fingerprint=dataset.fingerprint)
    if dataset.source:  # the user's own file or folder, to find the images again
        more["source"] = dataset.source
    with runs.draft(settings, name, folder, dataset.shape, half) as draft:
        try:
            progress = _trained(draft, dataset, tell, stop)
            ended = "done" if progress.step == progress.steps else "stopped"
            _publish(draft, dataset, progress.vae, progress.step, progress.seconds, ended, **more)
            if ended == "stopped":
                draft.status("stopped", progress.step)
        except Diverged as error:
            with contextlib.suppress(ValueError):  # weights so large that not even their bound is finite
                _publish(draft, dataset, error.vae, error.step, 0.0, "diverged", why=str(error), **more)
            draft.status("diverged", error.step, str(error))
            raise
        except Exception as error:
            error = _explained(error, draft)
            with contextlib.suppress(OSError):
                draft.status("failed", state(draft.folder).get("step", 0), str(error))
            raise error
    return runs.get(draft.folder.name)


def _trained(draft: Draft, dataset, tell, stop):
    """The training itself; the last Progress, at the last step or where it was told to stop."""
    from vae_core.train import initial, train

    settings, checkpoint = draft.settings, draft.resume()
    start, keep = _start(settings), set() if draft.half else snapshot_steps(settings.train.steps)
    before = sum(row["seconds"] for row in _rows(draft)[-1:])
    if checkpoint is None and not draft.half:
        vae = initial(settings, dataset, start)
        draft.snapshot(vae, 0)
        draft.show(vae, 0)
    watch, twentieth, saved, shown = _watched(settings, dataset), 0, 0.0, 0.0

    def due(step: int) -> bool:
        orders = draft.orders()
        return step in keep or orders.stop or (orders.until is not None and step >= orders.until)

    for progress in train(settings, dataset, start=start, checkpoint=checkpoint, due=due):
        progress = progress._replace(seconds=before + progress.seconds)
        validation = None
        if progress.step * 20 // progress.steps > twentieth or progress.step in keep:
            twentieth, validation = progress.step * 20 // progress.steps, _validation(progress.vae, watch)
        draft.record(progress, validation)
        tell(progress, validation)
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
    raise ValueError(
        f"{draft.name} has no step left to train."
    )  # pragma: no cover  a checkpoint is never the last step


def _told_to_stop(draft: Draft, progress, stop: Callable[[], bool]) -> bool:
    """Holds as long as the orders say so; True when it is time to stop."""
    began, held = time.monotonic(), None
    while True:
        orders = draft.orders()
        if orders.stop or stop() or abandoned():
            return True
        if orders.until is None or progress.step < orders.until:
            if held is not None:
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


def _publish(draft: Draft, dataset, vae, step: int, seconds: float, ended: str, **more: Any) -> None:
    from vae_core.evaluate import scores, summary

    vae = vae.eval().requires_grad_(False)
    if draft.half:
        vae.half().float()
    samples = 16 if ended == "done" else 2  # who stops a training does not want to wait
    x = dataset.observed("test", range(len(dataset.test)), pixels=draft.settings.data.pixels)
    s = scores(vae, x, samples)
    report = summary(s, samples, vae.stochastic)
    if not math.isfinite(report.reconstruction):
        raise ValueError("The bound of these weights is not finite.")
    draft.publish(vae, report, s, dataset.test_labels, seconds=seconds, ended=ended, step=step, **more)
    vae.requires_grad_(True)


def _validation(vae, watch) -> float | None:
    """The bound of the watched images in nats, from one sample each; an autoencoder's reconstruction."""
    from vae_core.evaluate import scores, summary

    if watch is None:
        return None
    report = summary(scores(vae, watch, samples=1), 1, vae.stochastic)
    value = report.reconstruction if report.elbo is None else report.elbo
    return value if math.isfinite(value) else None


def _watched(settings: RunSettings, dataset):
    count, held_out = len(dataset.train), settings.data.validation
    first = range(count - held_out, count)[:WATCHED]
    return dataset.observed("train", first, pixels=settings.data.pixels) if held_out else None


def _rows(draft: Draft) -> list[dict[str, Any]]:
    from vae_core.seals import read_lines

    return read_lines(draft.folder / "progress.jsonl")


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


def _explained(error: Exception, draft: Draft) -> Exception:
    """A full disk by its path and what is left on it; anything else as it is."""
    if not isinstance(error, OSError):
        return error
    try:
        left = f"{shutil.disk_usage(draft.folder).free / 1e6:.0f} MB are free"
    except OSError:
        left = "it cannot be read"
    return OSError(f"{draft.folder} cannot be written ({error.strerror or error}; {left}): make room, then resume.")


def request(settings: RunSettings, runs: Runs, name: str = "", data: str | None = None) -> str:
    """What `work` needs to know, as JSON."""
    return json.dumps({"settings": settings.to_dict(), "runs": str(runs.folder), "name": name, "data": data})


def work(request: str) -> str:
    """One training for any executor: JSON in, the run's folder written, its key, status and report out as JSON."""
    import torch

    from vae_core.datasets import load_dataset

    asked = json.loads(request)
    settings, runs = RunSettings.from_dict(asked["settings"]), Runs(asked["runs"])
    began, data = time.perf_counter(), settings.data
    entry = runs.get(settings.key())
    if entry is None or entry.status != "done":
        dataset = load_dataset(data.name, asked["data"], data.split, download=False)
        if data.fingerprint not in ("", dataset.fingerprint):
            raise ValueError(f"The {data.name} found here is another one than these settings were made for.")
        entry = perform(settings.with_fields(name=dataset.name), dataset, runs, name=asked["name"])
    seal = entry.manifest["files"]["model.safetensors"]["sha256"]
    return json.dumps({
        "key": entry.key, "status": entry.status, "step": entry.step, "report": entry.metrics, "sha256": seal,
        "seconds": entry.manifest["seconds"], "wall": time.perf_counter() - began, "threads": torch.get_num_threads(),
    })  # fmt: skip


class QueueFull(ValueError):
    """One sentence that says how many trainings there are already."""


@dataclass
class Job:
    key: str
    who: str
    request: str
    future: Future = field(default_factory=Future)


class Jobs:
    """The trainings of a server: each visitor has one that runs and two that wait, all together fill the executor.

    Orders go to the run itself (`Entry.order`); this is the queue in front of it. Shared by all sessions.
    """

    def __init__(self, runs: Runs, executor: Executor, at_once: int = 1) -> None:
        self.runs, self.executor, self.at_once = runs, executor, at_once
        self._lock, self._waiting, self._running = threading.RLock(), [], {}
        entries = runs.list()
        self._adopted = [entry.folder for entry in entries if entry.status in ("running", "paused")]
        for entry in reversed(entries):  # what an earlier server had not begun
            if entry.status == "queued":
                self._enter(entry.settings, entry.name, "", None)

    def submit(self, settings: RunSettings, name: str = "", who: str = "", data: str | None = None) -> Entry:
        """Trains these settings, whose fingerprint must be filled in; whoever asks again attaches to the same run.

        A finished run comes back at once; a stopped, failed or interrupted one goes on. QueueFull says why not.
        """
        key = settings.key()
        with self._lock:
            entry = self.runs.get(key)
            if (entry and entry.status == "done") or self.place(key) is not None or in_training(self.runs.folder / key):
                return entry
            mine = sum(job.who == who for job in [*self._waiting, *self._running.values()])
            if mine >= PER_VISITOR:
                raise QueueFull(f"{mine} of your trainings run or wait already; wait for one, or stop one.")
            return self._enter(settings, name, who, data)

    def place(self, key: str) -> int | None:
        """0: it runs here; 1: it is the next one; None: it is not in this queue."""
        with self._lock:
            if key in self._running:
                return 0
            return next((n for n, job in enumerate(self._waiting, 1) if job.key == key), None)

    def stop(self, key: str) -> None:
        """Out of the queue, or the order to stop for the one that trains it."""
        with self._lock:
            waiting = [job for job in self._waiting if job.key == key]
            for job in waiting:
                self._waiting.remove(job)
        entry = self.runs.get(key)
        if entry and waiting and not entry.ready:
            _say(self.runs.folder / key, "stopped", entry)
        elif entry:
            entry.order(stop=True)

    def _enter(self, settings: RunSettings, name: str, who: str, data: str | None) -> Entry:
        folder, key = self.runs.folder / settings.key(), settings.key()
        before = self.runs.get(key)
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / "settings.json", as_json(settings.to_dict()))
        give(folder, Orders())
        _say(folder, "queued", before, name or (before.name if before else describe(settings)))
        self._waiting.append(Job(key, who, request(settings, self.runs, name, data)))
        self.move_up()
        return self.runs.get(key)

    def move_up(self) -> None:
        """Gives the executor as many as may run: in order, and one of each visitor.

        It happens by itself, but for the end of a training that outlived an earlier server: ask now and then.
        """
        with self._lock:
            self._adopted = [folder for folder in self._adopted if in_training(folder)]
            for job in list(self._waiting):
                busy = {other.who for other in self._running.values()}
                if len(self._running) + len(self._adopted) < self.at_once and (not job.who or job.who not in busy):
                    self._waiting.remove(job)
                    self._running[job.key] = job
                    job.future = self.executor.submit(work, job.request)
                    job.future.add_done_callback(lambda future, key=job.key: self._ended(key, future))

    def _ended(self, key: str, future: Future) -> None:
        with self._lock:
            self._running.pop(key, None)
            error = None if future.cancelled() else future.exception()
            entry = self.runs.get(key)
            if error and entry and entry.status in ("queued", "running", "paused", "interrupted"):
                _say(self.runs.folder / key, "failed", entry, why=str(error))
            self.move_up()


def _say(folder, status: str, before: Entry | None, name: str = "", why: str = "") -> None:
    """status.json of a run that no process trains."""
    known = before.state if before else {}
    told = {"step": 0, "created": now(), "shape": (0, 0), "name": name} | known
    told |= {"status": status, "why": why} | ({"name": name} if name else {})
    write(folder / "status.json", as_json(told), durable=False)
