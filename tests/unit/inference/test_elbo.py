import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Normal, kl_divergence

from vae_core.inference.elbo import elbo, terms
from vae_core.model.vae import VAE, build
from vae_core.registry import LIKELIHOODS
from vae_core.settings import ModelSettings

f64 = torch.float64


def small_vae(seed: int = 0, **changes) -> VAE:
    settings = ModelSettings(latent_dim=3, encoder=(6,), decoder=(6,)).replace(**changes)
    return build(settings, (3, 3), torch.Generator().manual_seed(seed)).double().requires_grad_(False)


def images(n: int = 4, seed: int = 1) -> torch.Tensor:
    return torch.rand(n, 9, generator=torch.Generator().manual_seed(seed), dtype=f64).round()


def noise(L: int, n: int = 4, seed: int = 2) -> torch.Tensor:
    return torch.randn(L, n, 3, generator=torch.Generator().manual_seed(seed), dtype=f64)


SIGMA_POINTS = math.sqrt(3) * torch.cat([torch.eye(3, dtype=f64), -torch.eye(3, dtype=f64)])[:, None].expand(6, 4, 3)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_the_bound_is_written_in_the_words_of_torch_distributions(likelihood):
    vae, x, eps = small_vae(likelihood=likelihood), images(), noise(5)
    q = vae.posterior(x)
    reconstruction = vae.observed(q.loc + q.scale * eps).log_prob(x).sum(-1).mean(0)
    kl = kl_divergence(Normal(q.loc, q.scale), Normal(torch.zeros_like(q.loc), 1.0)).sum(-1)
    bound = elbo(vae, x, eps, beta=4)
    torch.testing.assert_close(bound.reconstruction, reconstruction)
    torch.testing.assert_close(bound.kl, kl)
    torch.testing.assert_close(bound.value, reconstruction - kl)
    torch.testing.assert_close(bound.objective, reconstruction - 4 * kl)


@given(st.integers(0, 30))
def test_estimator_a_averages_to_b_over_noise_of_mean_0_and_covariance_1(seed):
    vae, x = small_vae(seed), images(seed=seed)
    a, b = (elbo(vae, x, SIGMA_POINTS, closed_form=c) for c in (False, True))
    torch.testing.assert_close(a.kl, b.kl)  # log q - log p is quadratic in the noise
    torch.testing.assert_close(a.value, b.value)


def test_the_sampled_ratio_is_log_q_minus_log_p():
    vae, x, eps = small_vae(), images(), noise(5)
    q = vae.posterior(x)
    z = q.loc + q.scale * eps
    expected = Normal(q.loc, q.scale).log_prob(z) - Normal(0.0, 1.0).log_prob(z)
    torch.testing.assert_close(terms(vae, x, eps).log_ratio, expected)


def test_terms_have_the_shapes_of_their_axes_and_sum_to_the_bound():
    vae, x, eps = small_vae(), images(), noise(5)
    parts = terms(vae, x, eps)
    assert parts.log_px.shape == (5, 4, 9)
    assert parts.kl.shape == (4, 3)
    assert parts.log_ratio.shape == (5, 4, 3)
    torch.testing.assert_close(parts.log_px.sum(-1).mean(0) - parts.kl.sum(-1), elbo(vae, x, eps).value)


def test_more_samples_are_a_longer_noise():
    vae, x, eps = small_vae(), images(), noise(4)
    halves = [elbo(vae, x, part).reconstruction for part in eps.split(2)]
    torch.testing.assert_close(elbo(vae, x, eps).reconstruction, torch.stack(halves).mean(0))


def test_an_image_is_scored_the_same_alone_and_in_company():
    vae, x, eps = small_vae(), images(), noise(4)
    torch.testing.assert_close(elbo(vae, x[1:2], eps[:, 1:2]).value, elbo(vae, x, eps).value[1:2])


@pytest.mark.parametrize("closed_form", [True, False])
def test_the_gradient_is_that_of_finite_differences(closed_form):
    vae, x, eps = small_vae(), images(), noise(2)
    weight = vae.encoder[0].weight.requires_grad_()
    elbo(vae, x, eps, beta=2.0, closed_form=closed_form).objective.sum().backward()
    with torch.no_grad():
        ends = []
        for step in (1e-5, -2e-5):
            weight[1, 2] += step
            ends.append(elbo(vae, x, eps, beta=2.0, closed_form=closed_form).objective.sum())
    assert weight.grad[1, 2].item() == pytest.approx(((ends[0] - ends[1]) / 2e-5).item(), rel=1e-6)


def test_free_bits_change_the_objective_but_never_the_bound():
    parts = terms(small_vae(), images(), noise(2))
    free, plain = parts.elbo(free_bits=5.0), parts.elbo()
    torch.testing.assert_close(free.value, plain.value)
    missing = (5.0 - parts.kl.mean(0)).clamp(min=0).sum()
    torch.testing.assert_close(free.objective, plain.objective - missing)


def test_callables_without_layers_need_their_number_of_latent_dimensions():
    with pytest.raises(ValueError, match="pass latent_dim to VAE"):
        VAE(lambda x: x, lambda z: z, lambda p: Normal(p, 1.0))
    vae = VAE(lambda x: x, lambda z: torch.cat([z, z], -1), lambda p: Normal(p, 1.0), latent_dim=2)
    assert elbo(vae, torch.zeros(3, 4), torch.zeros(1, 3, 2)).kl.tolist() == [0, 0, 0]
