"""Files of runs that are harmed in many ways: how often it is noticed, and how often safetensors alone would not."""

import os
import random
import signal
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load as from_bytes

from tests.faults.killing import SETTINGS, dataset, ended, fork, key, newest, often, trained
from tests.waiting import until
from vae_core.jobs import trainer
from vae_core.runs import maintenance
from vae_core.runs.store import Runs
from vae_core.runs.training_run import Command, send


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
