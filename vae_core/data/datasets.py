"""Data sets by name or path; and how grey values k in 0..255 become the pixels x that encoder and likelihood see.

Legend: N images, B of them asked for, X numbers each: a pixel is one, in colour three.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from vae_core.data import uploads, user_images
from vae_core.data.checksums import DatasetError
from vae_core.data.image_arrays import ImageArrays
from vae_core.registry import DATA_SETS, PIXELS, DataSet
from vae_core.settings import SPLITS, held_out

__all__ = ["Dataset", "DatasetError", "Factors", "load_dataset", "observe"]

SEED = 0  # of a random split


def binary(images: Tensor, uniforms: Tensor) -> Tensor:
    return (uniforms < images / 255).float()


PIXEL_RULES = {
    "dynamic": binary,
    "static": binary,
    "threshold": lambda images, _: (images > 127).float(),  # k/255 > 1/2
    "dequantised": lambda images, uniforms: (images + uniforms) / 256,
    "grey": lambda images, _: images / 255,
}
NEEDS_UNIFORMS = ("dynamic", "static", "dequantised")


def mean_image(images: Tensor) -> Tensor:
    """The mean over the images (N, X) in float64 (X,): numpy's, which makes no copy of them all in float64."""
    return torch.from_numpy(images.numpy().mean(0, dtype=np.float64))


def observe(images: Tensor, pixels: str, uniforms: Tensor | None = None) -> Tensor:
    """x (B, X) float32 of uint8 images (B, X), by one of registry.PIXELS; the only place where pixels are scaled.

    `uniforms` (B, X) float32 in [0, 1) decide the binarisation or fill the step between two grey values; threshold and
    grey ignore them. Static and dynamic differ in who draws: one draw for ever, or a new one for each batch.
    """
    return PIXEL_RULES[pixels](images, uniforms)


