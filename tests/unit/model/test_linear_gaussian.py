import math

import numpy as np
import pytest
import torch
from torch.distributions import MultivariateNormal, Normal

from tests.unit.linear_examples import EXACT, TV1, TV3, W1, B, X, f64
from vae_core.inference.elbo import elbo, terms
from vae_core.model.gaussians import DiagonalGaussian, kl_full
from vae_core.model.likelihoods import fixed_gaussian
from vae_core.model.linear_gaussian import LinearGaussian, fit, pca
from vae_core.model.vae import VAE

SIGMA_POINTS = math.sqrt(2) * torch.cat([torch.eye(2, dtype=f64), -torch.eye(2, dtype=f64)])[:, None].expand(4, 3, 2)


def values(*numbers: float) -> torch.Tensor:
    return torch.tensor(numbers, dtype=f64)


def correlated_images(seed: int = 0, n: int = 400, pixels: int = 7) -> torch.Tensor:
    rng = torch.Generator().manual_seed(seed)
    mixing = torch.randn(pixels, pixels, generator=rng, dtype=f64) * torch.linspace(2, 0.3, pixels)
    return torch.randn(n, pixels, generator=rng, dtype=f64) @ mixing.mT + 1.5


def test_tv1_evidence_posterior_and_best_diagonal():
    torch.testing.assert_close(
        TV1.log_px(X), values(-4.954848839418592, -3.6946718482681495, -6.4933444146398305), **EXACT
    )
    torch.testing.assert_close(TV1.posterior(X)[0][0], values(0.7256637168141593, 0.8088495575221241), **EXACT)
    best = TV1.best_diagonal(X)
    torch.testing.assert_close(best.variance[0], values(0.045454545454545456, 0.09090909090909091), **EXACT)
    assert TV1.gap == pytest.approx(0.03420136344220026, abs=1e-9)
    torch.testing.assert_close(
        TV1.elbo(best, X), values(-4.989050202860792, -3.7288732117103502, -6.527545778082032), **EXACT
    )


def test_tv1_through_the_public_face():
    bound = elbo(TV1.vae(), X, SIGMA_POINTS)
    torch.testing.assert_close(
        bound.value, values(-4.989050202860792, -3.7288732117103502, -6.527545778082032), **EXACT
    )
    torch.testing.assert_close(bound.value, TV1.log_px(X) - TV1.gap, **EXACT)


def test_tv2_any_linear_encoder_through_the_public_face():
    V = values(0.2, -0.1, 0.3, 0, 0.1, 0.2, 0, -0.3).reshape(2, 4)
    k, v = values(0.05, -0.1), values(0.1, 0.2)

    def encoder(x):
        mean = (x - B) @ V.mT + k
        return torch.cat([mean, v.log().expand_as(mean)], -1)

    vae = VAE(encoder, lambda z: z @ W1.mT + B, fixed_gaussian(0.25), latent_dim=2)
    expected = values(-6.179276913292982, -4.3152769132929825, -7.878776913292983)
    torch.testing.assert_close(elbo(vae, X, SIGMA_POINTS).value, expected, **EXACT)
    torch.testing.assert_close(TV1.elbo(vae.posterior(X), X), expected, **EXACT)


def test_tv3_orthogonal_columns_leave_no_gap_and_every_a_sample_is_the_evidence():
    expected = values(-5.2597973656, -3.7034337292, -6.6997973656)
    torch.testing.assert_close(TV3.log_px(X), expected, **EXACT)
    assert TV3.gap == pytest.approx(0, abs=1e-12)
    noise = torch.randn(50, 3, 2, generator=torch.Generator().manual_seed(0), dtype=f64)
    parts = terms(TV3.vae(), X, noise)
    samples = parts.log_px.sum(-1) - parts.log_ratio.sum(-1)  # (L, B)
    torch.testing.assert_close(samples, TV3.log_px(X).expand(50, 3), **EXACT)


def test_log_px_is_that_of_the_full_covariance():
    C = W1 @ W1.mT + 0.25 * torch.eye(4, dtype=f64)
    torch.testing.assert_close(TV1.log_px(X), MultivariateNormal(B, C).log_prob(X), **EXACT)


def test_bayes_rule_holds_at_any_code():
    mean, covariance = TV1.posterior(X)
    for z in torch.randn(5, 2, generator=torch.Generator().manual_seed(1), dtype=f64):
        joint = Normal(W1 @ z + B, 0.5).log_prob(X).sum(-1) + Normal(0, 1).log_prob(z).sum()
        torch.testing.assert_close(joint - MultivariateNormal(mean, covariance).log_prob(z), TV1.log_px(X), **EXACT)


def test_the_gap_of_any_q_is_its_divergence_from_the_posterior():
    rng = torch.Generator().manual_seed(2)
    q = DiagonalGaussian(torch.randn(3, 2, generator=rng, dtype=f64), torch.randn(3, 2, generator=rng, dtype=f64))
    mean, covariance = TV1.posterior(X)
    kl = kl_full(q.mean, torch.diag_embed(q.variance), mean, covariance)
    torch.testing.assert_close(TV1.log_px(X) - TV1.elbo(q, X), kl, **EXACT)


