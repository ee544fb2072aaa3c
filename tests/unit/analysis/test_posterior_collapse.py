"""Eigenvalues against brute force and PCA, losses against losses written out."""

import math

import numpy as np
import pytest
import torch

from vae_core.analysis.posterior_collapse import Loss, correlation, effective_beta, mnist, predicted_active, spectrum
from vae_core.model.linear_gaussian import pca

RNG = np.random.default_rng(0)


def grey_images(count: int = 300, pixels: int = 12) -> np.ndarray:
    """Two hidden strokes light some of the pixels together; the last pixel is never on."""
    hidden = RNG.random((count, 2))
    mixing = RNG.random((2, pixels))
    images = np.clip(200 * hidden @ mixing + 30 * RNG.random((count, pixels)), 0, 255).astype(np.uint8)
    images[:, -1] = 0
    return images


def test_the_correlation_is_that_of_pixels_drawn_many_times():
    images = grey_images(200, 6)
    many = np.concatenate([np.random.default_rng(s).random(images.shape) < images / 255 for s in range(400)])
    np.testing.assert_allclose(correlation(images), np.corrcoef(many[:, :-1].T), atol=0.02)


def test_its_diagonal_is_one_and_a_pixel_that_never_changes_is_left_out():
    matrix = correlation(grey_images())
    assert matrix.shape == (11, 11)
    np.testing.assert_allclose(matrix.diagonal(), 1)


def test_the_spectrum_is_that_of_both_matrices():
    images = grey_images()
    s = spectrum(images, "abc", most=4)
    np.testing.assert_allclose(s.correlation[:11], np.linalg.eigvalsh(correlation(images))[::-1], rtol=1e-5)
    np.testing.assert_allclose(s.covariance, pca(torch.from_numpy(images / 255)).eigenvalues[:4], rtol=1e-4)
    assert s.variance == pytest.approx((images / 255).var(0).sum(), rel=1e-4)
    assert (s.pixels, s.images, s.fingerprint) == (12, 300, "abc")


def test_a_direction_lives_while_its_eigenvalue_is_above_beta():
    assert [predicted_active([5, 3, 1], beta, 2) for beta in (0, 2, 3, 4, 6)] == [2, 2, 1, 1, 0]


def test_the_bundled_spectrum_belongs_to_mnist():
    s = mnist()
    assert (s.pixels, s.images) == (784, 55_000)
    assert s.correlation == sorted(s.correlation, reverse=True)
    assert s.covariance[0] == pytest.approx(5.12, abs=0.05)
    assert s.variance == pytest.approx(52.7, abs=0.3)


@pytest.mark.parametrize("over_pixels", ["sum", "mean"])
@pytest.mark.parametrize("over_dims", ["sum", "mean"])
@pytest.mark.parametrize("error", ["bce", "mse"])
def test_a_loss_as_written_is_the_bound_with_the_effective_beta(error, over_pixels, over_dims):
    """The two differ by a factor and a constant for any two networks' outputs, so they have the same optimum."""
    weight, X, D, c = 0.3, 20, 4, 0.5
    rng = torch.Generator().manual_seed(0)
    written, bound = [], []
    x = (torch.rand(X, generator=rng) < 0.5).double()
    beta = effective_beta(Loss(error, over_pixels, over_dims, weight), X, D, c)
    for _ in range(5):
        p, kl = torch.rand(X, generator=rng).double(), torch.rand(D, generator=rng).double()
        if error == "bce":
            per_pixel = -(x * p.log() + (1 - x) * (1 - p).log())
            log_px = -per_pixel.sum()
        else:
            per_pixel = (x - p) ** 2
            log_px = torch.distributions.Normal(p, math.sqrt(c)).log_prob(x).sum()
        written.append((getattr(per_pixel, over_pixels)() + weight * getattr(kl, over_dims)()).item())
        bound.append((-log_px + beta * kl.sum()).item())
    slopes = np.diff(bound) / np.diff(written)
    np.testing.assert_allclose(slopes, slopes[0], rtol=1e-6)


def test_a_mean_squared_error_with_a_summed_kl_is_guaranteed_to_collapse_on_mnist():
    loss = Loss("mse", "mean")
    assert effective_beta(loss, 784, 2) == 784  # at c = 1/2: only beta c = 392 is fixed
    assert effective_beta(loss, 784, 2, variance=392) == 1
    assert mnist().covariance[0] < 392
