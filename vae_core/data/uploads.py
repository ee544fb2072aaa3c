"""Data sets that somebody has uploaded: checked once, then kept in the cache folder under the sha256 of their content.

    <cache>/own/<sha256>.safetensors   images (N, H, W) uint8, perhaps labels (N,) uint8 and factors (N, F) float32
    <cache>/own/<sha256>.json          the file's own name, what its labels mean, what was done to it, its test part,
                                       and whether its images are photographs

Their name as a data set is own/<24 digits of the sha256>/<the file's name>: only the digits ever find a file, the rest
is for people.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as from_bytes
from safetensors.numpy import save as to_bytes

from vae_core.data.array_layouts import NOBODY_SAID
from vae_core.data.checksums import DatasetError
from vae_core.data.user_images import OwnData, load
from vae_core.paths import cache_folder
from vae_core.sealed_files import digest, make, read_sealed, write, write_sealed

NAME = re.compile(r"own/([0-9a-f]{24})/.*", re.DOTALL)
LONGEST = 60  # characters of a file's name
MARKUP = '<>&"`*[]{}|^~$#:'


class Upload(NamedTuple):
    name: str  # own/<digits>/<file name>: what load_dataset takes
    file: str  # the file's own name, as plain text
    count: int
    shape: tuple[int, ...]  # H, W, and 3 in colour
    classes: tuple[str, ...]
    remark: str
    test: int = 0  # so many came as the test part
    photograph: bool = False

    @property
    def train(self) -> int:
        """How many images a training may see, those that it holds out included."""
        return self.count - (self.test or max(1, round(self.count / 7)))


def folder() -> Path:
    return cache_folder() / "own"


def keep(file: str, source: BinaryIO, roles: Mapping[str, str] = NOBODY_SAID, ask: bool = False) -> Upload:
    """Checks an uploaded file and keeps its images. DatasetError or Unwritable says why not.

    `roles` says which of its arrays are which; without, `ask` raises Undecided where they would be guessed.
    """
    file = plain(file)
    own = load(Path(file), lambda text: None, source, roles, ask=ask)
    arrays = {"images": own.images} | ({} if own.labels is None else {"labels": own.labels})
    arrays |= {} if own.factors is None else {"factors": own.factors}
    about = {"classes": json.dumps(own.classes)} | ({"test": str(own.test)} if own.test else {})
    blob = to_bytes(arrays, about)
    sha256, count, shape = digest(blob), len(own.images), own.images.shape[1:]
    key = sha256[:24]
    known = next((upload for upload in kept() if upload.name.startswith(f"own/{key}/")), None)
    if known:
        return known
    make(folder())
    write(folder() / f"{key}.safetensors", blob)
    facts = {
        "file": file,
        "sha256": sha256,
        "count": count,
        "shape": shape,
        "classes": own.classes,
        "remark": own.remark,
        "test": own.test,
        "photograph": own.photograph,
        "factor_names": own.factor_names,
    }
    write_sealed(folder() / f"{key}.json", facts)  # last: now it exists
    return Upload(f"own/{key}/{file}", file, count, shape, own.classes, own.remark, own.test, own.photograph)


def kept() -> list[Upload]:
    """All data sets kept here, by the name of their file; damaged ones are left out."""
    found = []
    for path in folder().glob("*.json") if folder().is_dir() else ():
        try:
            f = read_sealed(path)
            name, more = f"own/{path.stem}/{f['file']}", (f.get("test", 0), f.get("photograph", False))
            found.append(
                Upload(name, f["file"], f["count"], tuple(f["shape"]), tuple(f["classes"]), f["remark"], *more)
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return sorted(found, key=lambda upload: (upload.file.lower(), upload.name))


def forget(name: str) -> None:
    """Removes a kept data set; models that were trained on it stay."""
    if asked := NAME.fullmatch(name):
        for suffix in ("json", "safetensors"):
            (folder() / f"{asked[1]}.{suffix}").unlink(missing_ok=True)


def call_photograph(name: str, photograph: bool) -> None:
    """Corrects the guess of whether a kept data set has photographs; models trained on it stay as they are."""
    asked = NAME.fullmatch(name)
    path = folder() / f"{asked[1]}.json" if asked else None
    if path and path.is_file():
        write_sealed(path, {**read_sealed(path), "photograph": bool(photograph)})


def read(name: str) -> tuple[Upload, OwnData]:
    """The kept data set called `name`, verified; DatasetError if it is not here, or not what it was."""
    key = NAME.fullmatch(name)[1]
    upload = next((each for each in kept() if each.name.startswith(f"own/{key}/")), None)
    if upload is None:
        raise DatasetError(
            f"The data set {plain(name.split('/', 2)[2])!r} is not on this machine: upload its file again."
        )
    try:
        data = (folder() / f"{key}.safetensors").read_bytes()
        facts = read_sealed(folder() / f"{key}.json")
        if digest(data) != facts["sha256"]:
            raise ValueError(key)
        arrays = from_bytes(data)
    except (OSError, ValueError, SafetensorError) as error:
        raise DatasetError(f"The data set {upload.file!r} is damaged here: upload its file again.") from error
    return upload, OwnData(
        np.array(arrays["images"]), arrays.get("labels"), upload.classes, upload.remark, upload.test, upload.photograph,
        arrays.get("factors"), tuple(facts.get("factor_names", ())),
    )  # fmt: skip


def plain(file: str) -> str:
    """The name of a file as text that cannot turn, hide or break what stands around it, nor mean anything as markup."""
    last = re.split(r"[/\\]", file)[-1]
    shown = "".join("-" if c in MARKUP else c for c in last if unicodedata.category(c)[0] != "C").strip() or "data"
    stem, dot, suffix = shown.rpartition(".")
    return stem[: LONGEST - len(dot + suffix)] + dot + suffix if stem and len(suffix) < 5 else shown[:LONGEST]
