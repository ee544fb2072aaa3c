"""EMNIST, Omniglot, SVHN and CIFAR-10: as their authors publish them, in torchvision's folders, read without it."""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from pickletools import genops  # takes a pickle apart and never carries it out
from typing import NamedTuple

import numpy as np

from vae_core.data import mnist
from vae_core.data.array_layouts import natural
from vae_core.data.checksums import DamagedError, DatasetError
from vae_core.data.download import fetch_url
from vae_core.data.frey import read_mat
from vae_core.data.image_arrays import ImageArrays
from vae_core.paths import data_folder, own_data_folder

BATCHES = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f", "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751", "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb", "test_batch": "40351d587109b95175f43aff81a1287e",
}  # fmt: skip
LETTERS = tuple(
    f"EMNIST/raw/emnist-balanced-{part}-{kind}-ubyte.gz"
    for part in ("train", "test")
    for kind in ("images-idx3", "labels-idx1")
)
HOUSES = {"train_32x32.mat": "e26dedcc434d2e4c54c9b2d4a06d8373", "test_32x32.mat": "eb5a983be6a315427106f1b164d9cef3"}
DRAWINGS = {
    "images_background.zip": "68d2efa1b9178cc56df9314c21c6e718",
    "images_evaluation.zip": "6b91aef0f799c5bb55b94e3f2daec811",
}
OMNIGLOT_TRAIN = 24_345  # of 32,460 images, as Burda et al. (2016) and others since have it
SIDE = 28
UNPACKED = 1024**3  # bytes of a matrix


class Archive(NamedTuple):
    """A file on the authors' server, and the files of the data folder that come of it."""

    url: str
    md5: str
    megabytes: int
    places: dict[str, str]  # in the data folder: the member of the archive, "" for the whole file


ARCHIVES: dict[str, tuple[Archive, ...]] = {
    "emnist": (
        Archive(
            "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip", "58c8d27c78d21e728a6bc7b3cc06412e", 562,
            {place: f"gzip/{Path(place).name}" for place in LETTERS},
        ),
    ),
    "omniglot": tuple(
        Archive(
            f"https://raw.githubusercontent.com/brendenlake/omniglot/master/python/{file}", md5, megabytes,
            {f"omniglot-py/{file}": ""},
        )
        for (file, md5), megabytes in zip(DRAWINGS.items(), (10, 7), strict=True)
    ),
    "svhn": tuple(
        Archive(f"http://ufldl.stanford.edu/housenumbers/{file}", md5, megabytes, {file: ""})
        for (file, md5), megabytes in zip(HOUSES.items(), (182, 64), strict=True)
    ),
    "cifar10": (
        Archive(
            "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz", "c58f30108f718f92721af3b95e74349a", 171,
            {f"cifar-10-batches-py/{file}": f"cifar-10-batches-py/{file}" for file in BATCHES},
        ),
    ),
}  # fmt: skip


def images(name: str, root: Path | str | None, download: bool, progress: Callable[[str], None]) -> ImageArrays:
    """From the data folder, our own, or else the network."""
    first, own = data_folder(root), own_data_folder()
    places = [place for archive in ARCHIVES[name] for place in archive.places]
    for folder in dict.fromkeys((first, own)):
        if all(present(folder, place) for place in places):
            return READERS[name](folder, progress)
    missing = [Path(place).name for place in places if not present(first, place)]
    advice = (
        f"{name} is not complete on this computer: put {', '.join(missing)} into {(first / places[0]).parent}, or use "
        "the data set strokes, which always works."
    )
    if not download:
        raise DatasetError(f"{advice} python -m vae_core train --dataset {name} downloads it.")
    for archive in ARCHIVES[name]:
        if not all(present(own, place) for place in archive.places):
            fetch_url(*archive, own, advice, progress)
    return READERS[name](own, progress)


def present(folder: Path, place: str) -> Path | None:
    """The file, packed or not; None if it is not there."""
    path = folder / place
    return next((p for p in (path, path.with_name(path.name.removesuffix(".gz"))) if p.is_file()), None)


