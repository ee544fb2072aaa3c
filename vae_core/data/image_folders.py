"""Many picture files as one stack of images: a folder of them, or a zip archive, which is never unpacked to disk.

Both are read alike. Pictures are sorted by name, numbers in names by their size. If they lie in several folders, the
names of these are the labels; folders called train and test (perhaps val) above them are a split. One folder around
everything, and what macOS and Windows leave lying beside pictures, mean nothing.
"""

import contextlib
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from vae_core.data.array_layouts import PARTS, natural, part_of
from vae_core.data.checksums import LIMIT, DatasetError

MANY = 100_000  # pictures
DEPTH = 8  # folders in folders
LARGEST = 25 * 1024**2  # bytes of one picture file
ENTRY = b"PK\x01\x02"  # stands before each entry in an archive's list
JUNK = ("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "@eadir")  # lower case
SPOKEN_OUT = ("train", "training", "test", "testing", "val", "valid", "validation")  # other words may be classes
NAMED = 5  # unreadable pictures


class Picture(NamedTuple):
    name: str
    place: tuple[str, ...]  # the folders it lies in, and its own name
    open: Callable[[], Path | BinaryIO]


class Album(NamedTuple):
    images: np.ndarray  # (N, H, W) uint8, in colour (N, H, W, 3)
    folders: np.ndarray | None  # (N,) text; None where all lie in one
    remark: str  # what was done to them
    test: int = 0  # so many, the last ones, are a given test part


def from_folder(path: Path, progress: Callable[[str], None]) -> Album:
    """The pictures of a folder and of the folders in it."""
    from vae_core.data.image_decoding import SUFFIXES

    try:
        files = list(below(path))
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    found = [
        Picture(str(file), tuple(map(_text, file.relative_to(path).parts)), lambda f=file: f)
        for file in files
        if file.suffix.lower() in SUFFIXES
    ]
    return joined(path, found, [file.name for file in files if file.suffix.lower() not in SUFFIXES], progress)


def below(path: Path, depth: int = DEPTH) -> Iterator[Path]:
    """All files that somebody put there; a DatasetError, if they are far too many."""
    count = 0
    for entry in path.iterdir():
        if is_junk(entry.name):
            continue
        if entry.is_symlink() and path.resolve().is_relative_to(entry.resolve()):
            continue  # it leads back here
        inner = below(entry, depth - 1) if entry.is_dir() and depth else [entry] if entry.is_file() else []
        for file in inner:
            count += 1
            if count > 2 * MANY:
                raise DatasetError(
                    f"{path} has more than {2 * MANY:,} files: use a folder of its own for the pictures."
                )
            yield file


def is_junk(name: str) -> bool:
    """Hidden files, and those that a system leaves beside others."""
    return name.startswith((".", "__MACOSX")) or name.lower() in JUNK


def from_zip(path: Path, source: BinaryIO, progress: Callable[[str], None]) -> Album:
    """The pictures of an archive, in its folders; every size is known before anything is unpacked."""
    from vae_core.data.image_decoding import SUFFIXES

    data = not_crowded(path, source.read())
    try:
        with zipfile.ZipFile(_again(data)) as archive:
            entries = [(entry, place) for entry in archive.infolist() if (place := place_of(entry))]
            found = [(entry, place) for entry, place in entries if Path(place[-1]).suffix.lower() in SUFFIXES]
            for entry, place in found:
                if entry.file_size > LARGEST:
                    size = entry.file_size / 1024**2
                    raise DatasetError(
                        f"{'/'.join(place)[:80]} in {path} unpacks to {size:,.0f} MB: make the picture smaller."
                    )
            pictures = [
                Picture(f"{'/'.join(place)[:80]} in {path}", place, lambda e=entry: _again(archive.read(e)))
                for entry, place in found
            ]
            others = [place[-1] for _, place in entries if Path(place[-1]).suffix.lower() not in SUFFIXES]
            return joined(path, pictures, others, progress)
    except DatasetError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise DatasetError(f"{path} is damaged, locked or no zip archive: pack the pictures again.") from error


def not_crowded(path: Path, data: bytes) -> bytes:
    """An archive that does not list far too many files: each that is listed takes memory."""
    if data.count(ENTRY) > 2 * MANY:
        raise DatasetError(f"{path} has more than {MANY:,} pictures: use fewer.")
    return data


def place_of(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    """Folders and name of what was packed; () for a folder, and for what nobody packed on purpose.

    Old archivers write `\\` between folders, and macOS writes UTF-8 without the flag that says so.
    """
    name = entry.filename
    if not entry.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):  # else it is in code page 437, or in one that nothing tells
            name = name.encode("cp437").decode("utf-8")
    name = name.replace("\\", "/")
    place = tuple(_text(part) for part in name.split("/") if part not in ("", "."))
    return () if name.endswith("/") or any(map(is_junk, place)) else place


def _text(name: str) -> str:
    """Composed, as everybody types it: macOS takes letters and their accents apart."""
    return unicodedata.normalize("NFC", name)


def arranged(pictures: list[Picture]) -> tuple[list[Picture], list[str], int]:
    """Pictures in order, with the folder that labels each, and how many of the last ones are a given test part."""
    places = without_the_folder_around([picture.place for picture in pictures])
    words = {place[0].lower() for place in places if len(place) > 1}
    split = "train" in {part_of(word) for word in words} and len({part_of(word) for word in words}) > 1
    split = split and words <= set(SPOKEN_OUT) and all(len(place) > 1 for place in places)
    parts = [list(PARTS).index(part_of(place[0].lower())) if split else 0 for place in places]
    if split:
        places = without_the_folder_around([place[1:] for place in places])
    order = sorted(range(len(pictures)), key=lambda k: (parts[k], tuple(map(natural, places[k]))))
    test = parts.count(list(PARTS).index("test")) if split else 0
    return [pictures[k] for k in order], ["/".join(places[k][:-1]) for k in order], test


def kinds(files: list[str]) -> str:
    """The most frequent suffixes of files."""
    found = Counter(Path(file).suffix.lower()[:12] or "nameless" for file in files)
    return ", ".join(kind for kind, _ in found.most_common(3))


def without_the_folder_around(places: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    while places and all(len(place) > 1 and place[0] == places[0][0] for place in places):
        places = [place[1:] for place in places]
    return places


def joined(path: Path, pictures: list[Picture], others: list[str], progress: Callable[[str], None]) -> Album:
    """All pictures as images of one size: in colour where one of them has colours, else grey."""
    from PIL import Image, ImageOps

    from vae_core.data.image_decoding import SUFFIXES, bright_enough

    if not pictures:
        instead = f", but {kinds(others)} files" if others else ""
        raise DatasetError(
            f"There are no pictures in {path}{instead}: put {', '.join(SUFFIXES)} files there, or into subfolders."
        )
    if len(pictures) > MANY:
        raise DatasetError(f"{path} has {len(pictures):,} pictures; at most {MANY:,} are read: use fewer.")
    pictures, folders, test = arranged(pictures)
    if len({folder == "" for folder in folders}) > 1:
        outside = pictures[folders.index("")].place[-1]
        raise DatasetError(f"{path} has pictures both beside and inside subfolders: move {outside[:80]} into one.")
    small, done = decoded(path, pictures, progress)
    if any(one.mode == "RGB" for one in small):
        small = [one.convert("L").convert("RGB") if one.mode != "RGB" else one for one in small]
    channels, sizes = len(small[0].getbands()), {one.size for one in small}
    if len(sizes) > 1:
        side = max(28, min(min(size) for size in sizes))
        if side * side * channels * len(small) > LIMIT:  # pragma: no cover  MANY of the largest
            raise DatasetError(f"{path} has too many pictures of {side}x{side}: use fewer.")
        small = [ImageOps.fit(one, (side, side), Image.Resampling.BOX) for one in small]
        done[f"sizes differ, so the middle square was made {side}x{side}"] = len(small)
    done[f"other files are ignored: {kinds(others)}"] = len(others)
    remarks = [f"{what} ({n:,})" for what, n in done.items() if n]
    images = bright_enough(np.stack([np.asarray(one) for one in small]), remarks)
    if test:
        remarks.insert(0, f"the {test:,} pictures of its test folder are the test images")
    return Album(images, np.array(folders) if folders[0] else None, "; ".join(remarks), test)


def decoded(path: Path, pictures: list[Picture], progress: Callable[[str], None]) -> tuple[list, Counter]:
    """Each as Pillow has it, and how often what was done; the unreadable ones are named together."""
    from vae_core.data.image_decoding import picture as decode

    small, done, unread = [], Counter(), {}
    for number, picture in enumerate(pictures):
        if number % 200 == 0:
            progress(f"Reading pictures: {number:,} of {len(pictures):,}")
        try:
            one, remarks = decode(picture.open(), picture.name)
        except DatasetError as error:
            unread["/".join(picture.place)] = error
            continue
        small.append(one)
        done.update(remarks)
    if len(unread) == 1:
        raise next(iter(unread.values()))
    if unread:
        names = ", ".join(name[-60:] for name in list(unread)[:NAMED])
        more = f" and {len(unread) - NAMED:,} more" if len(unread) > NAMED else ""
        raise DatasetError(
            f"{len(unread):,} of {len(pictures):,} pictures in {path} cannot be read ({names}{more}): repair or remove "
            "them."
        )
    return small, done


def _again(data: bytes) -> BinaryIO:
    import io

    return io.BytesIO(data)
