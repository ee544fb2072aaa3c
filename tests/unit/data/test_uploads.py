"""What was uploaded is a data set by its content, now and after a restart."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from dataset_files import drawn, with_value, zip_of
from dataset_helpers import own_cache, refusal, some_images  # noqa: F401 (the fixture is used by its name, cache)

from vae_core.data import uploads
from vae_core.data.datasets import DatasetError, load_dataset


def in_memory(**arrays) -> io.BytesIO:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    buffer.seek(0)
    return buffer


def test_an_upload_is_a_data_set_by_its_content_now_and_after_a_restart():
    arrays = {"images": some_images(70), "labels": np.arange(70) % 3}
    upload = uploads.keep("my digits.npz", in_memory(**arrays))
    again = uploads.keep("another name.npz", in_memory(**arrays))
    assert again == upload, "the same content is the same data set"
    assert uploads.kept() == [upload], "read from the disk"
    data = load_dataset(upload.name)
    assert (data.name, data.source) == (upload.name, upload.name)
    assert load_dataset(data.source).fingerprint == data.fingerprint
    assert Path(data.name).stem == "my digits"
    assert data.classes == ("0", "1", "2")
    assert sorted([len(data.train), len(data.test)]) == [10, 60]
    other = uploads.keep("my digits.npz", in_memory(images=some_images(70, seed=1)))
    assert other.name != upload.name


def test_an_upload_has_the_images_of_the_file(tmp_path):
    images = some_images(70)
    upload = uploads.keep("x.npz", in_memory(images=images))
    data = load_dataset(upload.name, split="chronological")
    assert torch.equal(torch.cat([data.train, data.test]), torch.from_numpy(images).flatten(1))
    pictures = io.BytesIO(zip_of({f"{k}.png": drawn(k) for k in range(5)}))
    assert uploads.keep("x.zip", pictures).count == 5


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("digits.npz", "digits.npz"),
        ("../../etc/passwd.npz", "passwd.npz"),
        ("C:\\me\\digits.npz", "digits.npz"),
        ("<b>x<b> **y**.npz", "-b-x-b- --y--.npz"),
        ("\u202egnp.sti\u0000gid.npz", "gnp.stigid.npz"),
        ("numbers 🎉 ziffern-äöü.npz", "numbers 🎉 ziffern-äöü.npz"),
        ("x" * 300 + ".npz", "x" * 56 + ".npz"),
    ],
)
def test_the_name_of_an_upload_is_plain_text(file, shown):
    upload = uploads.keep(file, in_memory(images=some_images()))
    assert upload.file == shown
    assert load_dataset(upload.name).name == upload.name


def test_what_cannot_be_used_is_refused_by_its_own_name_and_nothing_is_kept():
    with pytest.raises(DatasetError, match=r"^odd\.npz has values that are not finite"):
        uploads.keep("odd.npz", in_memory(images=with_value(np.nan)))
    with pytest.raises(DatasetError, match=r"^odd\.txt is neither"):
        uploads.keep("odd.txt", io.BytesIO(b"x"))
    assert uploads.kept() == []


@pytest.mark.parametrize(
    "name", ["own/" + "0" * 24 + "/x.npz", "own/" + "f" * 24 + "/../../x", "own/" + "a" * 24 + "/"]
)
def test_an_upload_that_is_not_here_gets_a_sentence(name):
    assert "upload its file again" in refusal(name)


def test_an_upload_that_was_altered_on_the_disk_is_never_used():
    upload = uploads.keep("x.npz", in_memory(images=some_images()))
    (path,) = uploads.folder().glob("*.safetensors")
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    assert "damaged here" in refusal(upload.name)


def test_a_removed_upload_is_gone():
    upload = uploads.keep("x.npz", in_memory(images=some_images()))
    uploads.forget(upload.name)
    uploads.forget("../../etc")
    assert uploads.kept() == []
    assert list(uploads.folder().iterdir()) == []
    assert "upload its file again" in refusal(upload.name)