@pytest.mark.parametrize("beta", [0.5, 1.0, 3.0])
def test_no_small_change_improves_the_best_diagonal(beta):
    q = TV1.best_diagonal(X, beta)
    parameters = torch.cat([q.mean, q.logvar], -1).requires_grad_()
    moved = DiagonalGaussian(*parameters.chunk(2, -1))
    kl = TV1.reconstruction(moved, X) - TV1.elbo(moved, X)
    (gradient,) = torch.autograd.grad((TV1.reconstruction(moved, X) - beta * kl).sum(), parameters)
    assert gradient.abs().max() < 1e-9


def test_pca_agrees_with_the_singular_values_of_numpy():
    data = correlated_images()
    principal = pca(data)
    _, s, vt = np.linalg.svd((data - data.mean(0)).numpy(), full_matrices=False)
    np.testing.assert_allclose(principal.eigenvalues, s**2 / len(data), rtol=1e-9)
    np.testing.assert_allclose(np.abs((vt @ principal.axes.numpy()).diagonal()), 1, rtol=1e-9)


def test_the_mean_residual_is_the_sum_of_the_discarded_eigenvalues():
    data = correlated_images()
    principal = pca(data)
    for d in range(8):
        torch.testing.assert_close(
            principal.residual(data, d).mean(), principal.eigenvalues[d:].sum(), atol=1e-9, rtol=1e-9
        )


def test_at_the_optimum_the_elbo_is_the_evidence_and_each_kl_is_half_the_log_ratio():
    data = correlated_images()
    model, l = fit(data, 3), pca(data).eigenvalues  # noqa: E741 the sheet's letter
    assert model.c == pytest.approx(l[3:].mean().item())
    noise = math.sqrt(3) * torch.cat([torch.eye(3, dtype=f64), -torch.eye(3, dtype=f64)])[:, None].expand(
        6, len(data), 3
    )
    parts = terms(model.vae(), data, noise)
    torch.testing.assert_close(parts.elbo().value, model.log_px(data), **EXACT)
    torch.testing.assert_close(parts.kl.mean(0), 0.5 * (l[:3] / model.c).log(), **EXACT)


@pytest.mark.parametrize("beta", [0.0, 0.3, 1.0, 2.0, 4.0, 30.0])
def test_with_beta_the_closed_form_is_the_optimum_of_the_public_objective(beta):
    data = correlated_images()
    model, l = fit(data, 3, beta), pca(data).eigenvalues  # noqa: E741
    active = model.W.norm(dim=0) > 0
    assert active.tolist() == (l[:3] > beta * model.c).tolist()
    if beta:
        kl = 0.5 * (l[:3] / (beta * model.c)).log().clamp(min=0)
        torch.testing.assert_close(
            terms(model.vae(beta), data, torch.zeros(1, len(data), 3, dtype=f64)).kl.mean(0), kl, **EXACT
        )

    def objective(W, b, c):
        q = LinearGaussian(W, b, c).best_diagonal(data, max(beta, 1e-8))
        reconstruction = LinearGaussian(W, b, c).reconstruction(q, data)
        return (reconstruction - beta * (reconstruction - LinearGaussian(W, b, c).elbo(q, data))).mean().item()

    best, rng = objective(*model), torch.Generator().manual_seed(3)
    for size in (1e-3, 0.03, 0.3):
        for _ in range(20):
            W = model.W + size * torch.randn(model.W.shape, generator=rng, dtype=f64)
            c = model.c * math.exp(size * torch.randn((), generator=rng).item())
            assert objective(W, model.b, c) < best
            assert objective(model.W, model.b, c) < best


def test_a_large_beta_collapses_every_dimension_to_the_pixel_mean():
    model = fit(correlated_images(), 3, beta=1e3)
    assert (model.W == 0).all()


def test_data_without_noise_beyond_the_code_have_no_best_density():
    flat = torch.randn(50, 2, generator=torch.Generator().manual_seed(0)) @ torch.eye(2, 5)
    with pytest.raises(ValueError, match="No variance is left beyond 2 axes of 5 pixels"):
        fit(flat, 2)


def as_torch(model: LinearGaussian) -> MultivariateNormal:
    return MultivariateNormal(model.b, model.W @ model.W.mT + model.c * torch.eye(len(model.W), dtype=f64))


@pytest.mark.parametrize("model", [TV1, TV3])
def test_entropy_and_kl_are_those_of_the_full_gaussian(model):
    other = LinearGaussian(model.W.flip(0) / 2, model.b + 0.3, 0.7)
    assert model.entropy == pytest.approx(as_torch(model).entropy().item(), abs=1e-12)
    expected = torch.distributions.kl_divergence(as_torch(model), as_torch(other)).item()
    assert model.kl(other) == pytest.approx(expected, abs=1e-12)
    assert model.kl(model) == pytest.approx(0, abs=1e-12)


def test_the_principal_form_is_the_same_density_with_orthogonal_columns():
    form = TV1.principal()
    torch.testing.assert_close(form.log_px(X), TV1.log_px(X), **EXACT)
    assert (form.W[:, 0] @ form.W[:, 1]).abs() < 1e-12
    assert form.W[:, 0].norm() > form.W[:, 1].norm()
    assert form.gap == pytest.approx(0, abs=1e-12), "a diagonal q is then the posterior"


def test_samples_have_the_models_mean_and_covariance():
    rng = torch.Generator().manual_seed(0)
    z, noise = (torch.randn(200_000, k, generator=rng, dtype=f64) for k in (2, 4))
    x = TV1.sample(z, noise)
    torch.testing.assert_close(x.mean(0), TV1.b, atol=0.03, rtol=0)
    torch.testing.assert_close(torch.cov(x.mT), TV1.covariance, atol=0.06, rtol=0)
