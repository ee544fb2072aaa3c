"""SIGKILL at random and at named moments of a training, of saving and of shortening a list: what was left.

`count` says how often; `control` counts how often the naive way fails at the same thing.
"""

import os
import random
import shutil
import signal
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
from vae_core.runs import maintenance, usage_log
from vae_core.runs.store import Runs
from vae_core.runs.training_run import checkpoint, orphans


def kills_in_training(count: int, folder: Path, algorithm: str = "aevb") -> dict:
    """SIGKILL at random moments, again and again until each run is done: its weights are those of a quiet training.

    Every other kill comes after a checkpoint, wherever the machine is slow to begin.
    """
    settings = SETTINGS.with_fields(algorithm=algorithm)
    rng, (expected, seconds), name = random.Random(1), reference(folder, settings), key(settings)
    made = {"kills": 0, "after a checkpoint": 0, "runs": 0, "bit-identical": 0, "steps backwards": 0, "unreadable": 0}
    made["running for ever"] = 0
    while made["kills"] < count:
        runs, step = Runs(folder / f"{made['runs']}"), 0
        home = runs.folder / name
        while True:
            pid = fork(lambda runs=runs: trained(runs, settings))
            if made["kills"] < count:
                if made["kills"] % 2 == 0:
                    until(lambda home=home, step=step: newest(home) > step or over(home), "a checkpoint")
                pause(rng, seconds / 2)
                os.kill(pid, signal.SIGKILL)
            code = ended(pid)
            if code == 0:
                break
            assert code == -signal.SIGKILL, code
            made["kills"] += 1
            entry, now = runs.get(name), newest(home)
            finished = entry is not None and entry.status == "done"
            made["after a checkpoint"] += now > 0
            made["steps backwards"] += not finished and now < step
            made["running for ever"] += entry is not None and entry.status in ("running", "paused")
            made["unreadable"] += len(unreadable(runs))
            step = now
        made["runs"] += 1
        made["bit-identical"] += sha256(runs, name) == expected
        made["steps backwards"] += not rising([row["step"] for row in runs.get(name).history()])
        shutil.rmtree(runs.folder)
    return made


def over(home: Path) -> bool:
    return (home / "manifest.json").exists()


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
