"""The strokes data set, drawn once and kept in the cache; where nothing can be kept it is drawn again in memory."""

import contextlib
import hashlib
import inspect
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from vae_core.data.checksums import publish
from vae_core.data.image_arrays import ImageArrays
from vae_core.data.strokes import FACTORS, VERSION, strokes
from vae_core.paths import own_data_folder

Arrays = dict[str, np.ndarray]
PARTS = ("train", "test")
COUNTS, SEED = (60_000, 10_000), 0


def images(name: str, root: Path | str | None, download: bool, progress: Callable[[str], None]) -> ImageArrays:
    """28x28 handwriting-like digits with the factors that drew them; nothing is read from `root`."""
    arrays = load(COUNTS, SEED, progress)
    train, test = (arrays[f"{part}_images"].reshape(-1, 28, 28) for part in PARTS)
    return ImageArrays(
        train, arrays["train_labels"], test, arrays["test_labels"], fingerprint=fingerprint(COUNTS, SEED),
        factor_names=FACTORS, factors=(arrays["train_factors"], arrays["test_factors"]),
    )  # fmt: skip


def fingerprint(counts: tuple[int, int], seed: int) -> str:
    """sha256 of what decides every pixel."""
    return hashlib.sha256(f"strokes version {VERSION} seed {seed} counts {counts}".encode()).hexdigest()


def load(counts: tuple[int, int], seed: int, progress: Callable[[str], None]) -> Arrays:
    """images, labels and factors of both parts, named train_images, ..., test_factors."""
    renderer = Path(inspect.getfile(strokes)).read_bytes()  # a renderer in the making may forget to raise its version
    name = hashlib.sha256(fingerprint(counts, seed).encode() + renderer).hexdigest()[:24]
    path = own_data_folder() / "strokes" / f"{name}.npz"
    arrays = kept(path, counts)
    if arrays is None:
        progress("Drawing the strokes data set, once.")
        arrays = draw(counts, seed)
        keep(path, arrays)
    return arrays


def draw(counts: tuple[int, int], seed: int) -> Arrays:
    """Each part from its own generator, so that both have equally many of each digit."""
    arrays = {}
    for number, (part, count) in enumerate(zip(PARTS, counts, strict=True)):
        drawn = strokes(count, np.random.Generator(np.random.PCG64([seed, number])))
        arrays |= {f"{part}_{field}": values for field, values in drawn._asdict().items()}
    return arrays


def seal(path: Path) -> Path:
    return path.with_suffix(".npz.sha256")


def keep(path: Path, arrays: Arrays) -> None:
    """The seal is published last: without it there is no cache. Drawings of other renderers make room."""
    with contextlib.suppress(OSError):
        for other in path.parent.glob("*.npz*"):
            other.unlink()
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    digest = hashlib.sha256(buffer.getbuffer()).hexdigest()
    if publish(path, buffer.getbuffer()):
        publish(seal(path), f"{digest}  {path.name}\n".encode())


def kept(path: Path, counts: tuple[int, int]) -> Arrays | None:
    """The cached arrays, or None if they are missing or differ in anything from what was sealed."""
    try:
        sealed, content = seal(path).read_text(encoding="utf-8").split()[0], path.read_bytes()
        if hashlib.sha256(content).hexdigest() != sealed:
            return None
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = dict(archive)
    except (OSError, ValueError, IndexError, EOFError, zipfile.BadZipFile):
        return None
    expected = {}
    for part, count in zip(PARTS, counts, strict=True):
        expected[f"{part}_images"] = ((count, 784), np.dtype(np.uint8))
        expected[f"{part}_labels"] = ((count,), np.dtype(np.uint8))
        expected[f"{part}_factors"] = ((count, len(FACTORS)), np.dtype(np.float32))
    return arrays if {key: (a.shape, a.dtype) for key, a in arrays.items()} == expected else None
