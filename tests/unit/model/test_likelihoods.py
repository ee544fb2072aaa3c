import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Bernoulli

from vae_core.model.likelihoods import (
    BY_NAME,
    SIGMA_CEILING,
    SIGMA_FLOOR,
    bernoulli,
    fixed_gaussian,
    gaussian,
    isotropic_gaussian,
)
from vae_core.registry import LIKELIHOODS

LINE = torch.linspace(-30, 30, 60001, dtype=torch.float64)  # for quadrature over one pixel


@given(st.floats(-30, 30), st.sampled_from([0.0, 1.0]))
def test_a_bernoulli_pixel_has_the_probability_of_its_logit(logit, x):
    p = 1 / (1 + math.exp(-logit))
    log_p = bernoulli(torch.tensor([logit], dtype=torch.float64)).log_prob(torch.tensor([x], dtype=torch.float64))
    assert log_p.exp().item() == pytest.approx(p if x else 1 - p, rel=1e-6, abs=1e-15)


def test_a_hopeless_bernoulli_pixel_costs_its_logit_and_not_infinity():
    assert bernoulli(torch.tensor([400.0])).log_prob(torch.tensor([0.0])).item() == -400


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_bernoulli_has_the_values_and_gradients_of_torch(dtype):
    logits = torch.linspace(-120, 120, 4801, dtype=dtype, requires_grad=True)
    x = torch.tensor([[0.0], [1.0], [0.3]], dtype=dtype, requires_grad=True)  # broadcast over the logits
    ours, theirs = bernoulli(logits).log_prob(x), Bernoulli(logits=logits, validate_args=False).log_prob(x)
    assert ((ours - theirs).abs() <= 2 * torch.finfo(dtype).eps * (1 + logits.abs())).all()
    slope = torch.linspace(1, 2, ours.numel(), dtype=dtype).view_as(ours)
    for a, b in zip(*(torch.autograd.grad(log_p, (logits, x), slope) for log_p in (ours, theirs)), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=2e-7)


def test_a_bernoulli_can_be_differentiated_twice():
    logits, x = torch.linspace(-5, 5, 11, dtype=torch.float64, requires_grad=True), torch.full((11,), 0.3).double()
    assert torch.autograd.gradgradcheck(lambda h: bernoulli(h).log_prob(x), logits)


@pytest.mark.parametrize("name", ["gaussian", "fixed_gaussian", "isotropic_gaussian"])
def test_every_gaussian_density_integrates_to_one(name):
    likelihood = BY_NAME[name](0.3)
    outputs = torch.tensor([[0.7, -0.4][: LIKELIHOODS[name].outputs]], dtype=torch.float64)
    density = likelihood(outputs).log_prob(LINE[:, None]).exp()
    assert torch.trapezoid(density[:, 0], LINE).item() == pytest.approx(1, abs=1e-9)


def test_a_fixed_variance_weighs_the_squared_error_by_one_over_two_c():
    c, x, mean = 0.25, torch.tensor([1.0, -2.0]), torch.tensor([0.5, 0.0])
    expected = -0.5 * math.log(2 * math.pi * c) - (x - mean) ** 2 / (2 * c)
    torch.testing.assert_close(fixed_gaussian(c)(mean).log_prob(x), expected)
    torch.testing.assert_close(isotropic_gaussian(c)(mean).log_prob(x), expected)


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_a_learned_deviation_stays_between_its_floor_and_ceiling(mean, logvar):
    p = gaussian(torch.tensor([mean, logvar], dtype=torch.float64))
    assert SIGMA_FLOOR * (1 - 1e-9) <= p.stddev.item() <= SIGMA_CEILING * (1 + 1e-9)
    assert 0 <= p.mean.item() <= 1


def test_the_learned_variance_is_a_parameter_that_ascent_moves():
    likelihood = isotropic_gaussian(1.0)
    likelihood(torch.zeros(4)).log_prob(torch.full((4,), 0.1)).sum().backward()
    assert likelihood.logvar.grad < 0  # the pixels lie closer than the variance says
    assert likelihood.variance == pytest.approx(1.0)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_a_likelihood_keeps_one_log_probability_per_pixel(name):
    p = BY_NAME[name](0.5)(torch.zeros(2, 3, 5 * LIKELIHOODS[name].outputs))
    assert p.log_prob(torch.zeros(3, 5)).shape == p.mean.shape == (2, 3, 5)
