"""Prior times likelihood on a line: against the closed form of a linear model and against a sum of its own."""

import pytest
import torch
from torch.distributions import Normal

from tests.unit.linear_examples import f64
from vae_core.inference.latent_grid import LatentGrid
from vae_core.inference.posterior_on_a_line import LEFT_OUT, line_log_likelihood, line_posterior
from vae_core.model.likelihoods import bernoulli, fixed_gaussian
from vae_core.model.vae import VAE

W = torch.tensor([[1.0], [-0.5], [2.0], [0.3]], dtype=f64)
C = 0.04


def lost(x: torch.Tensor) -> torch.Tensor:
    return torch.tensor([0.0, -4], dtype=x.dtype).expand(*x.shape[:-1], 2)


def linear() -> VAE:
    return VAE(lost, lambda z: z @ W.to(z).mT, fixed_gaussian(C), latent_dim=1)


def curved() -> VAE:
    rng = torch.Generator().manual_seed(3)
    first, second = 3 * torch.randn(12, 1, generator=rng), torch.randn(40, 12, generator=rng)
    return VAE(lost, lambda z: torch.tanh(z @ first.to(z).mT) @ second.to(z).mT, bernoulli, latent_dim=1)


@pytest.mark.parametrize("x", [[1.0, 0, 2, -1], [0, 0, 0, 0], [-3.0, 1.5, -6, 0.5]])
def test_a_linear_model_has_the_gaussian_posterior_of_its_closed_form(x):
    x = torch.tensor(x, dtype=f64)
    found = line_posterior(LatentGrid(linear(), tolerance=1e-6), x)
    precision = 1 + (W.square().sum() / C).item()
    mean, stddev = ((W[:, 0] @ x) / C).item() / precision, precision**-0.5
    covariance = W @ W.mT + C * torch.eye(4, dtype=f64)
    exact = torch.distributions.MultivariateNormal(torch.zeros(4, dtype=f64), covariance).log_prob(x).item()
    assert found.log_px == pytest.approx(exact, abs=1e-6)
    assert found.mean == pytest.approx(mean, abs=1e-6)
    assert found.stddev == pytest.approx(stddev, rel=1e-5)
    q = Normal(torch.tensor(mean, dtype=f64), torch.tensor(stddev, dtype=f64))
    low, high = q.icdf(torch.tensor([LEFT_OUT, 1 - LEFT_OUT], dtype=f64)).tolist()
    assert found.low == pytest.approx(low, abs=0.2 * stddev)
    assert found.high == pytest.approx(high, abs=0.2 * stddev)


def test_prior_times_likelihood_over_p_x_has_area_one():
    vae = curved()
    x = (torch.rand(40, generator=torch.Generator().manual_seed(5)) < 0.5).float()
    grid = LatentGrid(vae)
    found = line_posterior(grid, x)
    z = torch.linspace(-8, 8, 40_001, dtype=f64)
    log_posterior = Normal(0.0, 1.0).log_prob(z) + line_log_likelihood(grid, x, z) - found.log_px
    density, step = log_posterior.exp(), 16 / 40_000
    assert density.sum().item() * step == pytest.approx(1, abs=2e-3)
    mean = (density * z).sum().item() * step
    assert found.mean == pytest.approx(mean, abs=2e-3)
    assert found.stddev == pytest.approx(((density * (z - mean).square()).sum().item() * step) ** 0.5, rel=5e-3)
    inside = density[(z > found.low) & (z < found.high)].sum().item() * step
    assert inside > 1 - 2.5 * LEFT_OUT - 1e-3


def test_two_dimensions_are_no_line():
    vae = VAE(lambda x: torch.zeros(*x.shape[:-1], 4), lambda z: z, fixed_gaussian(1.0), latent_dim=2)
    with pytest.raises(ValueError, match="this model has 2"):
        line_posterior(LatentGrid(vae), torch.zeros(2))
