"""Arrays as other programs name and shape them: which hold images and labels of which part, and their grey levels.

Legend: N images of H x W pixels, C channels. Whatever is done to the numbers on the way is said in a remark.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from vae_core.data.checksums import DatasetError

# The words that a name is made of: `x_train`, `trainImages`, `test_labels`, `t10k-images-idx3-ubyte`, `imgs`, `y`.
# Of two arrays that may both be the images of a part, the one whose word stands earlier is taken.
IMAGES = (
    "images", "image", "imgs", "img", "pictures", "pixels", "x", "data", "samples", "inputs", "features",
)  # fmt: skip
LABELS = ("labels", "label", "y", "targets", "target", "classes", "class", "lab")
PARTS = {
    "train": ("train", "training", "tr"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "te", "t10k"),
}
FACTORS = "latents_values"  # of dSprites
DSPRITES = ("colour", "shape", "scale", "orientation", "x", "y")
SHAPES = ("square", "ellipse", "heart")

NOBODY_SAID: Mapping[str, str] = MappingProxyType({})
ROLES = ("images", "labels", "test_images", "test_labels")  # what somebody may say an array is
NUMBERS = ("id", "ids", "index", "indices", "path", "file", "filename", "unnamed")  # words for columns that name images

SIDES = (2, 128)  # pixels
CLASSES = 256
DIM = 32  # of 255: images whose brightest pixel is below it were scaled by mistake
GLUED = re.compile(r"(x|y)(train|test|val|valid|tr|te)|(train|test|val|valid|tr|te)(x|y)")


class Undecided(DatasetError):
    """The names of the arrays do not say which are the images and which the labels: somebody has to."""


class NoClasses(DatasetError):
    """Labels that are no classes, and why."""


class Part(NamedTuple):
    """The names of the arrays that belong together."""

    images: str
    labels: str | None


def part_of(word: str) -> str | None:
    """`train`, `validation` or `test`, for a word (lower case) that means one of them."""
    return next((part for part, words in PARTS.items() if word in words), None)


def words(name: str) -> list[str]:
    """`XTrain` -> x, train; `train-images-idx3-ubyte` -> train, images, idx3, ubyte."""
    apart = re.sub(r"([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3_\2\4", name)
    found = [word for word in re.split(r"[^a-z0-9]+", apart.lower()) if word]
    return [piece for word in found for piece in (_unglued(word) or [word])]


def _unglued(word: str) -> list[str]:
    """`xtrain` -> x, train."""
    glued = GLUED.fullmatch(word)
    return [piece for piece in glued.groups() if piece] if glued else []


def parts(path: Path, shapes: dict[str, tuple[int, ...]], roles: Mapping[str, str] = NOBODY_SAID) -> dict[str, Part]:
    """Which arrays are images and labels of which part; "" is a part of a set that is not divided.

    `roles` is what somebody says of them (one of ROLES: an array). Where neither that nor the names decide, the only
    array that can be images is taken, else Undecided lists them all.
    """
    check_roles(path, shapes, roles)
    if "images" in roles:
        first = Part(roles["images"], roles.get("labels"))
        if "test_images" not in roles:
            return {"": first}
        return {"train": first, "test": Part(roles["test_images"], roles.get("test_labels"))}
    found = by_names(path, shapes)
    part, labels = next(iter(found)), [roles.get("labels"), roles.get("test_labels")]
    found[part] = Part(found[part].images, labels[0] or found[part].labels)
    if "test" in found:
        found["test"] = Part(found["test"].images, labels[1] or found["test"].labels)
    return found


def check_roles(path: Path, shapes: dict[str, tuple[int, ...]], roles: Mapping[str, str]) -> None:
    for role, name in roles.items():
        if role not in ROLES:
            raise DatasetError(f"{role[:30]!r} is nothing that an array can be: say one of {', '.join(ROLES)}.")
        if name not in shapes:
            raise DatasetError(f"{path} has no array called {name[:30]!r}; it has {listed(shapes)}: name one of them.")


def in_doubt(shapes: dict[str, tuple[int, ...]], found: dict[str, Part]) -> bool:
    """Whether these parts are a guess: of the images, or because what may be their labels is not called so."""
    named = {name: words(name) for name in shapes}
    first = next(iter(found.values()))
    by_name = first.images in _by_part(named, IMAGES).values()
    columns = possible_labels(shapes, first.images)
    return bool(not by_name and len(shapes) > 1) or (first.labels is None and bool(columns))


def possible_labels(shapes: dict[str, tuple[int, ...]], images: str) -> list[str]:
    """Arrays with one value for each image, whose name does not say that they only number them."""
    count = shapes[images][0] if shapes[images] else 0
    columns = [name for name, shape in shapes.items() if shape in ((count,), (count, 1)) and name != images]
    return [name for name in columns if not set(words(name)) & set(NUMBERS)]


def by_names(path: Path, shapes: dict[str, tuple[int, ...]]) -> dict[str, Part]:
    """The parts as far as the names tell."""
    named = {name: words(name) for name in shapes}
    images, labels = (_by_part(named, role) for role in (IMAGES, LABELS))
    images = {part: name for part, name in images.items() if len(shapes[name]) >= 2}
    if not images:
        stacks = [name for name in shapes if len(shapes[name]) >= 3] or [n for n in shapes if len(shapes[n]) == 2]
        others = [name for name in stacks if name not in labels.values()]
        if not others and len(shapes) == 1:
            others = list(shapes)  # whose shape is refused by name
        if len(others) != 1:
            raise Undecided(
                f"{path} has the arrays {listed(shapes)}, and their names do not say which are the images: call them "
                "images and labels, or x_train, y_train, x_test and y_test, or say so: --arrays images=NAME,labels=..."
            )
        images = {"": others[0]}
    if images.keys() >= {"train"} or images.keys() >= {"validation", "test"}:
        images.pop("", None)  # all of it once more
    return {part: Part(name, labels.get(part)) for part, name in sorted(images.items(), key=_order)}


def _order(item: tuple[str, str]) -> int:
    return ["", *PARTS].index(item[0])


def _by_part(named: dict[str, list[str]], role: tuple[str, ...]) -> dict[str, str]:
    """The array of a role in each part, by its name; the more usual word first, then the shorter name."""
    found: dict[str, tuple[tuple[int, int], str]] = {}
    for name, all_words in named.items():
        rank = min((role.index(word) for word in all_words if word in role), default=None)
        if rank is None and role is IMAGES and len(all_words) == 1 and part_of(all_words[0]):
            rank = len(IMAGES)  # `train` and `test` alone
        if rank is None or "latents" in all_words or (role is IMAGES and any(word in LABELS for word in all_words)):
            continue
        part = next((p for p in map(part_of, all_words) if p), "")
        found[part] = min(found.get(part, ((99, 0), "")), ((rank, len(all_words)), name))
    return {part: name for part, (_, name) in found.items()}


def listed(shapes: dict[str, tuple[int, ...]]) -> str:
    return (", ".join(f"{name[:30]} {shape}" for name, shape in sorted(shapes.items())[:8]) or "none")[:400]


# -- axes and grey levels ----------------------------------------------------------------------------------------------


def stacked(path: Path, array: np.ndarray, done: list[str]) -> np.ndarray:
    """Images (N, H, W) or in colour (N, H, W, 3), from the order of axes in which they came."""
    shape, (low, high) = array.shape, SIDES
    if array.ndim == 2 and shape[1] >= low**2 and (found := from_rows(array, done)) is not None:
        return found
    if array.ndim in (3, 4) and max(shape[:2]) <= high < shape[-1]:
        note(done, "the last axis was read as the number of the image")
        array = np.moveaxis(array, -1, 0)
    if array.ndim == 4 and array.shape[3] not in (1, 3) and array.shape[1] in (1, 3):
        note(done, f"the second axis, of {array.shape[1]}, was read as the channels")
        array = np.moveaxis(array, 1, 3)
    elif array.ndim == 4 and array.shape[3] == 1:
        note(done, "the last axis, of 1, was read as the channel")
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    if array.ndim != 3 and not (array.ndim == 4 and array.shape[3] == 3):
        raise DatasetError(
            f"The images of {path} have shape {shape}; (N, H, W), (N, H, W, 3) or rows of a square number of pixels "
            "are needed: save them in one of these shapes."
        )
    return array


def from_rows(array: np.ndarray, done: list[str]) -> np.ndarray | None:
    """(N, H H) or in colour (N, 3 H H) as images; None where a row is no square."""
    pixels = array.shape[1]
    if (side := math.isqrt(pixels)) ** 2 == pixels:
        note(done, f"rows of {pixels:,} numbers were read as images of {side}x{side}")
        return array.reshape(-1, side, side)
    side = math.isqrt(pixels // 3)
    if array.dtype.kind not in "buif" or side**2 * 3 != pixels or side < SIDES[0]:
        return None
    planes, pixelwise = array.reshape(-1, 3, side, side), array.reshape(-1, side, side, 3)
    in_planes = roughness(planes) <= roughness(np.moveaxis(pixelwise, 3, 1))
    order = "first all of red, then green, then blue" if in_planes else "each pixel's red, green and blue together"
    note(done, f"rows of {pixels:,} numbers were read as images of {side}x{side} in colour, {order}")
    return np.moveaxis(planes, 1, 3) if in_planes else pixelwise


def roughness(planes: np.ndarray) -> float:
    """How much neighbours differ in the first hundred images (N, 3, H, W): little, where these are their pixels."""
    some = planes[:100].astype(np.float64)
    return float(np.abs(np.diff(some, axis=2)).mean() + np.abs(np.diff(some, axis=3)).mean())


def check_sizes(path: Path, count: int, height: int, width: int) -> None:
    low, high = SIDES
    if count < 2:
        raise DatasetError(
            f"{path} has {'one image' if count else 'no image'}; at least 2 are needed, to train and to test."
        )
    if not low <= min(height, width) <= max(height, width) <= high:
        raise DatasetError(f"The images of {path} are {height}x{width}; each side must have {low} to {high} pixels.")


def levels(path: Path, stacks: list[np.ndarray], done: list[str]) -> list[np.ndarray]:
    """uint8 of all parts, which have one scale: (N, H, W, 3) where any part is in colour, else (N, H, W).

    Each step is said in `done`.
    """
    if any(stack.dtype.kind not in "buif" for stack in stacks):
        found = next(str(stack.dtype)[:40] for stack in stacks if stack.dtype.kind not in "buif")
        raise DatasetError(f"The images of {path} are {found}: save uint8 from 0 to 255, or floats in [0, 1].")
    offset, factor = scale(path, stacks, done)
    made = []
    for stack in stacks:
        whole = np.empty(stack.shape, np.uint8)
        for start in range(0, len(stack), 1000):
            some = stack[start : start + 1000]
            if (offset, factor) != (0, 1) or some.dtype.kind == "f":
                kind = np.float32 if some.dtype.itemsize <= 4 and some.dtype.kind == "f" else np.float64
                some = np.clip(np.rint((some.astype(kind) + kind(offset)) * kind(factor)), 0, 255)
            whole[start : start + 1000] = some.astype(np.uint8)
        made.append(whole)
    return in_one_kind(made, done)


def in_one_kind(stacks: list[np.ndarray], done: list[str]) -> list[np.ndarray]:
    """All parts in colour where one of them is, with grey as three equal channels; else all of them grey."""
    if any(stack.ndim == 4 and any((some != some[..., :1]).any() for some in _pieces([stack])) for stack in stacks):
        return [stack if stack.ndim == 4 else np.repeat(stack[..., None], 3, -1) for stack in stacks]
    if any(stack.ndim == 4 for stack in stacks):
        note(done, "three equal channels were read as one")
    return [stack[..., 0] if stack.ndim == 4 else stack for stack in stacks]


def scale(path: Path, stacks: list[np.ndarray], done: list[str]) -> tuple[float, float]:
    """(offset, factor) such that (value + offset) factor is a grey level from 0 to 255.

    0 and 1 are black and white; up to 1: shares of white; up to 255: grey levels; up to 65,535: 16 bits; -1 to 1: both
    signs. What is far darker than its scale allows (divided by 255 twice, 12 bits in 16, levels 0 to 16) is rescaled.
    """
    low, high, whole = extremes(stacks)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise DatasetError(f"{path} has values that are not finite (NaN or infinity): remove these images.")
    if any(stack.dtype == bool for stack in stacks):
        return 0.0, 255.0
    floats = any(stack.dtype.kind == "f" for stack in stacks)
    if -1.001 <= low < -0.5 and high <= 1.001:
        note(done, "values from −1 to 1 were read as black to white")
        return 1.0, 127.5
    if low < 0 or high > 65_535:
        raise DatasetError(
            f"{path} has values from {low:g} to {high:g}: save floats in [0, 1], or whole numbers from 0 to 255."
        )
    if high <= 1.001:
        if not floats and high > 0:
            note(done, "0 and 1 were read as black and white")
            return 0.0, 255.0
        unit, most = 255.0, "1"
    elif high <= 255:
        if floats and not whole and usually(stacks) <= 1:
            raise DatasetError(
                f"{path} has values from {low:g} to {high:g}, nearly all of them at most 1: floats must lie in [0, 1], "
                "or save whole numbers from 0 to 255."
            )
        if any(stack.dtype != np.uint8 for stack in stacks) and high >= DIM:
            note(done, f"numbers up to {high:g} were read as grey levels from 0 to 255")
        unit, most = 1.0, "255"
    else:
        note(done, f"numbers up to {high:,g} were read as 16 bits, from 0 to 65,535")
        unit, most = 255 / 65_535, "65,535"
    if 0 < high * unit < DIM:
        note(done, rescaled(high, most, 255 / (high * unit)))
        return 0.0, 255 / high
    return 0.0, unit


def rescaled(brightest: float, most: str, factor: float) -> str:
    return f"the brightest value of all was {brightest:.4g} of {most}, so all were made {factor:.3g} times as bright"


def extremes(stacks: list[np.ndarray]) -> tuple[float, float, bool]:
    """Smallest and largest value (NaN if there is one), and whether all are whole numbers."""
    low, high, whole = math.inf, -math.inf, True
    for some in _pieces(stacks):
        smallest, largest = float(some.min()), float(some.max())
        low, high = (math.nan, math.nan) if math.isnan(smallest + low) else (min(low, smallest), max(high, largest))
        if some.dtype.kind == "f" and whole and math.isfinite(low + high):
            whole = bool((some == np.rint(some)).all())
    return low, high, whole


def usually(stacks: list[np.ndarray]) -> float:
    """What 99 of 100 values are not above."""
    return max(float(np.quantile(some, 0.99)) for some in _pieces(stacks))


def _pieces(stacks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    return (stack[start : start + 1000] for stack in stacks for start in range(0, len(stack), 1000))


def note(done: list[str], what: str) -> None:
    if what not in done:
        done.append(what)


# -- labels ------------------------------------------------------------------------------------------------------------


def label_column(path: Path, labels: np.ndarray, count: int) -> np.ndarray:
    """Labels (N,) as whole numbers or texts, from a column, from one-hot rows, from bytes or whole floats.

    NoClasses, where there is something else for each image; another DatasetError, where it is not for each.
    """
    if labels.shape[:1] != (count,):
        raise DatasetError(
            f"The labels of {path} have shape {labels.shape}; one for each of its {count:,} images is needed: leave "
            "other labels out."
        )
    labels = labels.reshape(count, -1)
    if labels.shape[1] != 1:
        several = labels.dtype.kind not in "buif" or not 1 < labels.shape[1] <= CLASSES
        if several or not (((labels == 0) | (labels == 1)).all() and (labels.sum(1) == 1).all()):
            raise NoClasses(f"each image has {labels.shape[1]:,} of them")
        return labels.argmax(1)
    labels = labels[:, 0]
    if labels.dtype.kind == "f" and np.isfinite(labels).all() and (labels == np.rint(labels)).all():
        labels = labels.astype(np.int64)
    if labels.dtype.kind == "S":
        labels = np.array([text(value) for value in labels])
    if labels.dtype.kind not in "iubU":
        what = "they have fractions" if labels.dtype.kind == "f" else f"they are {str(labels.dtype)[:40]}"
        raise NoClasses(f"{what}, and whole numbers or texts would be classes")
    return labels


def text(value: bytes) -> str:
    """Bytes as UTF-8 if they are, else as Latin-1, which everything is."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def numbered(path: Path, labels: np.ndarray | None, count: int) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Labels of whole numbers or texts -> (N,) uint8, and the class names that these count, in natural order.

    NoClasses, where there are too many.
    """
    if labels is None:
        return None, ()
    labels = label_column(path, labels, count)
    if labels.dtype.kind == "U":
        labels = np.array([unicodedata.normalize("NFC", str(label)) for label in labels])
    names, numbers = np.unique(labels, return_inverse=True)
    if len(names) > CLASSES:
        raise NoClasses(f"there are {len(names):,} different ones, and at most {CLASSES} classes are told apart")
    order = sorted(range(len(names)), key=lambda at: natural(str(names[at])) if names.dtype.kind == "U" else at)
    place = np.empty(len(names), np.uint8)
    place[order] = np.arange(len(names))
    return place[numbers], tuple(str(names[at])[:40] for at in order)


def natural(name: str) -> tuple:
    """A key to sort names by as people do: 2 before 10."""
    pieces = re.split(r"([0-9]+)", unicodedata.normalize("NFC", name))
    return (*((0, int(p), "") if p.isascii() and p.isdecimal() and len(p) < 19 else (1, 0, p) for p in pieces if p),)
