"""MNIST and its relatives: whole and unaltered files only, and an answer where there is no network."""

import gzip
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from dataset_helpers import own_cache, refusal, some_images  # noqa: F401 (the fixture is used by its name, cache)

from vae_core.data import checksums, download, mnist
from vae_core.data.datasets import load_dataset

REAL = os.environ.get("VAE_DATA_DIR", "")
needs_mnist = pytest.mark.skipif(not (Path(REAL) / "MNIST/raw").is_dir(), reason="MNIST is not in VAE_DATA_DIR")


def idx_bytes(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def small_idx(folder: Path, kind="FashionMNIST", zipped=False) -> Path:
    """A complete set of four small files in torchvision's layout."""
    raw = folder / kind / "raw"
    raw.mkdir(parents=True)
    images, labels = some_images(14, 28, 28), np.arange(14, dtype=np.uint8) % 10
    for file, array in zip(mnist.FILES, (images[:10], labels[:10], images[10:], labels[10:]), strict=True):
        content = idx_bytes(array)
        if zipped:
            (raw / f"{file}.gz").write_bytes(gzip.compress(content))
        else:
            (raw / file).write_bytes(content)
    return raw


@pytest.mark.parametrize("zipped", [False, True])
def test_idx_files_are_read_from_the_folder_in_either_form(tmp_path, zipped):
    small_idx(tmp_path, zipped=zipped)
    data = load_dataset("fashion-mnist", tmp_path)
    assert torch.equal(torch.cat([data.train, data.test]), torch.from_numpy(some_images(14, 28, 28)).flatten(1))
    assert data.test_labels.tolist() == [0, 1, 2, 3]
    assert data.classes[9] == "ankle boot"


def test_the_folder_of_the_variable_is_used_too(tmp_path, monkeypatch):
    small_idx(tmp_path, "KMNIST")
    monkeypatch.setenv("VAE_DATA_DIR", str(tmp_path))
    assert load_dataset("kmnist").train.shape == (10, 784)


def test_reading_local_files_imports_no_torchvision_and_no_pillow(tmp_path):
    small_idx(tmp_path)
    code = (
        "import sys; from vae_core.data.datasets import load_dataset; "
        f"load_dataset('fashion-mnist', {str(tmp_path)!r}); print({{'torchvision', 'PIL', 'scipy'}} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[3])
    assert done.stdout == "set()\n", done.stderr


HARM = {
    "truncated": lambda content: content[:-100],
    "longer": lambda content: content + b"\0",
    "empty": lambda content: b"",
    "header only": lambda content: content[:6],
    "another magic number": lambda content: b"\0\0\x0d" + content[3:],
    "a page of HTML": lambda content: b"<html>404</html>",
    "huge sizes": lambda content: content[:4] + b"\xff" * 12 + content[16:],
}


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_a_damaged_file_of_the_user_is_named_and_left_in_place(tmp_path, name, harm):
    raw = small_idx(tmp_path, mnist.FOLDERS[name])
    path = raw / mnist.FILES[0]
    path.write_bytes(HARM[harm](path.read_bytes()))
    before = path.read_bytes()
    sentence = refusal(name, tmp_path)
    assert str(path) in sentence
    assert "left in place" in sentence
    assert path.read_bytes() == before
    assert len(list(raw.iterdir())) == 4


def test_mnist_is_held_to_its_own_sha256(tmp_path):
    small_idx(tmp_path, "MNIST")  # well-formed, but not MNIST
    assert "ba891046" in refusal("mnist", tmp_path)


def test_a_header_check_alone_would_accept_zeroed_pixels(tmp_path):
    raw = small_idx(tmp_path)
    load_dataset("fashion-mnist", tmp_path)
    path = raw / mnist.FILES[2]
    content = path.read_bytes()
    altered = content[:100] + bytes(500) + content[600:]
    path.write_bytes(altered)
    assert mnist.parse(altered).shape == (4, 28, 28)  # the naive control
    sentence = refusal("fashion-mnist", tmp_path)  # held to its first use
    assert str(path) in sentence
    assert "first read" in sentence
    path.write_bytes(content)
    assert load_dataset("fashion-mnist", tmp_path).test.shape == (4, 784)


def test_deleting_the_record_accepts_a_file_that_was_changed_on_purpose(tmp_path):
    raw = small_idx(tmp_path)
    load_dataset("fashion-mnist", tmp_path)
    labels = raw / mnist.FILES[3]
    labels.write_bytes(idx_bytes(np.array([9, 9, 9, 9], np.uint8)))
    assert str(checksums.record(labels)) in refusal("fashion-mnist", tmp_path)
    checksums.record(labels).unlink()
    assert load_dataset("fashion-mnist", tmp_path).test_labels.tolist() == [9] * 4


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"not a hash\n"])
def test_a_damaged_record_of_the_first_use_is_written_anew(tmp_path, content):
    raw = small_idx(tmp_path)
    load_dataset("fashion-mnist", tmp_path)
    record = checksums.record(raw / mnist.FILES[0])
    good = record.read_bytes()
    record.write_bytes(content)
    load_dataset("fashion-mnist", tmp_path)
    assert record.read_bytes() == good


