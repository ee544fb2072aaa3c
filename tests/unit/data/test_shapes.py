import colorsys
import time

import numpy as np
import pytest

from vae_core.data.datasets import load_dataset
from vae_core.data.shapes import FACTORS, FIGURES, RANGES, SIDE, VERSION, colour, render, shapes
from vae_core.settings import preset


def drawn(**changed) -> np.ndarray:
    """One picture of each figure, with some factors changed."""
    usual = {"hue": 0.0, "size": 7.0, "rotation": 0.0, "x": 16.0, "y": 16.0, "background hue": 0.5} | changed
    factors = np.array([[k, *(usual[name] for name in RANGES)] for k in range(len(FIGURES))])
    return render(factors).astype(int)


def test_the_same_seed_draws_the_same_bytes_and_another_seed_does_not():
    first, again, other = (shapes(200, np.random.default_rng(seed))[0].tobytes() for seed in (1, 1, 2))
    assert first == again != other


def test_changed_pixels_ask_for_a_new_version():
    light = int(shapes(1000, np.random.default_rng(0))[0].sum(dtype=np.int64))
    assert (VERSION, light) == (
        2,
        pytest.approx(325_106_222, abs=300),
    )  # another machine may round a few pixels differently


def test_all_of_them_take_seconds():
    start = time.process_time()
    images, factors = shapes(5000, np.random.default_rng(0))
    assert (images.shape, factors.shape) == ((5000, SIDE, SIDE, 3), (5000, len(FACTORS)))
    assert time.process_time() - start < 2


def test_colours_are_those_of_their_hues():
    hues = np.linspace(0, 0.8, 9)
    expected = [colorsys.hsv_to_rgb(hue, 0.85, 1.0) for hue in hues]
    assert np.allclose(colour(hues[:, None, None], 0.85, 1.0)[:, 0, 0], expected, atol=1e-6)


def test_each_factor_moves_what_it_says():
    red = drawn()[..., 0]  # on a ground of green and blue
    figure, area, larger = red > 160, *((image - red.min()).sum((1, 2)) for image in (red, drawn(size=8.4)[..., 0]))
    assert larger == pytest.approx(1.44 * area, rel=0.03)
    for factor, axis in (("x", 1), ("y", 0)):
        moved = drawn(**{factor: 19.0})[..., 0] > 160
        assert np.array_equal(moved, np.roll(figure, 3, axis + 1))
    assert (drawn(hue=1 / 3)[:, 16, 16, 1] == 255).all(), "green in the middle"
    assert np.array_equal(drawn(**{"background hue": 0.6})[..., 0], red), "cyan and blue have as little red"
    assert all((a != b).any() for a, b in zip(drawn(rotation=25.0), drawn(), strict=True))


def test_factors_are_independent_and_fill_their_ranges():
    _, factors = shapes(20_000, np.random.default_rng(0))
    assert np.abs(np.corrcoef(factors.T) - np.eye(len(FACTORS))).max() < 0.03
    assert np.bincount(factors[:, 0].astype(int)).min() > 0.15 * len(factors)
    for column, (low, high) in zip(factors[:, 1:].T, RANGES.values(), strict=True):
        assert low <= column.min() < low + 0.01 * (high - low)
        assert high - 0.01 * (high - low) < column.max() <= high


def test_they_are_a_data_set_by_name(monkeypatch):
    from vae_core.data import shapes as module

    monkeypatch.setattr(module, "COUNTS", (60, 20))
    dataset = load_dataset("shapes")
    assert dataset.shape == (32, 32, 3)
    assert dataset.photograph
    assert dataset.factors.names == FACTORS
    assert np.array_equal(dataset.test_labels, dataset.factors.test[:, 0])
    chosen = preset("quick", "shapes")
    assert (chosen.model.network, chosen.model.encoder, chosen.model.latent_dim) == ("conv", (32, 64, 128), 10)
