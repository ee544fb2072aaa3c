"""The Gradients page as Python sees it: estimators agree within their errors, the number in the claim is the ratio."""

from functools import partial

import pytest
import torch

from dashboard.gradients import estimators
from dashboard.shared import formatting, image_bound, model_view
from dashboard.shared.image_picker import source
from tests.pages import visiting
from tests.pages.test_elbo import subjects
from tests.pages.visiting import words
from tests.small_models import publish

pytestmark = pytest.mark.usefixtures("nothing_bundled")
opened = partial(visiting.reached, "gradients/gradients.py")


@pytest.mark.parametrize("when", estimators.WHEN)
def test_all_means_are_the_exact_gradient_within_their_errors_but_for_the_detached_one(two, when):
    (s,) = subjects(two, 1)
    truth = estimators.exact(s, when, [0, 1])
    for row in estimators.rows(s, when, 1, [0, 1]):
        off = max(abs(m - t) / (e + 1e-3) for m, t, e in zip(row.mean, truth, row.error, strict=True))
        assert (off < 4.5) != row.wrong, row.name


def test_the_variance_falls_with_more_samples_and_the_ratio_is_to_b(two):
    (s,) = subjects(two, 1)
    one, ten = ({row.name: row for row in estimators.rows(s, "trained", many, [0, 1])} for many in (1, 10))
    assert one["reparameterised B"].ratio == 1
    assert one["score function"].ratio > 10
    assert 6 < one["reparameterised B"].variance / ten["reparameterised B"].variance < 16
    assert len(one["score function"].arrows) == 200


def test_the_untrained_network_is_the_one_that_training_began_with(two):
    from vae_core.model.vae import build
    from vae_core.training.train import WEIGHTS, generator

    settings = two.entry.settings
    fresh = build(settings.model, two.entry.shape, generator(settings.train.seed, WEIGHTS, 0))
    (s,) = subjects(two, 1)
    made = estimators.setting(s, "untrained").vae
    assert all(torch.equal(a, b) for a, b in zip(fresh.parameters(), made.parameters(), strict=True))


def test_the_same_noise_gives_a_smooth_curve_and_fresh_noise_does_not(two):
    (s,) = subjects(two, 1)
    curve = estimators.curve(s, "trained", 0)
    rough = {name: torch.tensor(curve[name]).diff().diff().abs().mean().item() for name in ("same", "fresh")}
    assert rough["fresh"] > 5 * rough["same"]


@pytest.mark.parametrize("dims", [1, 10])
def test_other_dimensions_have_their_arrows(cache, dims):
    model = model_view.model(publish(cache, f"of-{dims}", latent_dim=dims, activation="tanh"))
    shown = estimators.picture(image_bound.bound_inputs(model, source.prior_sample(model, 0).x), "trained", 2)
    assert len(shown["rows"]) == 6
    assert len(shown["rows"][0]["arrows"][0]) == min(dims, 2)


def test_the_page_claims_the_ratio(cache):
    model = model_view.model(publish(cache, "two", activation="tanh"))
    page = opened(model="two", i="prior0")
    s = image_bound.bound_inputs(model, source.prior_sample(model, 0).x)
    ratio = next(row.ratio for row in estimators.rows(s, "trained", 1, [0, 1]) if row.name == "score function")
    assert f"needs {float(f'{ratio:.2g}'):,.0f} times" in words(page) or f"needs {ratio:.1f} times" in words(page)
    assert "for this one image" in words(page)


def test_the_ratios_of_several_images_stand_beside_those_of_one(two):
    images_of = [source.prior_sample(two, seed).x for seed in range(3)]

    class Three:
        test = images_of

        def observed(self, split, index, seed, pixels):
            return [torch.from_numpy(images_of[i]) for i in index]

        def labels(self, split, index):
            return None

    found = estimators.over_images(two, Three(), "trained")
    every = [
        {row.name: row.ratio for row in estimators.rows(image_bound.bound_inputs(two, x), "trained", 1, [0])}
        for x in images_of
    ]
    for name, (median, least, most) in found.items():
        ratios = sorted(one[name] for one in every)
        assert [least, median, most] == pytest.approx(ratios), name


def test_detached_z_is_not_right_on_average_and_the_page_says_so(cache):
    model = model_view.model(publish(cache, "two", activation="tanh"))
    said = words(opened(model="two", i="prior0", detach="yes"))
    shown = estimators.picture(image_bound.bound_inputs(model, source.prior_sample(model, 0).x), "trained", 1)
    left = next(row["mean"] for row in shown["rows"] if row["wrong"])
    k = max((0, 1), key=lambda k: abs(left[k] - shown["exact"][k]))
    assert "wrong on average" in said
    assert f"{formatting.number(left[k])} in μ" in said
    assert f"the bound’s is {formatting.number(shown['exact'][k])}" in said
    assert "right on average" not in said


def test_nonsense_in_the_address_is_said(cache):
    publish(cache, "two", activation="tanh")
    page = opened(model="two", i="prior0", many="7", when="never")
    assert "many = 7" in words(page)
    assert "when = never" in words(page)


def test_an_autoencoder_samples_nothing_and_that_is_said(cache):
    publish(cache, "points", stochastic=False)
    assert "nothing is sampled" in words(opened(model="points"))
