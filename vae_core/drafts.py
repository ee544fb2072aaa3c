"""A run while it is being trained: its lock, progress, snapshots, checkpoints, and the orders it takes.

    settings.json  status.json  orders.json  progress.jsonl  run.lock
    live.safetensors                          float16 weights as they are now, replaced twice a second
    snapshot-<step>.safetensors               float16 weights to scrub back to; sealed by lines in snapshots.jsonl
    checkpoint-<step>.safetensors (+ .json)   the two newest; all that is needed to go on bit for bit

A crash of the machine may cost the last seconds: only checkpoints and what is published wait for the disk.
"""

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from filelock import FileLock, Timeout
from safetensors import SafetensorError
from safetensors.numpy import load as from_bytes
from safetensors.numpy import save as to_bytes

from vae_core.seals import (
    FORMAT,
    as_json,
    canonical,
    digest,
    lines,
    read_lines,
    seal_of,
    verified,
    write,
)
from vae_core.settings import RunSettings

if TYPE_CHECKING:
    from torch import Tensor

    from vae_core.evaluate import Report, Scores
    from vae_core.train import Progress
    from vae_core.vae import VAE

CHECKPOINTS = 2  # kept
LARGEST_HALF = 60_000
SNAPSHOTS = 22  # at most, evenly spaced in the logarithm of the step


class Orders(NamedTuple):
    """What a training has been told: to hold before step `until` is passed (None: never), or to stop."""

    until: int | None = None
    stop: bool = False


