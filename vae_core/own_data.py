"""The user's own images: a .npz file, or a folder or zip of pictures, believed only as far as it was checked."""

import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from vae_core import albums
from vae_core.files import LIMIT, DatasetError

SIDES = (2, 128)  # pixels
HEADER = 16_384  # bytes; more than numpy ever writes
CLASSES = 256


class OwnData(NamedTuple):
    images: np.ndarray  # (N, H, W) uint8
    labels: np.ndarray | None  # (N,) uint8
    classes: tuple[str, ...]
    remark: str = ""  # what was done to the images, for the viewer


def load(path: Path, progress: Callable[[str], None], source: BinaryIO | None = None) -> OwnData:
    """Images in the file's or the folder's own order; of a file in memory, `path` is no more than its name."""
    kind = path.suffix.lower()
    if source is None and path.is_dir():
        own = in_album(path, albums.from_folder(path, progress))
    elif kind in (".npz", ".zip"):
        try:
            with source or path.open("rb") as file:
                own = read_npz(path, file) if kind == ".npz" else in_album(path, albums.from_zip(path, file, progress))
        except OSError as error:
            raise DatasetError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    else:
        raise DatasetError(
            f"{path} is neither a .npz file nor a folder or .zip of pictures; save the images as one of these."
        )
    if (own.images == own.images[0]).all():
        raise DatasetError(
            f"All {len(own.images):,} images of {path} are alike, so there is nothing to learn from them."
        )
    return own


def in_album(path: Path, album: albums.Album) -> OwnData:
    """Pictures, whose folders are their labels."""
    check_sizes(path, *album.images.shape)
    return OwnData(album.images, *numbered(path, album.folders, len(album.images)), album.remark)


def read_npz(path: Path, source: BinaryIO) -> OwnData:
    """The array `images`, or the only one, and perhaps `labels`."""
    try:
        with zipfile.ZipFile(source) as archive:
            entries = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
            key = image_key(path, [name for name in entries if name != "labels"])
            images = as_bytes(path, array(path, archive, entries[key]))
            labels = array(path, archive, entries["labels"]) if "labels" in entries else None
    except DatasetError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise DatasetError(f"{path} is damaged or no .npz file: save it again with numpy.savez.") from error
    return OwnData(images, *numbered(path, labels, len(images)))


def image_key(path: Path, names: list[str]) -> str:
    if "images" in names:
        return "images"
    if len(names) == 1:
        return names[0]
    listed = ", ".join(sorted(names)[:8])[:200] or "none"
    raise DatasetError(f"{path} needs an array called images, or only one array; it has {listed}.")


def array(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> np.ndarray:
    """An array whose header was read, and found acceptable, before the rest is unpacked."""
    with archive.open(entry) as file:
        start = io.BytesIO(file.read(HEADER))
    first = np.lib.format.read_magic(start) == (1, 0)
    header = np.lib.format.read_array_header_1_0 if first else np.lib.format.read_array_header_2_0
    shape, _, dtype = header(start)
    size = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if dtype.hasobject:
        raise DatasetError(
            f"{path} holds Python objects, which are not opened: save {entry.filename} as uint8 numbers."
        )
    if size > LIMIT:
        limit = LIMIT // 1024**2
        raise DatasetError(
            f"{path} unpacks to {size / 1024**2:,.0f} MB, {limit} are allowed: use fewer or smaller images."
        )
    if start.tell() + size != entry.file_size:
        raise ValueError("the header promises another size than the archive")
    with archive.open(entry) as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def as_bytes(path: Path, images: np.ndarray) -> np.ndarray:
    """Images (N, H, W) uint8 from uint8, bool, or floats in [0, 1]; an axis of one channel may stand last."""
    shape = images.shape
    if images.ndim == 4 and shape[3] == 1:
        images = images[..., 0]
    if images.ndim != 3:
        raise DatasetError(f"The images of {path} have shape {shape}; grey images of shape (N, H, W) are needed.")
    check_sizes(path, *images.shape)
    if images.dtype.kind == "f":
        low, high = images.min(), images.max()  # NaN if there is one
        if not (low >= 0 and high <= 1):
            found = f"from {low:g} to {high:g}" if np.isfinite([low, high]).all() else "that are not finite"
            raise DatasetError(f"{path} has values {found}: floats must lie in [0, 1], or save uint8 from 0 to 255.")
        return np.concatenate([np.rint(some * np.float32(255)).astype(np.uint8) for some in pieces(images)])
    if images.dtype == bool:
        return images.astype(np.uint8) * np.uint8(255)
    if images.dtype != np.uint8:
        raise DatasetError(
            f"The images of {path} are {str(images.dtype)[:40]}: save uint8 from 0 to 255, or floats in [0, 1]."
        )
    if images.max() == 1:
        raise DatasetError(f"{path} has uint8 values of 0 and 1 only: multiply them by 255, or save them as bool.")
    return images


def pieces(images: np.ndarray):
    return (images[start : start + 1000] for start in range(0, len(images), 1000))


def check_sizes(path: Path, count: int, height: int, width: int) -> None:
    low, high = SIDES
    if count < 2:
        raise DatasetError(
            f"{path} has {'one image' if count else 'no image'}; at least 2 are needed, to train and to test."
        )
    if not low <= min(height, width) <= max(height, width) <= high:
        raise DatasetError(f"The images of {path} are {height}x{width}; each side must have {low} to {high} pixels.")


def numbered(path: Path, labels: np.ndarray | None, count: int) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Labels of whole numbers or short texts -> (N,) uint8, and the class names that these count."""
    if labels is None:
        return None, ()
    if labels.shape != (count,) or labels.dtype.kind not in "iubU":
        found = f"{str(labels.dtype)[:40]} of shape {labels.shape}"
        raise DatasetError(
            f"The labels of {path} are {found}; {count:,} whole numbers or texts are needed, one per image."
        )
    names, numbers = np.unique(labels, return_inverse=True)
    if len(names) > CLASSES:
        raise DatasetError(
            f"{path} has {len(names):,} different labels; at most {CLASSES} are possible: leave labels out."
        )
    return numbers.astype(np.uint8), tuple(str(name)[:40] for name in names)
