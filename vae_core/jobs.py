"""Trainings: one of them from settings to a published run, and a bounded queue of them.

`perform` is what the command line, the bundle and every worker do. It takes orders through the run's folder, so they
work across processes and machines: hold, one step more, go on, stop. `work` is the same with JSON in and JSON out, for
any concurrent.futures.Executor. A stopped or diverged run is published too, as far as it came; a stopped one keeps its
checkpoint, and the same settings go on from there.
"""

import contextlib
import json
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vae_core import upkeep, uses
from vae_core.drafts import Busy, Draft, Orders, describe, give, in_training, now, snapshot_steps, state
from vae_core.runs import Entry, Runs, find
from vae_core.seals import SealError, make, read_lines, write_sealed
from vae_core.settings import SCHEMA, RunSettings
from vae_core.workers import abandoned, plain

SAVE_EVERY = 30.0  # seconds between two checkpoints
SHOW_EVERY = 0.5  # seconds between two looks at the weights
WATCHED_FROM = 10  # steps
WATCHED = 1000  # validation images whose bound is followed
IDLE = 600.0  # seconds after which a held training is stopped, to free its memory
ABSURD = -1e6  # nats per image: weights that are finite and run away are no model to look at
LARGEST_SWEEP = 30
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
        if draft.done:
            return runs.get(draft.folder.name)
        try:
            progress = _trained(draft, dataset, tell, stop)
            ended = "done" if progress.step == progress.steps else "stopped"
            _publish(draft, dataset, progress.vae, progress.step, progress.seconds, ended, **more)
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
        uses.note(runs.folder, draft.folder.name)
    return runs.get(draft.folder.name)


def _trained(draft: Draft, dataset, tell, stop):
    """The training itself; the last Progress, at the last step or where it was told to stop."""
    from vae_core.train import initial, train

    settings, checkpoint = draft.settings, draft.resume()
    start, keep = _start(settings), set() if draft.half else snapshot_steps(settings.train.steps)
    before = sum(row["seconds"] for row in read_lines(draft.folder / "progress.jsonl")[-1:])
    if checkpoint is None and not draft.half:
        vae = initial(settings, dataset, start)
        draft.snapshot(vae, 0)
        draft.show(vae, 0)
    watch, tenth, saved, shown = _watched(settings, dataset), 0, 0.0, 0.0

    def due(step: int) -> bool:
        orders = draft.orders()
        told = orders.stop or (orders.until is not None and step >= orders.until)
        return told or step in keep or stop() or abandoned()

    for progress in train(settings, dataset, start=start, checkpoint=checkpoint, due=due):
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


def _told_to_stop(draft: Draft, progress, stop: Callable[[], bool]) -> bool:
    """Holds as long as the orders say so; True when it is time to stop."""
    began, held = time.monotonic(), None
    while True:
        orders = draft.orders()
        if orders.stop or stop() or abandoned():
            return True
        if orders.until is None or progress.step < orders.until:
            if held is not None and orders.until is None:
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
    bound = report.reconstruction - (report.kl or 0.0)
    if not math.isfinite(bound) or (ended == "diverged" and bound < ABSURD):
        raise ValueError("The bound of these weights is not finite, or of no use.")
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
    """The bound of the watched images and its terms in nats, from one sample each; an autoencoder's reconstruction."""
    from vae_core.evaluate import scores, summary

    if watch is None:
        return {}
    r = summary(scores(vae, watch, samples=1), 1, vae.stochastic)
    found = {
        "validation": r.reconstruction if r.elbo is None else r.elbo,
        "validation_reconstruction": r.reconstruction,
    }
    found |= {} if r.kl is None else {"validation_kl": r.kl}
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _watched(settings: RunSettings, dataset):
    count, held_out = len(dataset.train), settings.data.validation
    first = range(count - held_out, count)[:WATCHED]
    return dataset.observed("train", first, pixels=settings.data.pixels) if held_out else None


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


