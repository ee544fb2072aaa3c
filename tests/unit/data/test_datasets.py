"""Data sets: the same pixels everywhere, names and folders, and strokes that always work."""

import io
import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from dataset_helpers import own_cache, refusal, some_images  # noqa: F401 (the fixture is used by its name, cache)
from hypothesis import given
from hypothesis import strategies as st

from vae_core import paths
from vae_core.data import datasets, strokes_cache
from vae_core.data.datasets import Dataset, DatasetError, load_dataset, observe
from vae_core.registry import DATA_SETS, PIXELS


def dataset(count=40, pixels=(6, 5)) -> Dataset:
    images, labels = some_images(count, *pixels), np.arange(count, dtype=np.uint8) % 3
    return datasets.assemble("made", images[:30], images[30:], labels[:30], labels[30:])


@pytest.mark.parametrize("pixels", PIXELS)
def test_every_kind_of_pixels_in_the_settings_can_be_observed(pixels):
    x = dataset().observed("test", range(10), pixels=pixels)
    assert x.shape == (10, 30)
    assert x.dtype == torch.float32
    assert 0 <= x.min() <= x.max() <= 1


def test_an_image_is_the_same_x_whichever_others_are_asked_for():
    data = dataset()
    everything = data.observed("train", slice(None))
    assert torch.equal(data.observed("train", 7), everything[7:8])
    assert torch.equal(data.observed("train", [29, 7, 7]), everything[[29, 7, 7]])
    assert torch.equal(data.observed("train", torch.tensor([-1])), everything[-1:])
    assert torch.equal(data.observed("train", np.arange(5)), everything[:5])
    assert torch.equal(data.observed("train", range(20, 10, -2)), everything[[20, 18, 16, 14, 12]])
    assert torch.equal(data.observed("train", slice(None, None, -1)), everything.flip(0))
    assert torch.equal(data.observed("train", data.train_labels == 2), everything[data.train_labels == 2])
    assert data.observed("train", []).shape == (0, 30)


def test_drawing_the_uniforms_in_one_stream_would_change_an_image_with_its_neighbours():
    alone = np.random.default_rng(0).random((1, 30))
    after_another = np.random.default_rng(0).random((2, 30))[1:]
    assert not np.array_equal(alone, after_another)  # the naive control


def test_pieces_of_a_thousand_join_without_a_seam():
    data = dataset(2530)
    x = data.observed("test", range(2500), pixels="dequantised")
    assert torch.equal(x[995:1005], data.observed("test", range(995, 1005), pixels="dequantised"))


