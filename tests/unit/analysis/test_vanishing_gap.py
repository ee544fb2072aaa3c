"""The gap without noise: closed forms where there are some, a plain sum over z, and Doersch's own Gaussian."""

import math

import pytest
import torch

from vae_core.analysis import vanishing_gap
from vae_core.analysis.vanishing_gap import DECODERS, kl_to_posterior, log_px, nearest
from vae_core.model.linear_gaussian import LinearGaussian

SIGMAS = torch.tensor([0.01, 0.05, 0.3, 1.0, 3.0], dtype=torch.float64)


def at(image: float) -> torch.Tensor:
    return torch.full_like(SIGMAS, image)


def test_a_straight_decoder_is_the_linear_gaussian_model_in_one_dimension():
    q = nearest(DECODERS["straight"], at(1.5), SIGMAS)
    for k, sigma in enumerate(SIGMAS.tolist()):
        model = LinearGaussian(torch.ones(1, 1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64), sigma**2)
        x = torch.tensor([[1.5]], dtype=torch.float64)
        mean, covariance = model.posterior(x)
        assert q.log_px[k].item() == pytest.approx(model.log_px(x).item(), abs=1e-10)
        assert q.mean[k].item() == pytest.approx(mean.item(), abs=1e-7)
        assert q.stddev[k].item() == pytest.approx(covariance.item() ** 0.5, abs=1e-7)
        assert q.kl[k].item() == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("name", DECODERS)
@pytest.mark.parametrize("image", [0.5, 1.5])
def test_the_kl_is_the_integral_of_the_two_densities(name, image):
    f, sigmas = DECODERS[name], SIGMAS[1:]
    q = nearest(f, at(image)[1:], sigmas)
    z = torch.linspace(-9, 9, 180_001, dtype=torch.float64)
    for k, sigma in enumerate(sigmas):
        joint = torch.distributions.Normal(f(z), sigma).log_prob(torch.tensor(image)) + torch.distributions.Normal(
            torch.zeros((), dtype=torch.float64), 1.0
        ).log_prob(z)
        evidence = torch.trapezoid(joint.exp(), z).log()
        assert q.log_px[k].item() == pytest.approx(evidence.item(), abs=1e-9)
        log_q = torch.distributions.Normal(q.mean[k], q.stddev[k]).log_prob(z)
        kl = torch.trapezoid(log_q.exp() * (log_q - joint + evidence), z)
        assert q.kl[k].item() == pytest.approx(kl.item(), abs=1e-8)


@pytest.mark.parametrize("name", DECODERS)
def test_no_gaussian_of_a_fine_grid_is_nearer(name):
    f, sigma = DECODERS[name], torch.tensor([0.2], dtype=torch.float64)
    for image in (0.5, 1.0, 2.0):
        x = torch.tensor([image], dtype=torch.float64)
        best = nearest(f, x, sigma).kl.item()
        mean, stddev = torch.meshgrid(
            torch.linspace(-2.5, 2.5, 101, dtype=torch.float64), torch.logspace(-2, 0.3, 60, dtype=torch.float64),
            indexing="ij",
        )  # fmt: skip
        shape = (x.expand_as(mean), sigma.expand_as(mean), log_px(f, x, sigma).expand_as(mean))
        assert kl_to_posterior(f, mean, stddev, *shape).min().item() >= best - 1e-9


def test_without_noise_the_gap_of_an_invertible_decoder_vanishes_as_doersch_shows():
    """His q = N(g(x), (g'(x) sigma)^2), g the inverse of f: its KL falls to 0, and the nearest Gaussian's is below."""
    f, code = DECODERS["bent"], torch.tensor([0.6], dtype=torch.float64)
    x, slope = f(code), 1 + 0.9 * (2 * code).cos()
    gaps = []
    for sigma in (0.1, 0.03, 0.01):
        noise = torch.tensor([sigma], dtype=torch.float64)
        theirs = kl_to_posterior(f, code, noise / slope, x, noise, log_px(f, x, noise)).item()
        gaps.append(nearest(f, x, noise).kl.item())
        assert gaps[-1] <= theirs
    assert theirs < 0.01
    assert gaps[0] > 5 * gaps[1] > 25 * gaps[2]
    assert gaps[2] < 1e-3


def test_two_codes_for_one_image_cost_ln_2():
    q = nearest(DECODERS["folded"], at(1.0)[:2], SIGMAS[:2])
    assert q.kl[0].item() == pytest.approx(math.log(2), abs=1e-4)
    assert q.mean[0].item() == pytest.approx(1.0, abs=1e-3), "of two equally near ones the larger code"


def test_more_places_to_begin_find_nothing_nearer(monkeypatch):
    sigmas = torch.logspace(-2, 0.5, 12, dtype=torch.float64)
    for f in DECODERS.values():
        for image in (0.5, 1.5, 2.0):
            found = nearest(f, torch.full_like(sigmas, image), sigmas).kl
            with monkeypatch.context() as more:
                more.setattr(vanishing_gap, "STARTS", tuple(torch.linspace(3, -3, 21).tolist()))
                again = nearest(f, torch.full_like(sigmas, image), sigmas).kl
            torch.testing.assert_close(found, again, atol=1e-8, rtol=0)
