"""Trainings elsewhere: asked for and answered in JSON, and a bounded queue of them.

`work` is `perform` for any concurrent.futures.Executor. `Jobs` is the queue in front of one: first come, first served,
one of each visitor at a time. It is kept in the runs' folders, so that a restarted server goes on with it.
"""

import contextlib
import threading
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vae_core.jobs.task import request, work
from vae_core.runs import maintenance
from vae_core.runs.store import Entry, Runs
from vae_core.runs.training_run import Command, describe, in_training, now, send
from vae_core.sealed_files import make, write_sealed
from vae_core.settings import SCHEMA, RunSettings

LARGEST_SWEEP = 30
PER_VISITOR = 3  # trainings at a time: one that runs, two that wait


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
            maintenance.tidy(runs)
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
        send(folder, Command())
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
