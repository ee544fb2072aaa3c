"""What was counted: each function kills, cuts or flips something many times and says what was left.

A figure is a dictionary of counts; `control` counts how often the naive way fails at the same thing.
"""

import json
import os
import random
import shutil
import signal
import time
from concurrent.futures import ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load as from_bytes
from safetensors.numpy import save as to_bytes

from tests.faults.killing import (
    SETTINGS,
    Trigger,
    arm,
    bars,
    dataset,
    ended,
    fork,
    key,
    newest,
    often,
    pause,
    reference,
    rising,
    sha256,
    trained,
    unreadable,
)
from tests.waiting import until
from vae_core.jobs import trainer
from vae_core.jobs.queue import Jobs
from vae_core.jobs.task import request, work
from vae_core.jobs.workers import Workers
from vae_core.runs import maintenance, usage_log
from vae_core.runs.store import Runs
from vae_core.runs.training_run import Command, checkpoint, checkpoints, orphans, send


def kills_in_training(count: int, folder: Path) -> dict:
    """SIGKILL at random moments, again and again until each run is done: its weights are those of a quiet training."""
    rng, (expected, seconds) = random.Random(1), reference(folder)
    made = {"kills": 0, "runs": 0, "bit-identical": 0, "steps backwards": 0, "unreadable": 0, "running for ever": 0}
    while made["kills"] < count:
        runs, step = Runs(folder / f"{made['runs']}"), 0
        while True:
            pid = fork(lambda runs=runs: trained(runs))
            if made["kills"] < count:
                pause(rng, seconds)
                os.kill(pid, signal.SIGKILL)
            code = ended(pid)
            if code == 0:
                break
            assert code == -signal.SIGKILL, code
            made["kills"] += 1
            entry, now = runs.get(key()), newest(runs.folder / key())
            finished = entry is not None and entry.status == "done"
            made["steps backwards"] += not finished and now < step
            made["running for ever"] += entry is not None and entry.status in ("running", "paused")
            made["unreadable"] += len(unreadable(runs))
            step = now
        made["runs"] += 1
        made["bit-identical"] += sha256(runs, key()) == expected
        made["steps backwards"] += not rising([row["step"] for row in runs.get(key()).history()])
        shutil.rmtree(runs.folder)
    return made


