"""What the folder of a run says it is: its manifest and its settings, verified, and what people wrote on it."""

import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from vae_core.sealed_files import Outdated, read_manifest, read_sealed
from vae_core.settings import SCHEMA, RunSettings

RACY = 2_000_000_000  # nanoseconds
MOST = 4096  # runs whose folders are remembered
_remembered: dict[tuple[str, bool], tuple[tuple[int, ...], Any]] = {}


def remembered(folder: Path, bundled: bool, read: Callable[[], Any]) -> Any:
    """The entry that `read` makes of a folder, as long as no file in there is replaced.

    Not that of a training, which also ends without a trace in its folder, nor of a folder that has just changed.
    """
    place = str(folder)
    try:
        inside, manifest = folder.stat(), (folder / "manifest.json").stat()
    except OSError:
        return read()
    stamp = (inside.st_mtime_ns, inside.st_ino, manifest.st_mtime_ns, manifest.st_size, manifest.st_ino)
    known = _remembered.get((place, bundled))
    if known and known[0] == stamp:
        return known[1]
    entry = read()
    if not entry.state and time.time_ns() - max(inside.st_mtime_ns, manifest.st_mtime_ns) > RACY:
        if len(_remembered) >= MOST:
            _remembered.clear()
        _remembered[place, bundled] = stamp, entry
    return entry


def read(folder: Path) -> tuple[dict[str, Any] | None, RunSettings | None]:
    """Manifest and settings of a published run, verified; kept in memory as long as the file stays the same."""
    try:
        found = (folder / "manifest.json").stat()
    except OSError:
        return None, None
    stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
    fresh = time.time_ns() - found.st_mtime_ns < RACY  # it could change again and keep this stamp
    return _read_published.__wrapped__(folder, stamp) if fresh else _read_published(folder, stamp)


@lru_cache(maxsize=1024)
def _read_published(folder: Path, stamp: tuple[int, ...]) -> tuple[dict[str, Any], RunSettings]:
    manifest = read_manifest(folder)
    return manifest, settings(folder, manifest["settings"], manifest)


def settings(folder: Path, written: dict[str, Any], manifest: dict[str, Any] | None = None) -> RunSettings:
    """As they were written; Outdated where a version with other settings wrote them."""
    schema = (manifest or written).get("schema", 1)
    try:
        return RunSettings.from_dict({k: v for k, v in written.items() if k != "schema"})
    except ValueError as error:
        by = f"schema {schema} (this is {SCHEMA})" + (f" with {manifest['versions']}" if manifest else "")
        raise Outdated(f"The run {folder.name} was written by {by}: {error} Train it again.") from error


def label(folder: Path) -> dict[str, Any]:
    """What people wrote on a run; nothing, if that cannot be read."""
    try:
        found = read_sealed(folder / "label.json")
        return {"name": str(found.get("name", "")), "pinned": found.get("pinned") is True}
    except (OSError, ValueError, AttributeError):
        return {}
