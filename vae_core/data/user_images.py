"""The user's own images: arrays, tables, or a folder or zip of pictures, validated before use."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from vae_core.data import array_files, array_layouts, image_folders
from vae_core.data.array_layouts import check_sizes, note, numbered
from vae_core.data.checksums import DatasetError

BRIGHT = 16  # of 255: ink stands on paper, and paper is 0; where the border is brighter, images are photographs
EDGE_IMAGES = 5000  # whose borders are looked at


class OwnData(NamedTuple):
    images: np.ndarray  # (N, H, W) uint8
    labels: np.ndarray | None  # (N,) uint8
    classes: tuple[str, ...]
    remark: str = ""  # what was done to the images, for the viewer
    test: int = 0  # so many, the last ones, are a test part that came with them; 0: there is none
    photograph: bool = False  # more is brighter; else ink on paper, which is 0
    factors: np.ndarray | None = None  # (N, F) float32, what the images were drawn from
    factor_names: tuple[str, ...] = ()


def load(path: Path, progress: Callable[[str], None], source: BinaryIO | None = None) -> OwnData:
    """Images in the file's or the folder's own order; of a file in memory, `path` is no more than its name."""
    if source is None and path.is_dir():
        own = from_folder(path, progress)
    else:
        try:
            with source or path.open("rb") as file:
                own = from_file(path, file, progress)
        except OSError as error:
            raise DatasetError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    if (own.images == own.images[0]).all():
        raise DatasetError(
            f"All {len(own.images):,} images of {path} are alike, so there is nothing to learn from them."
        )
    return own._replace(photograph=is_photograph(own.images))


def from_folder(path: Path, progress: Callable[[str], None]) -> OwnData:
    """Idx files, as MNIST and its relatives come, or else pictures."""
    try:
        inner = path
        while (
            len(entries := [e for e in inner.iterdir() if not image_folders.is_junk(e.name)]) == 1
            and entries[0].is_dir()
        ):
            inner = entries[0]
        files = {entry.name.removesuffix(".gz"): entry for entry in sorted(entries, reverse=True) if entry.is_file()}
        if found := [file for file in files.values() if array_files.is_idx(file)]:
            return in_arrays(path, array_files.of_idx_files(sorted(found)))
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    return in_album(path, image_folders.from_folder(path, progress))


def from_file(path: Path, file: BinaryIO, progress: Callable[[str], None]) -> OwnData:
    """By the file's suffix; where that says nothing, by how it begins."""
    kind, start = path.suffix.lower(), file.read(6)
    file.seek(0)
    if kind == ".npz":
        with array_files.of_npz(path, file) as arrays:
            return in_arrays(path, arrays)
    if kind == ".zip":
        return in_album(path, image_folders.from_zip(path, file, progress))
    if kind == ".npy" or start.startswith(array_files.NUMPY):
        return in_arrays(path, array_files.of_npy(path, file))
    if kind in (".parquet", ".pq") or start.startswith(array_files.PARQUET):
        return in_arrays(path, array_files.of_parquet(path, file, levels))
    if kind in (".csv", ".tsv", ".gz", ".idx") or start.startswith((array_files.GZIP, *array_files.IDX)):
        data = array_files.unzipped(path, file)
        if data.startswith(array_files.IDX):
            return in_arrays(path, array_files.of_idx(path, data))
        if kind in (".csv", ".tsv") or Path(path.stem).suffix.lower() in (".csv", ".tsv"):
            return in_arrays(path, array_files.of_csv(path, data))
    from vae_core.data.image_decoding import SUFFIXES

    if kind in SUFFIXES:
        raise DatasetError(f"{path} is one picture; put at least 2 of them into a folder or a .zip.")
    raise DatasetError(
        f"{path} is neither a .npz, .npy, idx, .csv or .parquet file nor a folder or .zip of pictures; save the images "
        "as one of these."
    )


def levels(source: BinaryIO, name: str) -> np.ndarray:
    """A picture file inside a table -> (H, W) uint8."""
    from vae_core.data.image_decoding import grey_picture

    return np.rint(np.asarray(grey_picture(source, name)[0])).astype(np.uint8)


def in_album(path: Path, album: image_folders.Album) -> OwnData:
    """Pictures, whose folders are their labels."""
    check_sizes(path, *album.images.shape)
    return OwnData(album.images, *numbered(path, album.folders, len(album.images)), album.remark, album.test)


