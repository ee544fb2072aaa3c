"""A run while it is being trained: its lock, progress, snapshots, checkpoints, and the commands it accepts.

    settings.json  status.json  orders.json  progress.jsonl  run.lock
    live.safetensors                          float16 weights as they are now, replaced twice a second
    snapshot-<step>.safetensors               float16 weights to scrub back to; sealed by lines in snapshots.jsonl
    checkpoint-<step>.safetensors (+ .json)   the two newest; all that is needed to go on bit for bit

A crash of the machine may cost the last seconds: only checkpoints and what is published wait for the disk.
"""

import contextlib
import math
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from filelock import FileLock, Timeout
from safetensors import SafetensorError
from safetensors.numpy import load as from_bytes
from safetensors.numpy import save as to_bytes

from vae_core.runs.codes import compact, in_float16
from vae_core.sealed_files import (
    FORMAT,
    SealError,
    Unwritable,
    append,
    digest,
    lines,
    make,
    read_lines,
    read_manifest,
    read_sealed,
    seal_of,
    set_aside,
    verified,
    write,
    write_sealed,
)
from vae_core.settings import SCHEMA, RunSettings

try:
    import fcntl
except ImportError:  # pragma: no cover  Windows
    fcntl = None

if TYPE_CHECKING:
    from torch import Tensor

    from vae_core.model.vae import VAE
    from vae_core.runs.codes import Codes
    from vae_core.training.evaluate import Report, Scores
    from vae_core.training.train import Progress

CHECKPOINTS = 2  # kept
SNAPSHOTS = 22  # at most, evenly spaced in the logarithm of the step
SNAPSHOT_BYTES = 200e6  # that those of one run may take, if they are more than FEWEST
FEWEST = 6
ACTIVE = ("queued", "running", "paused")  # a status that somebody is going to change
UNFINISHED = re.compile(r"\..+-[0-9a-f]{32}")  # what `sealed_files.write` was writing
TRAINING_ONLY = re.compile(r"checkpoint-.*|(live|status|settings|orders)\..*")


class Command(NamedTuple):
    """What a training has been told: to hold before step `until` is passed (None: never), or to stop."""

    until: int | None = None
    stop: bool = False


class Busy(ValueError):
    """Another process is training this run."""


