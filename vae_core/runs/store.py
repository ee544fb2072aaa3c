"""The run cache: one folder a run, named by the hash of its settings, sealed by a manifest that is written last.

    <folder>/<key>/  what drafts.py writes while it is trained, then model.safetensors, codes.safetensors,
                     training.safetensors (the codes of the training images), manifest.json

Every file appears by write, fsync, rename; the manifest holds the sha256 of all others and of itself, so a file that
was cut, altered or half written is found at load, moved to quarantine, and never used. safetensors and JSON only: no
pickle. The bundled models in assets/ are the same folders, read-only, under names instead of keys.
Reading lists, weights and codes needs no torch: the first page draws before torch is imported.
"""

import contextlib
import re
import shutil
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as from_bytes

from vae_core import registry
from vae_core.data import class_names
from vae_core.paths import assets_folder, cache_folder
from vae_core.runs import published, usage_log
from vae_core.runs.codes import Codes, unpacked
from vae_core.runs.training_run import (
    ACTIVE,
    Command,
    Draft,
    checkpoint,
    checkpoints,
    describe,
    in_training,
    live,
    lock,
    send,
    state,
)
from vae_core.sealed_files import (
    SealError,
    read_lines,
    read_sealed,
    set_aside,
    verified,
    write_sealed,
)
from vae_core.settings import DataSettings, RunSettings

if TYPE_CHECKING:
    from vae_core.model.vae import VAE

KEY = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
ASSETS = assets_folder() / "models"
STARTS = ASSETS.parent / "starts"
MOST_CLASSES = 256  # labels are bytes


