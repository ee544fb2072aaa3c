"""What the variance of a decoder does, against a linear-Gaussian model in closed form and torch.distributions."""

import math

import pytest
import torch
from torch.distributions import Normal

from vae_core.analysis import flat_pixel, variance_family
from vae_core.analysis.posterior_collapse import predicted_active
from vae_core.inference.elbo import elbo
from vae_core.model.linear_gaussian import fit, pca
from vae_core.model.vae import build
from vae_core.settings import RunSettings
from vae_core.training.train import train

GREY = RunSettings().with_fields(
    likelihood="fixed_gaussian", pixels="grey", latent_dim=3, encoder=(8,), decoder=(8,), name="strokes", validation=100
)


@pytest.mark.parametrize("c", [5.0, 0.1])
def test_the_three_parts_are_the_bound_of_the_image(c, digits):
    """constant - E/(2c) - KL against an ELBO from 4000 draws of its own, and E against the draws' squared errors."""
    vae = build(GREY.with_fields(variance=c).model, digits.shape, torch.Generator().manual_seed(1)).eval()
    x = digits.observed("test", [3], pixels="grey")
    found = variance_family.of_image(vae, x)
    noise = torch.randn(4000, 1, 3, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        direct = elbo(vae, x, noise)
        q = vae.posterior(x)
        errors = (vae.mean(q.mean + q.stddev * noise) - x).square().sum(-1).mean().item()
    parts = variance_family.constant(c, x.shape[1]) - found.expected_residual / (2 * c) - found.kl
    assert parts == pytest.approx(found.elbo, rel=1e-6)
    assert found.elbo == pytest.approx(direct.value.item(), abs=5 * found.elbo_error + 0.02)
    assert found.expected_residual == pytest.approx(errors, rel=0.02)
    assert found.residual == pytest.approx((vae.mean(q.mean) - x).square().sum().item(), rel=1e-5)


def test_the_constant_is_the_log_density_of_an_image_without_error():
    for c in (5.0, 0.02):
        flawless = Normal(0.3, math.sqrt(c)).log_prob(torch.tensor(0.3)).item() * 784
        assert variance_family.constant(c, 784) == pytest.approx(flawless, rel=1e-6)
        rec = flawless - 17.0 / (2 * c)
        assert variance_family.expected_residual(rec, c, 784) == pytest.approx(17.0, rel=1e-4)


def test_beta_and_the_variance_are_one_knob(digits):
    """Training at beta = 1 with c = 0.1 takes the same steps as beta = 0.1 with c = 1 at a learning rate ten times as
    large: the objectives differ by a factor and a constant."""
    chosen = GREY.with_fields(steps=20, batch=50, optimizer="sgd", schedule="constant", data_bias=False)
    pairs = [(1.0, 0.1, 1e-5), (variance_family.same_beta(0.1), 1.0, 1e-4)]
    ends = []
    for beta, c, rate in pairs:
        *_, progress = train(chosen.with_fields(beta=beta, variance=c, learning_rate=rate), digits)
        ends.append(torch.cat([w.flatten() for w in progress.vae.decoder.parameters()]))
    torch.testing.assert_close(*ends, rtol=1e-4, atol=1e-6)


def test_a_loss_with_a_weight_is_a_gaussian_of_that_variance():
    error, x = 17.0, 784
    for weight, pixels in ((3.0, 1), (1.0, x)):
        c = variance_family.variance_of(weight, pixels)
        assert weight * error / pixels == pytest.approx(error / (2 * c))


def test_the_linear_theory_counts_the_axes_that_the_best_model_keeps(digits):
    """Probabilistic PCA with its c keeps five of five; with a variance between the eigenvalues, those above it."""
    x = digits.observed("train", range(500), pixels="grey")
    eigenvalues = pca(x).eigenvalues.tolist()
    assert predicted_active(eigenvalues, fit(x, 5).c, 5) == 5
    between = (eigenvalues[1] + eigenvalues[2]) / 2
    assert predicted_active(eigenvalues, between, 5) == 2


# -- a pixel that never changes ----------------------------------------------------------------------------------------


def test_a_constant_pixel_has_the_density_of_a_gaussian_at_its_mean():
    for sigma in (1.0, 0.01, 1e-4):
        assert flat_pixel.log_density(sigma) == pytest.approx(
            Normal(0.2, sigma).log_prob(torch.tensor(0.2)).item(), rel=1e-5
        )
    gain = flat_pixel.log_density(1e-4) - flat_pixel.log_density(1e-3)
    assert gain == pytest.approx(math.log(10)), "each tenfold adds ln 10, without end"


def test_a_dequantised_one_has_a_best_sigma():
    width = flat_pixel.GREY_LEVEL
    u = (torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000 - 0.5
    for sigma in (0.01, 0.001):
        mean = Normal(torch.tensor(0.0).double(), sigma).log_prob(u * width).mean().item()
        assert flat_pixel.log_density(sigma, width) == pytest.approx(mean, rel=1e-6)
    best = flat_pixel.best_sigma(width)
    at = [flat_pixel.log_density(best * factor, width) for factor in (0.99, 1, 1.01)]
    assert at[1] == max(at)
