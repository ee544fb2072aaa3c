"""A model from one machine to another: a folder of sealed safetensors and JSON, which is all that is ever taken in.

Nothing that comes in is executed, no path is built from it, and what is kept of its manifest is checked field by field.
"""

import math
import re
import uuid
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save as to_bytes

from vae_core import registry
from vae_core.runs.store import Entry, Runs
from vae_core.runs.training_run import Busy, finished, lock, versions
from vae_core.sealed_files import (
    FORMAT,
    Outdated,
    SealError,
    make,
    read_manifest,
    seal_of,
    verified,
    write,
    write_sealed,
)
from vae_core.settings import SCHEMA, ModelSettings, RunSettings

FILES = ("model.safetensors", "codes.safetensors", "training.safetensors", "progress.jsonl")
MANIFEST = 2**20  # bytes at most
CLASSES, LONGEST = 256, 200  # names at most, characters of each
HEX = re.compile(r"[0-9a-f]{24}")


def send(entry: Entry, folder: Path) -> None:
    """Writes weights in float32, codes, history and, last, the manifest that seals them."""
    make(folder)
    sealed = entry.load().manifest
    files = {"model.safetensors": to_bytes(entry.weights())}
    for name in FILES[1:]:
        if name in sealed["files"]:
            files[name] = verified(entry.folder / name, sealed["files"][name])
    for name, data in files.items():
        write(folder / name, data)
    manifest = {name: value for name, value in sealed.items() if name != "source"}
    manifest |= {"classes": list(entry.classes)} if entry.classes else {}
    write_sealed(folder / "manifest.json", {**manifest, "files": {name: seal_of(data) for name, data in files.items()}})


def receive(folder: Path, runs: Runs) -> Entry:
    """The run that `send` wrote, added to `runs` under its own key; the same one twice is one run.

    Raises SealError for anything else, before a byte of it is kept.
    """
    path = folder / "manifest.json"
    if not path.is_file() or path.stat().st_size > MANIFEST:
        raise SealError(f"{folder} holds no exported model; import takes a folder that `export` wrote.")
    manifest = read_manifest(folder)
    try:
        kept = _checked(manifest)
        content = {name: verified(folder / name, manifest["files"][name]) for name in kept["files"]}
    except Outdated:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise SealError(
            f"The manifest in {folder} is not one that `export` wrote ({error}); export it again."
        ) from error
    key = kept["key"]
    if not finished(runs.folder / key):
        _keep(runs, key, kept, content)
    return runs.get(key)


def _keep(runs: Runs, key: str, manifest: dict[str, Any], content: dict[str, bytes]) -> None:
    """Made beside, read as any run is, and only then given its name."""
    make(runs.folder)
    beside = runs.folder / f".{key}-{uuid.uuid4().hex}"
    make(beside)
    try:
        for name, data in content.items():
            write(beside / name, data)
        write_sealed(beside / "manifest.json", manifest)
        entry = runs.read(beside.name)
        entry.load()
        _fits(entry)
        with lock(runs.folder / key):
            if runs.get(key) or any((runs.folder / key).glob("checkpoint-*")):
                runs.discard(key)  # an unfinished one of the same settings
            else:
                (runs.folder / key / "run.lock").unlink()
                (runs.folder / key).rmdir()
            beside.rename(runs.folder / key)
    except Busy:
        raise SealError(f"The run {key} is being trained here; stop it, then import it again.") from None
    finally:
        if beside.exists():
            for path in beside.iterdir():
                path.unlink()
            beside.rmdir()