class Run(NamedTuple):
    """A published run in memory, every file of it verified."""

    settings: RunSettings
    vae: "VAE"
    history: list[dict[str, Any]]  # a row per report of the training, nats per image
    report: dict[str, Any]  # evaluate.Report of the test images
    manifest: dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """A run on disk, finished or not; what is read from it is verified at that moment."""

    folder: Path
    settings: RunSettings
    manifest: dict[str, Any] | None  # None: not published
    state: dict[str, Any]  # status.json; {} once the training is done
    label: dict[str, Any] = field(default_factory=dict)  # label.json: what people call it, and whether it is pinned
    bundled: bool = True  # never evicted, so nobody notes when it was last used

    @property
    def key(self) -> str:
        return self.folder.name

    @property
    def name(self) -> str:
        return self.label.get("name") or (self.manifest or self.state).get("name") or describe(self.settings)

    @property
    def pinned(self) -> bool:
        return bool(self.label.get("pinned"))

    @property
    def ready(self) -> bool:
        """Whether there is a model to look at: trained to its end, or stopped on the way."""
        return self.manifest is not None

    @property
    def status(self) -> str:
        """done, queued, running, paused, stopped, interrupted, failed or diverged."""
        if self.manifest and self.state.get("status") not in ACTIVE:  # a stopped one may wait to go on
            return self.manifest.get("ended", "done")
        return self.state.get("status", "unfinished")

    @property
    def why(self) -> str:
        """One sentence, where a training failed or diverged, or what went wrong on its way."""
        return (self.manifest or {}).get("why", "") or self.state.get("why", "")

    @property
    def step(self) -> int:
        return int((self.manifest or self.state).get("step", self.settings.train.steps if self.manifest else 0))

    @property
    def created(self) -> str:
        return (self.manifest or self.state).get("created", "")

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple((self.manifest or self.state).get("shape", (0, 0)))

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """What the labels mean, a name per class: as the manifest has it, else of the data set; () if not known."""
        written = (self.manifest or {}).get("classes")
        return tuple(written) if written else class_names.of_data(self.settings.data.name)

    @property
    def source(self) -> str:
        """What load_dataset takes for its images: a name that all machines know, or the path they had here.

        "" where that is unknown: a path is not believed of a run that came from outside.
        """
        name, known = self.settings.data.name, self.manifest or self.state
        return name if known_by_name(name) else str(known.get("source") or ("" if known.get("imported") else name))

    @property
    def photograph(self) -> bool:
        """Whether more is brighter in its images; else they are ink on paper. The first manifests did not say."""
        return bool((self.manifest or {}).get("photograph", registry.photograph(self.settings.data.name)))

    @property
    def metrics(self) -> dict[str, Any]:
        return self._sealed["report"]

    @cached_property
    def _sealed(self) -> dict[str, Any]:
        if self.manifest is None:
            raise SealError(f"The run {self.key} is not finished (step {self.step:,}); train it to the end first.")
        return self.manifest

    def order(self, until: int | None = None, stop: bool = False) -> None:
        """Tells whoever trains it to hold when `until` steps are done (0: now; None: never), or to stop."""
        send(self.folder, Command(until, stop))

    def called(self, name: str | None = None, pinned: bool | None = None) -> None:
        """Another name, or a pin that keeps it from being evicted; neither is part of what is sealed."""
        label = self.label | ({} if name is None else {"name": name[:80]})
        label |= {} if pinned is None else {"pinned": pinned}
        write_sealed(self.folder / "label.json", label)

    def weights(self) -> dict[str, np.ndarray]:
        """Every weight as float32, by its name in VAE.state_dict()."""
        tensors = self._tensors("model.safetensors")
        if not self.bundled:
            usage_log.note(self.folder.parent, self.key)
        return {name: array.astype(np.float32) for name, array in tensors.items()}

    def codes(self) -> Codes | None:
        """The codes of the test images, bundled with the model: no image is needed to draw them."""
        return self._codes("codes.safetensors")

    def training_codes(self) -> Codes | None:
        """The codes of the images that the decoder was trained on, without labels. None: they were not kept."""
        return self._codes("training.safetensors")

    def _codes(self, filename: str) -> Codes | None:
        if filename not in self._sealed["files"]:
            return None
        return unpacked(self._tensors(filename))

    def history(self) -> list[dict[str, Any]]:
        return read_lines(self.folder / "progress.jsonl")

    def snapshots(self) -> list[int]:
        """The steps whose weights were kept, rising."""
        return sorted({row["step"] for row in read_lines(self.folder / "snapshots.jsonl")})

    def live(self) -> int | None:
        """The step of the weights that a training shows now."""
        with contextlib.suppress(SealError):
            return int(live(self.folder)["step"])
        return None

    def at(self, step: int | None = None) -> tuple[int, "VAE"]:
        """(step, model) of a snapshot; without a step, as the training stands now."""
        if step is None:
            tensors = live(self.folder)
            return int(tensors.pop("step")), self._model(tensors)
        seals = {row["step"]: row for row in read_lines(self.folder / "snapshots.jsonl")}
        data = verified(self.folder / f"snapshot-{step:d}.safetensors", seals.get(step))
        return step, self._model(from_bytes(data))

    def _model(self, tensors: dict[str, np.ndarray]) -> "VAE":
        import torch

        from vae_core.model.vae import build

        vae = build(self.settings.model, self.shape, torch.Generator(), self._classes(tensors))
        saved = {name: torch.from_numpy(array.astype(np.float32)) for name, array in tensors.items()}
        expected = {name: tensor.shape for name, tensor in vae.state_dict().items()}
        if {name: tensor.shape for name, tensor in saved.items()} != expected:
            raise SealError(f"The weights of {self.key} do not fit its settings; delete {self.folder} and train again.")
        vae.load_state_dict(saved)
        return vae.eval().requires_grad_(False)

    def _classes(self, tensors: dict[str, np.ndarray]) -> int:
        """How many classes the weights of a conditional model know: the columns that their first layer has for them."""
        first, model = tensors.get("decoder.0.weight"), self.settings.model
        if not model.conditional:
            return 0
        if first is None or first.ndim != 2 or not 0 < first.shape[1] - model.latent_dim <= MOST_CLASSES:
            raise SealError(f"The weights of {self.key} know no classes; delete {self.folder} and train again.")
        return first.shape[1] - model.latent_dim

    def load(self) -> Run:
        """The run with its model on the CPU in float32, in evaluation mode; every seal and shape is checked first."""
        for name in self._sealed["files"].keys() & {"progress.jsonl", "snapshots.jsonl"}:
            verified(self.folder / name, self._sealed["files"][name])
        vae = self._model(self.weights())
        return Run(self.settings, vae, self.history(), self.metrics, self._sealed)

    def verify(self) -> None:
        """Reads every file that is sealed; SealError names the first one that is not what it was."""
        for name, seal in self.manifest["files"].items() if self.manifest else ():
            verified(self.folder / name, seal)
        rows = read_lines(self.folder / "snapshots.jsonl")
        for row in rows:
            verified(self.folder / f"snapshot-{row['step']:d}.safetensors", row)
        for step in checkpoints(self.folder):
            checkpoint(self.folder, step)
        changing = () if self.status == "done" else ("status.json", "settings.json", "orders.json")
        for name in ("label.json", *changing):
            if (self.folder / name).exists():
                read_sealed(self.folder / name)
        if (self.folder / "live.safetensors").exists():
            live(self.folder)
        self._verify_history()

    def _verify_history(self) -> None:
        """Whole lines that reach as far as the training is known to have come."""
        known = max([*checkpoints(self.folder), self.step if self.manifest else 0])
        for name in ("progress.jsonl", "snapshots.jsonl"):
            path, rows = self.folder / name, read_lines(self.folder / name)
            count = path.read_bytes().count(b"\n") if path.exists() else 0
            short = name == "progress.jsonl" and path.exists() and known > (rows[-1]["step"] if rows else 0)
            if count != len(rows) or short:
                raise SealError(f"{name} of {self.key} is damaged or cut short; train it again.")

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
    """The runs in a folder. Damaged ones are moved to `quarantine`, else beside it; the bundled models stay."""

    def __init__(self, folder: Path | str, quarantine: Path | None = None) -> None:
        self.folder = Path(folder)
        self.quarantine = quarantine or (None if self.folder in (ASSETS, STARTS) else self.folder.parent / "quarantine")

    def list(self) -> list[Entry]:
        """Every readable run, newest first; damaged ones are left out here and named by `load`."""
        folders = self.folder.iterdir() if self.folder.is_dir() else []
        entries = [entry for folder in folders if (entry := self.get(folder.name))]
        return sorted(entries, key=lambda entry: (instant(entry.created), entry.key), reverse=True)

    def get(self, key: str) -> Entry | None:
        """The run called `key`; None if there is none. Any text may come in: only plain keys reach the disk."""
        if not isinstance(key, str) or not KEY.fullmatch(key):
            return None
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            return self.read(key)
        return None

    def why_not(self, key: str) -> str:
        """Why `get` finds no run of this name, in a sentence."""
        if isinstance(key, str) and KEY.fullmatch(key) and (self.folder / key).is_dir():
            try:
                self.read(key)
            except SealError as error:
                return str(error)
            except (OSError, ValueError, KeyError, TypeError):
                return f"The run {key} has no readable settings; `python -m vae_core doctor` says more."
        return f"There is no run {key!r}; `python -m vae_core list` names those there are."

    def load(self, key: str) -> Run:
        """The published run, verified; a damaged one is set aside and a SealError says so."""
        entry = self.get(key)
        if entry is None:
            raise SealError(self.why_not(key))
        try:
            return entry.load()
        except SealError:
            if self.quarantine and entry.manifest and not in_training(entry.folder):
                with contextlib.suppress(OSError):  # a cache that cannot be written keeps it, unused
                    set_aside(entry.folder, self.quarantine)
            raise

    def draft(
        self, settings: RunSettings, name: str = "", folder: str = "",
        shape: tuple[int, ...] = (0, 0), half: bool = False,
    ) -> Draft:  # fmt: skip
        """Opens a run for training; a ValueError says so when another process is training it already.

        half: publish in float16 and with a short history, as the bundled models are.
        """
        return Draft(self.folder / (folder or settings.key()), settings, name, shape, half, self.quarantine)

    def remove(self, key: str) -> None:
        """Deletes a run, if it is there; Busy, if it is being trained."""
        if self.get(key):
            with lock(self.folder / key):
                self.discard(key)

    def discard(self, key: str) -> None:
        """Deletes a run whose lock is held: renamed first, so that no reader meets half of one."""
        doomed = self.folder / f".{key}-{uuid.uuid4().hex}"
        (self.folder / key).rename(doomed)
        shutil.rmtree(doomed)

    def read(self, key: str) -> Entry:
        """As `get`, but it says what is wrong: SealError if damaged, Outdated; another error if that is no run."""
        folder, bundled = self.folder / key, self.quarantine is None
        return published.remembered(folder, bundled, lambda: self._read(folder, bundled))

    @staticmethod
    def _read(folder: Path, bundled: bool) -> Entry:
        manifest, chosen = published.read(folder)
        if chosen is None:
            chosen = published.settings(folder, read_sealed(folder / "settings.json"))
        status = state(folder)
        if not status and manifest is None:  # killed before it could say so, or damaged: the checkpoints count
            status = {"status": "interrupted", "step": max(checkpoints(folder), default=0)}
        if status.get("status") in ("running", "paused") and not in_training(folder):
            status["status"] = "interrupted"
        return Entry(folder, chosen, manifest, status, published.label(folder), bundled)


