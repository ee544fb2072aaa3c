"""Frey Faces: 1965 frames of one face, 28x20 grey pixels, in a MATLAB file that is read here without scipy."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from vae_core.data.checksums import DatasetError
from vae_core.data.image_arrays import ImageArrays
from vae_core.paths import data_folder, own_data_folder

FILE, SHAPE, FRAMES = "frey_rawface.mat", (28, 20), 1965
MATRIX, COMPRESSED, UINT8 = 14, 15, 2  # element types of the format
UINT8_CLASS = 9
TRAIN = 1600  # of the frames
LIMIT = 64 * 1024**2


def element(data: bytes) -> tuple[int, bytes, bytes]:
    """The first element of level-5 MAT data: its type, its content and what follows it (padded to 8 bytes)."""
    kind, size = struct.unpack_from("<II", data)
    if kind >> 16:  # a small element: size and type share four bytes, the content is the next four
        return kind & 0xFFFF, data[4 : 4 + (kind >> 16)], data[8:]
    if 8 + size > len(data):
        raise ValueError(f"an element of {size:,} bytes, {len(data) - 8:,} are left")
    return kind, data[8 : 8 + size], data[8 + size + (0 if kind == COMPRESSED else -size % 8) :]


def unpacked(data: bytes, most: int) -> bytes:
    inflate = zlib.decompressobj()
    content = inflate.decompress(data, most)
    if not inflate.eof:
        raise ValueError("compressed data that does not end where it should")
    return content


def read_mat(data: bytes, key: str, most: int) -> np.ndarray:
    """The uint8 matrix called `key` of a level-5 MAT file; anything else in the file is passed over.

    `most`: bytes that may be unpacked at once.
    """
    if data[:10] != b"MATLAB 5.0" or data[126:128] != b"IM":
        raise ValueError("no little-endian MATLAB 5.0 header")
    rest = data[128:]
    while len(rest) >= 8:
        kind, content, rest = element(rest)
        if kind == COMPRESSED:
            kind, content, _ = element(unpacked(content, most))
        if kind != MATRIX:
            continue
        _, flags, content = element(content)
        _, sizes, content = element(content)
        _, name, content = element(content)
        if name != key.encode():
            continue
        kind, values, _ = element(content)
        if flags[0] != UINT8_CLASS or kind != UINT8:
            raise ValueError(f"{key} is not a matrix of uint8")
        return np.frombuffer(values, np.uint8).reshape(struct.unpack(f"<{len(sizes) // 4}i", sizes), order="F")
    raise ValueError(f"nothing called {key}")


def images(name: str, root: Path | str | None, download: bool, progress: Callable[[str], None]) -> ImageArrays:
    """The frames, to be split; they are never downloaded."""
    return ImageArrays(load(root), train=TRAIN)


def load(root: Path | str | None) -> np.ndarray:
    """All frames in the order they were filmed, (1965, 28, 20) uint8."""
    folders = list(dict.fromkeys((data_folder(root), own_data_folder())))
    path = next((f / FILE for f in folders if (f / FILE).is_file()), None)
    if path is None:
        raise DatasetError(
            f"Frey Faces are not on this computer: put {FILE} (about 1 MB, from https://cs.nyu.edu/~roweis/data/) into "
            f"{folders[0]}, or use the data set strokes, which always works."
        )
    try:
        with path.open("rb") as file:
            frames = read_mat(file.read(LIMIT), "ff", LIMIT)
    except (ValueError, IndexError, struct.error, zlib.error) as error:
        raise DatasetError(f"{path} is damaged or no Frey Faces ({error}); replace it by the original.") from error
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}.") from error
    if frames.shape != (SHAPE[0] * SHAPE[1], FRAMES):
        raise DatasetError(f"{path} holds a matrix of {frames.shape} instead of (560, {FRAMES}); replace it.")
    return frames.T.reshape(FRAMES, *SHAPE)