def test_our_own_damaged_files_are_moved_aside_and_named(cache):
    raw = small_idx(cache / "data")
    for file in mnist.FILES[:2]:
        path = raw / file
        (raw / f"{file}.damaged-1").write_bytes(b"an earlier one")
        path.write_bytes(path.read_bytes()[:-1])
    sentence = refusal("fashion-mnist")
    assert f"{mnist.FILES[0]}.damaged-2" in sentence
    assert (raw / f"{mnist.FILES[0]}.damaged-2").is_file()
    assert (raw / f"{mnist.FILES[0]}.damaged-1").read_bytes() == b"an earlier one"
    assert not (raw / mnist.FILES[0]).exists()
    assert "put train-images-idx3-ubyte" in sentence


def test_a_truncated_gz_is_named(tmp_path):
    raw = small_idx(tmp_path, zipped=True)
    path = raw / f"{mnist.FILES[0]}.gz"
    path.write_bytes(path.read_bytes()[:-20])
    assert str(path) in refusal("fashion-mnist", tmp_path)
    path.write_bytes(b"no gz at all")
    assert str(path) in refusal("fashion-mnist", tmp_path)


def test_a_gz_that_unpacks_without_end_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(mnist, "LIMIT", 100_000)
    raw = small_idx(tmp_path, zipped=True)
    path = raw / f"{mnist.FILES[0]}.gz"
    path.write_bytes(gzip.compress(idx_bytes(np.zeros((5000, 28, 28), np.uint8))))
    assert mnist.parse(gzip.decompress(path.read_bytes())).size == 3_920_000  # the naive control
    assert "damaged" in refusal("fashion-mnist", tmp_path)


def test_files_that_do_not_belong_together_are_refused(tmp_path):
    raw = small_idx(tmp_path)
    (raw / mnist.FILES[1]).write_bytes(idx_bytes(np.zeros(11, np.uint8)))
    assert "belong together" in refusal("fashion-mnist", tmp_path)


def test_a_folder_where_a_file_should_be_counts_as_missing(tmp_path):
    raw = small_idx(tmp_path)
    (raw / mnist.FILES[1]).unlink()
    (raw / mnist.FILES[1]).mkdir()
    assert mnist.FILES[1] in refusal("fashion-mnist", tmp_path)


@pytest.mark.parametrize("name", mnist.FOLDERS)
def test_without_a_network_the_answer_says_what_to_put_where(tmp_path, name):
    sentence = refusal(name, tmp_path)
    assert all(file in sentence for file in mnist.FILES)
    assert str(tmp_path / mnist.FOLDERS[name] / "raw") in sentence
    assert "strokes" in sentence
    assert "strokes" in refusal(name, tmp_path, download=False)


def test_only_what_is_missing_is_asked_for(tmp_path):
    raw = small_idx(tmp_path)
    (raw / mnist.FILES[3]).unlink()
    sentence = refusal("fashion-mnist", tmp_path, download=False)
    assert mnist.FILES[3] in sentence
    assert mnist.FILES[0] not in sentence


REACHABLE = download.reachable


def test_a_network_that_never_answers_is_given_up_in_under_two_seconds():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        start = time.monotonic()
        assert REACHABLE([address, address]) is False
        assert time.monotonic() - start < 2


def test_a_name_lookup_that_hangs_is_given_up_in_under_two_seconds(monkeypatch):
    release = threading.Event()

    def hang(*arguments, **options):
        release.wait(20)
        raise OSError("too late")

    monkeypatch.setattr(urllib.request, "urlopen", hang)  # as getaddrinfo hangs: no timeout of ours ends it
    start = time.monotonic()
    assert REACHABLE(["http://example.invalid/"]) is False
    assert time.monotonic() - start < 2
    release.set()


