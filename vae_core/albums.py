"""Many picture files as one stack of images: a folder of them, or a zip archive, which is never unpacked to disk.

Pictures are sorted by name. If they lie in several folders, the names of these are the labels.
"""

import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from vae_core.files import LIMIT, DatasetError

MANY = 100_000  # pictures
LARGEST = 25 * 1024**2  # bytes of one picture file
ENTRY = b"PK\x01\x02"  # stands before each entry in an archive's list


class Picture(NamedTuple):
    name: str
    folder: str  # "" beside all others
    open: Callable[[], Path | BinaryIO]


class Album(NamedTuple):
    images: np.ndarray  # (N, H, W) uint8
    folders: np.ndarray | None  # (N,) text; None where all lie in one
    remark: str  # what was done to them


def from_folder(path: Path, progress: Callable[[str], None]) -> Album:
    """The pictures of a folder or, one level down, of its subfolders."""
    from vae_core.pictures import SUFFIXES

    try:
        top = sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
        inner = [entry for folder in top if folder.is_dir() for entry in sorted(folder.iterdir())]
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    entries = [entry for entry in top + inner if entry.is_file() and not entry.name.startswith(".")]
    files = [entry for entry in entries if entry.suffix.lower() in SUFFIXES]
    found = [Picture(str(f), "" if f.parent == path else f.parent.name, lambda f=f: f) for f in files]
    return joined(path, found, len(entries) - len(files), progress)


def from_zip(path: Path, source: BinaryIO, progress: Callable[[str], None]) -> Album:
    """The pictures of an archive, in its folders; every size is known before anything is unpacked."""
    from vae_core.pictures import SUFFIXES

    data = source.read()
    if data.count(ENTRY) > 2 * MANY:
        raise DatasetError(f"{path} has more than {MANY:,} pictures: use fewer.")
    try:
        with zipfile.ZipFile(_again(data)) as archive:
            entries = [entry for entry in archive.infolist() if not _hidden(entry)]
            pictures = sorted((e for e in entries if _suffix(e) in SUFFIXES), key=lambda e: e.filename)
            for entry in pictures:
                if entry.file_size > LARGEST:
                    size = entry.file_size / 1024**2
                    raise DatasetError(
                        f"{entry.filename[:80]} in {path} unpacks to {size:,.0f} MB: make the picture smaller."
                    )
            places = [entry.filename.split("/")[:-1] for entry in pictures]
            while places and all(place and place[0] == places[0][0] for place in places):
                places = [place[1:] for place in places]  # the folder that was packed
            found = [
                Picture(f"{entry.filename[:80]} in {path}", "/".join(place), lambda e=entry: _again(archive.read(e)))
                for entry, place in zip(pictures, places, strict=True)
            ]
            return joined(path, found, len(entries) - len(found), progress)
    except DatasetError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise DatasetError(f"{path} is damaged, locked or no zip archive: pack the pictures again.") from error


def joined(path: Path, pictures: list[Picture], others: int, progress: Callable[[str], None]) -> Album:
    """All pictures as grey images of one size."""
    from PIL import Image, ImageOps

    from vae_core.pictures import SUFFIXES, grey_picture

    if not pictures:
        raise DatasetError(
            f"There are no pictures in {path}: put {', '.join(SUFFIXES)} files there, or into subfolders."
        )
    if len({picture.folder == "" for picture in pictures}) > 1:
        raise DatasetError(
            f"{path} has pictures both beside and inside subfolders: move {Path(pictures[0].name).name} into one."
        )
    if len(pictures) > MANY:
        raise DatasetError(f"{path} has {len(pictures):,} pictures; at most {MANY:,} are read: use fewer.")
    small, done = [], Counter()
    for number, picture in enumerate(pictures):
        if number % 200 == 0:
            progress(f"Reading pictures: {number:,} of {len(pictures):,}")
        grey, remarks = grey_picture(picture.open(), picture.name)
        small.append(grey)
        done.update(remarks)
    sizes = {grey.size for grey in small}
    if len(sizes) > 1:
        side = max(28, min(min(size) for size in sizes))
        if side * side * len(small) > LIMIT:  # pragma: no cover  MANY of the largest
            raise DatasetError(f"{path} has too many pictures of {side}x{side}: use fewer.")
        small = [ImageOps.fit(grey, (side, side), Image.Resampling.BOX) for grey in small]
        done[f"sizes differ, so the middle square was made {side}x{side}"] = len(small)
    done["other files are ignored"] = others
    remark = "; ".join(f"{what} ({n:,})" for what, n in done.items() if n)
    folders = np.array([picture.folder for picture in pictures]) if pictures[0].folder else None
    return Album(np.stack([np.asarray(grey) for grey in small]), folders, remark)


def _again(data: bytes) -> BinaryIO:
    import io

    return io.BytesIO(data)


def _hidden(entry: zipfile.ZipInfo) -> bool:
    parts = entry.filename.split("/")
    return entry.is_dir() or any(part.startswith((".", "__MACOSX")) for part in parts)


def _suffix(entry: zipfile.ZipInfo) -> str:
    return Path(entry.filename).suffix.lower()
