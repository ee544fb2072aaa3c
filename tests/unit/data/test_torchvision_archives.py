"""EMNIST, Omniglot, SVHN and CIFAR-10 by name: small files as their authors write them, read and downloaded."""

import gzip
import hashlib
import io
import struct
import tarfile
import zlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from dataset_files import idx, png, zip_of
from dataset_helpers import own_cache, refusal, some_images  # noqa: F401 (the fixture is used by its name, cache)

from vae_core.data import download
from vae_core.data import torchvision_archives as archives
from vae_core.data.datasets import load_dataset

COUNT = 10  # images of a part


def mat(**matrices: np.ndarray) -> bytes:
    """A level-5 MAT file of uint8 matrices, each compressed, as MATLAB saves them."""

    def element(kind: int, data: bytes) -> bytes:
        return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)

    content = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x0100) + b"IM"
    for name, values in matrices.items():
        inner = element(6, struct.pack("<II", 9, 0)) + element(5, np.array(values.shape, "<i4").tobytes())
        inner += element(1, name.encode()) + element(2, values.tobytes(order="F"))
        packed = zlib.compress(element(14, inner))
        content += struct.pack("<II", 15, len(packed)) + packed
    return content


def pickled(images: np.ndarray, labels) -> bytes:
    """A batch as Python 2 wrote it: the matrix as one string, labels one by one, then more strings and numbers."""
    data = images.reshape(len(images), -1).tobytes()
    said = b"\x80\x02}q\x01(U\x04dataq\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\nq\x04K\x00\x85U"
    said += b"\x01b\x87R(K\x01K\x0aM\x00\x0c\x86T" + struct.pack("<I", len(data)) + data + b"tbU\x06labelsq\x09]q\x0a("
    said += b"".join(b"K" + bytes([label]) for label in labels)
    return said + b"eU\x0bbatch_labelq\x0bU\x15training batch 1 of 5q\x0cK\x07u."


def emnist() -> tuple[dict[str, bytes], list]:
    """Files by their places, and what they should be read as: images, labels, test images, test labels."""
    images, labels = some_images(2 * COUNT, 28, 28), np.arange(2 * COUNT, dtype=np.uint8) % 47
    read = [images[:COUNT], labels[:COUNT], images[COUNT:], labels[COUNT:]]
    written = [part.transpose(0, 2, 1) if part.ndim == 3 else part for part in read]
    return {p: gzip.compress(idx(part)) for p, part in zip(archives.LETTERS, written, strict=True)}, read


def svhn() -> tuple[dict[str, bytes], list]:
    files, read = {}, []
    for seed, file in enumerate(archives.HOUSES):
        colour = np.stack([some_images(COUNT, 32, 32, seed + 10 * k) for k in range(3)], -1)
        files[file] = mat(X=np.moveaxis(colour, 0, -1), y=np.arange(1, COUNT + 1, dtype=np.uint8)[:, None])
        read += [colour, np.arange(1, COUNT + 1) % 10]
    return files, read


def cifar10() -> tuple[dict[str, bytes], list]:
    files, parts = {}, []
    for seed, file in enumerate(archives.BATCHES):
        colour = np.stack([some_images(COUNT, 32, 32, seed + 10 * k) for k in range(3)], 1)
        labels = np.arange(seed, seed + COUNT) % 10
        files[f"cifar-10-batches-py/{file}"] = pickled(colour, labels)
        parts.append((np.moveaxis(colour, 1, -1), labels))
    train, labels = (np.concatenate([part[k] for part in parts[:-1]]) for k in (0, 1))
    return files, [train, labels, *parts[-1]]


