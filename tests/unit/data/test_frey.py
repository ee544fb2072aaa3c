"""Frey Faces out of a MATLAB file."""

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from dataset_helpers import own_cache, refusal, some_images  # noqa: F401 (the fixture is used by its name, cache)

from vae_core.data import frey
from vae_core.data.datasets import load_dataset

REAL = os.environ.get("VAE_DATA_DIR", "")
needs_frey = pytest.mark.skipif(not (Path(REAL) / frey.FILE).is_file(), reason="Frey Faces are not in VAE_DATA_DIR")


def mat_element(kind: int, content: bytes) -> bytes:
    return struct.pack("<II", kind, len(content)) + content + bytes(-len(content) % 8)


def mat_bytes(matrix: np.ndarray, key=b"ff", zipped=True, array_class=9) -> bytes:
    """A level-5 MAT file as MATLAB writes it, with a small element for the short name."""
    name = struct.pack("<HH", 1, len(key)) + key.ljust(4, b"\0")
    content = mat_element(6, struct.pack("<II", array_class, 0)) + mat_element(5, struct.pack("<2i", *matrix.shape))
    content = mat_element(14, content + name + mat_element(2, matrix.tobytes(order="F")))
    if zipped:
        packed = zlib.compress(content)
        content = struct.pack("<II", 15, len(packed)) + packed
    return b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + content


def frames_matrix() -> np.ndarray:
    return some_images(1965, 28, 20).reshape(1965, 560).T


@pytest.mark.parametrize("zipped", [True, False])
def test_frey_faces_are_read_from_the_mat_file(tmp_path, zipped):
    (tmp_path / frey.FILE).write_bytes(mat_bytes(frames_matrix(), zipped=zipped))
    data = load_dataset("frey", tmp_path, split="chronological")
    assert (data.train.shape, data.test.shape, data.shape) == ((1600, 560), (365, 560), (28, 20))
    assert torch.equal(torch.cat([data.train, data.test]), torch.from_numpy(some_images(1965, 28, 20)).flatten(1))
    assert data.train_labels is None


def test_freys_random_split_is_the_standard_one_and_always_the_same(tmp_path):
    (tmp_path / frey.FILE).write_bytes(mat_bytes(frames_matrix()))
    random, again, standard = (load_dataset("frey", tmp_path, split=s) for s in ("random", "random", "standard"))
    chronological = load_dataset("frey", tmp_path, split="chronological")
    assert random.fingerprint == again.fingerprint == standard.fingerprint != chronological.fingerprint
    rows = torch.cat([random.train, random.test])
    everything = torch.cat([chronological.train, chronological.test])
    assert sorted(map(bytes, rows.numpy())) == sorted(map(bytes, everything.numpy()))


MAT_HARM = {
    "truncated": lambda content: content[:-1000],
    "flipped": lambda content: content[:5000] + bytes([content[5000] ^ 4]) + content[5001:],
    "empty": lambda content: b"",
    "header only": lambda content: content[:128],
    "text": lambda content: b"hello" * 100,
    "short element": lambda content: content[:132],
    "another key": lambda content: mat_bytes(frames_matrix(), b"gg"),
    "another shape": lambda content: mat_bytes(frames_matrix()[:, :100]),
    "doubles": lambda content: mat_bytes(frames_matrix(), array_class=6),
}


@pytest.mark.parametrize("harm", MAT_HARM)
def test_a_damaged_mat_file_is_named(tmp_path, harm):
    path = tmp_path / frey.FILE
    path.write_bytes(MAT_HARM[harm](mat_bytes(frames_matrix())))
    sentence = refusal("frey", tmp_path)
    assert str(path) in sentence
    assert "replace" in sentence


def test_a_mat_file_that_unpacks_without_end_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(frey, "LIMIT", 2_000_000)
    (tmp_path / frey.FILE).write_bytes(mat_bytes(np.zeros((560, 20_000), np.uint8)))
    assert "does not end" in refusal("frey", tmp_path)


def test_without_frey_faces_the_answer_says_where_to_put_them(tmp_path):
    sentence = refusal("frey", tmp_path)
    assert frey.FILE in sentence
    assert str(tmp_path) in sentence
    assert "strokes" in sentence


@needs_frey
def test_neighbouring_frames_and_pixels_of_frey_faces_resemble_each_other():
    data = load_dataset("frey", REAL, split="chronological")
    film = data.train.float().reshape(-1, 28, 20)
    other = film.reshape(-1, 20, 28)  # as it would be if rows and columns were exchanged
    assert (film[1:] - film[:-1]).abs().mean() < (film[100:] - film[:-100]).abs().mean()
    down, across = film.diff(dim=1).abs().mean(), film.diff(dim=2).abs().mean()
    assert max(down, across) < other.diff(dim=1).abs().mean()
