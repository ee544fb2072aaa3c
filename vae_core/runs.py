"""The run cache: one folder a run, named by the hash of its settings, sealed by a manifest that is written last.

    <folder>/<key>/  settings.json  status.json  progress.jsonl  checkpoint.safetensors (+ .json seal)   while training
                     model.safetensors  codes.safetensors  manifest.json                                  once published

Every file appears by write, fsync, rename; the manifest holds the sha256 of all others and of itself, so a file that
was cut, altered or half written is found at load, moved to quarantine, and never used. safetensors and JSON only: no
pickle. The bundled models in assets/ are the same folders, read-only, under names instead of keys.
Reading lists, weights and codes needs no torch: the first page draws before torch is imported.
"""

import json
import os
import re
import shutil
import time
import uuid
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from filelock import FileLock, Timeout
from safetensors import SafetensorError
from safetensors.numpy import load as from_bytes
from safetensors.numpy import save as to_bytes

from vae_core.folders import cache_folder
from vae_core.seals import (
    FORMAT,
    SealError,
    as_json,
    canonical,
    digest,
    lines,
    read_lines,
    read_manifest,
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

KEY = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
ASSETS = Path(__file__).parent.parent / "assets" / "models"


class Codes(NamedTuple):
    mean: np.ndarray  # (N, D) float32, test images
    logvar: np.ndarray  # (N, D) float32; NaN for an autoencoder
    labels: np.ndarray | None  # (N,) uint8


class Run(NamedTuple):
    settings: RunSettings
    vae: "VAE"
    history: list[dict[str, Any]]
    report: dict[str, Any]
    manifest: dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """A run on disk, finished or not; what is read from it is verified at that moment."""

    folder: Path
    settings: RunSettings
    manifest: dict[str, Any] | None  # None: not published
    state: dict[str, Any]  # status.json

    @property
    def key(self) -> str:
        return self.folder.name

    @property
    def name(self) -> str:
        return (self.manifest or self.state).get("name") or describe(self.settings)

    @property
    def status(self) -> str:
        return "done" if self.manifest else self.state.get("status", "unfinished")

    @property
    def step(self) -> int:
        return self.settings.train.steps if self.manifest else int(self.state.get("step", 0))

    @property
    def created(self) -> str:
        return (self.manifest or self.state).get("created", "")

    @property
    def shape(self) -> tuple[int, int]:
        return tuple(self._sealed["shape"])

    @property
    def metrics(self) -> dict[str, Any]:
        return self._sealed["report"]

    @cached_property
    def _sealed(self) -> dict[str, Any]:
        if self.manifest is None:
            raise SealError(f"The run {self.key} is not finished (step {self.step}); train it to the end first.")
        return self.manifest

    def weights(self) -> dict[str, np.ndarray]:
        """Every weight as float32, by its name in VAE.state_dict()."""
        return {name: array.astype(np.float32) for name, array in self._tensors("model.safetensors").items()}

    def codes(self) -> Codes | None:
        """The codes of the test images, bundled with the model: no image is needed to draw them."""
        if "codes.safetensors" not in self._sealed["files"]:
            return None
        t = self._tensors("codes.safetensors")
        return Codes(t["mean"].astype(np.float32), t["logvar"].astype(np.float32), t.get("labels"))

    def history(self) -> list[dict[str, Any]]:
        return read_lines(self.folder / "progress.jsonl")

    def load(self) -> Run:
        """The run with its model on the CPU in float32, in evaluation mode; every seal and shape is checked first."""
        import torch  # here, because the first page lives without it

        from vae_core.vae import build

        vae = build(self.settings.model, self.shape, torch.Generator())
        saved = {name: torch.from_numpy(array) for name, array in self.weights().items()}
        expected = {name: tensor.shape for name, tensor in vae.state_dict().items()}
        if {name: tensor.shape for name, tensor in saved.items()} != expected:
            raise SealError(f"The weights of {self.key} do not fit its settings; delete {self.folder} and train again.")
        vae.load_state_dict(saved)
        return Run(self.settings, vae.eval().requires_grad_(False), self.history(), self.metrics, self._sealed)

    def _tensors(self, filename: str) -> dict[str, np.ndarray]:
        data = verified(self.folder / filename, self._sealed["files"].get(filename))
        try:
            tensors = from_bytes(data)
        except SafetensorError as error:
            raise SealError(f"{filename} of {self.key} cannot be read ({error}); train it again.") from error
        for name, array in tensors.items():
            if name != "logvar" and not np.isfinite(array).all():
                raise SealError(f"{name} in {filename} of {self.key} is not finite; delete the run and train it again.")
        return tensors


class Runs:
    """The runs in a folder. `quarantine` is where damaged ones are moved to; the bundled models have none."""

    def __init__(self, folder: Path | str, quarantine: Path | None = None) -> None:
        self.folder, self.quarantine = Path(folder), quarantine

    def list(self) -> list[Entry]:
        """Every readable run, newest first; damaged ones are left out here and named by `load`."""
        folders = self.folder.iterdir() if self.folder.is_dir() else []
        entries = [entry for folder in folders if (entry := self._entry(folder))]
        return sorted(entries, key=lambda entry: (entry.created, entry.key), reverse=True)

    def get(self, key: str) -> Entry | None:
        """The run called `key`; None if there is none. Any text may come in: only plain keys reach the disk."""
        return self._entry(self.folder / key) if isinstance(key, str) and KEY.fullmatch(key) else None

    def load(self, key: str) -> Run:
        """The published run, verified; a damaged one is set aside and a SealError says so."""
        entry = self.get(key)
        if entry is None:
            raise SealError(f"There is no run {key!r}; `python -m vae_core list` names those there are.")
        try:
            return entry.load()
        except SealError:
            if self.quarantine and entry.manifest:
                self.quarantine.mkdir(parents=True, exist_ok=True)
                entry.folder.rename(self.quarantine / f"{key}-{uuid.uuid4().hex[:8]}")
            raise

    def draft(self, settings: RunSettings, name: str = "", folder: str = "") -> "Draft":
        """Opens a run for training; a ValueError says so when another process is training it already."""
        return Draft(self.folder / (folder or settings.key()), settings, name)

    def remove(self, key: str) -> None:
        """Deletes a run, if it is there: renamed first, so that no reader meets half of one."""
        entry = self.get(key)
        if entry:
            doomed = entry.folder.with_name(f".{key}-{uuid.uuid4().hex}")
            entry.folder.rename(doomed)
            shutil.rmtree(doomed)

    def _entry(self, folder: Path) -> Entry | None:
        try:
            manifest = read_manifest(folder) if (folder / "manifest.json").exists() else None
            if manifest:
                settings, state = RunSettings.from_dict(manifest["settings"]), {}
            else:
                settings = RunSettings.from_dict(json.loads((folder / "settings.json").read_text("utf-8")))
                state = json.loads((folder / "status.json").read_text("utf-8"))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if state.get("status") == "running" and not in_training(folder):
            state["status"] = "interrupted"
        return Entry(folder, settings, manifest, state)


class Draft:
    """A run being trained: its lock, its progress file and its checkpoint. `publish` seals it."""

    def __init__(self, folder: Path, settings: RunSettings, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.settings, self.name, self.created = folder, settings, name or describe(settings), now()
        self.lock = FileLock(folder / "run.lock")
        try:
            self.lock.acquire(timeout=1)  # a reader may be asking whether it is held
        except Timeout:
            raise ValueError(f"The run {folder.name} is being trained by another process; wait for it.") from None
        write(folder / "settings.json", as_json(settings.to_dict()))
        self.status("running", 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.lock.release()

    def status(self, status: str, step: int) -> None:
        state = {"status": status, "step": step, "pid": os.getpid(), "name": self.name, "created": self.created}
        write(self.folder / "status.json", as_json(state))

    def record(self, progress: "Progress", validation: float | None = None) -> None:
        """Appends one line in one write: a reader may see a torn last line, and drops it."""
        row = {name: value for name, value in progress._asdict().items() if name not in ("vae", "optimizer", "steps")}
        row = {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}
        row["kl_per_dimension"] = [round(v, 4) for v in progress.kl_per_dimension]
        if validation is not None:
            row["validation"] = round(validation, 4)
        with (self.folder / "progress.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    def save(self, progress: "Progress", status: str = "running") -> None:
        """A checkpoint that `resume` goes on from, sealed by its own small file, which is written last."""
        data = to_bytes({name: np.ascontiguousarray(t.numpy()) for name, t in progress.checkpoint().items()})
        write(self.folder / "checkpoint.safetensors", data)
        write(self.folder / "checkpoint.json", as_json({"step": progress.step, **seal_of(data)}))
        self.status(status, progress.step)

    def resume(self) -> "dict[str, Tensor] | None":
        """The tensors of the last whole checkpoint, the progress file cut back to it; None: start afresh."""
        import torch

        try:
            seal = json.loads((self.folder / "checkpoint.json").read_text("utf-8"))
            data = verified(self.folder / "checkpoint.safetensors", seal)
            tensors = {name: torch.from_numpy(array) for name, array in from_bytes(data).items()}
        except (OSError, ValueError, KeyError, SafetensorError):
            tensors, seal = None, {"step": 0}
        rows = [row for row in read_lines(self.folder / "progress.jsonl") if row["step"] <= seal["step"]]
        write(self.folder / "progress.jsonl", lines(rows))
        return tensors

    def publish(
        self, vae: "VAE", shape: tuple[int, int], report: "Report", scores: "Scores | None" = None,
        labels: Any = None, seconds: float = 0.0, half: bool = False, **more: Any,
    ) -> Entry:  # fmt: skip
        """Writes weights and codes, then the manifest, which is the moment the run exists.

        half: in float16 and with a short history, as the bundled models are.
        """
        kind = np.float16 if half else np.float32
        weights = {name: np.ascontiguousarray(t.numpy().astype(kind)) for name, t in vae.state_dict().items()}
        files = {"model.safetensors": to_bytes(weights)}
        if scores is not None:
            codes = {"mean": scores.mean.numpy().astype(np.float16), "logvar": scores.logvar.numpy().astype(np.float16)}
            if labels is not None:
                codes["labels"] = np.asarray(labels, np.uint8)
            files["codes.safetensors"] = to_bytes(codes)
        history = self.folder / "progress.jsonl"
        if half:
            rows = read_lines(history)
            few = {*range(0, len(rows), len(rows) // 120 + 1), len(rows) - 1}
            write(history, lines(row for i, row in enumerate(rows) if i in few or "validation" in row))
        manifest = {
            "format": FORMAT, "key": self.settings.key(), "name": self.name, "created": self.created,
            "seconds": round(seconds, 1), "shape": list(shape), "settings": self.settings.to_dict(),
            "report": report.to_dict(), "versions": versions(), **more,
            "files": {name: seal_of(data) for name, data in files.items()}
            | ({history.name: seal_of(history.read_bytes())} if history.exists() else {}),
        }  # fmt: skip
        for name, data in files.items():
            write(self.folder / name, data)
        write(self.folder / "manifest.json", as_json({**manifest, "seal": digest(canonical(manifest))}))
        for leftover in ("checkpoint.safetensors", "checkpoint.json", "status.json", "settings.json"):
            (self.folder / leftover).unlink(missing_ok=True)
        return Entry(self.folder, self.settings, manifest, {})


def bundled() -> Runs:
    """The models that come with the product."""
    return Runs(ASSETS)


def trained() -> Runs:
    """The models trained on this machine."""
    cache = cache_folder()
    return Runs(cache / "runs", quarantine=cache / "quarantine")


def find(key: str) -> Entry | None:
    """The bundled or trained run called `key`."""
    return bundled().get(key) or trained().get(key)


def in_training(folder: Path) -> bool:
    """Whether a process holds the run's lock: the kernel frees it when that process dies, however it dies."""
    try:
        with FileLock(folder / "run.lock", timeout=0):
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
