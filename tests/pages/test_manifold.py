"""Manifold as Python sees it: its claim and the numbers of its caption."""

from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import vae_core.runs
from dashboard import state
from tests.small_models import publish
from vae_core.runs import trained

VIEW = Path(__file__).parent.parent.parent / "dashboard" / "views" / "manifold.py"


@pytest.fixture(autouse=True)
def _nothing_bundled(tmp_path, monkeypatch):
    monkeypatch.setattr(vae_core.runs, "ASSETS", tmp_path / "no models here")


def opened(**address: str) -> AppTest:
    page = AppTest.from_file(str(VIEW), default_timeout=60)
    page.query_params.update(address)
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html"))


def test_it_opens_with_twenty_tiles_to_a_side(cache):
    publish(cache, "two")
    assert "Each tile is 1/400 of the prior" in words(opened())


def test_it_opens_empty(cache):
    assert "There is no model yet" in words(opened())


def test_the_number_of_tiles_changes_the_claim(cache):
    publish(cache, "two")
    assert "1/49 of the prior" in words(opened(n="7"))


def test_equal_steps_change_the_claim(cache):
    publish(cache, "two")
    inside = 100 * (2 * NormalDist().cdf(1) - 1) ** 2
    assert f"The middle ninth of the tiles holds {inside:.0f} %" in words(opened(spacing="linear"))


@pytest.mark.parametrize("address", [{"n": "4"}, {"n": "many"}, {"n": "-7"}, {"spacing": "log"}, {"z": "a,b"}])
def test_nonsense_in_the_address_gets_the_default_and_one_sentence(cache, address):
    publish(cache, "two")
    page = opened(**address)
    assert "The address has" in words(page)
    assert "1/400" in words(page)


def test_every_kind_of_model_opens(cache):
    publish(cache, "one", latent_dim=1)
    publish(cache, "ten", latent_dim=10)
    publish(cache, "face", shape=(28, 20), labelled=False, likelihood="gaussian", pixels="dequantised")
    publish(cache, "conv", network="conv", encoder=(4, 8), decoder=(8, 4), latent_dim=3)
    for key in ("one", "ten", "face", "conv"):
        assert opened(model=key, n="5").query_params["model"] == key


def test_the_plane_covers_the_codes_and_is_never_narrower_than_the_prior(cache):
    entry = publish(cache, "two")
    model = state.model(trained().get("two"))
    for d, (low, high) in enumerate(model.spans):
        values = entry.codes().mean[:, d]
        assert low <= -3.25
        assert high >= 3.25
        assert np.mean((values >= low) & (values <= high)) >= 0.995


def test_codes_that_lie_far_out_get_their_own_range():
    low, high = state.span(np.linspace(-30, 10, 1001))
    assert low <= -29
    assert 9 <= high <= 11
