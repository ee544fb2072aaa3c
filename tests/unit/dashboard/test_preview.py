"""The server's picture of z, without torch, is the model's own."""

import subprocess
import sys

import numpy as np
import pytest

from dashboard.explore.plane import preview
from dashboard.shared import model_view
from tests.server import ROOT
from tests.small_models import publish
from vae_core.model.networks import ACTIVATIONS
from vae_core.runs.store import bundled


def agrees(model: model_view.Model, seed: int = 0) -> None:
    for z in np.random.default_rng(seed).normal(size=(5, model.dims)) * 2:
        drawn, expected = preview.mean_image(model, list(z)), model_view.decoded(model, z)
        assert np.abs(drawn.astype(int) - expected).max() <= 1  # a half may be rounded either way
        assert np.ptp(expected) > 0


@pytest.mark.parametrize("key", ["mnist-2d", "mnist-20d", "mnist-ae-2d", "mnist-pca-2d", "frey-2d", "strokes-2d"])
def test_of_bundled_models(key):
    agrees(model_view.model(bundled().get(key)))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_with_every_activation(tmp_path, activation):
    agrees(model_view.model(publish(tmp_path, "net", activation=activation, latent_dim=3)))


def test_of_a_gaussian_decoder_the_mean_alone(tmp_path):
    fields = {"likelihood": "gaussian", "pixels": "dequantised"}
    agrees(model_view.model(publish(tmp_path, "face", shape=(28, 20), labelled=False, **fields)))


def test_of_a_continuous_bernoulli_the_mean_is_no_sigmoid(tmp_path):
    agrees(model_view.model(publish(tmp_path, "grey", likelihood="continuous_bernoulli", pixels="grey")))


def test_without_torch():
    code = (
        "import sys; from dashboard.explore.plane import preview; from dashboard.shared import model_view;"
        "from vae_core.runs.store import bundled;"
        "preview.mean_image(model_view.model(bundled().get('mnist-2d')), [0, 0]); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True).returncode == 0
