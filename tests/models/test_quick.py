"""What a first training must reach: three epochs on MNIST, for every seed tried; and strokes without any download."""

import pytest

from vae_core.settings import preset
from vae_core.training.evaluate import evaluate
from vae_core.training.train import train


def quick(dataset, seed):
    *_, progress = train(preset("quick", dataset.name).with_fields(seed=seed), dataset)
    return evaluate(progress.vae.requires_grad_(False), dataset.test, samples=4).elbo


@pytest.mark.long
def test_the_quick_preset_reaches_its_bound_on_mnist(mnist):
    assert quick(mnist, 0) >= -148


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_the_quick_preset_reaches_its_bound_for_other_seeds(mnist, seed):
    assert quick(mnist, seed) >= -148


@pytest.mark.long
def test_the_quick_preset_learns_strokes_that_need_no_download():
    from vae_core.data.datasets import load_dataset
    from vae_core.training.evaluate import independent_pixels

    strokes = load_dataset("strokes")
    assert quick(strokes, 0) > independent_pixels(strokes) + 45
