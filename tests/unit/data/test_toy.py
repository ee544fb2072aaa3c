"""The data set toy: always there, the same bytes, and in grey levels still the world that is known."""

import numpy as np
import pytest
import torch

from vae_core.data import toy
from vae_core.data.datasets import load_dataset
from vae_core.model import linear_gaussian, toy_world
from vae_core.settings import PRESETS, preset
from vae_core.training.train import initial, train


@pytest.fixture(scope="module")
def data():
    return load_dataset("toy")


def test_it_needs_no_files_and_is_the_same_each_time(data, monkeypatch):
    monkeypatch.setenv("VAE_DATA_DIR", "/nowhere")
    again = load_dataset("toy")
    assert (data.shape, len(data.train), len(data.test)) == ((4, 5), *toy.COUNTS)
    assert torch.equal(data.train, again.train)
    assert data.fingerprint == again.fingerprint
    assert not torch.equal(data.train[:100], data.test[:100])


def test_nothing_is_cut_off(data):
    x = 0.5 + toy.scale() * toy_world.images(toy.SEED, toy.COUNTS[0])
    assert x.min() > 0
    assert x.max() < 1
    assert np.array_equal(np.rint(255 * x.numpy()).astype(np.uint8), data.train.numpy())


def test_the_truth_in_grey_levels_has_minus_its_entropy_on_them(data):
    x, world = data.observed("test", range(10_000), pixels="grey").double(), toy.truth()
    log_px = world.log_px(x)
    assert log_px.mean().item() == pytest.approx(-world.entropy, abs=3 * log_px.std().item() / 100)
    units = toy_world.PIXELS * np.log(toy.scale())  # of the unit's change; rounding costs the little that is left
    assert 0 < -toy_world.truth(toy.SEED).entropy - units + world.entropy < 0.05


def test_a_fit_to_it_finds_the_truth(data):
    world = toy.truth()
    learned = linear_gaussian.fit(data.observed("train", range(60_000), pixels="grey"), 2)
    assert learned.c == pytest.approx(world.c, rel=0.005)
    assert world.kl(learned) < 0.002
    assert linear_gaussian.principal_angles(learned.W, world.W).max() < 0.5


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_trained_on_it(data, name):
    settings = preset(name, "toy")
    assert initial(settings, data).latent_dim == 2


def test_the_quick_preset_comes_near_the_truth(data):
    *_, last = train(preset("quick", "toy"), data)
    x = data.observed("test", range(10_000), pixels="grey").double()
    found = linear_gaussian.measured(last.vae, x, linear_gaussian.pca(x))
    best = toy.truth().log_px(x).mean().item()
    assert best - 0.5 < found.elbo < best
    assert max(found.angles) < 2
