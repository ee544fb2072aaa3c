"""Care for the run cache: what killed processes left, what is damaged, and room when it grows too large.

Nothing that might be wanted is deleted: damaged runs and checkpoints are moved to quarantine. What goes is renamed
first. The size is bounded by VAE_CACHE_BYTES; the runs that were not used for longest go first, by the cache's own
counter, and never one that is running, waiting or pinned.
"""

import contextlib
import os
import shutil
from pathlib import Path
from typing import NamedTuple

from safetensors import SafetensorError

from vae_core.runs import usage_log
from vae_core.runs.store import KEY, Runs
from vae_core.runs.training_run import ACTIVE, Busy, in_training, lock, orphans
from vae_core.sealed_files import Outdated, SealError, set_aside

BUDGET = 4e9  # bytes


class Finding(NamedTuple):
    """Something that doctor has found in a run."""

    key: str
    kind: str  # damaged, orphaned or outdated
    what: str  # a sentence
    path: Path


def budget() -> float:
    """Bytes that the runs may take; nonsense in VAE_CACHE_BYTES is the default."""
    with contextlib.suppress(ValueError):
        return float(os.environ.get("VAE_CACHE_BYTES") or BUDGET)
    return BUDGET


def size(folder: Path) -> int:
    """Bytes of all files below a folder; what disappears meanwhile counts nothing."""
    total = 0
    for path in folder.rglob("*") if folder.is_dir() else ():
        with contextlib.suppress(OSError):
            total += path.lstat().st_size
    return total


def evict(runs: Runs, allowed: float | None = None) -> list[str]:
    """Deletes the runs that were not used for longest, until the rest takes at most `allowed` bytes; their keys."""
    allowed, gone = budget() if allowed is None else allowed, []
    entries = {entry.key: entry for entry in reversed(runs.list())}  # never used: the oldest goes first
    sizes = {key: size(runs.folder / key) for key in entries}
    used = usage_log.order(runs.folder)
    order = sorted(entries, key=lambda key: used.index(key) if key in used else -1)
    for key in order[:-1]:  # the newest is what room is made for
        if sum(sizes.values()) <= allowed:
            break
        if entries[key].pinned or entries[key].status in ACTIVE:
            continue
        with contextlib.suppress(OSError, Busy), lock(runs.folder / key, patience=0.2):
            entry = runs.get(key)  # once more: with the lock in hand nobody trains it, but it may have been queued
            if entry and not entry.pinned and entry.state.get("status") != "queued":
                runs.discard(key)
                gone.append(key)
                del sizes[key]
    return gone


def tidy(runs: Runs) -> None:
    """What a start may do without being asked: takes away what killed processes left, in runs that nobody trains."""
    usage_log.shorten(runs.folder)
    for folder in list(runs.folder.iterdir()) if runs.folder.is_dir() else ():
        if folder.name.startswith(".") and folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)  # renamed to be deleted
        elif KEY.fullmatch(folder.name) and folder.is_dir() and (orphans(folder) or _empty(folder)):
            with contextlib.suppress(OSError, Busy), lock(folder, patience=0.2):
                for path in orphans(folder):
                    path.unlink(missing_ok=True)
                if _empty(folder):
                    runs.discard(folder.name)


def examine(runs: Runs) -> list[Finding]:
    """Every run against its seals: what is damaged, left over or of another version."""
    found = []
    for folder in sorted(runs.folder.iterdir()) if runs.folder.is_dir() else ():
        key = folder.name
        if not folder.is_dir() or in_training(folder):
            continue
        if not KEY.fullmatch(key):
            found.append(Finding(key, "orphaned", "a run that was being deleted", folder))
            continue
        leftovers = orphans(folder)
        found += [Finding(key, "orphaned", f"{path.name} of a process that was killed", path) for path in leftovers]
        if _empty(folder):
            found.append(Finding(key, "orphaned", "a folder without a run", folder))
        elif (entry := runs.get(key)) is None:
            kind = "outdated" if _outdated(runs, key) else "damaged"
            found.append(Finding(key, kind, runs.why_not(key), folder))
        else:
            try:
                entry.verify()
                if entry.ready:
                    entry.load()
            except (OSError, SealError, SafetensorError) as error:
                found.append(Finding(key, "damaged", str(error), folder))
    return found


def mend(runs: Runs, findings: list[Finding]) -> None:
    """Leftovers go, damaged runs move to quarantine; outdated ones stay as they are."""
    tidy(runs)
    for finding in findings:
        if finding.kind == "damaged" and runs.quarantine and finding.path.exists() and not in_training(finding.path):
            set_aside(finding.path, runs.quarantine)


def _empty(folder: Path) -> bool:
    """Nothing but a lock: its process was killed before it had written the first file."""
    return {path.name for path in folder.iterdir()} - {path.name for path in orphans(folder)} <= {"run.lock"}


def _outdated(runs: Runs, key: str) -> bool:
    try:
        runs.read(key)
    except Outdated:
        return True
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return False
