"""Gradient estimators: each sample against autograd, each mean against quadrature, variances against theory."""

import pytest
import torch

from vae_core.inference.expectations import gauss_hermite
from vae_core.inference.gradient_estimators import BIASED, Gradient, gradients, values
from vae_core.inference.variational_refinement import bound
from vae_core.model.gaussians import DiagonalGaussian, log_standard_normal
from vae_core.model.linear_gaussian import LinearGaussian
from vae_core.model.vae import build
from vae_core.settings import ModelSettings

ORTHOGONAL = torch.tensor([[1, 0.5], [-0.5, 1], [2, 0], [0, -1]], dtype=torch.float64)  # assets/math.md#test-vectors
X = torch.tensor([1, 0, 2, -1], dtype=torch.float64)
UNBIASED = ["score function", "with baseline", "reparameterised A", "reparameterised B", "sticking the landing"]


@pytest.fixture(scope="module")
def network():
    vae = build(ModelSettings(encoder=(8,), decoder=(16, 24)), (4, 4), torch.Generator().manual_seed(3)).double()
    with torch.no_grad():
        for weights in vae.decoder.parameters():
            weights.mul_(3)
    return vae.requires_grad_(False)


@pytest.fixture(scope="module")
def x():
    return torch.bernoulli(torch.full((16,), 0.4, dtype=torch.float64), generator=torch.Generator().manual_seed(5))


Q = DiagonalGaussian(torch.tensor([0.4, -0.8]).double(), torch.tensor([-1.0, -2.2]).double())


def noise(count: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def exact(vae, x, q) -> list[torch.Tensor]:
    """The gradient by autograd through the bound with 20 x 20 Gauss-Hermite nodes."""
    mean, logvar = (part.clone()[None].requires_grad_() for part in (q.mean, q.logvar))
    value = bound(vae, x[None], DiagonalGaussian(mean, logvar), gauss_hermite(2, 20)).value
    return [g[0] for g in torch.autograd.grad(value.sum(), (mean, logvar))]


@pytest.mark.parametrize("name", ["reparameterised A", "reparameterised B", "sticking the landing"])
def test_each_sample_is_what_autograd_says(network, x, name):
    eps = noise(5)
    mine = gradients(network, x, Q, eps)[name]
    for k, one in enumerate(eps):
        mean, logvar = (part.clone().requires_grad_() for part in (Q.mean, Q.logvar))
        q = DiagonalGaussian(mean, logvar)
        z = mean + q.stddev * one
        value = network.observed(z).log_prob(x).sum(-1)
        if name == "reparameterised B":
            value = value - 0.5 * (mean.square() + logvar.exp() - 1 - logvar).sum()
        else:
            held = q if name == "reparameterised A" else DiagonalGaussian(mean.detach(), logvar.detach())
            value = value + log_standard_normal(z) - held.log_prob(z).sum()
        expected = torch.autograd.grad(value, (mean, logvar))
        assert torch.allclose(mine.mean[k], expected[0], atol=1e-9)
        assert torch.allclose(mine.logvar[k], expected[1], atol=1e-9)


def test_each_score_sample_is_f_times_the_gradient_of_log_q(network, x):
    eps = noise(4)
    found = gradients(network, x, Q, eps)
    z = Q.mean + Q.stddev * eps
    f = network.observed(z).log_prob(x).sum(-1) + log_standard_normal(z) - Q.log_prob(z).sum(-1)
    for k in range(4):
        mean, logvar = (part.clone().requires_grad_() for part in (Q.mean, Q.logvar))
        score = torch.autograd.grad(DiagonalGaussian(mean, logvar).log_prob(z[k]).sum(), (mean, logvar))
        others = torch.cat([f[:k], f[k + 1 :]]).mean()
        for name, weight in (("score function", f[k]), ("with baseline", f[k] - others)):
            assert torch.allclose(found[name].mean[k], weight * score[0], atol=1e-9)
            assert torch.allclose(found[name].logvar[k], weight * score[1], atol=1e-9)


@pytest.mark.parametrize("name", UNBIASED)
def test_the_mean_is_the_exact_gradient_within_its_error(network, x, name):
    found = gradients(network, x, Q, noise(40_000))[name]
    for part, truth in zip(found, exact(network, x, Q), strict=True):
        error = part.std(0) / len(part) ** 0.5
        assert ((part.mean(0) - truth).abs() < 4.5 * error + 1e-6).all()


def test_detaching_z_leaves_the_kl_only_and_is_wrong(network, x):
    found = gradients(network, x, Q, noise(20))[BIASED]
    assert found.variance < 1e-20
    mean = Q.mean.clone().requires_grad_()
    kl = torch.distributions.kl_divergence(torch.distributions.Normal(mean, Q.stddev), torch.distributions.Normal(0, 1))
    assert torch.allclose(found.mean[0], -torch.autograd.grad(kl.sum(), mean)[0])
    assert (found.mean[0] - exact(network, x, Q)[0]).abs().max() > 0.1


def test_at_the_posterior_sticking_the_landing_and_the_value_of_a_have_no_variance():
    model = LinearGaussian(ORTHOGONAL, torch.zeros(4, dtype=torch.float64), 0.25)
    assert abs(model.gap) < 1e-12
    posterior = model.best_diagonal(X[None])
    q = DiagonalGaussian(posterior.mean[0], posterior.logvar[0])
    found = gradients(model.vae(), X, q, noise(500))
    assert found["sticking the landing"].variance < 1e-18
    assert found["reparameterised A"].variance > 0.1, "the control: A keeps the noise of the score"
    assert found["score function"].variance > found["with baseline"].variance > 0.0
    estimate = values(model.vae(), X, q, noise(500))
    assert torch.allclose(estimate.a, model.log_px(X[None]).expand(500), atol=1e-9)
    assert estimate.b.var() > 0.5, "B does keep it"


def test_values_average_to_the_bound(network, x):
    estimate = values(network, x, Q, noise(40_000))
    q = DiagonalGaussian(Q.mean[None], Q.logvar[None])
    truth = bound(network, x[None], q, gauss_hermite(2, 20)).value.item()
    for part in estimate:
        assert abs(part.mean().item() - truth) < 4 * part.std().item() / 200


def test_more_samples_divide_the_variance(network, x):
    found = gradients(network, x, Q, noise(20_000))["reparameterised B"]
    ten = found.averaged(10)
    assert ten.mean.shape == (2000, 2)
    assert 9 < found.variance / ten.variance < 11.2


def test_a_baseline_needs_another_sample(network, x):
    with pytest.raises(ValueError, match="at least 2"):
        gradients(network, x, Q, noise(1))
    with pytest.raises(ValueError, match="There are 3 samples"):
        Gradient(noise(3), noise(3)).averaged(4)
