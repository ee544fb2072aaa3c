"""One training as text in and text out: what a worker, a process of its own or another machine, is sent."""

import json
import time
from pathlib import Path
from typing import Any

from vae_core.jobs.trainer import train_run
from vae_core.jobs.workers import abandoned, plain
from vae_core.runs import maintenance
from vae_core.runs.store import Entry, Runs, known_by_name
from vae_core.runs.training_run import Busy, in_training
from vae_core.sealed_files import SealError
from vae_core.settings import RunSettings


def request(settings: RunSettings, runs: Runs, name: str = "", data: str | None = None) -> str:
    """What `work` needs to know, as JSON. `data`: the folder to look for data in, or the path of one's own images."""
    return json.dumps({
        "settings": settings.to_dict(), "runs": str(runs.folder.absolute()),
        "quarantine": str(runs.quarantine.absolute()) if runs.quarantine else "",
        "name": name, "data": data,
    })  # fmt: skip


def work(request: str) -> str:
    """One training for any executor: JSON in, the run's folder written, its key, status and report out as JSON.

    Whoever asks for a run that another process trains waits for that one. A diverged training is a result, with its
    `why`; what cannot be trained raises one sentence in a plain error, which every kind of executor can carry.
    """
    import torch

    asked, began = json.loads(request), time.perf_counter()
    runs = Runs(asked["runs"], Path(asked["quarantine"]) if asked.get("quarantine") else None)
    try:
        entry = _attended(RunSettings.from_dict(asked["settings"]), runs, asked["name"], asked["data"])
    except Exception as error:
        raise plain(error) from error
    return json.dumps({**outcome(entry), "wall": time.perf_counter() - began, "threads": torch.get_num_threads()})


def outcome(entry: Entry) -> dict[str, Any]:
    """A run in numbers: report and seconds of training as its manifest has them, the sha256 of its weights."""
    manifest = entry.manifest or {}
    return {
        "key": entry.key, "status": entry.status, "step": entry.step, "why": entry.why,
        "report": manifest.get("report"), "seconds": manifest.get("seconds", 0.0),
        "sha256": manifest["files"]["model.safetensors"]["sha256"] if manifest else "",
    }  # fmt: skip


def _attended(settings: RunSettings, runs: Runs, name: str, data: str | None) -> Entry:
    """The run as it is once nobody trains it any more: here before, trained now, or by another process meanwhile."""
    from vae_core.data.datasets import load_dataset
    from vae_core.training.train import Diverged

    key, chosen = settings.key(), settings.data
    if (entry := _sound(runs, key)) is not None:
        return entry
    source = chosen.name if known_by_name(chosen.name) else data or chosen.name
    dataset = load_dataset(source, data, chosen.split, download=False)
    if chosen.fingerprint not in ("", dataset.fingerprint):
        raise ValueError(f"The {chosen.name} found here is another one than these settings were made for.")
    called = chosen.name if data else dataset.name  # who named a file's data set finds the run under that name
    settings = settings.with_fields(name=called, fingerprint=dataset.fingerprint)
    while True:
        try:
            entry = train_run(settings, dataset, runs, name=name)
        except Diverged:
            entry = runs.get(settings.key())
        except Busy:
            while in_training(runs.folder / settings.key()) and not abandoned():
                time.sleep(0.05)
            entry = runs.get(settings.key())
            if not abandoned() and (entry is None or entry.status in ("interrupted", "queued")):
                continue  # its process died
        maintenance.evict(runs)
        return entry


def _sound(runs: Runs, key: str) -> Entry | None:
    """The finished run, if its weights are what was sealed; a damaged one makes room for another try."""
    entry = runs.get(key)
    if entry is None or entry.status != "done":
        return None
    try:
        runs.load(key)
    except SealError:
        return None
    return entry
