"""log p(x) by the estimator of appendix D, against closed forms, sums over a grid, and importance sampling."""

import math

import pytest
import torch

from tests.unit.inference.test_latent_grid import brute_force, drawn, nonlinear, rng
from tests.unit.linear_examples import TV1, W1, B, X, f64
from vae_core.inference.importance_sampling import importance
from vae_core.inference.latent_grid import LatentGrid
from vae_core.inference.marginal_likelihood import marginal_likelihood
from vae_core.model.likelihoods import bernoulli
from vae_core.model.linear_gaussian import LinearGaussian
from vae_core.model.vae import VAE


def assert_within(m, exact):
    """Both estimates, image by image (six blocks say little of one image's error), and their means."""
    for value, error in ((m.log_px, m.error), (m.importance, m.importance_error)):
        off = value - exact
        assert (off.abs() < 7 * error.clamp(min=error.mean()) + 0.02).all(), off / error
        assert off.mean().abs() < 4 * error.square().sum().sqrt() / len(off) + 0.02
        assert error.mean() < 0.3


@pytest.mark.parametrize("model", [TV1, LinearGaussian(W1[:, :1], B, 0.25)], ids=["plane", "line"])
def test_a_linear_gaussian_model_has_its_closed_form(model):
    x = X.repeat(10, 1)
    assert_within(marginal_likelihood(model.vae(), x, rng()), model.log_px(x))


@pytest.mark.parametrize("width", [0.5, 1.5])
def test_a_curved_model_has_the_sum_over_the_grid(width):
    vae = nonlinear(width)
    codes = torch.randn(30, 2, generator=rng(3), dtype=f64)
    x = drawn(vae, codes)
    m = marginal_likelihood(vae, x, rng(), start=codes)
    assert_within(m, LatentGrid(vae).log_px(x))
    assert 0.8 < m.acceptance < 0.98


def test_a_mode_that_the_chain_never_meets_is_missing_from_the_estimate():
    """p(x|z) of z^2: p(z|x) has two equal modes, and a chain that stays in one of them sees half of p(x)."""
    vae = VAE(lambda x: x, lambda z: 3 * z.square().expand(*z.shape[:-1], 40) - 6, bernoulli, latent_dim=1)
    codes = torch.full((20, 1), 1.5, dtype=f64)
    x = drawn(vae, codes)
    exact = brute_force(vae, x, 6, 4000)
    assert_within(marginal_likelihood(vae, x, rng(), start=codes), exact - math.log(2))


def test_three_dimensions_agree_with_many_draws_of_the_prior():
    vae = nonlinear(0.5, dims=3)
    codes = torch.randn(10, 3, generator=rng(3), dtype=f64)
    x = drawn(vae, codes)
    m, found = marginal_likelihood(vae, x, rng(), start=codes), importance(vae, x, 100_000, rng(1), "prior")
    assert found.effective_samples.min() > 200, "the control: its own error is below 0.1"
    assert_within(m, found.log_px)


def test_the_draws_decide_and_nothing_else():
    vae = nonlinear(1.0)
    x = drawn(vae, torch.zeros(4, 2, dtype=f64))
    a, b, c = (marginal_likelihood(vae, x, rng(seed)).log_px for seed in (0, 0, 1))
    assert torch.equal(a, b)
    assert not torch.equal(a, c)


def test_many_dimensions_and_no_images_are_refused_in_a_sentence():
    with pytest.raises(
        ValueError, match="needs at most 5 latent dimensions, this model has 6; use importance sampling"
    ):
        marginal_likelihood(nonlinear(1.0, dims=6), torch.zeros(2, 60, dtype=f64), rng())
    with pytest.raises(ValueError, match="needs at least one image, not 0"):
        marginal_likelihood(nonlinear(1.0), torch.zeros(0, 60, dtype=f64), rng())
