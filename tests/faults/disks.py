"""Disks that are full or cannot be written: a real small one where mounting is allowed, else the nearest thing."""

import contextlib
import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[bool]:
    """A tmpfs on the folder while the block runs; False where this user may not mount."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        allowed = subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        allowed = False
    try:
        yield allowed
    finally:
        if allowed:
            subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def frozen(folder: Path) -> Iterator[None]:
    """A folder, with what is in it, that cannot be written while the block runs; root who may not mount still can."""
    bound = [["mount", "--bind", folder, folder], ["mount", "-o", "remount,bind,ro", folder]]
    done = [command for command in bound if subprocess.run(command, capture_output=True).returncode == 0]
    places = [folder, *folder.rglob("*")] if len(done) < len(bound) else []
    modes = {path: path.stat().st_mode for path in places}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
        if done:
            subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[tuple[Path, Callable, str]]:
    """(folder, fill, what it is); `with fill(n)` leaves room for about n bytes more."""
    with mounted(folder, f"size={size}") as real:
        yield folder, (lambda room: _filled(folder, room)) if real else _counted, "tmpfs" if real else "counted writes"


@contextmanager
def _filled(folder: Path, room: int) -> Iterator[None]:
    """A file that takes the rest; it goes when the block ends."""
    ballast = folder / "ballast"
    with ballast.open("wb") as file, contextlib.suppress(OSError):
        file.write(bytes(max(0, _free(folder) - room)))
    try:
        yield
    finally:
        ballast.unlink()


def _free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


@contextmanager
def _counted(room: int) -> Iterator[None]:
    """This process may write so many bytes more."""
    left, opened = [room], Path.open

    class Limited:
        def __init__(self, file) -> None:
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def __getattr__(self, name: str):
            return getattr(self.file, name)

        def write(self, data) -> int:
            left[0] -= len(data)
            if left[0] < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.file.write(data)

    def opening(path: Path, mode: str = "r", *args, **kwargs):
        file = opened(path, mode, *args, **kwargs)
        return file if "r" in mode else Limited(file)

    Path.open = opening
    try:
        yield
    finally:
        Path.open = opened


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder that nobody can write, not even root where it may mount."""
    with mounted(folder, "ro,size=1m") as real:
        if not real:
            folder.chmod(0o500)
        try:
            yield
        finally:
            if not real:
                folder.chmod(0o700)