def uniforms(split: str, index: list[int], pixels: int, seed: int = 0) -> Tensor:
    """(B, X) in [0, 1): image i has its own counter-based stream (Philox), whichever other images are asked for."""
    key = np.array([seed, ("train", "test").index(split)], np.uint64)
    raw = np.empty((len(index), -(-pixels // 2)), np.uint64)
    stream = np.random.Philox(key=key)
    begin = stream.state
    for row, i in enumerate(index):
        begin["state"]["counter"][:] = 0, i, 0, 0
        stream.state = begin  # a sixth of the time that a new stream takes
        raw[row] = stream.random_raw(raw.shape[1])
    bits = raw.astype("<u8", copy=False).view("<u4")[:, :pixels] >> 8  # 24 bits are what a float32 can hold
    return torch.from_numpy(bits.astype(np.float32) * np.float32(2**-24))


class Factors(NamedTuple):
    """What drew the images: of strokes, and of data sets that come with it."""

    names: tuple[str, ...]
    train: Tensor  # (N, F) float32
    test: Tensor  # (N, F) float32


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images as levels in 0..255, a row of X numbers each, to train on and to test on.

    X = H W of grey images; of those in colour X = 3 H W, red, green and blue of a pixel side by side.
    """

    name: str
    train: Tensor  # (N, X) uint8
    test: Tensor  # (N, X) uint8
    train_labels: Tensor | None  # (N,) uint8
    test_labels: Tensor | None
    shape: tuple[int, ...]  # H, W, and 3 in colour
    fingerprint: str  # sha256 of images and labels; strokes: of the renderer's version, the seed and the counts
    classes: tuple[str, ...] = ()  # what the labels mean
    factors: Factors | None = None
    source: str = ""  # load_dataset(source) gives it again: the name, or the path of the user's own data
    remark: str = ""  # what was done to the user's images on the way in, for the viewer
    photograph: bool = False  # more is brighter; else ink on paper, whichever of them a theme makes light

    @property
    def labelled(self) -> int:
        """How many classes there are, also those that no image of a part has; 0: the images have no labels."""
        if self.train_labels is None or self.test_labels is None:
            return 0
        last = max(int(part.max()) if len(part) else -1 for part in (self.train_labels, self.test_labels))
        return max(last + 1, len(self.classes))

    def labels(self, split: str, index) -> Tensor | None:
        """The class of each of those images, (B,) int64, by an index as `observed` takes it; None without labels."""
        labels = self.train_labels if split == "train" else self.test_labels
        return None if labels is None else labels[self._rows(split, index, len(labels))].long()

    def observed(self, split: str, index, seed: int = 0, pixels: str = "dynamic") -> Tensor:
        """x (B, X) float32 of "train" or "test" images: `index` is an int, slice, range, list, mask or tensor.

        Image i goes through its own fixed uniforms for (seed, split, i), so an image is the same x on every page.
        """
        if split not in ("train", "test"):
            raise DatasetError(f"A data set has the parts train and test, not {split!r}.")
        if pixels not in PIXELS:
            raise DatasetError(f"pixels must be one of {', '.join(PIXELS)}, not {pixels!r}.")
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**64:
            raise DatasetError(f"seed must be a whole number from 0 to 2^64 - 1, not {seed!r}.")
        images = self.train if split == "train" else self.test
        chosen = self._rows(split, index, len(images))
        x = torch.empty(len(chosen), images.shape[1])
        for start in range(0, len(chosen), 1000):  # in pieces that stay in the processor's cache
            rows = chosen[start : start + 1000]
            draws = uniforms(split, rows.tolist(), images.shape[1], seed) if pixels in NEEDS_UNIFORMS else None
            x[start : start + 1000] = observe(images[rows], pixels, draws)
        return x

    def _rows(self, split: str, index, count: int) -> Tensor:
        """Row numbers (B,) in 0..count-1."""
        if isinstance(index, slice):
            index = range(count)[index]
        rows = torch.as_tensor(list(index) if isinstance(index, range) else index).reshape(-1)
        if rows.dtype == torch.bool and len(rows) == count:
            return rows.nonzero().flatten()
        if len(rows) and (rows.dtype == torch.bool or rows.is_floating_point() or rows.is_complex()):
            raise DatasetError(f"An index of images is made of whole numbers, not of {rows.dtype}.")
        rows = rows.long()
        outside = rows[(rows < -count) | (rows >= count)]
        if len(outside):
            raise DatasetError(f"{self.name} has {count:,} {split} images; there is no image {int(outside[0])}.")
        return rows % count

    def training(self, validation: int, first: int = 0) -> tuple[Tensor, Tensor]:
        """Training images (N - n, X) and the last n, held out for validation (n, X); uint8.

        `first`: only so many of the former; 0: all of them.
        """
        count = len(self.train)
        if validation < 0:
            raise DatasetError(f"validation must be a number of images from 0, not {validation}.")
        if validation >= count:
            images = "1 training image" if count == 1 else f"{count:,} training images"
            raise DatasetError(
                f"validation {validation} leaves nothing to train on: {Path(self.name).name} has {images}. "
                f"Try validation {held_out(count)}."
            )
        if first > count - validation:
            raise DatasetError(
                f"images {first} asks for more than there are: {Path(self.name).name} has {count - validation:,} "
                "training images that are not held out. Use 0 for all of them."
            )
        return self.train[: first or count - validation], self.train[count - validation :]


def load_dataset(
    name: str, root: Path | str | None = None, split: str = "standard", *,
    download: bool = True, progress: Callable[[str], None] | None = None,
) -> Dataset:  # fmt: skip
    """A data set by its name, or by the path of your own: a file of arrays, a table, a folder or .zip of pictures.

    Behind a path may stand which of its arrays are which: `mine.npz?images=a&labels=b` (user_images.Wish).

    Of a path, the data set's name is the file's with its suffix, or the folder's with a slash: never a built-in one.

    Files are looked for in `root` (else VAE_DATA_DIR), then in the cache's own data folder; a download goes to the
    latter, and nothing is ever written or renamed in a folder of yours. `split` is for data without test images of its
    own: "random" (their standard) or "chronological", which keeps the order and tests on the last ones. `progress`
    hears a short text now and then. Whatever is missing or wrong raises a DatasetError that says what to do.
    """
    if split not in SPLITS:
        raise DatasetError(f"split must be one of {', '.join(SPLITS)}, not {split!r}.")
    tell = progress or (lambda text: None)
    if name in DATA_SETS:
        row = DATA_SETS[name]
        if row.own_test and split != "standard":
            raise DatasetError(f"{name} comes with its own test images: its split is standard, not {split}.")
        return of_row(name, row, import_module(row.module).images(name, root, download, tell), split)
    if isinstance(name, str) and uploads.NAME.fullmatch(name):
        kept, own = uploads.read(name)
        name = source = kept.name
    else:
        wish = user_images.wished(name)
        path = existing(wish.path)
        own = user_images.load(path, tell, roles=wish.roles, photograph=wish.photograph)
        name, source = named(path), f"{path.resolve()}{wish.asked()}"
    return of_own(own, name, source, split)


def named(path: Path) -> str:
    """A name that no built-in data set can have: neither `mnist.npz`, `./mnist` nor the folder `mnist/` is `mnist`."""
    last = path.resolve().name or "images"
    return f"{last}/" if path.is_dir() else last if "." in last else f"./{last}"


def of_own(own: user_images.OwnData, name: str, source: str, split: str) -> Dataset:
    """The user's images with the test part that came with them, else with one in seven as the test images."""
    if own.test and split != "standard":
        raise DatasetError(f"{name} comes with its own test images: its split is standard, not {split}.")
    test = own.test or max(1, round(len(own.images) / 7))
    order = "chronological" if own.test else split
    dataset = divided(name, own.images, own.labels, len(own.images) - test, order, own.classes)
    if own.factors is not None:
        parts = (
            torch.from_numpy(own.factors[rows]) for rows in arranged(len(own.images), len(own.images) - test, order)
        )
        dataset = replace(dataset, factors=Factors(own.factor_names, *parts))
    return replace(dataset, source=source, remark=own.remark, photograph=own.photograph)


def existing(name: str) -> Path:
    if str(name) and user_images.exists(name):
        return Path(name).expanduser()
    raise DatasetError(
        f"There is no data set {str(name)[:60]!r}: choose one of {', '.join(DATA_SETS)}, or give the path of a file of "
        "arrays (.npz, .npy, idx, .csv, .parquet), or of a folder or .zip of pictures."
    )


def of_row(name: str, row: DataSet, read: ImageArrays, split: str) -> Dataset:
    """The data set that a module has read, with what its row says."""
    classes = read.classes or row.classes
    if read.test is None:
        train = read.train or len(read.images) - max(1, round(len(read.images) / 7))
        made = divided(name, read.images, read.labels, train, split, classes)
    else:
        labels = read.labels, read.test_labels
        made = assemble(name, read.images, read.test, *labels, classes, fingerprint=read.fingerprint)
    factors = read.factors and Factors(read.factor_names, *map(torch.from_numpy, read.factors))
    return replace(made, factors=factors, photograph=row.photograph, remark=read.remark)


def divided(name: str, images: np.ndarray, labels, train: int, split: str, classes=()) -> Dataset:
    """Images (N, H, W[, 3]) as the first `train` for training, the rest for testing; shuffled unless chronological."""
    first, rest = arranged(len(images), train, split)
    parts = (None, None) if labels is None else (labels[first], labels[rest])
    return assemble(name, images[first], images[rest], *parts, classes)


def arranged(count: int, train: int, split: str) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the images to train on, and of those to test on."""
    order = np.arange(count)
    if split != "chronological":
        order = np.random.Generator(np.random.PCG64(SEED)).permutation(order)
    return order[:train], order[train:]


def assemble(name: str, train, test, train_labels, test_labels, classes=(), fingerprint: str = "") -> Dataset:
    """Arrays (N, H, W[, 3]) uint8 and labels (N,) or None become a Dataset; a fingerprint not given is computed."""
    arrays = [a if a is None else np.ascontiguousarray(a) for a in (train, test, train_labels, test_labels)]
    if not fingerprint:
        seal = hashlib.sha256(str([a if a is None else a.shape for a in arrays]).encode())
        for a in arrays:
            seal.update(b"" if a is None else a)
        fingerprint = seal.hexdigest()
    tensors = [a if a is None else torch.from_numpy(a if a.flags.writeable else a.copy()) for a in arrays]
    images, labels = [a.flatten(1) for a in tensors[:2]], tensors[2:]
    return Dataset(name, *images, *labels, train.shape[1:], fingerprint, tuple(classes), source=name)
