import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from vae_core.model.gaussians import (
    DiagonalGaussian,
    cross_entropy_normal,
    entropy_normal,
    kl_full,
    kl_normal,
    kl_standard_normal,
    log_standard_normal,
)

numbers = st.floats(-5, 5).map(lambda v: torch.tensor(v, dtype=torch.float64))
deviations = st.floats(0.01, 5).map(lambda v: torch.tensor(v, dtype=torch.float64))
CLOSE = {"atol": 1e-9, "rtol": 1e-9}


@given(numbers, deviations, numbers, deviations)
def test_the_normal_divergence_is_that_of_torch_and_never_negative(m1, s1, m2, s2):
    kl = kl_normal(m1, s1, m2, s2)
    torch.testing.assert_close(kl, kl_divergence(Normal(m1, s1), Normal(m2, s2)), **CLOSE)
    assert kl >= -1e-12


@given(numbers, deviations)
def test_against_the_standard_normal_it_is_the_general_form(mean, s):
    zero, one = torch.zeros_like(mean), torch.ones_like(mean)
    torch.testing.assert_close(kl_standard_normal(mean, 2 * s.log()), kl_normal(mean, s, zero, one), **CLOSE)
    assert kl_standard_normal(zero, zero) == 0


@pytest.mark.parametrize("logvar", [1e-2, -1e-3, 1e-4, -1e-5])
def test_a_nearly_collapsed_divergence_keeps_its_digits_in_float32(logvar):
    series = logvar**2 / 4 + logvar**3 / 12 + logvar**4 / 48  # of (e^v - 1 - v) / 2
    kl = kl_standard_normal(torch.zeros(()), torch.tensor(logvar)).item()
    assert kl == pytest.approx(series, rel=2e-3)
    naive = 0.5 * (torch.tensor(logvar).exp() - 1 - torch.tensor(logvar)).item()
    if abs(logvar) <= 1e-4:
        assert abs(naive - series) > 0.5 * series  # the control: why expm1


@given(st.integers(1, 4), st.integers(0, 1000))
def test_the_full_divergence_is_that_of_torch(k, seed):
    rng = torch.Generator().manual_seed(seed)
    a, b = torch.randn(2, 3, k, generator=rng, dtype=torch.float64)
    A, B = (m @ m.mT + 0.1 * torch.eye(k) for m in torch.randn(2, 3, k, k, generator=rng, dtype=torch.float64))
    expected = kl_divergence(MultivariateNormal(a, A), MultivariateNormal(b, B))
    torch.testing.assert_close(kl_full(a, A, b, B), expected, atol=1e-7, rtol=1e-7)


@given(numbers, deviations, numbers, deviations)
def test_a_divergence_is_cross_entropy_minus_entropy(m1, s1, m2, s2):
    difference = cross_entropy_normal(m1, s1, m2, s2) - entropy_normal(s1)
    torch.testing.assert_close(kl_normal(m1, s1, m2, s2), difference, atol=1e-7, rtol=1e-9)


def test_a_narrow_gaussian_has_negative_entropy():
    assert entropy_normal(torch.tensor(0.2)).item() == pytest.approx(-0.190, abs=5e-4)
    torch.testing.assert_close(entropy_normal(torch.tensor(0.2)), Normal(0.0, 0.2).entropy())


def test_the_standard_normal_sums_over_its_last_axis():
    z = torch.randn(4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    expected = MultivariateNormal(torch.zeros(3, dtype=torch.float64), torch.eye(3, dtype=torch.float64)).log_prob(z)
    torch.testing.assert_close(log_standard_normal(z), expected, **CLOSE)


def test_a_log_variance_is_held_where_its_deviation_is_a_number():
    q = DiagonalGaussian(torch.zeros(3), torch.tensor([-1e9, 0.0, 1e9]))
    torch.testing.assert_close(q.stddev, torch.tensor([math.exp(-10), 1.0, math.exp(5)]))