def kills_while_saving(count: int, folder: Path) -> dict:
    """SIGKILL while checkpoints are written one after the other, against the same bytes written in place."""
    rng, weights = random.Random(2), {"w": np.random.default_rng(0).normal(size=300_000).astype(np.float32)}

    class Saved:
        def __init__(self, step: int) -> None:
            self.step = step

        def checkpoint(self):
            return {"step": torch.tensor(self.step), **{k: torch.from_numpy(v) for k, v in weights.items()}}

    def saving(runs: Runs) -> None:
        with runs.draft(SETTINGS) as draft:
            step = newest(draft.folder)
            while True:
                draft.save(Saved(step := step + 1))

    def in_place(path: Path) -> None:
        data = to_bytes(weights)
        while True:
            with path.open("wb", buffering=0) as file:
                for start in range(0, len(data), 65536):
                    file.write(data[start : start + 65536])

    runs = Runs(folder / "saving")
    made = {"kills": 0, "unreadable": 0, "steps backwards": 0, "resumable": 0, "control: kills": 0}
    made["control: unreadable"], home, step = 0, runs.folder / SETTINGS.key(), 0
    while made["kills"] < count:
        pid = fork(lambda: saving(runs))
        until(lambda before=step: newest(home) > before, "a checkpoint")
        pause(rng, 0.03)
        os.kill(pid, signal.SIGKILL)
        assert ended(pid) == -signal.SIGKILL
        made["kills"] += 1
        made["unreadable"] += len(
            [f for f in maintenance.examine(runs) if "checkpoint" in f.what and f.kind == "damaged"]
        )
        made["steps backwards"] += newest(home) < step
        step = newest(home)
        made["resumable"] += checkpoint(home, step) is not None
    path = folder / "in-place.safetensors"
    while made["control: kills"] < max(10, count // 10):
        pid = fork(lambda: in_place(path))
        until(path.exists, "a file")
        pause(rng, 0.03)
        os.kill(pid, signal.SIGKILL)
        ended(pid)
        made["control: kills"] += 1
        try:
            from_bytes(path.read_bytes())
        except SafetensorError:
            made["control: unreadable"] += 1
    return made


TRAINING = [
    Trigger("before the settings are written", "write", ".settings.json-*"),
    Trigger("after the settings, before the status", "write", ".status.json-*"),
    Trigger("before a checkpoint is written", "write", ".checkpoint-*.safetensors-*", nth=2),
    Trigger("amid a checkpoint", "write", ".checkpoint-*.safetensors-*", "amid", 3),
    Trigger("before a checkpoint's fsync", "fsync", ".checkpoint-*.safetensors-*", nth=2),
    Trigger("before a checkpoint's replace", "replace", ".checkpoint-*.safetensors-*", nth=2),
    Trigger("between a checkpoint and its seal", "write", ".checkpoint-*.json-*", nth=3),
    Trigger("amid a checkpoint's seal", "write", ".checkpoint-*.json-*", "amid", 2),
    Trigger("before an old checkpoint goes", "unlink", "checkpoint-*.json"),
    Trigger("between an old checkpoint's seal and file", "unlink", "checkpoint-*.safetensors"),
    Trigger("amid a line of the history", "write", "progress.jsonl", "amid", 5),
    Trigger("between a snapshot and its line", "write", "snapshots.jsonl", nth=4),
    Trigger("amid the live weights", "write", ".live.safetensors-*", "amid", 3),
    Trigger("amid the final weights", "write", ".model.safetensors-*", "amid"),
    Trigger("between weights and manifest", "write", ".manifest.json-*"),
    Trigger("before the manifest's replace", "replace", ".manifest.json-*"),
    Trigger("after the manifest, before leftovers go", "replace", ".manifest.json-*", "after"),
    Trigger("while leftovers go", "unlink", "settings.json"),
]
STOPPING = [Trigger("between a stopped run's weights and its manifest", "write", ".manifest.json-*")]
RESUMING = [
    Trigger("resuming, before the old manifest goes", "unlink", "manifest.json"),
    Trigger("resuming, after the old manifest went", "unlink", "manifest.json", "after"),
    Trigger("resuming, amid the shortened history", "write", ".progress.jsonl-*", "amid"),
]
EVICTING = [
    Trigger("in eviction, before the rename", "rename", key()),
    Trigger("in eviction, between rename and removal", "rename", key(), "after"),
    Trigger("in eviction, amid the removal", "unlink", "*", nth=2),
]
SWEEPING = [Trigger("in the sweep of leftovers", "unlink", ".checkpoint-*")]
QUARANTINING = [
    Trigger("in quarantine, before the move", "rename", key()),
    Trigger("in quarantine, after the move", "rename", key(), "after"),
]
POINTS = [*TRAINING, *STOPPING, *RESUMING, *EVICTING, *SWEEPING, *QUARANTINING]


def kill_points(count: int, folder: Path) -> dict:
    """Each named moment once: nothing unreadable, nothing done too early, nothing left over, the same weights."""
    expected, _ = reference(folder)
    made = {"points": 0, "killed there": 0, "unreadable": 0, "done too early": 0, "left over": 0}
    made["bit-identical"] = 0
    for place, point in enumerate(POINTS[: count or None]):
        runs = Runs(folder / f"point-{place}" / "runs")
        pid = fork(lambda point=point, runs=runs: _die_at(point, runs))
        made["killed there"] += ended(pid) == -signal.SIGKILL
        made["points"] += 1
        home = runs.folder / key()
        if (found := unreadable(runs)) and point not in QUARANTINING:
            made["unreadable"] += len(found)
            made.setdefault("where", []).append([point.name, *found])
        entry = runs.get(key())
        if entry and entry.status == "done" and point not in QUARANTINING:
            made["done too early"] += sha256(runs, key()) != expected
        maintenance.tidy(runs)
        made["left over"] += len([f for f in maintenance.examine(runs) if f.kind == "orphaned"])
        if point in QUARANTINING:
            maintenance.mend(runs, maintenance.examine(runs))
            made["unreadable"] += len(list(runs.quarantine.iterdir())) != 1
        assert ended(fork(lambda runs=runs: trained(runs))) == 0
        made["bit-identical"] += sha256(runs, key()) == expected
        made["left over"] += len(orphans(home))
        made["done too early"] += not rising([row["step"] for row in runs.get(key()).history()])
    return made


def _die_at(point: Trigger, runs: Runs) -> None:
    if point in TRAINING:
        arm(point)
        return trained(runs)
    often()
    home, data = runs.folder / key(), dataset()
    if point in [*STOPPING, *RESUMING]:
        if point in STOPPING:
            arm(point)
        trainer.train_run(SETTINGS, data, runs, stop=lambda: newest(home) >= 40)
        assert runs.get(key()).status == "stopped"
        arm(point)
        return trained(runs)
    trained(runs)
    if point in EVICTING:
        trainer.train_run(SETTINGS.with_fields(seed=1), data, runs)
        arm(point)
        maintenance.evict(runs, allowed=0)
    elif point in SWEEPING:
        for name in (".checkpoint-1.safetensors-" + 32 * "a", ".checkpoint-2.safetensors-" + 32 * "b"):
            (home / name).write_bytes(b"half")
        arm(point)
        maintenance.tidy(runs)
    else:
        path = home / "model.safetensors"
        path.write_bytes(path.read_bytes()[:100])
        arm(point)
        maintenance.mend(runs, maintenance.examine(runs))
    return None


def specimens(folder: Path) -> list[Runs]:
    """A finished run, a stopped one, and one that was killed while it held, each in a cache of its own."""

    def stopped(runs: Runs) -> None:
        often()
        trainer.train_run(SETTINGS, dataset(), runs, stop=lambda: newest(runs.folder / key()) >= 40)

    def held(runs: Runs) -> None:
        often()
        home = runs.folder / key()
        trainer.train_run(SETTINGS, dataset(), runs, tell=lambda p, _: p.step >= 60 and send(home, Command(until=60)))

    made = [Runs(folder / name) for name in ("finished", "stopped", "held")]
    assert ended(fork(lambda: trained(made[0]))) == 0
    assert ended(fork(lambda: stopped(made[1]))) == 0
    pid = fork(lambda: held(made[2]))
    until(lambda: (entry := made[2].get(key())) and entry.status == "paused", "a training that holds")
    os.kill(pid, signal.SIGKILL)
    ended(pid)
    for runs in made:
        runs.get(key()).called("a name", pinned=True)
        assert not maintenance.examine(runs), maintenance.examine(runs)
    return made


def _harmed(count: int, folder: Path, harm) -> dict:
    rng, caches = random.Random(3), specimens(folder)
    files = [(runs, path) for runs in caches for path in sorted((runs.folder / key()).iterdir())]
    files = [(runs, path) for runs, path in files if path.stat().st_size]
    made = {"tried": 0, "detected": 0, "files": len(files), "control: tried": 0, "control: loaded silently": 0}
    for n in range(count):
        runs, path = files[n % len(files)]
        whole = path.read_bytes()
        harmed = harm(rng, whole)
        path.write_bytes(harmed)
        found = maintenance.examine(runs)
        made["tried"] += 1
        made["detected"] += bool(found)
        if not found:
            made.setdefault("missed", []).append(path.name)
        if path.name == "model.safetensors":
            made["control: tried"] += 1
            try:
                from_bytes(harmed)
                made["control: loaded silently"] += 1
            except SafetensorError:
                pass
        path.write_bytes(whole)
    for runs in caches:
        assert not maintenance.examine(runs), "put back as it was"
    return made


def bit_flips(count: int, folder: Path) -> dict:
    """One bit of any file of a run. The control: safetensors alone."""

    def flip(rng: random.Random, whole: bytes) -> bytes:
        data = bytearray(whole)
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        return bytes(data)

    return _harmed(count, folder, flip)


def truncations(count: int, folder: Path) -> dict:
    """Any file of a run, cut anywhere."""
    return _harmed(count, folder, lambda rng, whole: whole[: rng.randrange(len(whole))])


def zeroed_blocks(count: int, folder: Path) -> dict:
    """A block of 16 to 512 bytes that reads as zeros, as a disk that forgot it gives it back."""

    def zero(rng: random.Random, whole: bytes) -> bytes:
        length, start = rng.choice((16, 64, 512)), rng.randrange(len(whole))
        block = whole[start : start + length]
        return whole[:start] + bytes(len(block)) + whole[start + length :] if any(block) else bytes(len(whole))

    return _harmed(count, folder, zero)


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


def uses_compacted(count: int, folder: Path) -> dict:
    """SIGKILL while the list of uses is shortened: the order is the same before and after."""
    rng, made = random.Random(5), {"kills": 0, "order kept": 0}
    usage_log.LONG = 100
    for _ in range(count):
        (folder / ".uses").write_text("".join(f"key-{n % 50}\n" for n in range(2000)))
        expected = usage_log.order(folder)
        pid = fork(lambda: usage_log.shorten(folder))
        pause(rng, 0.01)
        os.kill(pid, signal.SIGKILL)
        ended(pid)
        made["kills"] += 1
        made["order kept"] += usage_log.order(folder) == expected
    return made


FIGURES = {  # what, and how often in full
    "kills in training": (kills_in_training, 200),
    "kills while saving": (kills_while_saving, 300),
    "named kill points": (kill_points, 0),
    "bit flips": (bit_flips, 1000),
    "truncations": (truncations, 256),
    "zeroed blocks": (zeroed_blocks, 256),
    "queued jobs": (queued_jobs, 40),
    "one key": (one_key, 4),
    "stops": (stops, 50),
    "full disk": (full_disk, 8),
    "list of uses": (uses_compacted, 50),
}
