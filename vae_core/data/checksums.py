"""Data files from outside are compared with what they should be; our own are published whole or not at all."""

import hashlib
import os
from pathlib import Path

from vae_core.paths import cache_folder, own_data_folder
from vae_core.sealed_files import write

LIMIT = 512 * 1024**2  # bytes of one data set in memory


class DatasetError(ValueError):
    """One plain sentence or two: which data is missing or wrong, and what to do next."""


class DamagedError(DatasetError):
    """A data file that must not be used; `aside` is where it was moved to, if it was ours to move."""

    def __init__(self, trouble: str, path: Path) -> None:
        self.aside = set_aside(path)
        answer = (
            f"It was moved aside to {self.aside.name}." if self.aside else "It was left in place, unused: replace it."
        )
        super().__init__(f"{trouble} {answer}")


def check(path: Path, content: bytes, sha256: str = "") -> None:
    """Raise unless `content` of `path` has the given sha256 or, if none is known, the sha256 of its first use here."""
    found = hashlib.sha256(content).hexdigest()
    expected = sha256 or first_use(path, found)
    if found != expected:
        why = "" if sha256 else f" as when it was first read (changed on purpose? Then delete {record(path)})"
        said = f"its sha256 begins {found[:8]}, expected is {expected[:8]}{why}"
        raise DamagedError(f"{path} is altered or damaged: {said}.", path)


def first_use(path: Path, sha256: str) -> str:
    """The sha256 that `path` had when it was first read; written down in the cache, where that can be written."""
    try:
        known = record(path).read_text(encoding="utf-8").split()[0]
        if len(known) == 64 and not set(known) - set("0123456789abcdef"):
            return known
    except (OSError, IndexError, UnicodeDecodeError):
        pass  # nothing written down, or nothing that can be read
    publish(record(path), f"{sha256}  {path.resolve()}\n".encode())  # `sha256sum -c` reads this
    return sha256


def record(path: Path) -> Path:
    """Where the sha256 of a file's first use is written down."""
    return own_data_folder() / "first-use" / f"{hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:24]}.sha256"


def set_aside(path: Path) -> Path | None:
    """Rename a file of our own data folder to <name>.damaged-<n>; None, and nothing done, if it is not ours."""
    if not path.resolve().is_relative_to(own_data_folder().resolve()):
        return None
    n = 1
    while (aside := path.with_name(f"{path.name}.damaged-{n}")).exists():
        n += 1
    try:
        path.rename(aside)
        record(path).unlink(missing_ok=True)
    except OSError:
        return None
    return aside


def temporary_folder() -> Path:
    """Where unfinished files live; whatever a killed process leaves here may be swept."""
    folder = cache_folder() / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def publish(path: Path, content: bytes) -> bool:
    """Write a file of the cache; False where the disk is full or read-only, so that the caller goes on in memory."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, content)
    except OSError:
        return False
    return True