def test_seed_split_and_image_each_move_the_binarisation():
    grey = np.full((2, 20, 20), 128, np.uint8)
    data = datasets.assemble("grey", grey, grey, None, None)
    draws = [
        data.observed("train", 0),
        data.observed("train", 1),
        data.observed("test", 0),
        data.observed("train", 0, seed=1),
    ]
    for i, first in enumerate(draws):
        for second in draws[:i]:
            assert 0.35 < (first == second).float().mean() < 0.65


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox4x64-10 as published by Salmon et al. (2011), written out."""
    mask = 2**64 - 1
    for _ in range(10):
        first, second = 0xD2E7470EE14C6C93 * counter[0], 0xCA5A826395121157 * counter[2]
        counter = [
            (second >> 64) ^ counter[1] ^ key[0],
            second & mask,
            (first >> 64) ^ counter[3] ^ key[1],
            first & mask,
        ]
        key = [(key[0] + 0x9E3779B97F4A7C15) & mask, (key[1] + 0xBB67AE8584CAA73B) & mask]
    return counter


def test_the_uniforms_are_the_published_philox_on_any_machine():
    words = philox([1, 3, 0, 0], key=[5, 1])  # image 3 of the test images, seed 5; numpy counts before it draws
    bits = [half >> 8 for word in words for half in (word & 0xFFFFFFFF, word >> 32)]
    assert datasets.uniforms("test", [3], 7, seed=5)[0].tolist() == [b / 2**24 for b in bits[:7]]


@given(st.integers(0, 255), st.floats(0, 1, exclude_max=True, width=32))
def test_the_rule_is_the_one_of_the_decisions(k, u):
    image, uniform = torch.tensor([[k]], dtype=torch.uint8), torch.tensor([[u]])
    assert observe(image, "dynamic", uniform).item() == float(np.float32(u) < np.float32(k) / np.float32(255))
    assert observe(image, "static", uniform).item() == observe(image, "dynamic", uniform).item()
    assert observe(image, "threshold").item() == float(k / 255 > 0.5)
    assert observe(image, "dequantised", uniform).item() == pytest.approx((k + u) / 256, abs=1e-7)
    assert observe(image, "grey").item() == pytest.approx(k / 255, abs=1e-7)


def test_black_stays_black_and_white_stays_white_under_every_draw():
    extremes = torch.tensor([[0, 255]], dtype=torch.uint8)
    for u in (0.0, 0.5, 1 - 2**-24):
        assert observe(extremes, "dynamic", torch.full((1, 2), u)).tolist() == [[0.0, 1.0]]


def test_the_mean_of_many_binarisations_is_the_grey_image():
    data = dataset()
    mean = torch.stack([data.observed("test", 4, seed=seed) for seed in range(4000)]).mean(0)
    assert (mean - data.observed("test", 4, pixels="grey")).abs().max() < 4.5 * 0.5 / 4000**0.5


def test_ten_thousand_images_are_observed_in_under_a_second():
    images = np.zeros((10_000, 28, 28), np.uint8)
    data = datasets.assemble("many", images, images, None, None)
    seconds = []
    for _ in range(3):
        start = time.process_time()  # of this process alone: the cores are shared
        data.observed("test", range(10_000))
        seconds.append(time.process_time() - start)
    assert min(seconds) < 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("validation", 0), "train and test"),
        (("test", 10), "10"),
        (("test", [0, -11]), "-11"),
        (("test", [0.5]), "whole numbers"),
        (("test", [True, False]), "whole numbers"),
        (("test", 0, -1), "seed"),
        (("test", 0, 2**64), "seed"),
        (("test", 0, 0, "colour"), "dequantised"),
    ],
)
def test_asking_for_what_is_not_there_is_answered_in_words(arguments, said):
    with pytest.raises(DatasetError, match=said):
        dataset().observed(*arguments)


def test_validation_images_are_the_last_training_images():
    data = dataset()
    fit, validation = data.training(8)
    assert torch.equal(torch.cat([fit, validation]), data.train)
    assert len(validation) == 8
    assert len(data.training(0)[0]) == 30
    with pytest.raises(DatasetError, match=r"validation 30 leaves nothing to train on: .* has 30 training images. Try"):
        data.training(30)
    with pytest.raises(DatasetError, match="from 0, not -1"):
        data.training(-1)


def test_the_fingerprint_follows_every_byte_and_label_and_nothing_else():
    first, again = dataset().fingerprint, dataset().fingerprint
    assert first == again
    assert len(first) == 64
    images, labels = some_images(40), np.arange(40, dtype=np.uint8) % 3
    changed = images.copy()
    changed[35, 2, 2] ^= 1
    other = labels.copy()
    other[0] += 1
    wide = images.reshape(40, 5, 6)
    for i, y in ((changed, labels), (images, other), (wide, labels)):
        assert datasets.assemble("made", i[:30], i[30:], y[:30], y[30:]).fingerprint != first
    assert datasets.assemble("made", images[:30], images[30:], None, None).fingerprint != first


@pytest.mark.parametrize("name", ["minst", "<b>x</b>", "x" * 10_000, "nul\0l", "", "~nobody-here/x"])
def test_an_unknown_name_lists_what_there_is(name):
    sentence = refusal(name)
    assert all(known in sentence for known in DATA_SETS)
    assert ".npz" in sentence
    assert len(sentence) < 300


def test_a_split_that_a_data_set_has_not_is_named():
    assert "strokes" in refusal("strokes", split="random")
    assert "chronological" in refusal("frey", split="sorted")


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/vae-lab"),
        ("linux", {}, "/home/me/.cache/vae-lab"),
        ("darwin", {}, "/home/me/Library/Caches/vae-lab"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/vae-lab"),
        ("win32", {}, "/home/me/AppData/Local/vae-lab"),
        ("linux", {"VAE_CACHE_DIR": "/mine", "XDG_CACHE_HOME": "/x"}, "/mine"),
    ],
)
def test_the_cache_folder_is_where_the_platform_puts_it(monkeypatch, platform, variables, expected):
    for name in ("VAE_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/me", **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert paths.cache_folder() == Path(expected)


def test_the_data_folder_is_the_argument_else_the_variable_else_our_own(monkeypatch, cache):
    assert paths.data_folder() == cache / "data"
    monkeypatch.setenv("VAE_DATA_DIR", "/variable")
    assert paths.data_folder() == Path("/variable")
    assert paths.data_folder("/argument") == Path("/argument")


def test_strokes_always_works_and_comes_with_its_factors():
    data = load_dataset("strokes")
    assert data.train.shape == (60, 784)
    assert data.test.shape == (20, 784)
    assert data.shape == (28, 28)
    assert data.train.dtype == data.train_labels.dtype == torch.uint8
    assert data.train_labels.bincount().tolist() == [6] * 10
    assert data.factors.train.shape == (60, len(data.factors.names))
    assert data.factors.test.dtype == torch.float32
    assert not torch.equal(data.train[:20], data.test)


def test_strokes_from_the_cache_are_the_strokes_that_were_drawn(monkeypatch):
    drawn = load_dataset("strokes")
    monkeypatch.setattr(strokes_cache, "draw", None)  # would fail if it were called
    kept = load_dataset("strokes")
    assert torch.equal(drawn.train, kept.train)
    assert torch.equal(drawn.factors.test, kept.factors.test)
    assert drawn.fingerprint == kept.fingerprint


@pytest.mark.parametrize("harm", ["flip", "truncate", "empty", "zero", "forge", "seal"])
def test_a_damaged_strokes_cache_is_drawn_again(cache, harm):
    drawn = load_dataset("strokes")
    (path,) = cache.glob("data/strokes/*.npz")
    content = bytearray(path.read_bytes())
    whole = bytes(content)
    middle = len(content) // 2
    if harm == "flip":
        content[middle] ^= 1
    elif harm == "zero":
        content[middle : middle + 512] = bytes(512)
    elif harm == "truncate":
        del content[middle:]
    elif harm == "empty":
        content.clear()
    path.write_bytes(content)
    if harm == "forge":  # a whole archive, with right checksums of its own, of other pixels
        with np.load(path) as archive:
            arrays = dict(archive)
        arrays["train_images"][0, 400] ^= 1
        np.savez(path, **arrays)
    if harm == "seal":
        path.with_suffix(".npz.sha256").write_bytes(b"\xff")
    assert torch.equal(load_dataset("strokes").train, drawn.train)
    assert path.read_bytes() == whole  # and kept again


def test_numpy_alone_would_read_an_altered_array_without_a_word():
    buffer = io.BytesIO()
    np.save(buffer, some_images())
    altered = bytearray(buffer.getvalue())
    altered[-1] ^= 1
    assert np.load(io.BytesIO(altered)).shape == (12, 6, 5)  # the naive control


def test_strokes_drawn_by_another_renderer_make_room(cache, monkeypatch):
    load_dataset("strokes")
    monkeypatch.setattr(strokes_cache, "VERSION", strokes_cache.VERSION + 1)
    load_dataset("strokes")
    assert len(list(cache.glob("data/strokes/*.npz"))) == 1


def test_a_cache_folder_that_cannot_be_written_only_costs_the_drawing(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("VAE_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert load_dataset("strokes").train.shape == (60, 784)


def test_a_full_disk_leaves_nothing_half_written(cache, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert load_dataset("strokes").train.shape == (60, 784)
    assert [path for path in cache.rglob("*") if path.is_file()] == []


def test_strokes_drawn_twice_are_the_same_bytes():
    first, second = (strokes_cache.draw((30, 10), 0) for _ in range(2))
    assert all(np.array_equal(first[key], second[key]) for key in first)
