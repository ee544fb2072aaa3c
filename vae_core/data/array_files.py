"""Reads untrusted files of numbers (.npz, .npy, idx; tables are read in table_files.py) safely, as named arrays.

The size of everything is known before it is unpacked, and nothing in a file is ever executed.
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from vae_core.data.checksums import LIMIT, DatasetError
from vae_core.data.mnist import parse
from vae_core.data.named_arrays import Arrays, lies_on_its_side, of_known, too_large
from vae_core.data.table_files import of_csv, of_parquet

HEADER = 16_384  # bytes; more than numpy ever writes
STREAMED = 8 * LIMIT  # bytes of arrays of which only some rows are kept
PIECE = 16 * 1024**2  # bytes that are unpacked at once
SEED = 0  # of the rows that are kept
NUMPY, ZIP, GZIP, PARQUET, IDX = b"\x93NUMPY", b"PK", b"\x1f\x8b", b"PAR1", (b"\0\0\x08\x01", b"\0\0\x08\x03")
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError)


@contextmanager
def opened(path: Path, file: BinaryIO, picture: Callable[[BinaryIO, str], np.ndarray]) -> Iterator[Arrays | None]:
    """The arrays of a file, by its suffix, and where that says nothing, by how it begins; None of another kind.

    `picture` turns the bytes of a picture file in a table into levels.
    """
    kind, start = path.suffix.lower(), file.read(6)
    file.seek(0)
    if kind == ".npz":
        with of_npz(path, file) as arrays:
            yield arrays
    elif kind == ".npy" or start.startswith(NUMPY):
        yield of_npy(path, file)
    elif kind in (".parquet", ".pq") or start.startswith(PARQUET):
        yield of_parquet(path, file, picture)
    elif kind in (".csv", ".tsv", ".gz", ".idx") or start.startswith((GZIP, *IDX)):
        yield of_packed(path, unzipped(path, file))
    else:
        yield None


def of_packed(path: Path, data: bytes) -> Arrays | None:
    """An idx file or a table, out of whatever it was packed in."""
    if data.startswith(IDX):
        return of_idx(path, data)
    tables = (".csv", ".tsv")
    return of_csv(path, data) if {path.suffix.lower(), Path(path.stem).suffix.lower()} & set(tables) else None


# -- NumPy -------------------------------------------------------------------------------------------------------------


@contextmanager
def of_npz(path: Path, source: BinaryIO) -> Iterator[Arrays]:
    """The arrays of a .npz file; each is read when it is asked for, after its header was found acceptable."""
    try:
        with zipfile.ZipFile(source) as archive:
            entries = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
            shapes, large = {}, 0
            for name, entry in entries.items():
                with archive.open(entry) as file:
                    shapes[name], dtype, _ = header(file.read(HEADER))
                large = max(large, 0 if dtype.hasobject else size_of(shapes[name], dtype))
            count, rows = chosen_rows(path, shapes, large)
            remark = ""
            if rows is not None:
                kept = {name: (len(rows), *shape[1:]) for name, shape in shapes.items() if shape[:1] == (count,)}
                shapes |= kept
                remark = (
                    f"{len(rows):,} of its {count:,} images were chosen at random, because all of them take "
                    f"{large / 1024**2:,.0f} MB"
                )

            def read(name: str) -> np.ndarray:
                if rows is not None and name in kept:
                    return some_rows(path, archive, entries[name], rows)
                return member(path, archive, entries[name])

            yield Arrays(shapes, read, remark)
    except DatasetError:
        raise
    except BROKEN as error:
        raise DatasetError(f"{path} is damaged or no .npz file: save it again with numpy.savez.") from error


def size_of(shape: tuple[int, ...], dtype: np.dtype) -> int:
    return int(np.prod(shape, dtype=object)) * dtype.itemsize


def chosen_rows(path: Path, shapes: dict[str, tuple[int, ...]], large: int) -> tuple[int, np.ndarray | None]:
    """How many rows the arrays of a file have that is too large as a whole, and which of them are kept, in order.

    Half of what is allowed is filled, since the images are copied once.
    """
    if large <= LIMIT:
        return 0, None
    count = max((shape[0] for shape in shapes.values() if len(shape) > 1), default=0)
    kept = LIMIT // 2 * count // large
    if large > STREAMED or kept < 2:
        raise too_large(path, large)
    return count, np.sort(np.random.Generator(np.random.PCG64(SEED)).permutation(count)[:kept])


def some_rows(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, rows: np.ndarray) -> np.ndarray:
    """Some rows of an array, which is unpacked in pieces and never whole."""
    with archive.open(entry) as file:
        start = file.read(HEADER)
    shape, dtype, begins = checked(path, entry.filename, start, entry.file_size, STREAMED)
    if b"'fortran_order': True" in start[:begins]:  # its rows lie apart
        raise too_large(path, size_of(shape, dtype))
    with archive.open(entry) as file:
        file.read(begins)
        one = size_of(shape[1:], dtype)
        made, piece = np.empty((len(rows), *shape[1:]), dtype), max(1, PIECE // max(1, one))
        for first in range(0, shape[0], piece):
            count = min(piece, shape[0] - first)
            some = np.frombuffer(file.read(count * one), dtype).reshape(count, *shape[1:])
            here = slice(*np.searchsorted(rows, (first, first + count)))
            made[here] = some[rows[here] - first]
    return made


def header(data: bytes) -> tuple[tuple[int, ...], np.dtype, int]:
    """Shape, type and the length of the header of a .npy file."""
    start = io.BytesIO(data)
    try:
        first = np.lib.format.read_magic(start) == (1, 0)
        read = np.lib.format.read_array_header_1_0 if first else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(start)
    except Exception as error:  # numpy reads it as Python, so a damaged one fails as source code does
        raise ValueError("no header of an array") from error
    return shape, dtype, start.tell()


def member(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(entry) as file:
        checked(path, entry.filename, file.read(HEADER), entry.file_size)
    with archive.open(entry) as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def checked(
    path: Path, name: str, start: bytes, length: int, most: int | None = None
) -> tuple[tuple[int, ...], np.dtype, int]:
    """What a header says; raises unless these are numbers, not too many, and exactly as many as there are bytes."""
    shape, dtype, begins = header(start)
    size = size_of(shape, dtype)
    if dtype.hasobject:
        raise DatasetError(f"{path} holds Python objects, which are not opened: save {name[:80]} as uint8 numbers.")
    if size > (most or LIMIT):
        raise too_large(path, size)
    if begins + size != length:
        raise ValueError("the header promises another size than the file has")
    return shape, dtype, begins


def of_npy(path: Path, source: BinaryIO) -> Arrays:
    """The one array of a .npy file."""
    data = read_at_most(path, source, LIMIT + HEADER)
    try:
        checked(path, path.name, data[:HEADER], len(data))
        array = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    except DatasetError:
        raise
    except BROKEN as error:
        raise DatasetError(f"{path} is damaged or no .npy file: save it again with numpy.save.") from error
    return of_known({"images": array})


def read_at_most(path: Path, source: BinaryIO, most: int) -> bytes:
    data = source.read(most + 1)
    if len(data) > most:
        raise DatasetError(f"{path} has more than {most // 1024**2} MB: use fewer or smaller images.")
    return data


# -- idx ---------------------------------------------------------------------------------------------------------------


def unzipped(path: Path, source: BinaryIO) -> bytes:
    """What a gzip file holds, or the file itself; the size of what comes out is limited."""
    data = read_at_most(path, source, LIMIT)
    if not data.startswith(GZIP):
        return data
    try:
        with gzip.open(io.BytesIO(data)) as file:
            return read_at_most(path, file, LIMIT)
    except (OSError, *BROKEN) as error:
        if isinstance(error, DatasetError):
            raise
        raise DatasetError(f"{path} is damaged or no gzip file: download or pack it again.") from error


def of_idx(path: Path, data: bytes) -> Arrays:
    """The one array of an idx file, as MNIST has them."""
    try:
        array = parse(data)
    except ValueError as error:
        raise DatasetError(f"{path} is damaged: {error}.") from error
    return of_known({"images": array}, *lies_on_its_side(path, array))


def is_idx(path: Path) -> bool:
    """Whether a file begins as an idx file does, packed or not."""
    if "idx" not in path.name.lower() and "ubyte" not in path.name.lower():
        return False
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if start.startswith(GZIP):
            with gzip.open(path) as file:
                start = file.read(4)
    except (OSError, EOFError, zlib.error):
        return True  # and reading it says what is wrong
    return start in IDX
