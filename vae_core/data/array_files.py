"""Reads untrusted files of numbers (.npz, .npy, idx, CSV and Parquet) safely, as named arrays.

The size of everything is known before it is unpacked, and nothing in a file is ever executed.
"""

import csv
import gzip
import io
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from vae_core.data.array_layouts import IMAGES, LABELS, ROLES, words
from vae_core.data.checksums import LIMIT, DatasetError
from vae_core.data.mnist import parse

HEADER = 16_384  # bytes; more than numpy ever writes
TABLE = LIMIT // 2  # bytes of a CSV file: a number takes two at least, and four once it is read
COLUMNS = 8  # of a table that are no pixels, at most
ROWS = 1_000_000  # of a Parquet file
STREAMED = 8 * LIMIT  # bytes of arrays of which only some rows are kept
AT_ONCE = 8  # rows of a Parquet file, because one value may be repeated in it for nothing
SIDEWAYS, LETTER = ("emnist",), (28, 28)  # words in names of files, and the images in these
PIECE = 16 * 1024**2  # bytes that are unpacked at once
SEED = 0  # of the rows that are kept
CELL = 25 * 1024**2  # bytes of one picture in it
NUMPY, ZIP, GZIP, PARQUET, IDX = b"\x93NUMPY", b"PK", b"\x1f\x8b", b"PAR1", (b"\0\0\x08\x01", b"\0\0\x08\x03")
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError)


class Arrays(NamedTuple):
    """The arrays of a file by their names: their shapes, and what reads one of them."""

    shapes: dict[str, tuple[int, ...]]
    read: Callable[[str], np.ndarray]
    remark: str = ""  # what was left out of them, or done to them
    held: int = 0  # bytes of those that are in memory already


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


def too_large(path: Path, size: int, most: int = LIMIT) -> DatasetError:
    return DatasetError(
        f"{path} unpacks to {size / 1024**2:,.0f} MB, {most // 1024**2} are allowed: use fewer or smaller images."
    )


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


def of_known(arrays: dict[str, np.ndarray], sideways: bool = False, remark: str = "") -> Arrays:
    """Arrays that are in memory; images that lie on their side are stood upright."""
    if sideways:
        arrays = arrays | {"images": arrays["images"].reshape(-1, *LETTER).transpose(0, 2, 1)}
    held = sum(array.nbytes for array in arrays.values())
    return Arrays({name: array.shape for name, array in arrays.items()}, arrays.__getitem__, remark, held)


def lies_on_its_side(path: Path, images: np.ndarray) -> tuple[bool, str]:
    """Whether rows and columns are exchanged, as in all files of EMNIST, and what to say of it."""
    here = bool(set(words(path.name)) & set(SIDEWAYS)) and images.ndim > 1 and images[0].size == math.prod(LETTER)
    return here, "rows and columns were exchanged, as EMNIST needs it" if here else ""


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


# -- tables ------------------------------------------------------------------------------------------------------------