def request(settings: RunSettings, runs: Runs, name: str = "", data: str | None = None) -> str:
    """What `work` needs to know, as JSON. `data`: the folder to look for data in, or the path of one's own images."""
    return json.dumps({
        "settings": settings.to_dict(), "runs": str(runs.folder), "quarantine": str(runs.quarantine or ""),
        "name": name, "data": data,
    })  # fmt: skip


def work(request: str) -> str:
    """One training for any executor: JSON in, the run's folder written, its key, status and report out as JSON.

    Whoever asks for a run that another process trains waits for that one. A diverged training is a result, with its
    `why`; what cannot be trained raises one sentence in a plain error, which every kind of executor can carry.
    """
    import torch

    asked, began = json.loads(request), time.perf_counter()
    runs = Runs(asked["runs"], Path(asked["quarantine"]) if asked.get("quarantine") else None)
    try:
        entry = _attended(RunSettings.from_dict(asked["settings"]), runs, asked["name"], asked["data"])
    except Exception as error:
        raise plain(error) from error
    return json.dumps({**outcome(entry), "wall": time.perf_counter() - began, "threads": torch.get_num_threads()})


def outcome(entry: Entry) -> dict[str, Any]:
    """A run in numbers: report and seconds of training as its manifest has them, the sha256 of its weights."""
    manifest = entry.manifest or {}
    return {
        "key": entry.key, "status": entry.status, "step": entry.step, "why": entry.why,
        "report": manifest.get("report"), "seconds": manifest.get("seconds", 0.0),
        "sha256": manifest["files"]["model.safetensors"]["sha256"] if manifest else "",
    }  # fmt: skip


def _attended(settings: RunSettings, runs: Runs, name: str, data: str | None) -> Entry:
    """The run as it is once nobody trains it any more: here before, trained now, or by another process meanwhile."""
    from vae_core.datasets import NAMES, load_dataset
    from vae_core.train import Diverged

    key, chosen = settings.key(), settings.data
    if (entry := _sound(runs, key)) is not None:
        return entry
    named = chosen.name in NAMES or chosen.name.startswith("own/")
    source = chosen.name if named else data or chosen.name
    dataset = load_dataset(source, data, chosen.split, download=False)
    if chosen.fingerprint not in ("", dataset.fingerprint):
        raise ValueError(f"The {chosen.name} found here is another one than these settings were made for.")
    settings = settings.with_fields(name=dataset.name, fingerprint=dataset.fingerprint)
    while True:
        try:
            entry = perform(settings, dataset, runs, name=name)
        except Diverged:
            entry = runs.get(settings.key())
        except Busy:
            while in_training(runs.folder / settings.key()) and not abandoned():
                time.sleep(0.05)
            entry = runs.get(settings.key())
            if not abandoned() and (entry is None or entry.status in ("interrupted", "queued")):
                continue  # its process died
        upkeep.evict(runs)
        return entry


def _sound(runs: Runs, key: str) -> Entry | None:
    """The finished run, if its weights are what was sealed; a damaged one makes room for another try."""
    entry = runs.get(key)
    if entry is None or entry.status != "done":
        return None
    try:
        runs.load(key)
    except SealError:
        return None
    return entry


class QueueFull(ValueError):
    """One sentence that says how many trainings there are already."""


@dataclass(eq=False)
class Job:
    key: str
    who: str
    request: str
    sweep: str = ""  # trainings of one sweep count as one
    future: Future = field(default_factory=Future)


