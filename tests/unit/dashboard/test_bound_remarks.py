"""What Train says of a bound: that it still rose when the training ended, and that it is a density's."""

import numpy as np
import pytest

from dashboard.train.live import live, more_steps
from tests.small_models import publish
from vae_core.registry import LIKELIHOODS


def held_out(*bounds):
    """Rows of a history with a bound at each tenth of the way."""
    return [{"step": 180 * (k + 1), "validation": value} for k, value in enumerate(bounds)]


STEEP = held_out(-300, -250, -220, -200, -190, -185, -180, -175, -170.5, -165)


def test_a_bound_that_still_rises_at_the_end_is_told_from_one_that_trembles():
    found = more_steps.rise(STEEP)
    (slope, _), spread = np.polyfit(range(900, 1801, 180), [-190, -185, -180, -175, -170.5, -165], 1, cov=True)
    assert found == pytest.approx((900 * slope, 900 * spread[0, 0] ** 0.5, 900))
    assert more_steps.rise(held_out(*[-150] * 5, -147, -152, -146, -149, -147)) is None, "trembles"
    assert more_steps.rise(held_out(*[-150] * 4, -150, -149.9, -149.8, -149.7, -149.6, -149.5)) is None, "hardly rises"
    assert more_steps.rise(held_out(*[-150] * 4, -150, -152, -154, -156, -158, -160)) is None, "falls"
    assert more_steps.rise(STEEP[-3:]) is None, "three points tremble like nothing"
    assert more_steps.rise([]) is None


@pytest.mark.parametrize("likelihood", ["bernoulli", "isotropic_gaussian"])
def test_a_density_says_that_its_bound_may_be_above_0(likelihood, cache):
    pixels = LIKELIHOODS[likelihood].pixels
    entry = publish(cache, "grey", name="strokes", likelihood=likelihood, pixels=pixels)
    rows = [{"step": 20, "reconstruction": 5.0, "kl": 1.0}]
    assert ("can be above 0" in live.density(entry, rows)) == (likelihood != "bernoulli")
