"""The preset `linear` against what it must reach: the closed form of the linear-Gaussian VAE, and PCA."""

import pytest
import torch
from torch.nn.functional import normalize

from vae_core.data.datasets import Dataset
from vae_core.model.linear_gaussian import LinearGaussian, fit, maximise_elbo, measured, pca, principal_angles
from vae_core.settings import preset
from vae_core.training.train import initial, train


@pytest.fixture(scope="module")
def small(digits):
    """800 strokes at 7x7: large enough for structure, small enough for seconds."""
    grey = torch.cat([digits.train, digits.test]).view(-1, 7, 4, 7, 4).float().mean((2, 4)).round().byte()
    return Dataset("strokes", grey.view(-1, 49), grey.view(-1, 49)[:100], None, None, (7, 7), "b" * 64)


def trained(dataset, **changes):
    settings = preset("linear", "strokes").with_fields(validation=0, **changes)
    *_, progress = train(settings, dataset)
    return progress.vae.double()


def check_vae(dataset, dims, alignment=0.999):
    """ELBO within 1e-4 of the closed-form optimum (relative), the same axes, the same noise."""
    x = dataset.train.double() / 255
    best = fit(x, dims)
    vae = trained(dataset, latent_dim=dims)
    W, b = vae.decoder[0].weight.detach(), vae.decoder[0].bias.detach()
    c = torch.tensor(vae.likelihood.variance, dtype=torch.float64)
    with torch.no_grad():
        bound = LinearGaussian(W, b, c).elbo(vae.posterior(x), x).mean()
    optimum = best.log_px(x).mean()
    assert bound <= optimum + 1e-6
    assert (optimum - bound) / optimum.abs() < 1e-4
    assert c == pytest.approx(float(best.c), rel=1e-3)
    cosines = (normalize(W, dim=0).T @ pca(x).axes[:, :dims]).abs().max(0).values
    assert (cosines > alignment).all(), "a linear VAE finds the axes, not only the plane"


def check_autoencoder(dataset, dims):
    x = dataset.train.double() / 255
    vae = trained(dataset, latent_dim=dims, stochastic=False)
    with torch.no_grad():
        residual = (x - vae.mean(vae.code(x))).square().sum(-1).mean()
    smallest = pca(x).residual(x, dims).mean()
    assert residual >= smallest - 1e-9
    assert residual / smallest - 1 < 1e-4
    assert principal_angles(vae.decoder[0].weight.detach(), pca(x).axes[:, :dims]).max() < 1, "degrees"


@pytest.mark.long
def test_a_linear_vae_reaches_the_closed_form_optimum(small):
    check_vae(small, 2)


@pytest.mark.long
def test_a_linear_autoencoder_reaches_the_residual_of_pca(small):
    check_autoencoder(small, 2)


def test_a_linear_vae_is_taken_to_the_maximum_of_its_bound_whatever_its_weights(small):
    x = small.train.double() / 255
    settings = preset("linear", "strokes").with_fields(validation=0)
    principal, best = pca(x), measured(fit(x, 2).vae(), x, pca(x))
    for seed in (0, 1):
        vae = initial(settings.with_fields(seed=seed), small)
        assert maximise_elbo(vae, principal) > 1
        found = measured(vae, x, principal)
        assert found.elbo == pytest.approx(best.elbo, rel=1e-7)
        assert max(found.turned) < 0.1, "degrees; the weights are float32"


@pytest.mark.long
def test_on_mnist_as_well(mnist):
    check_vae(mnist, 2, alignment=0.99)  # its first two eigenvalues lie close: turning the axes costs little
    check_autoencoder(mnist, 2)
