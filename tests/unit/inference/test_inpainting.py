"""Inpainting against the linear-Gaussian model, where p(z|x_visible) and p(x_hidden|x_visible) have closed forms."""

import math

import pytest
import torch
from torch.distributions import MultivariateNormal

from vae_core.data.datasets import Dataset
from vae_core.inference.inpainting import inpaint, log_hidden, visible
from vae_core.inference.latent_grid import LatentGrid
from vae_core.model.likelihoods import bernoulli, gaussian
from vae_core.model.linear_gaussian import LinearGaussian
from vae_core.model.vae import VAE
from vae_core.runs.store import find

f64 = torch.float64
X = 12


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def linear(dims: int, c: float = 0.25) -> LinearGaussian:
    return LinearGaussian(
        torch.randn(X, dims, generator=rng(dims), dtype=f64), torch.randn(X, generator=rng(9), dtype=f64), c
    )


def drawn(model: LinearGaussian, count: int) -> torch.Tensor:
    z = torch.randn(count, model.W.shape[1], generator=rng(1), dtype=f64)
    return z @ model.W.mT + model.b + math.sqrt(model.c) * torch.randn(count, X, generator=rng(2), dtype=f64)


def seen(count: int = 5) -> torch.Tensor:
    return torch.randperm(X, generator=rng(3)) < count


