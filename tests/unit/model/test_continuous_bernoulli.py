"""The continuous Bernoulli against quadrature, torch.distributions and finite differences."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import ContinuousBernoulli

from vae_core.inference.latent_grid import Decoded
from vae_core.model.continuous_bernoulli import log_normaliser, log_partition, logit_of_mean, mean
from vae_core.model.likelihoods import bernoulli, continuous_bernoulli
from vae_core.model.vae import build
from vae_core.settings import ModelSettings

LOGITS = (-30.0, -3.0, -0.4, -1e-3, -1e-9, 0.0, 1e-9, 1e-3, 0.1, 0.49, 0.51, 2.0, 12.0, 40.0)
NODES, WEIGHTS = map(torch.from_numpy, np.polynomial.legendre.leggauss(200))


def integral(values):
    """Over [0, 1] by Gauss-Legendre: (200, ...) -> (...)."""
    return (WEIGHTS / 2) @ values


def x_on_nodes():
    return ((NODES + 1) / 2)[:, None]


def test_the_density_integrates_to_one_and_has_the_mean_that_is_said():
    logits = torch.tensor(LOGITS, dtype=torch.float64)
    density = continuous_bernoulli(logits).log_prob(x_on_nodes()).exp()
    torch.testing.assert_close(integral(density), torch.ones(len(LOGITS), dtype=torch.float64), rtol=1e-12, atol=0)
    torch.testing.assert_close(integral(x_on_nodes() * density), mean(logits), rtol=1e-11, atol=1e-13)


def test_without_its_normaliser_the_formula_is_no_density():
    """A Bernoulli's formula on grey pixels integrates to 1 / C, which is a half at most."""
    logits = torch.tensor(LOGITS, dtype=torch.float64)
    found = integral(bernoulli(logits).log_prob(x_on_nodes()).exp())
    torch.testing.assert_close(found.log(), -log_normaliser(logits), rtol=1e-10, atol=1e-12)
    assert (found <= 0.5 + 1e-12).all()


@pytest.mark.parametrize("near", [1e-2, 1e-4, 1e-7, 0.0])
def test_near_a_half_the_normaliser_is_its_series(near):
    """assets/math.md#likelihoods: C(1/2 + e) = 2 exp(4/3 e^2 + 104/45 e^4 + ...)."""
    s = torch.tensor([0.5 - near, 0.5 + near], dtype=torch.float64)
    series = math.log(2) + 4 / 3 * near**2 + 104 / 45 * near**4
    for dtype, error in ((torch.float64, 1e-11), (torch.float32, 3e-7)):
        assert (log_normaliser(s.logit().to(dtype)) - series).abs().max() < error


def test_it_is_torchs_distribution_where_torch_is_exact():
    logits = torch.linspace(-8, 8, 161, dtype=torch.float64)
    theirs, ours = ContinuousBernoulli(logits=logits), continuous_bernoulli(logits)
    x = torch.rand(7, 161, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(ours.log_prob(x), theirs.log_prob(x), rtol=1e-7, atol=1e-7)
    torch.testing.assert_close(ours.mean, theirs.mean, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(ours.cdf(ours.icdf(x)), x, rtol=1e-6, atol=1e-6)


def test_float32_keeps_what_torch_loses_at_large_logits():
    logits = torch.tensor([-80.0, -25.0, 25.0, 80.0])
    exact = continuous_bernoulli(logits.double()).log_prob(torch.tensor(0.3).double())
    torch.testing.assert_close(
        continuous_bernoulli(logits).log_prob(torch.tensor(0.3)).double(), exact, rtol=1e-6, atol=1e-5
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_gradient_is_x_minus_the_mean(dtype):
    logits = torch.tensor([*LOGITS, -5e-5, 5e-5], dtype=dtype, requires_grad=True)
    (slope,) = torch.autograd.grad(
        continuous_bernoulli(logits).log_prob(torch.full((), 0.3, dtype=dtype)).sum(), logits
    )
    torch.testing.assert_close(slope.double(), 0.3 - mean(logits.detach().double()), rtol=1e-5, atol=1e-6)
    assert slope.isfinite().all()


def test_it_can_be_differentiated_twice():
    logits = torch.tensor([-3.0, -0.1, 0.02, 0.7, 6.0], dtype=torch.float64, requires_grad=True)
    x = torch.full((5,), 0.3, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda h: continuous_bernoulli(h).log_prob(x), logits)
    assert torch.autograd.gradgradcheck(lambda h: continuous_bernoulli(h).log_prob(x), logits)


def test_the_logarithm_of_the_integral_never_overflows():
    logits = torch.tensor([-1e4, 1e4])
    assert log_partition(logits).tolist() == pytest.approx([-math.log(1e4), 1e4 - math.log(1e4)], rel=1e-6)


def test_the_logit_of_a_mean_has_that_mean():
    wanted = torch.tensor([1e-3, 0.2, 0.5, 0.51, 0.9, 1 - 1e-3], dtype=torch.float64)
    torch.testing.assert_close(mean(logit_of_mean(wanted)), wanted, rtol=1e-12, atol=1e-13)


def test_quantiles_are_shares():
    logits = torch.tensor([[-20.0], [-1e-6], [0.0], [3.0], [50.0]], dtype=torch.float64)
    u = torch.tensor([0.01, 0.3, 0.5, 0.99], dtype=torch.float64)
    x = continuous_bernoulli(logits).icdf(u)
    below = torch.where(logits.abs() > 1e-9, torch.expm1(x * logits) / torch.expm1(logits), x)
    torch.testing.assert_close(below, u.expand(5, 4), rtol=1e-9, atol=1e-12)


def test_one_matrix_product_weighs_many_images_at_many_codes():
    settings = ModelSettings(likelihood="continuous_bernoulli", latent_dim=2, encoder=(8,), decoder=(8,))
    vae = build(settings, (3, 4), torch.Generator().manual_seed(0)).double().requires_grad_(False)
    z, x = torch.randn(5, 2, dtype=torch.float64), torch.rand(7, 12, dtype=torch.float64)
    directly = vae.observed(z).log_prob(x[:, None]).sum(-1)  # (7, 5)
    torch.testing.assert_close(Decoded(vae, z, torch.float64).log_px(x), directly, rtol=1e-12, atol=1e-12)
