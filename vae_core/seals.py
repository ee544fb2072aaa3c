"""Files that are either whole or not there, and known by their sha256: what the run cache is built of.

After one flipped bit safetensors loads silently wrong weights, and a file that a killed process was writing is
unreadable: so every file appears by write, fsync and rename, and is compared with its seal before it is parsed.
"""

import hashlib
import json
import os
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FORMAT = 1  # of a manifest
LARGEST = 512 * 2**20  # bytes of any one file


class SealError(ValueError):
    """A file of a run is missing, damaged or not what its seal says; the sentence names it and the next step."""


def write(path: Path, data: bytes | memoryview, durable: bool = True) -> None:
    """Atomically: a crash leaves the old file or the new one. durable=False does not wait for the disk."""
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


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a published run, its own seal checked."""
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_bytes()[:LARGEST])
        seal = manifest.pop("seal")
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise SealError(f"The manifest of {folder.name} cannot be read; delete {folder} and train it again.") from error
    if seal != digest(canonical(manifest)) or manifest.get("format") != FORMAT:
        raise SealError(f"The manifest of {folder.name} was altered or is of another version; train it again.")
    return manifest


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a .jsonl file; a torn last line is dropped."""
    rows = []
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        try:
            rows.append(json.loads(line))
        except ValueError:
            break
    return rows


def lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def seal_of(data: bytes) -> dict[str, Any]:
    return {"size": len(data), "sha256": digest(data)}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, allow_nan=False, separators=(",", ":")).encode()


def as_json(value: Any) -> bytes:
    return json.dumps(value, indent=1, allow_nan=False, ensure_ascii=False).encode()
