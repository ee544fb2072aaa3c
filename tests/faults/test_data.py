"""Data files that were altered or half downloaded: refused by name, where torchvision reads them without a word."""

import struct
import warnings

import numpy as np
import pytest

from vae_core.data.datasets import DatasetError, load_dataset
from vae_core.data.mnist import FILES


def idx_bytes(array):
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def folder(tmp_path):
    """A complete Fashion-MNIST of 14 images, read once."""
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    images = np.random.default_rng(0).integers(1, 256, (14, 28, 28), dtype=np.uint8)
    labels = np.arange(14, dtype=np.uint8) % 10
    for file, array in zip(FILES, (images[:10], labels[:10], images[10:], labels[10:]), strict=True):
        (raw / file).write_bytes(idx_bytes(array))
    load_dataset("fashion-mnist", tmp_path)
    return tmp_path


HARM = {
    "images of zeros": lambda data: data[:16] + bytes(len(data) - 16),
    "a zeroed block": lambda data: data[:2000] + bytes(512) + data[2512:],
    "one flipped bit": lambda data: data[:2000] + bytes([data[2000] ^ 1]) + data[2001:],
    "half a file that promises half": lambda data: data[:4] + struct.pack(">I", 5) + data[8 : 16 + 5 * 784],
}


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_altered_images_are_refused_by_name_and_torchvision_takes_them(folder, harm):
    path = folder / "FashionMNIST" / "raw" / FILES[0]
    whole = path.read_bytes()
    path.write_bytes(harm(whole))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torchvision.datasets import FashionMNIST

        assert len(FashionMNIST(folder, train=True).data) >= 5, "the control: read without a word"
    with pytest.raises(DatasetError, match=f"{FILES[0]}.* is altered or damaged"):
        load_dataset("fashion-mnist", folder)
    path.write_bytes(whole)
    assert len(load_dataset("fashion-mnist", folder).train) == 10