class Jobs:
    """The trainings of a server: each visitor has one that runs and two that wait, all together fill the executor.

    Orders go to the run itself (`Entry.order`); this is the queue in front of it. Shared by all sessions.
    """

    def __init__(self, runs: Runs, executor: Executor, at_once: int = 1) -> None:
        self.runs, self.executor, self.at_once = runs, executor, at_once
        self._lock, self._waiting, self._running = threading.RLock(), [], {}
        with contextlib.suppress(OSError):
            upkeep.tidy(runs)
        entries = runs.list()
        self._adopted = [entry.folder for entry in entries if entry.status in ("running", "paused")]
        for entry in reversed(entries):  # what an earlier server had not begun
            if entry.status == "queued":
                with contextlib.suppress(OSError):
                    self._enter(entry.settings, entry.name, entry.state.get("who", ""), entry.state.get("data"))

    def submit(self, settings: RunSettings, name: str = "", who: str = "", data: str | None = None) -> Entry:
        """Trains these settings, whose fingerprint must be filled in; whoever asks again attaches to the same run.

        A finished run comes back at once; a stopped, failed or interrupted one goes on. QueueFull says why not.
        """
        key = settings.key()
        with self._lock:
            if self._known(key):
                return self.runs.get(key)
            self._make_room(who)
            return self._enter(settings, name, who, data)

    def sweep(self, settings: list[RunSettings], who: str = "", data: str | None = None) -> int:
        """Trains what is not here yet of many settings, one after the other; how many that are.

        All of them together count as one of the visitor's trainings. More than LARGEST_SWEEP raise QueueFull.
        """
        with self._lock:
            new = [s for s in settings if not self._known(s.key())]
            if len(new) > LARGEST_SWEEP:
                raise QueueFull(f"That is {len(new)} trainings, at most {LARGEST_SWEEP} go at once; use fewer values.")
            if new:
                self._make_room(who)
                for s in new:
                    self._enter(s, "", who, data, sweep=new[0].key())
            return len(new)

    def _known(self, key: str) -> bool:
        entry = self.runs.get(key)
        done = entry is not None and entry.status == "done"
        return done or self.place(key) is not None or in_training(self.runs.folder / key)

    def _make_room(self, who: str) -> None:
        mine = {job.sweep or job.key for job in [*self._waiting, *self._running.values()] if job.who == who}
        if len(mine) >= PER_VISITOR:
            raise QueueFull(f"{len(mine)} of your trainings run or wait already; wait for one, or stop one.")

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
        if entry and waiting:
            _say(self.runs.folder / key, "stopped", entry)
        elif entry:
            entry.order(stop=True)

    def _enter(self, settings: RunSettings, name: str, who: str, data: str | None, sweep: str = "") -> Entry:
        folder, key = self.runs.folder / settings.key(), settings.key()
        before = self.runs.get(key)
        make(folder)
        write_sealed(folder / "settings.json", {"schema": SCHEMA} | settings.to_dict())
        give(folder, Orders())
        _say(folder, "queued", before, name or (before.name if before else describe(settings)), who=who, data=data)
        self._waiting.append(Job(key, who, request(settings, self.runs, name, data), sweep))
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
                if job not in self._waiting or (job.who and job.who in busy):
                    continue  # an executor that works at once has moved others up meanwhile
                if len(self._running) + len(self._adopted) >= self.at_once:
                    break
                self._waiting.remove(job)
                self._running[job.key] = job
                try:
                    job.future = self.executor.submit(work, job.request)
                except RuntimeError as error:  # shut down, or broken by a killed process
                    job.future.set_exception(error)
                job.future.add_done_callback(lambda future, key=job.key: self._ended(key, future))

    def _ended(self, key: str, future: Future) -> None:
        with self._lock:
            self._running.pop(key, None)
            error = None if future.cancelled() else future.exception()
            entry = self.runs.get(key)
            if error and entry and entry.status in ("queued", "running", "paused", "interrupted"):
                with contextlib.suppress(OSError):  # a full disk must not hold up the queue
                    _say(self.runs.folder / key, "failed", entry, why=str(error))
            self.move_up()


def _say(folder: Path, status: str, before: Entry | None, name: str = "", why: str = "", **more: Any) -> None:
    """status.json of a run that no process trains."""
    known = before.state if before else {}
    told = {"step": 0, "created": now(), "shape": (0, 0), "name": name} | known
    told |= {"status": status, "why": why} | more | ({"name": name} if name else {})
    write_sealed(folder / "status.json", told, durable=False)