def content(path: Path, md5: str) -> bytes:
    """A whole file, which is the one that its authors published."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    found = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if found != md5:
        raise DamagedError(f"{path} is altered or damaged: its md5 begins {found[:8]}, expected is {md5[:8]}.", path)
    return data


def emnist(folder: Path, progress: Callable[[str], None]) -> ImageArrays:
    """The split called balanced: 47 classes of digits and letters, which lie on their side in the files."""
    train, labels, test, test_labels = (mnist.read("emnist", present(folder, place)) for place in LETTERS)
    if train.ndim != 3 or test.ndim != 3 or len(train) != len(labels) or len(test) != len(test_labels):
        raise DatasetError(
            f"The four files in {(folder / LETTERS[0]).parent} do not belong together: replace all of them."
        )
    return ImageArrays(train.transpose(0, 2, 1), labels, test.transpose(0, 2, 1), test_labels)


def omniglot(folder: Path, progress: Callable[[str], None]) -> ImageArrays:
    """All 50 alphabets, whose names are the classes: drawings of 105x105 made 28x28, with bright ink."""
    from PIL import Image

    drawn, alphabets = [], []
    for file, md5 in DRAWINGS.items():
        path = folder / "omniglot-py" / file
        with zipfile.ZipFile(io.BytesIO(content(path, md5))) as archive:
            for name in sorted((n for n in archive.namelist() if n.endswith(".png")), key=natural):
                if len(drawn) % 1000 == 0:
                    progress(f"Reading Omniglot: {len(drawn):,} drawings")
                with Image.open(io.BytesIO(archive.read(name)), formats=("PNG",)) as image:
                    drawn.append(255 - np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)))
                alphabets.append(name.split("/")[1].replace("_", " "))
    names, labels = np.unique(alphabets, return_inverse=True)
    train, classes = min(OMNIGLOT_TRAIN, len(drawn) - 1), tuple(map(str, names))
    return ImageArrays(np.stack(drawn), labels.astype(np.uint8), train=train, classes=classes)


def svhn(folder: Path, progress: Callable[[str], None]) -> ImageArrays:
    """House numbers, cropped around a digit each; the file calls 0 ten."""
    parts = []
    for file, md5 in HOUSES.items():
        data = content(folder / file, md5)
        try:
            x, y = (read_mat(data, key, UNPACKED) for key in ("X", "y"))
        except (ValueError, IndexError, struct.error, zlib.error) as error:
            raise DatasetError(f"{folder / file} is damaged ({error}): replace it.") from error
        parts += [np.moveaxis(x, -1, 0), (y.ravel() % 10).astype(np.uint8)]
    return ImageArrays(*parts)


def cifar10(folder: Path, progress: Callable[[str], None]) -> ImageArrays:
    parts = [batch(content(folder / "cifar-10-batches-py" / file, md5)) for file, md5 in BATCHES.items()]
    train, labels = (np.concatenate([part[k] for part in parts[:-1]]) for k in (0, 1))
    return ImageArrays(train, labels, *parts[-1])


def batch(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of a batch of CIFAR-10: the longest string of a pickle, and the numbers called labels."""
    pixels, labels, key = b"", [], b""
    for code, value, _ in genops(data):
        if isinstance(value, str | bytes):
            key = value.encode("latin-1") if isinstance(value, str) else value
            pixels = max(pixels, key, key=len)
        elif code.name.startswith("BININT") and key == b"labels":
            labels.append(value)
    planes = np.frombuffer(pixels, np.uint8).reshape(len(labels), 3, 32, 32)
    return np.moveaxis(planes, 1, 3), np.array(labels, np.uint8)


READERS: dict[str, Callable[[Path, Callable[[str], None]], ImageArrays]] = {
    "emnist": emnist, "omniglot": omniglot, "svhn": svhn, "cifar10": cifar10,
}  # fmt: skip