def omniglot() -> tuple[dict[str, bytes], list]:
    drawn = np.where(some_images(4, 105, 105) > 200, 0, 255).astype(np.uint8)
    places = ["images_background/N_Ko/character01/0002_01.png", "images_background/Greek/character02/0001_01.png"]
    places += [place.replace("background", "evaluation").replace("Greek", "Tengwar") for place in places]
    halves = [zip_of({p: png(drawn[k]) for k, p in enumerate(places) if k // 2 == half}) for half in (0, 1)]
    return {f"omniglot-py/{file}": half for file, half in zip(archives.DRAWINGS, halves, strict=True)}, []


MAKE = {"emnist": emnist, "svhn": svhn, "cifar10": cifar10, "omniglot": omniglot}


@pytest.fixture
def published(monkeypatch):
    """Small files instead of those of a data set, with their own checksums."""

    def files_of(name: str) -> tuple[dict[str, bytes], list]:
        files, read = MAKE[name]()
        sums = {Path(place).name: hashlib.md5(content).hexdigest() for place, content in files.items()}
        for table in ("BATCHES", "HOUSES", "DRAWINGS"):
            known = getattr(archives, table)
            monkeypatch.setattr(archives, table, {file: sums.get(file, md5) for file, md5 in known.items()})
        return files, read

    return files_of


def laid_out(folder: Path, files: dict[str, bytes]) -> Path:
    for place, content in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(content)
    return folder


def check_read(name: str, data, read: list) -> None:
    if name == "omniglot":
        assert (len(data.train), len(data.test), data.shape) == (3, 1, (28, 28))
        assert data.classes == ("Greek", "N Ko", "Tengwar")
        assert data.train.float().mean() < 128, "ink is bright, on dark paper"
        assert sorted(torch.cat([data.train_labels, data.test_labels]).tolist()) == [0, 1, 1, 2]
        return
    found = data.train, data.train_labels, data.test, data.test_labels
    for there, expected in zip(found, read, strict=True):
        assert torch.equal(there.long(), torch.from_numpy(expected.reshape(there.shape).astype(np.int64)))
    assert (data.remark, data.shape[2:]) == ("", () if name == "emnist" else (3,))
    assert data.photograph == (name != "emnist")


@pytest.mark.parametrize("name", MAKE)
def test_files_in_torchvisions_layout_are_read(tmp_path, published, name):
    files, read = published(name)
    check_read(name, load_dataset(name, laid_out(tmp_path, files)), read)


@pytest.mark.parametrize("name", MAKE)
def test_an_altered_file_of_yours_is_named_and_left_in_place(tmp_path, published, name):
    files, _ = published(name)
    place = next(iter(files))
    path = laid_out(tmp_path, files) / place
    path.write_bytes(files[place][:-9] + bytes(9))
    sentence = refusal(name, tmp_path)
    assert str(path) in sentence
    assert "left in place" in sentence


@pytest.mark.parametrize("name", MAKE)
def test_without_a_network_the_answer_says_what_to_put_where(tmp_path, name):
    sentence = refusal(name, tmp_path)
    assert all(Path(place).name in sentence for archive in archives.ARCHIVES[name] for place in archive.places)
    assert str(tmp_path) in sentence
    assert "strokes" in sentence


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A torchvision for the child process whose download_url copies what a folder has, if its md5 is right."""
    package = tmp_path / "fake" / "torchvision" / "datasets"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "__init__.py").write_text("print('torchvision prints this')\n")
    (package / "utils.py").write_text(
        "import hashlib, pathlib\ndef download_url(url, root, filename, md5):\n"
        f"    data = (pathlib.Path({str(tmp_path)!r}) / 'server' / filename).read_bytes()\n"
        "    if hashlib.md5(data).hexdigest() != md5: raise RuntimeError('File not found or corrupted.')\n"
        "    (pathlib.Path(root) / filename).write_bytes(data)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "fake"))
    monkeypatch.setattr(download, "reachable", lambda urls: True)
    (tmp_path / "server").mkdir()
    return tmp_path / "server"


def archived(files: dict[str, bytes], archive: archives.Archive) -> bytes:
    """What a server has."""
    members = {member: files[place] for place, member in archive.places.items()}
    if list(members) == [""]:
        return members[""]
    if archive.url.endswith(".zip"):
        return zip_of(members)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize("name", MAKE)
def test_a_download_goes_into_our_own_folder_with_progress(tmp_path, cache, published, server, monkeypatch, name):
    files, read = published(name)
    known = []
    for archive in archives.ARCHIVES[name]:
        content = archived(files, archive)
        (server / archive.url.rsplit("/", 1)[1]).write_bytes(content)
        known.append(archive._replace(md5=hashlib.md5(content).hexdigest()))
    monkeypatch.setitem(archives.ARCHIVES, name, tuple(known))
    heard = []
    check_read(name, load_dataset(name, tmp_path / "mine", progress=heard.append), read)
    assert heard[0].startswith("Downloading ")
    assert all((cache / "data" / place).is_file() for place in files)
    assert not (tmp_path / "mine").exists()
    assert list((cache / "tmp").iterdir()) == []


def test_a_download_that_is_not_what_was_published_is_refused(cache, published, server):
    files, _ = published("cifar10")
    (server / "cifar-10-python.tar.gz").write_bytes(archived(files, archives.ARCHIVES["cifar10"][0]))
    assert "corrupted" in refusal("cifar10")
    assert [path for path in cache.rglob("*") if path.is_file()] == []


def test_addresses_and_checksums_are_those_of_torchvision():
    package = Path(find_spec("torchvision").origin).parent  # found, not imported
    text = "".join(
        (package / "datasets" / f"{name}.py").read_text("utf-8") for name in ("mnist", "omniglot", "svhn", "cifar")
    )
    for known in archives.ARCHIVES.values():
        for archive in known:
            assert archive.md5 in text
            assert archive.url in text or archive.url.rsplit("/", 1)[0] in text
    assert all(md5 in text for md5 in archives.BATCHES.values())
