"""Processes that are killed at a named moment: the system calls that matter are replaced by ones that pull the trigger.

Everything here runs in forks of one process that has imported torch and never used it: a fork costs milliseconds.
"""

import fnmatch
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from vae_core.data.datasets import Dataset, assemble
from vae_core.jobs import trainer
from vae_core.runs.maintenance import examine
from vae_core.runs.store import Runs
from vae_core.runs.training_run import checkpoints
from vae_core.settings import RunSettings
from vae_core.training.train import train  # noqa: F401  imported once, before the forks

SETTINGS = RunSettings().with_fields(
    name="bars", encoder=(8,), decoder=(8,), steps=100, batch=20, validation=10, learning_rate=1e-2
)


def get_ready() -> None:
    """An optimizer's first step imports for a second: once, before the forks. Nothing is differentiated here."""
    weight = torch.zeros(1, requires_grad=True)
    weight.grad = torch.zeros(1)
    torch.optim.AdamW([weight], fused=True).step()


def bars(count: int = 160, side: int = 8) -> np.ndarray:
    """(N, H, W) uint8: bars at random places."""
    images = np.zeros((count, side, side), np.uint8)
    for image, place in zip(images, np.random.default_rng(0).integers(0, side, count), strict=True):
        image[:, place] = 255
    return images


def dataset() -> Dataset:
    images = bars()
    return assemble("bars", images[:120], images[120:], None, None)


class Trigger(NamedTuple):
    """`call` (write, fsync, replace, rename or unlink) of a file whose name matches, before, amid or after it."""

    name: str
    call: str
    pattern: str
    when: str = "before"
    nth: int = 1


def arm(trigger: Trigger) -> None:
    """From now on this process dies at the trigger. Only files of the run cache have such names."""
    left, last = [trigger.nth], [""]

    def due(call: str, name: str) -> bool:
        if call != trigger.call or not fnmatch.fnmatch(Path(name).name, trigger.pattern):
            return False
        left[0] -= 1
        return left[0] == 0

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def wrapped(call: str, function: Callable) -> Callable:
        def calling(subject, *args, **kwargs):
            hit = due(call, last[0] if call == "fsync" else os.fspath(subject))
            if hit and trigger.when == "before":
                die()
            result = function(subject, *args, **kwargs)
            if hit:
                die()
            return result

        return calling

    for call in ("fsync", "replace", "rename", "unlink"):
        setattr(os, call, wrapped(call, getattr(os, call)))
    opened = Path.open

    def opening(path: Path, mode: str = "r", *args, **kwargs):
        file = opened(path, mode, *args, **kwargs)
        if "r" not in mode:
            last[0] = path.name
            return Writer(file, path.name)
        return file

    class Writer:
        def __init__(self, file, name: str) -> None:
            self.file, self.name = file, name

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def __getattr__(self, attribute: str) -> Any:
            return getattr(self.file, attribute)

        def write(self, data) -> int:
            if due("write", self.name):
                if trigger.when == "amid":
                    self.file.write(bytes(data)[: len(data) // 2])
                    self.file.flush()
                die()
            return self.file.write(data)

    Path.open = opening


def fork(function: Callable[[], Any]) -> int:
    """The pid of a process that does this and nothing else."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            torch.set_num_threads(1)
            function()
            code = 0
        except BaseException:
            traceback.print_exc()
        os._exit(code)
    return pid


def ended(pid: int) -> int:
    """Its exit code; minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def often() -> None:
    """Checkpoints and looks at the weights all the time, in this process."""
    trainer.SAVE_EVERY = trainer.SHOW_EVERY = 0.005


def trained(runs: Runs, settings: RunSettings = SETTINGS) -> None:
    often()
    trainer.train_run(settings, dataset(), runs)


def sha256(runs: Runs, key: str) -> str:
    entry = runs.get(key)
    entry.load()
    return entry.manifest["files"]["model.safetensors"]["sha256"]


def key(settings: RunSettings = SETTINGS) -> str:
    return settings.with_fields(fingerprint=dataset().fingerprint).key()


def reference(folder: Path, settings: RunSettings = SETTINGS) -> tuple[str, float]:
    """The sha256 of the weights of an uninterrupted training, and its seconds."""
    runs, began = Runs(folder / "reference"), time.monotonic()
    assert ended(fork(lambda: trained(runs, settings))) == 0
    return sha256(runs, key(settings)), time.monotonic() - began


def unreadable(runs: Runs) -> list[str]:
    """What a reader would stumble over."""
    return [finding.what for finding in examine(runs) if finding.kind == "damaged"]


def newest(folder: Path) -> int:
    return max(checkpoints(folder), default=0)


def rising(steps: list[int]) -> bool:
    return all(a < b for a, b in pairwise(steps))


def pause(rng: random.Random, longest: float) -> None:
    time.sleep(rng.uniform(0, longest))
