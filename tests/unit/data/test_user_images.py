"""The user's own arrays: what is understood, and one plain sentence for each thing that is not."""

import io
import os
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from dataset_files import npz, with_value
from dataset_helpers import own_cache, refusal, some_images  # noqa: F401 (the fixture is used by its name, cache)

from vae_core.data import array_files
from vae_core.data.datasets import DatasetError, load_dataset


def test_a_npz_of_images_and_labels(tmp_path):
    images, labels = some_images(70), np.arange(70) % 3 + 5
    data = load_dataset(str(npz(tmp_path, images=images, labels=labels)), split="chronological")
    assert (data.name, len(data.train), len(data.test), data.shape) == ("mine.npz", 60, 10, (6, 5))
    assert torch.equal(data.test, torch.from_numpy(images[60:]).flatten(1))
    assert data.classes == ("5", "6", "7")
    assert data.train_labels[:4].tolist() == [0, 1, 2, 0]
    assert load_dataset(data.source, split="chronological").fingerprint == data.fingerprint


def test_the_standard_split_is_shuffled_once_and_for_all(tmp_path):
    path = npz(tmp_path, images=some_images(70))
    first, again = load_dataset(str(path)), load_dataset(path)
    assert torch.equal(first.test, again.test)
    assert first.fingerprint != load_dataset(path, split="chronological").fingerprint


@pytest.mark.parametrize(
    "images",
    [
        (some_images() / 255.0).astype(np.float64),
        (some_images() / 255.0).astype(np.float32),
        (some_images() / 255.0).astype(">f4"),
        np.asfortranarray(some_images()),
        some_images()[..., None],
    ],
)
def test_floats_big_endian_numbers_and_a_channel_axis_are_understood(tmp_path, images):
    data = load_dataset(npz(tmp_path, pictures=images), split="chronological")
    assert torch.equal(torch.cat([data.train, data.test]), torch.from_numpy(some_images()).flatten(1))


def test_booleans_are_black_and_white(tmp_path):
    data = load_dataset(npz(tmp_path, images=some_images() > 127))
    assert data.train.unique().tolist() == [0, 255]


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"images": with_value(np.nan)}, "not finite"),
        ({"images": with_value(np.inf)}, "not finite"),
        ({"images": with_value(-0.01)}, "-0.01"),
        ({"images": with_value(255.0)}, r"\[0, 1\]"),
        ({"images": some_images().astype(np.int64) * 300}, "from 0 to 76500"),
        ({"images": some_images().astype(np.int64) - 128}, "-128 to 127"),
        ({"images": some_images().astype(complex)}, "complex128"),
        ({"images": some_images().astype("U3")}, "<U3"),
        ({"images": some_images()[:0]}, "no image"),
        ({"images": some_images()[:1]}, "one image"),
        ({"images": np.full((5, 6, 5), 7, np.uint8)}, "alike"),
        ({"images": np.repeat(some_images()[:1], 5, axis=0)}, "alike"),
        ({"images": some_images(4, 129, 5)}, "129x5"),
        ({"images": some_images(4, 6, 1)}, "6x1"),
        ({"images": some_images(4, 6, 0)}, "6x0"),
        ({"images": some_images().reshape(12, 30)}, r"shape \(12, 30\)"),
        ({"images": np.stack([some_images()] * 4, axis=-1)}, r"shape \(12, 6, 5, 4\)"),
        ({"x_train": some_images(), "x_test": some_images(3, 7, 5)}, "do not belong together"),
        ({"x_train": some_images(), "x_test": some_images()[:0]}, "no image"),
        (
            {"x_train": some_images(), "y_train": np.arange(11), "x_test": some_images(), "y_test": np.arange(12)},
            "labels",
        ),
        ({"images": np.uint8(3)}, "shape"),
        ({"a": some_images(), "b": some_images()}, r"a \(12, 6, 5\), b \(12, 6, 5\).*call them images and labels"),
        ({}, "none"),
        ({"images": some_images(), "labels": np.arange(11)}, "labels"),
    ],
)
def test_each_strange_npz_gets_its_own_sentence(tmp_path, arrays, said):
    path = npz(tmp_path, **arrays)
    sentence = refusal(path)
    assert str(path) in sentence
    with pytest.raises(DatasetError, match=said):
        load_dataset(path)


class Bomb:
    """What a pickle in an object array would run."""

    def __reduce__(self):
        return exec, ("import os; os.environ['VAE_BOMB'] = 'went off'",)


