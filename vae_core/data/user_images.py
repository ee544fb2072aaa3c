"""The user's own images: arrays, tables, or a folder or zip of pictures, validated before use."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

import numpy as np

from vae_core.data import array_bundles, array_files, array_layouts, image_folders
from vae_core.data.array_layouts import NOBODY_SAID, ROLES, NoClasses, Undecided, check_sizes, note, numbered
from vae_core.data.checksums import DatasetError
from vae_core.data.named_arrays import Arrays

BRIGHT = 16  # of 255: ink stands on paper, and paper is 0; where the border is brighter, images are photographs
SHOWN = 8  # images and labels of an array that somebody has to choose
EDGE_IMAGES = 5000  # whose borders are looked at


class OwnData(NamedTuple):
    images: np.ndarray  # (N, H, W) uint8, in colour (N, H, W, 3)
    labels: np.ndarray | None  # (N,) uint8
    classes: tuple[str, ...]
    remark: str = ""  # what was done to the images, for the viewer
    test: int = 0  # so many, the last ones, are a test part that came with them; 0: there is none
    photograph: bool = False  # more is brighter; else ink on paper, which is 0
    factors: np.ndarray | None = None  # (N, F) float32, what the images were drawn from
    factor_names: tuple[str, ...] = ()


class Wish(NamedTuple):
    """A path, and what somebody says of what is there: `mine.npz?images=a&labels=b&photographs=false`.

    As one text it can be remembered, and read again by another process.
    """

    path: str
    roles: Mapping[str, str] = NOBODY_SAID  # one of array_layouts.ROLES: the array that it is
    photograph: bool | None = None  # None: it is guessed

    def asked(self) -> str:
        """What stands behind the path."""
        said = dict(self.roles) | ({} if self.photograph is None else {"photographs": str(self.photograph).lower()})
        return f"?{urlencode(said, quote_via=quote)}" if said else ""


def wished(source: str | Path) -> Wish:
    """A path is taken as it is, if something lies there or nothing is said behind it."""
    path, mark, said = str(source).rpartition("?")
    if not mark or exists(str(source)):
        return Wish(str(source))
    found = dict(parse_qsl(said, keep_blank_values=True))
    photograph = found.pop("photographs", None)
    if found.keys() - set(ROLES) or photograph not in (None, "true", "false") or not (found or photograph):
        return Wish(str(source))
    return Wish(path, found, None if photograph is None else photograph == "true")


def exists(path: str) -> bool:
    try:
        return Path(path).expanduser().exists()
    except (OSError, ValueError, RuntimeError):  # too long for a path, a null byte, the home of nobody
        return False


def load(
    path: Path, progress: Callable[[str], None], source: BinaryIO | None = None,
    roles: Mapping[str, str] = NOBODY_SAID, photograph: bool | None = None, ask: bool = False,
) -> OwnData:  # fmt: skip
    """Images in the file's or the folder's own order; of a file in memory, `path` is no more than its name.

    `roles` and `photograph` are what somebody says of it, as in Wish. Where something would be guessed of arrays whose
    names say too little, `ask` raises Undecided instead.
    """
    if source is None and path.is_dir():
        own = from_folder(path, progress, roles)
    else:
        try:
            with source or path.open("rb") as file:
                own = from_file(path, file, progress, roles, ask)
        except OSError as error:
            raise DatasetError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    if (own.images == own.images[0]).all():
        raise DatasetError(
            f"All {len(own.images):,} images of {path} are alike, so there is nothing to learn from them."
        )
    return own._replace(photograph=is_photograph(own.images) if photograph is None else photograph)


def from_folder(path: Path, progress: Callable[[str], None], roles: Mapping[str, str]) -> OwnData:
    """Files of arrays, such as MNIST and its relatives come in, or else pictures."""
    try:
        if files := array_bundles.in_folder(path):
            with array_bundles.opened(path, files, levels) as arrays:
                return in_arrays(path, arrays, roles)
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    return in_album(path, image_folders.from_folder(path, progress))


def from_file(
    path: Path, file: BinaryIO, progress: Callable[[str], None], roles: Mapping[str, str], ask: bool
) -> OwnData:
    """By the file's suffix; where that says nothing, by how it begins."""
    if path.suffix.lower() == ".zip":
        with array_bundles.in_zip(path, file) as files:
            if files:
                with array_bundles.opened(path, files, levels) as arrays:
                    return in_arrays(path, arrays, roles, ask)
        file.seek(0)
        return in_album(path, image_folders.from_zip(path, file, progress))
    with array_files.opened(path, file, levels) as arrays:
        if arrays:
            return in_arrays(path, arrays, roles, ask)
    from vae_core.data.image_decoding import SUFFIXES

    if path.suffix.lower() in SUFFIXES:
        raise DatasetError(f"{path} is one picture; put at least 2 of them into a folder or a .zip.")
    raise DatasetError(
        f"{path} is neither a .npz, .npy, idx, .csv or .parquet file nor a folder or .zip of pictures; save the images "
        "as one of these."
    )


class Choice(NamedTuple):
    """An array of a file, for somebody who has to say what it is."""

    name: str
    shape: tuple[int, ...]
    images: np.ndarray | None  # (n, H, W) or (n, H, W, 3) uint8, the first ones, if these can be images
    values: tuple[str, ...]  # the first ones and no more, if these can be labels: one for each image


