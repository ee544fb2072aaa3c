"""The pictures in the list of models are what the bundled models draw, and each of them has one."""

import numpy as np
import pytest

from vae_core.analysis import miniatures
from vae_core.runs.store import bundled


def test_each_bundled_model_has_one_and_they_are_small():
    assert set(miniatures.kept()) == {entry.key for entry in bundled().list() if entry.status == "done"}
    assert miniatures.FILE.stat().st_size < 300_000


@pytest.mark.parametrize("key", ["mnist-2d", "mnist-1d", "mnist-ae-2d", "mnist-conditional-2d", "mnist-20d", "frey-2d"])
def test_a_miniature_is_what_its_model_draws(key):
    stored, drawn = miniatures.kept()[key].astype(int), miniatures.miniature(bundled().get(key)).astype(int)
    assert stored.shape == (miniatures.SIDE, miniatures.SIDE)
    assert np.abs(stored - drawn).max() <= 1
    assert stored.std() > 20


def test_it_is_the_manifold_in_equal_steps_of_probability():
    """The left upper tile of mnist-2d, averaged by hand."""
    import torch

    entry = bundled().get("mnist-2d")
    with torch.no_grad():
        image = entry.load().vae.mean(torch.tensor([[-1.3829941, 1.3829941]])).reshape(14, 2, 14, 2).mean((1, 3))
    assert np.abs(miniatures.kept()["mnist-2d"][:14, :14] - 255 * image.numpy()).max() <= 1
