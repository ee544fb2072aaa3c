"""Files that are written atomically and verified by their sha256: the run cache is built of them.

After one flipped bit safetensors loads silently wrong weights, and a file that a killed process was writing is
unreadable: so every file appears by write, fsync and rename, and is compared with its seal before it is parsed.
"""

import hashlib
import json
import os
import shutil
import uuid
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FORMAT = 1  # of a manifest
LARGEST = 512 * 2**20  # bytes of any one file
CHECKSUM = ', "crc": "'


class SealError(ValueError):
    """A file of a run is missing, damaged or not what its seal says; the sentence names it and the next step."""


class Outdated(SealError):
    """Whole, but written by a version of this program that is not this one."""


class Unwritable(OSError, ValueError):
    """A full, read-only or missing disk: the sentence has the path and the free space."""

    def __init__(self, path: Path, error: OSError) -> None:
        try:
            free = f"{shutil.disk_usage(path).free / 1e6:.0f} MB are free"
        except OSError:
            free = "it cannot be read"
        super().__init__(
            f"{path} cannot be written ({error.strerror or error}; {free}): make room, then resume, "
            "or set VAE_CACHE_DIR to a folder that can be written."
        )


def write(path: Path, data: bytes | memoryview, durable: bool = True) -> None:
    """Atomically: a crash leaves the old file or the new one. durable=False does not wait for the disk.

    Raises Unwritable, and what was there before stays.
    """
    try:
        try:
            _replace(path, data, durable)
        except FileNotFoundError:  # somebody tidied up and took the unfinished file for a killed process's
            _replace(path, data, durable)
    except OSError as error:
        raise Unwritable(path.parent, error) from error


def make(folder: Path) -> None:
    """The folder, if it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unwritable(folder, error) from error


def _replace(path: Path, data: bytes | memoryview, durable: bool) -> None:
    temporary = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def verified(path: Path, seal: dict[str, Any] | None) -> bytes:
    """The bytes of a file, if they are the ones that were sealed."""
    if not seal or not path.is_file() or path.stat().st_size != seal["size"] or seal["size"] > LARGEST:
        raise SealError(f"{path.name} of {path.parent.name} is missing or cut short; train it again.")
    data = path.read_bytes()
    if digest(data) != seal["sha256"]:
        raise SealError(f"{path.name} of {path.parent.name} is damaged (its sha256 differs); train it again.")
    return data


def write_sealed(path: Path, value: dict[str, Any], durable: bool = True) -> None:
    """A small JSON file that carries the sha256 of its own content."""
    write(path, as_json({**value, "seal": digest(canonical(value))}), durable)


def read_sealed(path: Path) -> dict[str, Any]:
    """What `write_sealed` wrote. SealError if it is damaged, FileNotFoundError if it is not there."""
    try:
        data = path.read_bytes()[:LARGEST]
        value = json.loads(data)
        whole = as_json(value) == data and value.pop("seal") == digest(canonical(value))
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise SealError(f"{path.name} of {path.parent.name} is damaged (its sha256 differs); train it again.")
    return value


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a published run, its own seal checked."""
    manifest = read_sealed(folder / "manifest.json")
    if manifest.get("format") != FORMAT:
        found = f"format {manifest.get('format')} with {manifest.get('versions')}"
        raise Outdated(f"{folder.name} was written by another version ({found}); train it again with this one.")
    return manifest


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a .jsonl file up to the first torn or damaged line, as a killed process leaves one."""
    rows = []
    for line in path.read_text("utf-8", errors="replace").split("\n") if path.exists() else []:
        if not line:
            break
        try:
            rows.append(row(line))
        except ValueError:
            break
    return rows


def lines(rows: Iterable[dict[str, Any]]) -> bytes:
    """One JSON object a line, each ending with a checksum of itself."""
    texts = (json.dumps(row) for row in rows)
    return "".join(f'{text[:-1]}{CHECKSUM}{zlib.crc32(text.encode()):08x}"}}\n' for text in texts).encode()


def append(path: Path, row: dict[str, Any]) -> None:
    """One line in one write: a reader may see a torn last line, and drops it."""
    try:
        with path.open("ab") as file:
            file.write(lines([row]))
    except OSError as error:
        raise Unwritable(path.parent, error) from error


def row(line: str) -> dict[str, Any]:
    text, marked, rest = line.rpartition(CHECKSUM)
    if not marked:  # bundled histories are sealed by their manifest instead
        row = json.loads(line)
    elif rest == f'{zlib.crc32((text + "}").encode()):08x}"}}':
        row = json.loads(text + "}")
    else:
        raise SealError("a damaged line")
    if not isinstance(row, dict):
        raise SealError("not a row")
    return row


def set_aside(path: Path, quarantine: Path) -> Path:
    """Moves what is damaged into the quarantine, under a name of its own; nothing there is ever deleted."""
    make(quarantine)
    aside = quarantine / f"{path.parent.name + '-' if path.is_file() else ''}{path.name}-{uuid.uuid4().hex[:8]}"
    path.rename(aside)
    return aside


def seal_of(data: bytes) -> dict[str, Any]:
    return {"size": len(data), "sha256": digest(data)}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, allow_nan=False, separators=(",", ":")).encode()


def as_json(value: Any) -> bytes:
    return json.dumps(value, indent=1, allow_nan=False, ensure_ascii=False).encode()