@pytest.mark.parametrize("key", ["images", "labels"])
def test_python_objects_in_a_npz_are_never_opened(tmp_path, monkeypatch, key):
    monkeypatch.delenv("VAE_BOMB", raising=False)
    objects = np.array([Bomb()] * 12, dtype=object)
    path = npz(tmp_path, **({"images": some_images()} | {key: objects}))
    assert "Python objects" in refusal(path)
    assert "VAE_BOMB" not in os.environ
    monkeypatch.setenv("VAE_BOMB", "not yet")
    with np.load(path, allow_pickle=True) as archive:
        archive[key]
    assert os.environ["VAE_BOMB"] == "went off"  # the naive control


def zipped(path: Path, content: bytes, key="images", method=zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr(f"{key}.npy", content)
    return path


def npy_header(shape, dtype="|u1") -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": dtype, "fortran_order": False, "shape": shape})
    return buffer.getvalue()


def test_a_zip_bomb_is_refused_by_its_header_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(np.lib.format, "read_array", None)  # would fail if it were called
    path = zipped(tmp_path / "bomb.npz", npy_header((10_000_000, 28, 28)) + bytes(1_000_000))
    assert "7,477 MB" in refusal(path)
    path = zipped(tmp_path / "bomb.npz", npy_header((1_000_000, 28, 28)) + bytes(1_000_000))
    assert "damaged" in refusal(path)


def test_of_arrays_that_are_too_large_some_rows_are_read_and_never_all(tmp_path, monkeypatch):
    """As of dSprites, whose 26 MB unpack to 3 GB; numpy alone would unpack anything."""
    monkeypatch.setattr(array_files, "LIMIT", 1_000_000)
    monkeypatch.setattr(array_files, "PIECE", 100_000)
    images = np.zeros((5000, 28, 28), np.uint8)
    images[:, 0, :2] = np.arange(5000)[:, None] // [256, 1] % 256
    path = tmp_path / "large.npz"
    np.savez_compressed(path, imgs=images, latents_values=np.arange(30_000.0).reshape(5000, 6))
    assert path.stat().st_size < 300_000
    tracemalloc.start()
    data = load_dataset(path, split="chronological")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_500_000 < images.nbytes
    assert (len(data.train), len(data.test)) == (546, 91)
    number = data.train[:, 0].long() * 256 + data.train[:, 1]
    assert torch.equal(number, number.unique()), "in their order, none twice"
    assert torch.equal(data.factors.train[:, 0], number * 6.0), "with their own factors"
    assert "637 of its 5,000 images were chosen at random, because all of them take 4 MB" in data.remark
    assert load_dataset(path).fingerprint == load_dataset(path).fingerprint
    np.savez_compressed(path, imgs=np.asfortranarray(images))
    assert "use fewer" in refusal(path)


def test_two_hundred_thousand_images_take_three_times_their_size_while_they_are_read(tmp_path):
    images = np.zeros((200_000, 8, 8), np.uint8)
    images[:, 2, 2] = np.arange(200_000) % 251
    path = npz(tmp_path, images=images)
    tracemalloc.start()
    data = load_dataset(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(data.train) + len(data.test) == 200_000
    assert peak < 3.5 * images.nbytes


NPZ_HARM = {
    "truncated": lambda good: good[:-30],
    "flipped": lambda good: good[:300] + bytes([good[300] ^ 1]) + good[301:],
    "empty": lambda good: b"",
    "text": lambda good: b"images,labels\n",
    "npy": lambda good: npy_header((2, 2, 2)) + bytes(8),
}


@pytest.mark.parametrize("harm", NPZ_HARM)
def test_a_damaged_npz_is_named(tmp_path, harm):
    path = npz(tmp_path, images=some_images())
    path.write_bytes(NPZ_HARM[harm](path.read_bytes()))
    assert f"{path} is damaged" in refusal(path)


@pytest.mark.parametrize(
    "content",
    [
        npy_header((12, 6, 5)) + bytes(359),  # too little
        npy_header((12, 6, 5)) + bytes(361),  # too much
        npy_header((-12, -6, 5)) + bytes(360),
        npy_header((-12, 6, 5)) + bytes(360),
        b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31) + b" " * 1000,  # a header without end
        b"\x93NUMPY\x09\x00" + b" " * 100,
        b"no array",
        b"",
    ],
)
def test_an_entry_that_lies_about_itself_is_refused(tmp_path, content):
    assert "damaged" in refusal(zipped(tmp_path / "x.npz", content))


def test_another_kind_of_file_is_refused(tmp_path):
    (tmp_path / "x.pt").write_bytes(b"whatever")
    assert "neither a .npz" in refusal(tmp_path / "x.pt")