class Draft:
    """A run being trained, by this process alone. `publish` seals it.

    `done`: another process had published it before this one got the lock; then nothing was touched.
    """

    def __init__(
        self, folder: Path, settings: RunSettings, name: str = "", shape: tuple[int, ...] = (0, 0), half: bool = False,
        quarantine: Path | None = None,
    ) -> None:  # fmt: skip
        self.folder, self.settings, self.half, self.created = folder, settings, half, now()
        self.shape, self.quarantine, self._heard, self._command = shape, quarantine, None, Command()
        self.source = ""  # of the images, for whoever watches
        self.lock = lock(folder)
        try:
            before, self.done = state(folder), finished(folder)
            self.name = name or before.get("name") or describe(settings)
            if not self.done:
                if before.get("status") != "queued":  # orders given while it waited for its turn still hold
                    (folder / "orders.json").unlink(missing_ok=True)
                write_sealed(folder / "settings.json", {"schema": SCHEMA} | settings.to_dict())
                self.status("running", max(checkpoints(folder), default=0))
        except BaseException:
            self.lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.lock.release()

    def status(self, status: str, step: int, why: str = "") -> None:
        state = {
            "status": status, "step": step, "why": why, "pid": os.getpid(), "name": self.name,
            "created": self.created, "shape": self.shape, "beat": time.time(), "source": self.source,
        }  # fmt: skip
        write_sealed(self.folder / "status.json", state, durable=False)

    def command(self) -> Command:
        """What others have written into orders.json; a look costs two microseconds, so it may be asked each step."""
        try:
            found = os.stat(self.folder / "orders.json")  # noqa: PTH116  a Path's costs ten times as much
            when = found.st_mtime_ns, found.st_ino  # the clock of files ticks every few milliseconds only
        except OSError:
            when = None
        if when != self._heard:
            self._heard, self._command = when, received(self.folder)
        return self._command

    def record(self, progress: "Progress", **held_out: float) -> None:
        """A line of the history."""
        state = ("vae", "optimizer", "chains", "steps")
        row = {name: value for name, value in progress._asdict().items() if name not in state}
        row = {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}
        if progress.importance_weighted is None:
            del row["importance_weighted"]
        row["kl_per_dimension"] = [round(v, 4) for v in progress.kl_per_dimension]
        row |= {name: round(value, 4) for name, value in held_out.items()}
        append(self.folder / "progress.jsonl", row)

    def show(self, vae: "VAE", step: int) -> None:
        """The weights as they are now, for whoever watches."""
        data = _live(_half(vae.state_dict()) | {"step": np.array(step)})
        write(self.folder / "live.safetensors", data, durable=False)

    def snapshot(self, vae: "VAE", step: int) -> None:
        """The weights of this step, for good."""
        name, data = f"snapshot-{step}.safetensors", to_bytes(_half(vae.state_dict()))
        write(self.folder / name, data, durable=False)
        append(self.folder / "snapshots.jsonl", {"step": step, "name": name, **seal_of(data)})

    def save(self, progress: "Progress") -> None:
        """A checkpoint that `resume` goes on from, sealed by its own small file, which is written last."""
        data = to_bytes({name: np.array(t.numpy(), order="C") for name, t in progress.checkpoint().items()})
        write(self.folder / f"checkpoint-{progress.step}.safetensors", data)
        write_sealed(self.folder / f"checkpoint-{progress.step}.json", {"step": progress.step, **seal_of(data)})
        for step in checkpoints(self.folder)[CHECKPOINTS:]:
            self._forget(step)

    def resume(self) -> "dict[str, Tensor] | None":
        """The tensors of the newest whole checkpoint; progress and snapshots cut back to it. None: start afresh."""
        import torch

        tensors, step = None, -1
        for step in checkpoints(self.folder):
            try:
                data = checkpoint(self.folder, step)
                tensors = {name: torch.from_numpy(array) for name, array in from_bytes(data).items()}
                break
            except (OSError, ValueError, KeyError, TypeError, SafetensorError):
                self._put_aside(step)  # the older one, or a fresh start, gives the same weights in the end
        reached = step if tensors else -1
        for leftover in ("manifest.json", "live.safetensors"):  # first: it seals the files that change now
            (self.folder / leftover).unlink(missing_ok=True)
        for name in ("progress.jsonl", "snapshots.jsonl"):
            write(self.folder / name, lines(row for row in read_lines(self.folder / name) if row["step"] <= reached))
        self.tidy()
        return tensors

    def tidy(self) -> None:
        """Removes what a killed process left behind."""
        for path in orphans(self.folder):
            path.unlink(missing_ok=True)

    def publish(
        self, vae: "VAE", report: "Report", scores: "Scores | None" = None, labels: Any = None, *,
        training: "Codes | None" = None, seconds: float = 0.0, ended: str = "done", step: int | None = None,
        **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """Writes weights and codes, then the manifest, which is the moment the run exists, and returns it.

        `training`: the codes of the training images. `ended`: "stopped" or "diverged" for a run that can be looked at
        but did not reach its last step.
        """
        kind = np.float16 if self.half else np.float32
        weights = {name: t.numpy().astype(kind, order="C") for name, t in vae.state_dict().items()}
        files = {"model.safetensors": to_bytes(weights)}
        if scores is not None:
            codes = compact(scores.mean.numpy(), scores.logvar.numpy())
            if labels is not None:
                codes["labels"] = np.asarray(labels, np.uint8)
            files["codes.safetensors"] = to_bytes(codes)
        if training is not None:
            files["training.safetensors"] = to_bytes(compact(training.mean, training.logvar))
        history = self.folder / "progress.jsonl"
        if self.half:
            rows = read_lines(history)
            few = {*range(0, len(rows), len(rows) // 120 + 1), len(rows) - 1}
            write(history, lines(row for i, row in enumerate(rows) if i in few or "validation" in row))
        whole = ended == "done"
        film = self.folder / "snapshots.jsonl"
        kept = [path for path in (history, film) if path.exists() and (path == history or path.stat().st_size)]
        manifest = {
            "format": FORMAT, "schema": SCHEMA, "key": self.settings.key(), "name": self.name, "created": self.created,
            "seconds": round(seconds, 1), "shape": list(self.shape), "settings": self.settings.to_dict(),
            "report": report.to_dict(), "versions": versions(), **more,
            **({} if whole else {"ended": ended, "step": step}),
            "files": {name: seal_of(data) for name, data in files.items()}
            | {path.name: seal_of(path.read_bytes()) for path in kept},
        }  # fmt: skip
        for name, data in files.items():
            write(self.folder / name, data)
        write_sealed(self.folder / "manifest.json", manifest)
        (self.folder / "live.safetensors").unlink(missing_ok=True)
        self.tidy()
        return manifest

    def _put_aside(self, step: int) -> None:
        """A damaged checkpoint is kept for whoever wants to know why."""
        for suffix in ("json", "safetensors"):
            path = self.folder / f"checkpoint-{step}.{suffix}"
            if path.exists() and self.quarantine:
                set_aside(path, self.quarantine)
        self._forget(step)

    def _forget(self, step: int) -> None:
        for suffix in ("json", "safetensors"):  # the seal goes first: what has none is no checkpoint
            (self.folder / f"checkpoint-{step}.{suffix}").unlink(missing_ok=True)


def lock(folder: Path, patience: float = 1.0) -> FileLock:
    """The run's lock, held; its folder is made. Busy if another process keeps it: a reader may ask for it briefly."""
    mine = FileLock(folder / "run.lock")
    while True:
        make(folder)
        try:
            mine.acquire(timeout=patience)
        except Timeout:
            raise Busy(f"The run {folder.name} is being trained by another process; wait for it.") from None
        except FileNotFoundError:
            continue  # removed this moment
        except OSError as error:
            raise Unwritable(folder, error) from error
        if in_training(folder):
            return mine
        mine.release()  # it guards a folder that was removed while this process waited


def finished(folder: Path) -> bool:
    """Whether a run was trained to its end and published."""
    try:
        return "ended" not in read_manifest(folder)
    except (OSError, SealError):
        return False


def orphans(folder: Path) -> list[Path]:
    """What a killed process leaves in a run that nobody trains: half-written files, a checkpoint without its seal, a
    snapshot without its line, and in a finished run what only its training needed."""
    told = {row["name"] for row in read_lines(folder / "snapshots.jsonl")}
    sealed = {f"checkpoint-{step}.safetensors" for step in checkpoints(folder)}
    whole, found = finished(folder), []
    for path in folder.iterdir():
        unsealed = path.match("checkpoint-*.safetensors") and path.name not in sealed
        untold = path.match("snapshot-*.safetensors") and path.name not in told
        over = whole and TRAINING_ONLY.fullmatch(path.name)
        if UNFINISHED.fullmatch(path.name) or unsealed or untold or over:
            found.append(path)
    return sorted(found)


def checkpoints(folder: Path) -> list[int]:
    """Steps of the sealed checkpoints, the newest first."""
    return sorted((_number(path) for path in folder.glob("checkpoint-*.json")), reverse=True)


def checkpoint(folder: Path, step: int) -> bytes:
    """The checkpoint of a step, verified; SealError."""
    seal = read_sealed(folder / f"checkpoint-{step}.json")
    return verified(folder / f"checkpoint-{step}.safetensors", seal)


def live(folder: Path) -> dict[str, np.ndarray]:
    """The weights that a training shows now, with their "step"; SealError where there are none, or damaged ones."""
    try:
        data = (folder / "live.safetensors").read_bytes()
        tensors = from_bytes(data)
        del tensors["sha256"]
        whole = "step" in tensors and _live(tensors) == data
    except (OSError, KeyError, ValueError, SafetensorError):
        whole = False
    if not whole:
        raise SealError(f"{folder.name} shows no model now; choose one of its snapshots.")
    return tensors


def _live(tensors: dict[str, np.ndarray]) -> bytes:
    """One file that carries its own seal: a sibling would be replaced a moment later."""
    seal = bytes.fromhex(digest(to_bytes(tensors)))
    return to_bytes(tensors | {"sha256": np.frombuffer(seal, np.uint8)})


def _number(path: Path) -> int:
    text = path.stem.rpartition("-")[2]
    return int(text) if text.isdecimal() else -1


def _half(tensors: "dict[str, Tensor]") -> dict[str, np.ndarray]:
    return in_float16({name: t.numpy() for name, t in tensors.items()})


def snapshot_steps(steps: int, size: int = 0) -> set[int]:
    """The steps whose weights are kept: dense at the start, where the most happens, and the last.

    Of weights that take `size` bytes each, only every second, third ... where all of them would take too much.
    """
    every = sorted({0, steps} | {round(step) for step in np.geomspace(1, steps, SNAPSHOTS - 1)})
    most = max(FEWEST, int(SNAPSHOT_BYTES // max(size, 1)))
    return {0, *every[:: -math.ceil((len(every) - 1) / (most - 1))]}


def send(folder: Path, command: Command) -> None:
    write_sealed(folder / "orders.json", command._asdict(), durable=False)


def received(folder: Path) -> Command:
    try:
        found = read_sealed(folder / "orders.json")
        until = found["until"]
        return Command(until if until is None else int(until), bool(found["stop"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Command()


def state(folder: Path) -> dict[str, Any]:
    """What status.json says; {} where there is none, or a damaged one."""
    with contextlib.suppress(OSError, SealError):
        return read_sealed(folder / "status.json")
    return {}


def in_training(folder: Path) -> bool:
    """Whether a process holds the run's lock: the kernel frees it when that process dies, however it dies."""
    return held(folder / "run.lock")


def held(path: Path) -> bool:
    """Whether some process holds the lock file at `path`."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        if fcntl is None:  # pragma: no cover  Windows
            FileLock(path).acquire(timeout=0).lock.release()
        else:  # shared, so that two who ask do not take each other for the holder
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except (BlockingIOError, Timeout):
        return True
    except OSError:
        return False
    finally:
        os.close(file)


def describe(settings: RunSettings) -> str:
    """A short name for people: mnist D=2 β=1."""
    model, train = settings.model, settings.train
    kind = f"β={train.beta:g}" if model.stochastic else "autoencoder"
    kind += f" K={train.importance_samples}" if train.importance_samples > 1 else ""
    kind += f" TC={train.total_correlation:g}" if train.total_correlation else ""
    return f"{Path(settings.data.name).stem} D={model.latent_dim} {kind}"


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")


def versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("torch", "numpy", "safetensors")}