def of_csv(path: Path, data: bytes) -> Arrays:
    """A table with an image in each row: pixels, and perhaps a label, called so or standing first.

    Its other columns are arrays under their own names.
    """
    if len(data) > TABLE:
        raise DatasetError(f"{path} has more than {TABLE // 1024**2} MB: save the images as a .npz file instead.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    empty = DatasetError(f"{path} has no rows of pixels: save a table with an image in each row.")
    if not text.strip():
        raise empty
    first = text.lstrip("\r\n").split("\n", 1)[0].rstrip("\r")
    delimiter = max(",;\t", key=first.count)
    try:
        names = next(csv.reader([first], delimiter=delimiter), [])
        titled = is_title(names)
        pixels, others = _columns(path, names, titled)
        lines = [line for line in text.splitlines()[1 if titled else 0 :] if line.strip()]
        if not lines:
            raise empty
        quoted = {"delimiter": delimiter, "quotechar": '"', "comments": None}
        arrays = {"images": np.loadtxt(lines, np.float32, usecols=pixels, ndmin=2, **quoted)}
        for name, column in others.items():
            arrays[name] = _as_numbers(np.loadtxt(lines, str, usecols=[column], ndmin=1, **quoted))
    except DatasetError:
        raise
    except (csv.Error, ValueError, IndexError) as error:
        said = str(error).split(";")[0].strip()[:120].rstrip(".")
        raise DatasetError(f"{path} is no table of numbers with an image in each row ({said}): repair it.") from error
    return of_known(arrays, *lies_on_its_side(path, arrays["images"]))


def is_title(names: list[str]) -> bool:
    """Whether the first row names the columns: it has words, or counts them."""
    numbers = [name.strip() for name in names[1:]]
    counted = any(numbers == [str(k + first) for k in range(len(numbers))] for first in (0, 1))
    return counted or not all(_is_number(number) for number in numbers)


def _columns(path: Path, names: list[str], titled: bool) -> tuple[list[int], dict[str, int]]:
    """The columns of pixels, and the others by what they are called: labels, or as their title has it."""
    count = len(names)
    if not titled:
        labelled = count > 1 and math.isqrt(count - 1) ** 2 == count - 1
        return list(range(int(labelled), count)), {"labels": 0} if labelled else {}
    label = next((k for k, name in enumerate(names) if set(words(name)) & set(LABELS)), None)
    pixels = [k for k, name in enumerate(names) if k != label and _of_pixel(name)]
    pixels = pixels or [k for k in range(count) if k != label]
    if len(pixels) < 4:
        raise DatasetError(
            f"{path} has the columns {', '.join(names[:8])[:200]}: a column for each pixel is needed, called pixel0, "
            "pixel1 and so on, and perhaps one called label."
        )
    used = {label, *pixels}
    others = {name.strip(): k for k, name in enumerate(names) if k not in used and name.strip()}
    kept = list(others.items())[:COLUMNS]
    return pixels, ({} if label is None else {"labels": label}) | {n: k for n, k in kept if n not in ROLES}


def _of_pixel(name: str) -> bool:
    """pixel0, p17, 3x4, x_12, 784."""
    return bool(re.fullmatch(r"(pixel|pix|px|p|x|feature|f|v|col)?[ _.]?\d+([x_.-]\d+)?", name.strip().lower()))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _as_numbers(column: np.ndarray) -> np.ndarray:
    """Texts that are all numbers, as these."""
    try:
        return column.astype(np.float64)
    except ValueError:
        return np.char.strip(column)


def of_parquet(path: Path, source: BinaryIO, picture: Callable[[BinaryIO, str], np.ndarray]) -> Arrays:
    """Rows with an image (the bytes of a picture file, alone or as `image.bytes`, or its pixels) and perhaps a label.

    `picture` turns such bytes into levels (H, W); the names of classes that Hugging Face's data sets carry are kept.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:  # pragma: no cover  it comes with streamlit
        raise DatasetError(f"{path} needs the package pyarrow: pip install pyarrow.") from None
    try:
        file = parquet.ParquetFile(source)
        groups = [file.metadata.row_group(k) for k in range(file.metadata.num_row_groups)]
        size, rows = sum(group.total_byte_size for group in groups), file.metadata.num_rows
        if size > LIMIT:
            raise too_large(path, size)
        if rows > ROWS:
            raise DatasetError(f"{path} has {rows:,} rows; at most {ROWS:,} are read: use fewer.")
        names = file.schema_arrow.names
        image = next((name for word in IMAGES for name in names if word in words(name)), None)
        label = next((name for word in LABELS for name in names if word in words(name) and name != image), None)
        if image is None:
            raise DatasetError(
                f"{path} has the columns {', '.join(names[:8])[:200] or 'none'}: call the one with the pictures image, "
                "and the one with their labels label."
            )
        values, labels, total = [], [], 0
        for batch in file.iter_batches(AT_ONCE, columns=[image] + [label] * (label is not None)):
            for value in batch.column(image).to_pylist():
                values.append(_pixels(path, value, len(values), picture))
                total += values[-1].nbytes
                if total > LIMIT:
                    raise too_large(path, total)
            labels += batch.column(label).to_pylist() if label is not None else []
        classes = class_names(file.schema_arrow.metadata, label)
    except (DatasetError, MemoryError):
        raise
    except (pyarrow.ArrowException, OSError, TypeError, KeyError, AttributeError, *BROKEN) as error:
        raise DatasetError(f"{path} is damaged or no Parquet file: save it again.") from error
    return _table(path, values, labels, classes)


def _table(path: Path, values: list[np.ndarray], labels: list, classes: list[str]) -> Arrays:
    if {value.ndim for value in values} == {2, 3}:  # some pictures are grey, others in colour
        values = [value if value.ndim == 3 else np.repeat(value[..., None], 3, -1) for value in values]
    if len({value.shape for value in values}) > 1:
        raise DatasetError(f"The images of {path} have different sizes: make them equal, or save them as files.")
    arrays = {"images": np.stack(values)} if values else {"images": np.zeros((0, 2, 2), np.uint8)}
    if labels and all(label is not None for label in labels):
        column = np.array(labels)
        if column.dtype.kind in "iu" and classes and 0 <= column.min() <= column.max() < len(classes):
            column = np.array(classes)[column]
        if column.dtype.hasobject:
            raise DatasetError(f"The labels of {path} are neither numbers nor texts: leave them out.")
        arrays["labels"] = column
    return of_known(arrays)


def _pixels(path: Path, value: Any, row: int, picture: Callable[[BinaryIO, str], np.ndarray]) -> np.ndarray:
    if isinstance(value, dict):
        value = value.get("bytes")
    if isinstance(value, bytes):
        if len(value) > CELL:
            raise DatasetError(
                f"Row {row:,} of {path} has a picture of more than {CELL // 1024**2} MB: make it smaller."
            )
        return picture(io.BytesIO(value), f"The picture in row {row:,} of {path}")
    if not isinstance(value, list):
        raise DatasetError(f"Row {row:,} of {path} holds no picture: its bytes or its pixels are needed there.")
    return np.array(value)


def class_names(metadata: dict[bytes, bytes] | None, label: str | None) -> list[str]:
    """What Hugging Face's data sets write beside a column of class numbers."""
    import json

    try:
        features = json.loads((metadata or {})[b"huggingface"])["info"]["features"]
        names = features[label]["names"]
        return [str(name) for name in names] if isinstance(names, list) else []
    except (KeyError, TypeError, ValueError):
        return []
