"""What the picture of the encoder shows is its own first layer, by NumPy from the stored weights."""

import base64
from types import SimpleNamespace

import numpy as np
import pytest

from dashboard.explore.plane import hidden_units
from dashboard.shared import model_view
from dashboard.shared.image_picker.source import Image
from tests.small_models import publish

ACTIVATIONS = {"tanh": np.tanh, "relu": lambda h: np.maximum(h, 0), "silu": lambda h: h / (1 + np.exp(-h))}
X = np.random.default_rng(3).random(784, np.float32).round()


def shown(model: model_view.Model, x=X) -> dict:
    image = Image("test 0", "test", 0, 0, np.rint(255 * x).astype(np.uint8), x, np.zeros(2), np.ones(2))
    return hidden_units.first_layer(model, image)


def numbers(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.uint8)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_shades_are_the_activations(cache, activation):
    model = model_view.model(publish(cache, activation, activation=activation))
    weights = model.entry.weights()
    h = ACTIVATIONS[activation](weights["encoder.0.weight"] @ X + weights["encoder.0.bias"])
    levels = numbers(shown(model)["levels"]).astype(float)
    low, high = (-1, 1) if activation == "tanh" else (min(0, h.min()), h.max())
    assert levels == pytest.approx(255 * (h - low) / (high - low), abs=0.6)
    assert np.ptp(levels) > 100


def test_a_conditional_encoder_is_given_its_class(cache):
    labels = np.arange(500) % 10
    model = model_view.model(publish(cache, "told", labels=labels, conditional=True, activation="tanh"))
    weights, given = model.entry.weights(), model_view.given(model, 7)
    beside = np.concatenate([X, np.eye(10, dtype=np.float32)[7]])
    h = np.tanh(weights["encoder.0.weight"] @ beside + weights["encoder.0.bias"])
    assert numbers(shown(given)["levels"]) == pytest.approx(255 * (h + 1) / 2, abs=0.6)


def test_a_unit_stands_where_in_the_image_it_looks():
    units = 8
    weights = np.full((units, 28, 28), 1e-3, np.float32)
    weights[0, 2, 2] = weights[1, 2, 25] = weights[2, 25, 2] = 5  # left above, right above, left below
    entry = SimpleNamespace(shape=(28, 28), weights=lambda: {"encoder.0.weight": weights.reshape(units, -1)})
    across, up = hidden_units.places.__wrapped__(SimpleNamespace(entry=entry))
    assert across[1] == up.max() == 255
    assert max(across[0], across[2]) < across[1]
    assert up[2] == 0
    assert min(up[0], up[1]) > up[2]


def test_what_has_no_such_layer_shows_none(cache):
    conv = model_view.model(publish(cache, "conv", network="conv", encoder=(4, 8), decoder=(8, 4), latent_dim=3))
    linear = model_view.model(publish(cache, "linear", encoder=(), decoder=()))
    assert shown(conv) is None
    assert shown(linear) is None
    assert hidden_units.first_layer(model_view.model(publish(cache, "two")), None) is None
