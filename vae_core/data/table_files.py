"""Reads untrusted tables (CSV and Parquet) with an image in each row, as named arrays.

The size of everything is known before it is unpacked, and nothing in a file is ever executed.
"""

import csv
import io
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from vae_core.data.array_layouts import IMAGES, LABELS, ROLES, words
from vae_core.data.checksums import LIMIT, DatasetError
from vae_core.data.named_arrays import Arrays, lies_on_its_side, of_known, too_large

TABLE = LIMIT // 2  # bytes of a CSV file: a number takes two at least, and four once it is read
COLUMNS = 8  # of a table that are no pixels, at most
ROWS = 1_000_000  # of a Parquet file
AT_ONCE = 8  # rows of a Parquet file, because one value may be repeated in it for nothing
CELL = 25 * 1024**2  # bytes of one picture in it
DAMAGED = (EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError)


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
    except (pyarrow.ArrowException, OSError, TypeError, KeyError, AttributeError, *DAMAGED) as error:
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
