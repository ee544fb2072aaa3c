"""MNIST and its relatives: four files in the idx format, in torchvision's folder layout, read without torchvision."""

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from vae_core.data.checksums import LIMIT, DamagedError, DatasetError, check
from vae_core.data.download import fetch
from vae_core.data.image_arrays import ImageArrays
from vae_core.paths import data_folder, own_data_folder

FOLDERS = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST", "kmnist": "KMNIST"}
FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
SHA256 = {  # of MNIST's extracted files, computed from them; the others are held to their first use
    ("mnist", FILES[0]): "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ("mnist", FILES[1]): "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ("mnist", FILES[2]): "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ("mnist", FILES[3]): "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def images(name: str, root: Path | str | None, download: bool, progress: Callable[[str], None]) -> ImageArrays:
    return ImageArrays(*load(name, root, download, progress))


def load(name: str, root: Path | str | None, download: bool, progress: Callable[[str], None]) -> tuple[np.ndarray, ...]:
    """Train images, train labels, test images, test labels: from the data folder, our own, or else the network."""
    kind = FOLDERS[name]
    first, own = (folder / kind / "raw" for folder in (data_folder(root), own_data_folder()))
    trouble = ""
    for folder in dict.fromkeys((first, own)):
        while all(present(folder, file) for file in FILES):
            try:
                return together(name, folder)
            except DamagedError as error:
                if not error.aside:
                    raise
                trouble += f"{error} "
    missing = [file for file in FILES if not present(first, file)]
    advice = (
        f"{trouble}{name} is not complete on this computer: put {', '.join(missing)} (or the same with .gz) into "
        f"{first}, or use the data set strokes, which always works."
    )
    if not download:
        raise DatasetError(advice)
    fetch(kind, own, FILES, advice, progress)
    return together(name, own)


def present(folder: Path, file: str) -> Path | None:
    """The file, or its .gz beside, or None."""
    return next((path for path in (folder / file, folder / f"{file}.gz") if path.is_file()), None)


def together(name: str, folder: Path) -> tuple[np.ndarray, ...]:
    """The four arrays of one folder, which must fit each other."""
    train, labels, test, test_labels = arrays = tuple(read(name, present(folder, file)) for file in FILES)
    fits = train.ndim == test.ndim == 3 and labels.ndim == test_labels.ndim == 1 and train.shape[1:] == test.shape[1:]
    if not fits or len(train) != len(labels) or len(test) != len(test_labels) or not train.size or not test.size:
        raise DatasetError(f"The four files in {folder} do not belong together: replace all of them.")
    return arrays


def read(name: str, path: Path) -> np.ndarray:
    """The array of a whole, unaltered file; anything else is named and never used."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(LIMIT + 1)
        array = parse(content)
    except (ValueError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DamagedError(f"{path} is damaged: {error}.", path) from error
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    check(path, content, SHA256.get((name, path.name.removesuffix(".gz")), ""))
    return array


def parse(content: bytes) -> np.ndarray:
    """The array of an idx file of bytes: magic number 0, 0, 8, dimensions; each size; then exactly the data."""
    if content[:4] not in (b"\0\0\x08\x01", b"\0\0\x08\x03"):
        raise ValueError("it does not begin as an idx file of bytes")
    start = 4 + 4 * content[3]
    sizes = [int(size) for size in np.frombuffer(content[4:start].ljust(start - 4, b"\0"), ">u4")]
    expected = start + int(np.prod(sizes, dtype=object))
    if len(content) != expected:
        found = f"{len(content):,}" if len(content) <= LIMIT else f"more than {LIMIT:,}"
        raise ValueError(f"it has {found} bytes instead of the {expected:,} that its header promises")
    return np.frombuffer(content, np.uint8, offset=start).reshape(sizes)