def _fits(entry: Entry) -> None:
    """What the pages read besides the weights: codes and means of as many dimensions, a curve of numbers, a date."""
    dims = entry.settings.model.latent_dim
    try:
        datetime.fromisoformat(entry.created)
        codes, training = entry.codes(), entry.training_codes()
        fits = all(len(value) == dims for value in entry.metrics.values() if isinstance(value, list))
        if codes is not None:
            fits &= codes.mean.shape == (len(codes.mean), dims)
            labels = codes.labels
            fits &= labels is None or (labels.dtype == np.uint8 and labels.shape == (len(codes.mean),))
            if labels is not None and "classes" in entry.manifest:
                fits &= int(labels.max(initial=0)) < len(entry.classes)
        fits &= training is None or training.mean.shape == (len(training.mean), dims)
        for row in entry.history():
            parts = row["kl_per_dimension"]
            numbers = [value for name, value in row.items() if name != "kl_per_dimension"]
            fits &= len(parts) == dims and {"step", "reconstruction", "kl"} <= row.keys()
            fits &= all(type(value) in (int, float) for value in numbers + parts)
    except SealError:
        raise
    except (KeyError, TypeError, ValueError):
        fits = False
    if not fits:
        raise SealError(f"The codes, curve or date of {entry.settings.key()} are not of this model; export it again.")


def _checked(found: dict[str, Any]) -> dict[str, Any]:
    """A manifest of our own making, from the values of one that came from outside."""
    settings = RunSettings.from_dict(found["settings"])
    key, schema = found["key"], found.get("schema")  # the first manifests had none
    if not HEX.fullmatch(key) or (schema == SCHEMA and key != settings.key()):
        raise SealError("its key is not that of its settings")
    key = key if schema else settings.key()
    unknown = set(found["files"]) - set(FILES)
    if unknown or "model.safetensors" not in found["files"]:
        raise SealError("its files are not those of a model")
    height, width, *colour = shape = list(found["shape"])
    if not all(type(side) is int and 1 <= side <= 256 for side in (height, width)) or colour not in ([], [3]):
        raise SealError("its images have no size")
    if 4 * _at_least(settings.model, math.prod(shape)) > int(found["files"]["model.safetensors"]["size"]):
        raise SealError("its weights are too few for its settings")
    kept = {
        "format": FORMAT, "schema": int(schema or SCHEMA), "key": key, "name": str(found["name"])[:80],
        "created": str(found["created"])[:32], "seconds": _number(found["seconds"]), "shape": shape,
        "settings": settings.to_dict(), "report": _report(found["report"]), "imported": True,
        "photograph": found.get("photograph", registry.photograph(settings.data.name)) is True,
        "versions": {name: str(found["versions"].get(name, ""))[:32] for name in versions()},
        "files": {name: {"size": int(s["size"]), "sha256": str(s["sha256"])} for name, s in found["files"].items()},
    }  # fmt: skip
    if "classes" in found:
        kept["classes"] = _names(found["classes"])
    if "ended" in found:
        if found["ended"] not in ("stopped", "diverged"):
            raise SealError("it did not end")
        kept |= {"ended": found["ended"], "step": int(found["step"]), "why": str(found.get("why", ""))[:300]}
    return kept


def _at_least(model: ModelSettings, pixels: int) -> int:
    """A count of weights that no network of these settings is below: nothing large is built for a small file."""
    if model.network == "conv":
        return 16 * sum(a * b for widths in (model.encoder, model.decoder) for a, b in pairwise(widths))
    through = [(pixels, *model.encoder, model.latent_dim), (model.latent_dim, *model.decoder, pixels)]
    return sum(a * b for widths in through for a, b in pairwise(widths))


def _report(found: dict[str, Any]) -> dict[str, Any]:
    from vae_core.training.evaluate import Report

    lists = {name for name in Report._fields if "list" in str(Report.__annotations__[name])}
    made = {}
    for name in Report._fields:
        value = found.get(name)
        if name in lists and value is not None:
            made[name] = [_number(one) for one in value]
        else:
            made[name] = None if value is None else _number(value)
    return Report(**made).to_dict()


def _names(found: Any) -> list[str]:
    """The names of the classes as they came: texts of a length that a page can show."""
    if not isinstance(found, list) or len(found) > CLASSES:
        raise SealError(f"its classes are not at most {CLASSES} names")
    if not all(isinstance(name, str) and len(name) <= LONGEST for name in found):
        raise SealError(f"its classes are not names of at most {LONGEST} characters")
    return list(found)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise SealError(f"{str(value)[:20]!r} is no number")
    return value