def choices(file: str, source: BinaryIO) -> list[Choice]:
    """What is in a file whose arrays are Undecided."""
    path = Path(file)
    with ExitStack() as stack:
        if path.suffix.lower() == ".zip":
            files = stack.enter_context(array_bundles.in_zip(path, source))
            arrays = stack.enter_context(array_bundles.opened(path, files, levels))
        else:
            arrays = stack.enter_context(array_files.opened(path, source, levels))
        return [_choice(path, arrays, name) for name in arrays.shapes] if arrays else []


def _choice(path: Path, arrays: Arrays, name: str) -> Choice:
    shape, images, values = arrays.shapes[name], None, ()
    with suppress(DatasetError):
        array = arrays.read(name)
        if len(shape) >= 2 and shape[0] > 1:
            with suppress(DatasetError):
                stack = array_layouts.stacked(path, array, [])
                check_sizes(path, len(stack), *stack.shape[1:3])
                (images,) = array_layouts.levels(path, [stack[:SHOWN]], [])
        if (shape and shape[1:] in ((), (1,))) or (images is None and len(shape) == 2):
            column = array_layouts.label_column(path, array, shape[0])
            values = tuple(str(value)[:20] for value in column[:SHOWN])
    return Choice(name, shape, images, values)


def levels(source: BinaryIO, name: str) -> np.ndarray:
    """A picture file inside a table -> (H, W) or (H, W, 3) uint8."""
    from vae_core.data.image_decoding import picture

    return np.rint(np.asarray(picture(source, name)[0])).astype(np.uint8)


def in_album(path: Path, album: image_folders.Album) -> OwnData:
    """Pictures, whose folders are their labels."""
    check_sizes(path, *album.images.shape[:3])
    done = [album.remark] * bool(album.remark)
    labels, classes = classes_of(path, album.folders, len(album.images), done)
    return OwnData(album.images, labels, classes, "; ".join(done), album.test)


def classes_of(
    path: Path, labels: np.ndarray | None, count: int, done: list[str]
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Labels by number and the classes that these mean; without, where they are no classes, and that is said."""
    try:
        return numbered(path, labels, count)
    except NoClasses as why:
        note(done, f"labels are left out: {why}")
        return None, ()


def in_arrays(path: Path, arrays: Arrays, roles: Mapping[str, str] = NOBODY_SAID, ask: bool = False) -> OwnData:
    """Images and labels of all parts, in the order training, validation, test."""
    done: list[str] = [arrays.remark] * bool(arrays.remark)
    parts = array_layouts.parts(path, arrays.shapes, roles)
    if ask and not roles and array_layouts.in_doubt(arrays.shapes, parts):
        raise Undecided(f"The names of the arrays of {path} do not say what they are: tell which are which.")
    used = {name for part in parts.values() for name in part}
    stacks = [array_layouts.stacked(path, arrays.read(part.images), done) for part in parts.values()]
    for stack in stacks:
        if len({stack.shape[1:3] for stack in stacks}) > 1 or not len(stack):
            found = ", ".join(f"{name} {stack.shape}" for name, stack in zip(parts, stacks, strict=True))
            check_sizes(path, len(stack), *stack.shape[1:3])
            raise DatasetError(f"The parts of {path} do not belong together ({found}): give them images of one size.")
    count = sum(map(len, stacks))
    check_sizes(path, count, *stacks[0].shape[1:3])
    images = np.concatenate(array_layouts.levels(path, stacks, done))
    labels, classes = classes_of(path, part_labels(path, arrays, parts, stacks, done), count, done)
    factors, names = None, ()
    if array_layouts.FACTORS in arrays.shapes and len(parts) == 1:
        used.add(array_layouts.FACTORS)
        factors, names = known_factors(path, arrays, count)
        if labels is None:
            labels, classes = drawn_shapes(factors, names)
    if unused := [name for name in arrays.shapes if name not in used]:
        columns = [] if roles else array_layouts.possible_labels(arrays.shapes, next(iter(parts.values())).images)
        hint = f" (--arrays labels={columns[0][:30]}, if those are the labels)" if labels is None and columns else ""
        note(done, f"the arrays {', '.join(name[:30] for name in sorted(unused)[:6])} were not used{hint}")
    sizes = dict(zip(parts, map(len, stacks), strict=True))
    test = sizes["test"] if "test" in sizes and len(sizes) > 1 else 0
    if test:
        note(done, f"its {test:,} test images are kept as the test images")
    if "validation" in sizes and len(sizes) > 1:
        note(done, f"its {sizes['validation']:,} validation images are the last of the training images")
    return OwnData(images, labels, classes, "; ".join(done), test, False, factors, names)


def part_labels(path: Path, arrays: Arrays, parts, stacks, done: list[str]) -> np.ndarray | None:
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
    try:
        columns = [
            array_layouts.label_column(path, arrays.read(name), len(stack))
            for name, stack in zip(named.values(), stacks, strict=True)
        ]
    except NoClasses as why:
        note(done, f"labels are left out: {why}")
        return None
    if len({column.dtype.kind == "U" for column in columns}) > 1:
        raise DatasetError(f"The labels of {path} are numbers in one part and texts in another: make them alike.")
    return np.concatenate(columns)


def known_factors(path: Path, arrays: Arrays, count: int) -> tuple[np.ndarray, tuple[str, ...]]:
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
    """A guess: ink stands on paper, which is dark here as MNIST has it, and photographs fill their frame or have
    colours."""
    if images.ndim == 4:
        return True
    some = images[:: max(1, len(images) // EDGE_IMAGES)]
    border = np.concatenate([some[:, 0], some[:, -1], some[:, :, 0], some[:, :, -1]], 1)
    return bool(np.median(border) >= BRIGHT)
