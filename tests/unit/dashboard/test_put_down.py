"""Training images that wait on the disk are the same, and take no memory until somebody looks at them."""

from pathlib import Path

import numpy as np
import torch

from dashboard.shared import test_images
from vae_core.data.datasets import assemble

RNG = np.random.default_rng(5)
SMAPS = Path("/proc/self/smaps")  # Linux


def some(count: int):
    train = RNG.integers(0, 256, (count, 28, 28), np.uint8)
    return assemble("some", train, train[:50], np.zeros(count, np.uint8), np.zeros(50, np.uint8))


def resident(tensor: torch.Tensor) -> float:
    """The share of a tensor's memory that is there."""
    start, found, inside = tensor.data_ptr(), 0, False
    for line in SMAPS.read_text("utf-8").splitlines():
        head = line.split()
        if "-" in head[0] and not head[0].endswith(":"):
            low, high = (int(part, 16) for part in head[0].split("-"))
            inside = low <= start < high
        elif inside and head[0] == "Rss:":
            found += int(head[1]) * 1024
    return found / tensor.nbytes


def test_they_are_the_same_and_take_no_memory():
    dataset = some(40_000)
    down = test_images.put_down(dataset)
    assert not SMAPS.exists() or resident(down.train) < 0.1
    assert torch.equal(down.train, dataset.train)
    assert torch.equal(down.observed("train", [3, 39_999]), dataset.observed("train", [3, 39_999]))
    assert down.train.dtype == torch.uint8
    assert (down.fingerprint, down.shape, len(down.test)) == (dataset.fingerprint, dataset.shape, 50)


def test_few_of_them_and_those_that_no_disk_takes_stay_in_memory(monkeypatch, tmp_path):
    few, many = some(100), some(40_000)
    assert test_images.put_down(few) is few
    monkeypatch.setattr(test_images, "cache_folder", lambda: tmp_path / "nowhere")
    assert test_images.put_down(many) is many