def instant(created: str) -> float:
    """Seconds since 1970 of a time with its zone, as manifests state it: runs of several zones have one order."""
    try:
        return datetime.fromisoformat(created).timestamp()
    except ValueError:
        return 0.0


def bundled() -> Runs:
    """The models that come with the product."""
    return Runs(ASSETS)


def starts() -> Runs:
    """Weights that bundled models began with, so that each of their trainings can be done again; no list shows them."""
    return Runs(STARTS)


def trained() -> Runs:
    """The models trained on this machine."""
    cache = cache_folder()
    return Runs(cache / "runs", quarantine=cache / "quarantine")


def known_by_name(name: str) -> bool:
    """Whether a data set is built in or was uploaded; all others are somebody's own files, known by their path."""
    return name in registry.DATA_SETS or name.startswith("own/")


def source_of(data: DataSettings) -> str:
    """What load_dataset takes for the images of these settings: their name, or the path that a run trained on them here
    remembers; "" where none does. No path that came from outside is ever among them."""
    if known_by_name(data.name):
        return data.name
    same = (entry for entry in trained().list() if entry.source and entry.settings.data.same_images(data))
    return next((entry.source for entry in same), "")


def find(key: str) -> Entry | None:
    """The bundled or trained run called `key`, or the start of bundled ones."""
    return bundled().get(key) or trained().get(key) or starts().get(key)
