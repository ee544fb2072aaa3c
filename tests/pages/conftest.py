"""Every page test starts as a fresh server does: nothing read or computed by the test before it."""

import pytest

import vae_core.runs.store
from dashboard.shared import background, model_view, train_link
from tests.small_models import publish


@pytest.fixture(autouse=True)
def fresh_server():
    background.finish()
    background._results.clear()
    background._asked.clear()


@pytest.fixture
def nothing_bundled(tmp_path, monkeypatch):
    """No models but those that the test publishes."""
    monkeypatch.setattr(vae_core.runs.store, "ASSETS", tmp_path / "no models here")


@pytest.fixture
def two(cache):
    """A small model of two dimensions."""
    return model_view.model(publish(cache, "two", activation="tanh"))


@pytest.fixture(autouse=True)
def plain_processor(monkeypatch):
    """New forms are the same on every machine."""
    monkeypatch.setattr(train_link, "has_bfloat16", lambda: False)
