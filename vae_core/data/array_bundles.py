"""Files of arrays that belong together: a folder or a zip archive of idx files, tables, .npy or .npz files.

Their arrays are called as the file and the array in it are, so that `train.csv` beside `test.csv` has two parts. Files
of one array each, whose names say nothing of the kind, are a class each: cat.npy, dog.npy, as QuickDraw has them.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from vae_core.data import array_files, image_folders
from vae_core.data.array_files import is_idx
from vae_core.data.array_layouts import IMAGES, LABELS, part_of, words
from vae_core.data.checksums import LIMIT, DatasetError
from vae_core.data.named_arrays import Arrays, too_large

SUFFIXES = (".npz", ".npy", ".csv", ".tsv", ".parquet", ".pq")
MANY = 400  # files: more than QuickDraw has
PREFIX = "full_numpy_bitmap_"  # which QuickDraw has before the class

Files = dict[str, Callable[[], BinaryIO]]


def in_folder(path: Path) -> Files:
    """The files of arrays in a folder and the folders in it; none, if there are pictures and no idx files."""
    found = {file.relative_to(path).parts: file for file in image_folders.below(path)}
    files = chosen(found, is_idx)
    return {name: (lambda file=file: file.open("rb")) for name, file in files.items()}


@contextmanager
def in_zip(path: Path, source: BinaryIO) -> Iterator[Files]:
    """The same of an archive; its files are unpacked into memory, each of a size known before."""
    data = image_folders.not_crowded(path, source.read())
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = {place: entry for entry in archive.infolist() if (place := image_folders.place_of(entry))}
            files = chosen(found, lambda entry: _is_called_idx(entry.filename))
            for name, entry in files.items():
                if entry.file_size > LIMIT:
                    raise too_large(path / name, entry.file_size)
            yield {name: (lambda entry=entry: io.BytesIO(archive.read(entry))) for name, entry in files.items()}
    except (DatasetError, MemoryError):
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise DatasetError(f"{path} is damaged, locked or no zip archive: pack its files again.") from error


def chosen(found: dict[tuple[str, ...], Any], is_one: Callable[[Any], bool]) -> dict[str, Any]:
    """Of all files by their places, those of arrays by name: the idx files, or where no picture is, the others.

    Of a file beside the same one packed, one is enough.
    """
    from vae_core.data.image_decoding import SUFFIXES as PICTURES

    places = dict(zip(image_folders.without_the_folder_around(list(found)), found.values(), strict=True))
    names = {"/".join(place): file for place, file in places.items()}
    names = {n: file for n, file in names.items() if not (n.endswith(".gz") and n.removesuffix(".gz") in names)}
    if files := {name: file for name, file in sorted(names.items()) if is_one(file)}:
        return files
    if any(Path(name).suffix.lower() in PICTURES for name in names):
        return {}
    return {name: file for name, file in sorted(names.items()) if _kind(name) in SUFFIXES}


@contextmanager
def opened(path: Path, files: Files, picture: Callable[[BinaryIO, str], np.ndarray]) -> Iterator[Arrays]:
    """The arrays of all files under the names of both."""
    if len(files) > MANY:
        raise DatasetError(f"{path} has {len(files):,} files of arrays; at most {MANY} are read: use fewer.")
    with ExitStack() as stack:
        by_file = {}
        for name, file in files.items():
            inside = path / name
            arrays = stack.enter_context(array_files.opened(inside, stack.enter_context(file()), picture))
            if arrays is not None:
                by_file[name] = arrays
            if (held := sum(each.held for each in by_file.values())) > LIMIT:
                raise too_large(path, held)
        yield _of_classes(path, by_file) if _are_classes(by_file) else _together(path, by_file)


def _together(path: Path, by_file: dict[str, Arrays]) -> Arrays:
    """All arrays; a file that has one is called as that."""
    where = {}
    for name, arrays in by_file.items():
        for inner in arrays.shapes:
            whole = len(by_file) == 1 and len(arrays.shapes) > 1
            where[inner if whole else name if len(arrays.shapes) == 1 else f"{name} {inner}"] = arrays, inner
    if not where:
        raise DatasetError(f"{path} has no arrays: put a .npz, .npy, idx, .csv or .parquet file there.")
    remarks = dict.fromkeys(arrays.remark for arrays in by_file.values() if arrays.remark)
    shapes = {name: arrays.shapes[inner] for name, (arrays, inner) in where.items()}
    return Arrays(shapes, lambda name: where[name][0].read(where[name][1]), "; ".join(remarks))


def _are_classes(by_file: dict[str, Arrays]) -> bool:
    """Whether each file has the images of one class: no name tells a part or a role, and the images have one size."""
    spoken = {word for name in by_file for word in words(_stem(name)) if part_of(word) or word in (*IMAGES, *LABELS)}
    alone = all(list(arrays.shapes) == ["images"] for arrays in by_file.values())
    sizes = {arrays.shapes["images"][1:] for arrays in by_file.values()} if alone else set()
    return len(by_file) > 1 and not spoken and len(sizes) == 1 and sizes != {()}


def _of_classes(path: Path, by_file: dict[str, Arrays]) -> Arrays:
    shapes = [arrays.shapes["images"] for arrays in by_file.values()]
    counts = [shape[0] for shape in shapes]
    labels = np.repeat([_stem(name).removeprefix(PREFIX) for name in by_file], counts)

    def read(name: str) -> np.ndarray:
        if name == "labels":
            return labels
        made, start = None, 0
        for arrays in by_file.values():
            some = arrays.read("images")
            if made is None:
                made = np.empty((sum(counts), *some.shape[1:]), some.dtype)
                if made.nbytes > LIMIT:
                    raise too_large(path, made.nbytes)
            made[start : start + len(some)] = some
            start += len(some)
        return made

    said = f"each of its {len(by_file)} files was read as a class"
    return Arrays({"images": (sum(counts), *shapes[0][1:]), "labels": labels.shape}, read, said)


def _kind(name: str) -> str:
    return Path(name.removesuffix(".gz")).suffix.lower()


def _stem(name: str) -> str:
    return Path(name.removesuffix(".gz")).stem


def _is_called_idx(name: str) -> bool:
    return "idx" in name.lower() or "ubyte" in name.lower()