def conditional(model: LinearGaussian, x: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """log p(x_hidden|x_visible) of images (B, X), and the mean of all pixels given the visible ones, by the joint."""
    C = model.W @ model.W.mT + model.c * torch.eye(X, dtype=f64)
    V, H = mask, ~mask
    gain = torch.linalg.solve(C[V][:, V], C[V][:, H]).mT
    mean = model.b[H] + (x[:, V] - model.b[V]) @ gain.mT
    log_p = MultivariateNormal(mean, C[H][:, H] - gain @ C[V][:, H]).log_prob(x[:, H])
    part = LinearGaussian(model.W[V], model.b[V], model.c)
    return log_p, part.posterior(x[:, V])[0] @ model.W.mT + model.b


@pytest.mark.parametrize("dims", [1, 2])
def test_on_the_grid_the_filled_image_and_its_density_are_the_closed_form(dims):
    model, mask = linear(dims), seen()
    x = drawn(model, 6)
    log_p, mean = conditional(model, x, mask)
    torch.testing.assert_close(log_hidden(model.vae(), x, mask, rng()), log_p, atol=1e-3, rtol=0)
    for image, expected in zip(x, mean, strict=True):
        torch.testing.assert_close(inpaint(model.vae(), image, mask, 1, rng()).mean, expected, atol=1e-3, rtol=0)


@pytest.mark.parametrize("dims", [2, 5])
def test_the_draws_have_the_posterior_s_mean_and_covariance(dims):
    model, mask = linear(dims), seen(8)
    x = drawn(model, 1)[0]
    z = inpaint(model.vae(), x, mask, 20_000, rng()).z
    mean, covariance = LinearGaussian(model.W[mask], model.b[mask], model.c).posterior(x[mask][None])
    spread = covariance.diagonal().sqrt()
    assert ((z.mean(0) - mean[0]).abs() < 0.08 * spread).all()
    torch.testing.assert_close(z.mT.cov(), covariance, atol=0.08 * spread.max().item() ** 2, rtol=0.05)


def test_above_two_dimensions_density_mean_and_evidence_are_close_to_the_closed_form():
    model, mask = linear(5), seen(8)
    x = drawn(model, 4)
    log_p, mean = conditional(model, x, mask)
    torch.testing.assert_close(log_hidden(model.vae(), x, mask, rng()), log_p, atol=0.1, rtol=0)
    part = LinearGaussian(model.W[mask], model.b[mask], model.c)
    for image, expected in zip(x, mean, strict=True):
        filled = inpaint(model.vae(), image, mask, 1, rng())
        torch.testing.assert_close(filled.mean, expected, atol=0.05, rtol=0)
        assert filled.log_visible == pytest.approx(part.log_px(image[mask][None]).item(), abs=0.05)
        assert filled.effective_samples > 1000


def two_faced(dims: int) -> VAE:
    """One pixel is bright for z1 > 0, the others do not know: what is hidden is the sign."""

    def decoder(z):
        return torch.stack([6 * z[..., 0], 6 * z[..., 0].abs() - 6, 6 * z[..., 0].abs() - 6], -1)

    return VAE(lambda x: torch.zeros(*x.shape[:-1], 2 * dims, dtype=x.dtype), decoder, bernoulli, latent_dim=dims)


@pytest.mark.parametrize("dims", [2, 4])
def test_both_ways_to_complete_an_image_are_drawn_equally_often(dims):
    filled = inpaint(two_faced(dims), torch.tensor([0.0, 1, 1]), torch.tensor([False, True, True]), 2000, rng())
    assert (filled.z[:, 0] > 0).float().mean().item() == pytest.approx(0.5, abs=0.06)
    assert filled.mean[0].item() == pytest.approx(0.5, abs=0.05)


def test_hidden_pixels_are_not_looked_at():
    model, mask = linear(2), seen()
    x = drawn(model, 1)[0]
    other = torch.where(mask, x, 100.0)
    assert torch.equal(inpaint(model.vae(), x, mask, 5, rng()).z, inpaint(model.vae(), other, mask, 5, rng()).z)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_all_and_nothing_may_be_visible(share):
    model = linear(2)
    x, mask = drawn(model, 1), torch.full((X,), bool(share))
    filled, hidden = inpaint(model.vae(), x[0], mask, 4, rng()), log_hidden(model.vae(), x, mask, rng())
    expected = model.b if not share else model.posterior(x)[0][0] @ model.W.mT + model.b
    torch.testing.assert_close(filled.mean, expected, atol=1e-3, rtol=0)
    torch.testing.assert_close(hidden, (1 - share) * model.log_px(x), atol=1e-3, rtol=0)


def test_the_visible_model_of_gaussian_pixels_with_their_own_variances_is_the_same_distribution():
    W = torch.randn(2 * X, 2, generator=rng(), dtype=f64)
    vae = VAE(lambda x: torch.zeros(*x.shape[:-1], 4, dtype=x.dtype), lambda z: z @ W.mT, gaussian, latent_dim=2)
    mask, z = seen(), torch.randn(7, 2, generator=rng(1), dtype=f64)
    p, part = vae.observed(z), visible(vae, mask).observed(z)
    torch.testing.assert_close(part.mean, p.mean[:, mask])
    torch.testing.assert_close(part.stddev, p.stddev[:, mask])


def test_a_convolutional_model_has_a_visible_part_too():
    from vae_core.model.vae import build
    from vae_core.settings import RunSettings

    settings = RunSettings().with_fields(network="conv", encoder=(2, 4), decoder=(4, 2), latent_dim=3)
    vae = build(settings.model, (8, 8), rng()).eval().requires_grad_(False)
    x, mask = (torch.rand(64, generator=rng()) < 0.5).float(), torch.arange(64) < 32
    filled = inpaint(vae, x, mask, 5, rng())
    assert filled.z.shape == (5, 3)
    assert filled.mean.isfinite().all()


def gain(vae: VAE, data: Dataset, count: int) -> tuple[float, float]:
    """Mean log-likelihood of the lower half: under the posterior predictive, and at the encoder's code of the half."""
    x = data.observed("test", range(count))
    mask = torch.arange(x.shape[1]) < x.shape[1] // 2
    at_code = vae.observed(vae.code(x * mask)).log_prob(x)[:, ~mask].sum(-1)
    return log_hidden(vae, x, mask, rng()).mean().item(), at_code.mean().item()


@pytest.mark.long
def test_from_the_top_half_of_200_digits_the_posterior_predicts_the_rest_better_than_the_encoder(mnist, capsys):
    predictive, at_code = gain(find("mnist-beta-1").load().vae, mnist, 200)
    with capsys.disabled():
        print(
            f"\n lower halves of 200 digits: posterior predictive {predictive:.1f}, encoder's code {at_code:.1f} nats"
        )
    assert predictive > at_code + 10


def test_a_model_trained_on_strokes_predicts_the_rest_better_too(digits):
    from vae_core.settings import RunSettings
    from vae_core.training.train import train

    settings = RunSettings().with_fields(name="strokes", encoder=(64,), decoder=(64,), steps=400, validation=0)
    *_, last = train(settings, digits)
    predictive, at_code = gain(last.vae, digits, 100)
    assert predictive > at_code


def test_the_filled_posterior_s_picture_is_the_grid_s():
    model, mask = linear(2), seen()
    x = drawn(model, 1)[:, mask]
    picture = LatentGrid(visible(model.vae(), mask)).posterior(x, 40, 5.0)
    assert picture.sum().item() == pytest.approx(1, abs=1e-3)
