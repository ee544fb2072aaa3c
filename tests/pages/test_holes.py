"""Holes on Explore and Compare: of which codes, how many, and what is said where the training codes are not kept."""

from functools import partial

import pytest

from dashboard.shared import coverage, formatting, model_view
from tests.pages import visiting
from tests.pages.visiting import again, given, settled
from tests.small_models import own_digits, publish
from vae_core.analysis import coverage as measured
from vae_core.jobs.trainer import train_run
from vae_core.runs.store import bundled, trained
from vae_core.settings import RunSettings


@pytest.fixture
def digits_file(cache):
    """The path of a small data set of one's own."""
    return str(own_digits(cache))


explore = partial(visiting.opened, "pages.py", back="holes")


def test_a_bundled_model_has_its_kept_number_at_once_and_its_picture_when_that_is_counted():
    page = explore(model="mnist-2d")
    found, data = measured.known(bundled().get("mnist-2d")), given(page, "plane")
    assert f"<b>{formatting.percent(found.share)}</b> of the prior" in data["holes"]
    assert "q(z) of 55,000 training images" in data["holes"]
    assert f"{formatting.percent(found.held_out)} of 10,000 test codes lie there" in data["holes"]
    assert "±" not in data["holes"]
    assert given(settled(page), "plane")["hatch"]


def test_other_axes_of_more_dimensions_are_counted_with_the_training_codes_too():
    page = settled(explore(model="mnist-10d", axes="1,3"))
    found = measured.measure(bundled().get("mnist-10d"), (0, 2))
    assert "of these two axes alone" in given(page, "plane")["holes"]
    assert f"<b>{formatting.percent(found.share)}</b>" in given(page, "plane")["holes"]
    assert "55,000 training images" in given(page, "plane")["holes"]


@pytest.mark.usefixtures("nothing_bundled")
def test_a_run_without_training_codes_and_images_speaks_of_test_images(cache):
    publish(cache, "two")
    page = settled(settled(explore(model="two")))  # first the images are looked for
    data = given(page, "plane")
    assert "q(z) of 500 test images" in data["holes"]
    assert "training images are not here" in data["holes"]
    assert data["hatch"]


@pytest.mark.usefixtures("nothing_bundled")
def test_a_run_whose_training_codes_were_not_kept_is_measured_from_its_images(cache, digits_file):
    from vae_core.data.datasets import load_dataset

    data = load_dataset(digits_file, download=False)
    settings = RunSettings().with_fields(
        name=digits_file, encoder=(8,), decoder=(8,), steps=40, batch=50, validation=50, fingerprint=data.fingerprint
    )
    entry = train_run(settings, data, trained(), stop=lambda: True)  # stopped: published at once, without them
    assert entry.training_codes() is None
    page = settled(settled(explore(model=entry.key)))
    assert f"q(z) of {len(data.train) - 50} training images" in given(page, "plane")["holes"]
    found = coverage.holes(model_view.model(entry), (0, 1))
    direct = measured.training_codes(entry.load().vae, data, settings.data)
    assert found == measured.measure(entry, (0, 1), direct)


def test_compare_says_of_which_images_each_share_is_and_subtracts_only_equal_counts():
    page = again(visiting.opened("compare/compare.py", models="mnist-2d,mnist-beta-1,frey-2d,mnist-10d"))
    (row,) = [row for row in given(page, "columns")["rows"] if row["name"] == "holes"]
    first, second, frey, ten = row["cells"]
    assert "55,000 training images" in first["note"]
    assert "1,600 training images" in frey["note"]
    assert ("difference" in second, "difference" in frey) == (True, False)
    assert ten["why"] == "measured for D ≤ 2 only"
