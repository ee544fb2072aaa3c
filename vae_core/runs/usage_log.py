"""The order in which runs were last used: an append-only file of keys, because the clocks of files can be off."""

import contextlib
from pathlib import Path

from vae_core.sealed_files import write

LONG = 2**20  # bytes after which only the last use of each key is kept


def note(folder: Path, key: str) -> None:
    """One short line, written at once; where that cannot be, nothing is noted."""
    with contextlib.suppress(OSError), (folder / ".uses").open("ab") as file:
        file.write(f"{key}\n".encode())


def order(folder: Path) -> list[str]:
    """Keys from the longest unused to the one used last."""
    try:
        keys = (folder / ".uses").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return list(dict.fromkeys(reversed(keys)))[::-1]


def shorten(folder: Path) -> None:
    """Keeps the order, and forgets how often."""
    with contextlib.suppress(OSError):
        if (folder / ".uses").stat().st_size > LONG:
            write(folder / ".uses", "".join(f"{key}\n" for key in order(folder)).encode())