def test_a_refused_connection_and_a_wrong_answer_count_as_no_network():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert REACHABLE([f"http://127.0.0.1:{port}/"]) is False
    assert REACHABLE(["nonsense:"]) is False


def test_the_mirrors_are_those_of_torchvision():
    package = Path(find_spec("torchvision").origin).parent  # found, not imported
    text = (package / "datasets" / "mnist.py").read_text(encoding="utf-8")
    assert all(f'"{mirror}"' in text for mirrors in download.MIRRORS.values() for mirror in mirrors)


@pytest.fixture
def fake_torchvision(tmp_path, monkeypatch):
    """A torchvision for the child process whose download does what the test says."""

    def install(body: str) -> None:
        package = tmp_path / "fake" / "torchvision"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "datasets.py").write_text(
            "import pathlib, shutil, sys, time\nprint('torchvision prints this')\n"
            f"def FashionMNIST(root, download):\n    source = pathlib.Path({str(tmp_path / 'server')!r})\n    {body}\n"
        )
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "fake"))
        monkeypatch.setattr(download, "reachable", lambda urls: True)

    return install


COPY = "shutil.copytree(source, root, dirs_exist_ok=True)"


def test_a_download_goes_into_our_own_folder_with_progress_and_no_print(tmp_path, cache, fake_torchvision, capfd):
    small_idx(tmp_path / "server")
    fake_torchvision(COPY)
    heard = []
    data = load_dataset("fashion-mnist", tmp_path / "mine", progress=heard.append)
    assert data.train.shape == (10, 784)
    assert heard[0].startswith("Downloading FashionMNIST")
    assert (cache / "data/FashionMNIST/raw" / mnist.FILES[0]).is_file()
    assert not (tmp_path / "mine").exists()
    assert capfd.readouterr() == ("", "")
    assert list((cache / "tmp").iterdir()) == []


def test_damaged_files_of_our_own_are_downloaded_again(tmp_path, cache, fake_torchvision):
    small_idx(tmp_path / "server")
    fake_torchvision(COPY)
    raw = small_idx(cache / "data")
    (raw / mnist.FILES[0]).write_bytes(b"half")
    assert load_dataset("fashion-mnist").train.shape == (10, 784)
    assert (raw / f"{mnist.FILES[0]}.damaged-1").read_bytes() == b"half"


def test_a_failing_download_says_why_and_leaves_nothing(tmp_path, cache, fake_torchvision):
    fake_torchvision("raise RuntimeError('File not found or corrupted.')")
    sentence = refusal("fashion-mnist")
    assert "corrupted" in sentence
    assert "strokes" in sentence
    assert [path for path in cache.rglob("*") if path.is_file()] == []


def test_a_download_that_stalls_is_ended(fake_torchvision, monkeypatch):
    monkeypatch.setattr(download, "STALLED", 0.5)
    fake_torchvision("time.sleep(60)")
    start = time.monotonic()
    assert "no byte came" in refusal("fashion-mnist")
    assert time.monotonic() - start < 10


def test_a_viewer_who_cancels_ends_the_download(fake_torchvision, cache):
    fake_torchvision("time.sleep(60)")

    def cancel(text):
        raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        load_dataset("fashion-mnist", progress=cancel)
    assert time.monotonic() - start < 10
    assert list((cache / "tmp").iterdir()) == []


def test_a_download_that_cannot_be_kept_says_where(tmp_path, monkeypatch, fake_torchvision):
    fake_torchvision(COPY)
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("VAE_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert "cannot be kept" in refusal("fashion-mnist")


@needs_mnist
def test_mnist_is_mnist():
    data = load_dataset("mnist", REAL, download=False)
    assert (data.train.shape, data.test.shape, data.shape) == ((60_000, 784), (10_000, 784), (28, 28))
    assert data.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert data.test.numpy().tobytes() == (Path(REAL) / "MNIST/raw" / mnist.FILES[2]).read_bytes()[16:]


@needs_mnist
def test_a_flipped_bit_in_real_mnist_is_noticed(tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for file in mnist.FILES:
        (raw / file).write_bytes((Path(REAL) / "MNIST/raw" / file).read_bytes())
    path = raw / mnist.FILES[2]
    content = bytearray(path.read_bytes())
    content[5_000_000] ^= 128
    path.write_bytes(content)
    assert str(path) in refusal("mnist", tmp_path)
