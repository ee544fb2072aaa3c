"""A Gaussian q with any covariance: its KL against torch's, and how much more of the gap it closes, exactly, D = 2."""

import pytest
import torch
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence

from tests.unit.inference.test_variational_refinement import images, network, somewhere  # noqa: F401  fixtures
from tests.unit.linear_examples import TV1, X
from vae_core.inference.bound_decomposition import tightness
from vae_core.inference.expectations import gauss_hermite
from vae_core.inference.full_covariance import best_full, bound
from vae_core.inference.latent_grid import LatentGrid
from vae_core.inference.variational_refinement import best
from vae_core.model.gaussians import DiagonalGaussian, FullGaussian

RULE = gauss_hermite(2, 7)


def any_full(count: int, dims: int) -> FullGaussian:
    rng = torch.Generator().manual_seed(dims)
    factor = torch.randn(count, dims, dims, generator=rng, dtype=torch.float64).tril(-1)
    scale = torch.randn(count, dims, generator=rng, dtype=torch.float64).exp()
    return FullGaussian(torch.randn(count, dims, generator=rng, dtype=torch.float64), factor + torch.diag_embed(scale))


@pytest.mark.parametrize("dims", [1, 2, 7])
def test_its_kl_scale_and_draws_are_those_of_torch(dims):
    q = any_full(5, dims)
    theirs = MultivariateNormal(q.mean, scale_tril=q.cholesky)
    prior = MultivariateNormal(torch.zeros(dims).double(), torch.eye(dims).double())
    assert torch.allclose(q.kl(), kl_divergence(theirs, prior))
    assert torch.allclose(2 * q.log_scale, theirs.covariance_matrix.logdet())
    noise = torch.randn(20_000, 5, dims, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    drawn = (q.at(noise) - q.mean).movedim(0, -1)
    whitened = torch.linalg.solve_triangular(q.cholesky, drawn @ drawn.mT / 20_000, upper=False)
    whitened = torch.linalg.solve_triangular(q.cholesky, whitened.mT, upper=False)
    assert torch.allclose(whitened, torch.eye(dims).double().expand(5, -1, -1), atol=0.05)


def test_near_the_prior_its_kl_keeps_its_digits_in_float32():
    q = FullGaussian(torch.zeros(1, 2), torch.eye(2)[None] * (1 + 1e-4))
    exact = kl_divergence(Independent(Normal(torch.zeros(2).double(), q.cholesky[0, 0, 0].double()), 1),
                          Independent(Normal(torch.zeros(2).double(), 1.0), 1))  # fmt: skip
    assert q.kl().item() == pytest.approx(exact.item(), rel=0.05)


def test_of_a_linear_model_it_is_the_posterior_itself_and_leaves_no_gap():
    """Where the best diagonal q keeps a gap of 0.034 nats for every image."""
    found = best_full(TV1.vae(), X, somewhere(3), gauss_hermite(2, 3), steps=120)
    mean, covariance = TV1.posterior(X)
    assert torch.allclose(found.q.mean, mean, atol=1e-5)
    assert torch.allclose(found.q.cholesky @ found.q.cholesky.mT, covariance.expand(3, 2, 2), atol=1e-5)
    assert torch.allclose(found.elbo, TV1.log_px(X), atol=1e-8)
    assert torch.allclose(bound(TV1.vae(), X, found.q, gauss_hermite(2, 3)), found.elbo)


def test_it_closes_more_of_the_gap_than_the_best_diagonal_on_the_same_decoder(network, images):  # noqa: F811
    """Exactly: both gaps are sums over the plane, and each is log p(x) minus its own bound."""
    log_px = LatentGrid(network).log_px(images)
    diagonal = best(network, images, [somewhere(6, 1), network.posterior(images)], RULE, steps=80)
    full = best_full(network, images, diagonal, RULE)
    ours, theirs = (tightness(network, q, images, log_px) for q in (full.q, diagonal))
    assert torch.allclose(ours.elbo + ours.gap, log_px, atol=1e-3)
    assert (ours.gap >= -1e-6).all()
    assert (ours.gap <= theirs.gap + 1e-3).all()
    assert ours.gap.mean() < 0.8 * theirs.gap.mean()


def test_a_start_that_is_best_already_stays_where_it_is():
    closed = TV1.best_diagonal(X)
    full = best_full(TV1.vae(), X, DiagonalGaussian(closed.mean, closed.logvar), gauss_hermite(2, 3), steps=1)
    assert (full.elbo >= TV1.elbo(closed, X)).all()
