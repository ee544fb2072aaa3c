"""Data as other programs write them, in memory: arrays, pictures and archives of small images."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import torch
from dataset_helpers import some_images
from PIL import Image

from vae_core.data.datasets import load_dataset

IMAGES = some_images(30, 8, 8)
LABELS = np.arange(30) % 3
COLOUR = np.stack([some_images(30, 8, 8, seed) for seed in range(3)], -1)
KERAS = {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES[:7], "y_test": LABELS[:7]}


def npz(folder: Path, **arrays) -> Path:
    path = folder / "mine.npz"
    np.savez(path, **arrays)
    return path


def png(image: np.ndarray, kind="PNG", **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, kind, **options)
    return buffer.getvalue()


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


def zip_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def drawn(number: int) -> bytes:
    return png(IMAGES[number])


SPLIT = {
    f"{part}/{k}/{n}.png": drawn(3 * n + k)
    for part in ("train", "test")
    for k in range(3)
    for n in range(2 + (part == "train"))
}


def in_order(path) -> tuple[np.ndarray, str]:
    """All images in their own order, and the remark."""
    data = load_dataset(path, split="chronological")
    return torch.cat([data.train, data.test]).reshape(-1, *data.shape).numpy(), data.remark


def with_value(value) -> np.ndarray:
    images = some_images() / 255.0
    images[3, 2, 1] = value
    return images


def png_of(width: int, height: int, rows: int | None = None) -> bytes:
    """A tiny PNG of many black pixels, or one that promises more rows than it has."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    lines = zlib.compress(bytes((-(-width // 8) + 1) * (height if rows is None else rows)), 9)
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", lines) + chunk(b"IEND", b"")
