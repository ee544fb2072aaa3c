"""The toy world as Python sees it: numbers of the world in the address, and nonsense in it is said."""

from functools import partial

import pytest

from dashboard.toy.vanishing import vanishing
from dashboard.toy.world import world
from tests.pages import visiting
from tests.pages.visiting import given, words
from vae_core.analysis import known_truth
from vae_core.model import toy_world

pytestmark = pytest.mark.usefixtures("nothing_bundled")
opened = partial(visiting.opened, "toy/toy.py")


def test_it_needs_no_model_and_begins_with_a_guess():
    page = opened()
    data = given(page, "world")
    assert (data["world"], data["count"], data["shown"]) == (0, 30, False)
    assert "A world whose truth you know" in words(page)
    assert "−18.74" not in words(page)


def test_the_numbers_are_those_of_the_world_in_the_address():
    page = opened(world="4", count="100", truth="shown")
    data, truth = given(page, "world"), toy_world.truth(4)
    assert f"is −{truth.entropy:.2f}, not 0" in words(page)
    fit = next(fit for fit in data["fits"] if fit["count"] == 100)
    learned = known_truth.learn(truth, toy_world.images(4, 100))
    assert fit["own"] == pytest.approx(learned.own)
    assert fit["new"] == pytest.approx(learned.new)
    assert fit["columns"][1] == pytest.approx(learned.theta.W[:, 1].tolist())
    assert data["columns"][0] == pytest.approx(truth.W[:, 0].tolist())
    assert [fit["count"] for fit in data["fits"]] == world.COUNTS


def test_the_gap_is_sent_for_each_image_and_noise():
    data = given(opened(decoder="folded", observed="2.0", sigma="0.1"), "vanishing")
    assert (data["decoder"], data["image"]) == ("folded", "2.0")
    assert data["sigma"] == pytest.approx(0.1, rel=0.08)
    assert data["sigma"] in vanishing.SIGMAS
    assert all(len(values) == len(vanishing.SIGMAS) for values in data["nearest"]["2.0"].values())
    assert data["nearest"]["2.0"]["kl"][0] == pytest.approx(0.693, abs=1e-3)


def test_the_data_set_is_one_click_away():
    assert any("train?preset=linear" in text.value and "toy" in text.value for text in opened().markdown)


def test_nonsense_in_the_address_is_said():
    page = opened(world="many", count="2", truth="x", decoder="none", observed="9", sigma="-1")
    for said in ("world = many", "count = 2", "truth = x", "decoder = none", "observed = 9", "sigma = -1"):
        assert said in words(page)
    assert given(page, "world")["count"] == 30