def in_arrays(path: Path, arrays: array_files.Arrays) -> OwnData:
    """Images and labels of all parts, in the order training, validation, test."""
    done: list[str] = []
    parts = array_layouts.parts(path, arrays.shapes)
    used = {name for part in parts.values() for name in part}
    stacks = [array_layouts.stacked(path, arrays.read(part.images), done) for part in parts.values()]
    for stack in stacks:
        if len({stack.shape[1:3] for stack in stacks}) > 1 or not len(stack):
            found = ", ".join(f"{name} {stack.shape}" for name, stack in zip(parts, stacks, strict=True))
            check_sizes(path, len(stack), *stack.shape[1:3])
            raise DatasetError(f"The parts of {path} do not belong together ({found}): give them images of one size.")
    count = sum(map(len, stacks))
    check_sizes(path, count, *stacks[0].shape[1:3])
    images = np.concatenate(array_layouts.grey_levels(path, stacks, done))
    labels, classes = numbered(path, part_labels(path, arrays, parts, stacks, done), count)
    factors, names = None, ()
    if array_layouts.FACTORS in arrays.shapes and len(parts) == 1:
        used.add(array_layouts.FACTORS)
        factors, names = known_factors(path, arrays, count)
        if labels is None:
            labels, classes = drawn_shapes(factors, names)
    if unused := [name[:30] for name in arrays.shapes if name not in used]:
        columns = [name for name in unused if arrays.shapes[name] in ((count,), (count, 1))]
        hint = f"; call {columns[0][:30]} labels if it holds them" if labels is None and columns else ""
        note(done, f"the arrays {', '.join(sorted(unused)[:6])} were not used{hint}")
    sizes = dict(zip(parts, map(len, stacks), strict=True))
    test = sizes["test"] if "test" in sizes and len(sizes) > 1 else 0
    if test:
        note(done, f"its {test:,} test images are kept as the test images")
    if "validation" in sizes and len(sizes) > 1:
        note(done, f"its {sizes['validation']:,} validation images are the last of the training images")
    return OwnData(images, labels, classes, "; ".join(done), test, False, factors, names)


def part_labels(path: Path, arrays: array_files.Arrays, parts, stacks, done: list[str]) -> np.ndarray | None:
    """The labels of all parts, one after the other; None where one of them has none."""
    named = {part: labels for part, (_, labels) in parts.items() if labels}
    if not named:
        return None
    if len(named) < len(parts):
        note(
            done,
            f"labels are left out, because the {next(p for p in parts if p not in named) or 'first'} part has none",
        )
        return None
    columns = [
        array_layouts.label_column(path, arrays.read(name), len(stack))
        for name, stack in zip(named.values(), stacks, strict=True)
    ]
    if len({column.dtype.kind == "U" for column in columns}) > 1:
        raise DatasetError(f"The labels of {path} are numbers in one part and texts in another: make them alike.")
    return np.concatenate(columns)


def known_factors(path: Path, arrays: array_files.Arrays, count: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """What the images were drawn from, as dSprites has it."""
    found = arrays.read(array_layouts.FACTORS)
    if found.ndim != 2 or len(found) != count or found.dtype.kind not in "iuf" or not np.isfinite(found).all():
        raise DatasetError(
            f"{array_layouts.FACTORS} of {path} has shape {found.shape}; {count:,} rows of numbers are needed: leave "
            "it out or repair it."
        )
    six = found.shape[1] == len(array_layouts.DSPRITES)
    names = array_layouts.DSPRITES if six else tuple(f"factor {k + 1}" for k in range(found.shape[1]))
    return found.astype(np.float32), names


def drawn_shapes(factors: np.ndarray, names: tuple[str, ...]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """dSprites' shape as a label."""
    if names != array_layouts.DSPRITES or not np.isin(factors[:, 1], (1, 2, 3)).all():
        return None, ()
    present, numbers = np.unique(factors[:, 1].astype(int), return_inverse=True)
    return numbers.astype(np.uint8), tuple(array_layouts.SHAPES[k - 1] for k in present)


def is_photograph(images: np.ndarray) -> bool:
    """A guess: ink stands on paper, which is dark here as MNIST has it, and photographs fill their frame."""
    some = images[:: max(1, len(images) // EDGE_IMAGES)]
    border = np.concatenate([some[:, 0], some[:, -1], some[:, :, 0], some[:, :, -1]], 1)
    return bool(np.median(border) >= BRIGHT)
