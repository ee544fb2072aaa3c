"""Several processes at the same runs, orders to stop, and a disk that is full: what became of each training."""

import json
import os
import random
import signal
import time
from concurrent.futures import ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from tests.faults.killing import (
    SETTINGS,
    bars,
    dataset,
    ended,
    fork,
    key,
    pause,
    reference,
    sha256,
    trained,
    unreadable,
)
from tests.waiting import until
from vae_core.jobs import trainer
from vae_core.jobs.queue import Jobs
from vae_core.jobs.task import request, work
from vae_core.jobs.workers import Workers
from vae_core.runs.store import Runs
from vae_core.runs.training_run import Command, checkpoint, checkpoints, send


def queued_jobs(count: int, folder: Path) -> dict:
    """Half of the workers are killed: their jobs fail alone, each with the reason, and the queue goes on."""
    path, data = folder / "bars.npz", dataset_file(folder)
    runs, workers = Runs(folder / "runs"), Workers(2)
    queue, doomed = Jobs(runs, workers, at_once=2), {}
    made = {"jobs": count, "killed": 0, "failed, explained": 0, "done": 0}
    settings = [SETTINGS.with_fields(fingerprint=data.fingerprint, seed=n, steps=20) for n in range(count)]
    for n, s in enumerate(settings):
        queue.submit(s, who=f"visitor {n}", data=str(path))
        if n % 2:
            send(runs.folder / s.key(), Command(until=1))  # it holds until it is killed
            doomed[s.key()] = None

    def progressed() -> bool:
        entries = {entry.key: entry for entry in runs.list()}
        for k in [k for k, pid in doomed.items() if pid is None and entries[k].status == "paused"]:
            doomed[k] = entries[k].state["pid"]
            os.kill(doomed[k], signal.SIGKILL)
            made["killed"] += 1
        return all(entry.status in ("done", "failed") for entry in entries.values())

    until(progressed, "the queue", 60 + 30 * count)
    for s in settings:
        entry = runs.get(s.key())
        made["done"] += entry.status == "done" and s.key() not in doomed
        made["failed, explained"] += entry.status == "failed" and "exit code -9" in entry.why and s.key() in doomed
    workers.shutdown()
    pool = ProcessPoolExecutor(1, get_context("spawn"))
    sleeping = [pool.submit(time.sleep, 0.01) for _ in range(1)]
    wait(sleeping)
    waiting = [pool.submit(time.sleep, 30), *(pool.submit(time.sleep, 0) for _ in range(5))]
    os.kill(next(iter(pool._processes)), signal.SIGKILL)
    made["control: jobs"] = len(waiting)
    made["control: failed with one kill"] = sum(future.exception() is not None for future in waiting)
    pool.shutdown()
    return made


def dataset_file(folder: Path):
    from vae_core.data.datasets import load_dataset

    np.savez(folder / "bars.npz", images=bars())
    return load_dataset(str(folder / "bars.npz"))


def one_key(count: int, folder: Path) -> dict:
    """Processes that ask for the same run at once: one trains, the others wait for it and get the same weights."""
    data, runs = dataset_file(folder), Runs(folder / "runs")
    asked = request(SETTINGS.with_fields(fingerprint=data.fingerprint), runs, data=str(folder / "bars.npz"))

    def asking(n: int) -> None:
        trained_by = trainer._trained

        def counted(*arguments):
            (folder / f"trained-{n}").touch()
            return trained_by(*arguments)

        trainer._trained = counted
        (folder / f"answer-{n}.json").write_text(work(asked))

    for pid in [fork(lambda n=n: asking(n)) for n in range(count)]:
        assert ended(pid) == 0
    answers = [json.loads(path.read_text()) for path in folder.glob("answer-*.json")]
    hashes = len({answer["sha256"] for answer in answers})
    return {"processes": len(answers), "trainings": len(list(folder.glob("trained-*"))), "different weights": hashes}


def stops(count: int, folder: Path) -> dict:
    """Orders to stop at random moments: how long until the process has published what it has and left."""
    rng, seconds, made = random.Random(4), [], {"stops": 0, "stopped": 0, "resumable": 0}
    endless = SETTINGS.with_fields(steps=1_000_000)
    for n in range(count):
        runs = Runs(folder / f"stop-{n}")
        home = runs.folder / endless.with_fields(fingerprint=dataset().fingerprint).key()
        pid = fork(lambda runs=runs: trainer.train_run(endless, dataset(), runs))
        until(lambda home=home: (home / "progress.jsonl").exists(), "a training")
        pause(rng, 0.2)
        send(home, Command(stop=True))
        began = time.perf_counter()
        assert ended(pid) == 0
        seconds.append(time.perf_counter() - began)
        entry = runs.get(home.name)
        made["stops"] += 1
        made["stopped"] += entry.status == "stopped" and entry.load() is not None
        made["resumable"] += checkpoints(home)[0] == entry.step and checkpoint(home, entry.step) is not None
    return made | {"median ms": round(1000 * float(np.median(seconds))), "longest ms": round(1000 * max(seconds))}


def full_disk(count: int, folder: Path) -> dict:
    """Trainings on a disk of 3 MB that is full at different places: earlier runs stay whole, and room lets it go on."""
    from tests.faults.disks import small_disk

    expected, _ = reference(folder)
    made = {"trainings": 0, "told in a sentence": 0, "earlier run whole": 0, "unreadable": 0, "bit-identical": 0}
    with small_disk(folder / "disk", 3_000_000) as (disk, fill, kind):
        runs = Runs(disk / "runs")
        earlier = SETTINGS.with_fields(seed=9, fingerprint=dataset().fingerprint)
        assert ended(fork(lambda: trained(runs, earlier))) == 0
        for n in range(count):
            if runs.get(key()):
                runs.remove(key())
            said = folder / f"said-{n}"

            def told(said=said, n=n) -> None:
                try:
                    with fill(2_000 + 9_000 * n):
                        trained(runs)
                except OSError as error:
                    said.write_text(str(error))

            assert ended(fork(told)) == 0
            made["trainings"] += 1
            text = said.read_text() if said.exists() else ""
            made["told in a sentence"] += str(disk) in text and "MB are free" in text and "resume" in text
            made["earlier run whole"] += runs.get(earlier.key()).load() is not None
            made["unreadable"] += len(unreadable(runs))
            assert ended(fork(lambda: trained(runs))) == 0
            made["bit-identical"] += sha256(runs, key()) == expected
    return made | {"disk": kind}