class Draft:
    """A run being trained, by this process alone. `publish` seals it."""

    def __init__(
        self, folder: Path, settings: RunSettings, name: str = "", shape: tuple[int, int] = (0, 0), half: bool = False
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.settings, self.half, self.created = folder, settings, half, now()
        self.lock = FileLock(folder / "run.lock")
        try:
            self.lock.acquire(timeout=1)  # a reader may be asking whether it is held
        except Timeout:
            raise ValueError(f"The run {folder.name} is being trained by another process; wait for it.") from None
        before = state(folder)
        if before.get("status") != "queued":  # orders given while it waited for its turn still hold
            (folder / "orders.json").unlink(missing_ok=True)
        self.name = name or before.get("name") or describe(settings)
        self.shape, self._heard, self._orders = shape, None, Orders()
        write(folder / "settings.json", as_json(settings.to_dict()))
        self.status("running", 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.lock.release()

    def status(self, status: str, step: int, why: str = "") -> None:
        state = {
            "status": status, "step": step, "why": why, "pid": os.getpid(), "name": self.name,
            "created": self.created, "shape": self.shape, "beat": time.time(),
        }  # fmt: skip
        write(self.folder / "status.json", as_json(state), durable=False)

    def orders(self) -> Orders:
        """What others have written into orders.json; a look costs two microseconds, so it may be asked each step."""
        try:
            found = os.stat(self.folder / "orders.json")  # noqa: PTH116  a Path's costs ten times as much
            when = found.st_mtime_ns, found.st_ino  # the clock of files ticks every few milliseconds only
        except OSError:
            when = None
        if when != self._heard:
            self._heard, self._orders = when, read_orders(self.folder)
        return self._orders

    def record(self, progress: "Progress", validation: float | None = None, **more: Any) -> None:
        """Appends one line in one write: a reader may see a torn last line, and drops it."""
        row = {name: value for name, value in progress._asdict().items() if name not in ("vae", "optimizer", "steps")}
        row = {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}
        row["kl_per_dimension"] = [round(v, 4) for v in progress.kl_per_dimension]
        row |= {
            name: round(value, 4) for name, value in (more | {"validation": validation}).items() if value is not None
        }
        with (self.folder / "progress.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    def show(self, vae: "VAE", step: int) -> None:
        """The weights as they are now, for whoever watches."""
        data = to_bytes(_half(vae.state_dict()) | {"step": np.array(step)})
        write(self.folder / "live.safetensors", data, durable=False)

    def snapshot(self, vae: "VAE", step: int) -> None:
        """The weights of this step, for good."""
        name, data = f"snapshot-{step}.safetensors", to_bytes(_half(vae.state_dict()))
        write(self.folder / name, data, durable=False)
        with (self.folder / "snapshots.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, "name": name, **seal_of(data)}) + "\n")

    def save(self, progress: "Progress") -> None:
        """A checkpoint that `resume` goes on from, sealed by its own small file, which is written last."""
        data = to_bytes({name: np.array(t.numpy(), order="C") for name, t in progress.checkpoint().items()})
        write(self.folder / f"checkpoint-{progress.step}.safetensors", data)
        write(self.folder / f"checkpoint-{progress.step}.json", as_json({"step": progress.step, **seal_of(data)}))
        for step in checkpoints(self.folder)[CHECKPOINTS:]:
            self._forget(step)

    def resume(self) -> "dict[str, Tensor] | None":
        """The tensors of the newest whole checkpoint; progress and snapshots cut back to it. None: start afresh."""
        import torch

        tensors, step = None, -1
        for step in checkpoints(self.folder):
            try:
                seal = json.loads((self.folder / f"checkpoint-{step}.json").read_text("utf-8"))
                data = verified(self.folder / f"checkpoint-{step}.safetensors", seal)
                tensors = {name: torch.from_numpy(array) for name, array in from_bytes(data).items()}
                break
            except (OSError, ValueError, KeyError, TypeError, SafetensorError):
                self._forget(step)  # damaged: the older one, or a fresh start, gives the same weights in the end
        reached = step if tensors else -1
        for name in ("progress.jsonl", "snapshots.jsonl"):
            write(self.folder / name, lines(row for row in read_lines(self.folder / name) if row["step"] <= reached))
        for path in self.folder.glob("snapshot-*.safetensors"):
            if _number(path) > reached:
                path.unlink(missing_ok=True)
        for leftover in ("manifest.json", "live.safetensors"):
            (self.folder / leftover).unlink(missing_ok=True)
        return tensors

    def publish(
        self, vae: "VAE", report: "Report", scores: "Scores | None" = None, labels: Any = None, *,
        seconds: float = 0.0, ended: str = "done", step: int | None = None, **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """Writes weights and codes, then the manifest, which is the moment the run exists, and returns it.

        `ended`: "stopped" or "diverged" for a run that can be looked at but did not reach its last step.
        """
        kind = np.float16 if self.half else np.float32
        weights = {name: t.numpy().astype(kind, order="C") for name, t in vae.state_dict().items()}
        files = {"model.safetensors": to_bytes(weights)}
        if scores is not None:
            codes = _half({"mean": scores.mean, "logvar": scores.logvar})
            if np.array_equal(codes["logvar"], codes["logvar"][:1].repeat(len(codes["mean"]), 0), equal_nan=True):
                codes["logvar"] = codes["logvar"][:1].copy()  # the same for every image: linear models, autoencoders
            if labels is not None:
                codes["labels"] = np.asarray(labels, np.uint8)
            files["codes.safetensors"] = to_bytes(codes)
        history = self.folder / "progress.jsonl"
        if self.half:
            rows = read_lines(history)
            few = {*range(0, len(rows), len(rows) // 120 + 1), len(rows) - 1}
            write(history, lines(row for i, row in enumerate(rows) if i in few or "validation" in row))
        whole = ended == "done"
        kept = {history.name: seal_of(history.read_bytes())} if whole and history.exists() else {}
        manifest = {
            "format": FORMAT, "key": self.settings.key(), "name": self.name, "created": self.created,
            "seconds": round(seconds, 1), "shape": list(self.shape), "settings": self.settings.to_dict(),
            "report": report.to_dict(), "versions": versions(), **more,
            **({} if whole else {"ended": ended, "step": step}),
            "files": {name: seal_of(data) for name, data in files.items()} | kept,
        }  # fmt: skip
        for name, data in files.items():
            write(self.folder / name, data)
        write(self.folder / "manifest.json", as_json({**manifest, "seal": digest(canonical(manifest))}))
        (self.folder / "live.safetensors").unlink(missing_ok=True)
        if whole:
            for saved in checkpoints(self.folder):
                self._forget(saved)
            for leftover in ("status.json", "settings.json", "orders.json"):
                (self.folder / leftover).unlink(missing_ok=True)
        return manifest

    def _forget(self, step: int) -> None:
        for suffix in ("json", "safetensors"):  # the seal goes first: what has none is no checkpoint
            (self.folder / f"checkpoint-{step}.{suffix}").unlink(missing_ok=True)


def checkpoints(folder: Path) -> list[int]:
    """Steps of the sealed checkpoints, the newest first."""
    return sorted((_number(path) for path in folder.glob("checkpoint-*.json")), reverse=True)


def _number(path: Path) -> int:
    text = path.stem.rpartition("-")[2]
    return int(text) if text.isdecimal() else -1


def _half(tensors: "dict[str, Tensor]") -> dict[str, np.ndarray]:
    """In float16, where that can hold them: numbers that run away stay in float32."""
    arrays = {name: t.numpy() for name, t in tensors.items()}
    large = any(np.abs(array).max(initial=0) > LARGEST_HALF for array in arrays.values())
    return {name: array.astype(np.float32 if large else np.float16, order="C") for name, array in arrays.items()}


def snapshot_steps(steps: int) -> set[int]:
    """The steps whose weights are kept: dense at the start, where the most happens, and the last."""
    return {0, steps} | {round(step) for step in np.geomspace(1, steps, SNAPSHOTS - 1)}


def give(folder: Path, orders: Orders) -> None:
    write(folder / "orders.json", as_json(orders._asdict()), durable=False)


def read_orders(folder: Path) -> Orders:
    try:
        found = json.loads((folder / "orders.json").read_text("utf-8"))
        until = found["until"]
        return Orders(until if until is None else int(until), bool(found["stop"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Orders()


def state(folder: Path) -> dict[str, Any]:
    """What status.json says; {} where there is none."""
    try:
        found = json.loads((folder / "status.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def in_training(folder: Path) -> bool:
    """Whether a process holds the run's lock: the kernel frees it when that process dies, however it dies."""
    return held(folder / "run.lock")


def held(path: Path) -> bool:
    """Whether some process holds the lock file at `path`."""
    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False


def describe(settings: RunSettings) -> str:
    """A short name for people: mnist D=2 β=1."""
    model, train = settings.model, settings.train
    kind = f"β={train.beta:g}" if model.stochastic else "autoencoder"
    return f"{Path(settings.data.name).stem} D={model.latent_dim} {kind}"


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")


def versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("torch", "numpy", "safetensors")}
