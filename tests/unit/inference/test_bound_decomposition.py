"""The rows of many images are what closed forms, the plane's own rules and a tenfold finer sum say."""

import pytest
import torch

from tests.unit.linear_examples import TV1
from vae_core.inference.bound_decomposition import per_pixel, tightness
from vae_core.inference.expectations import interleaved
from vae_core.inference.latent_grid import LatentGrid
from vae_core.model.gaussians import DiagonalGaussian
from vae_core.model.vae import build
from vae_core.settings import ModelSettings


def rows(count: int) -> torch.Tensor:
    return torch.randn(count, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("logvar", [(-3.0, -2.4), (0.5, -1.0), (2.0, 2.0)])
def test_a_linear_model_gives_its_closed_forms(logvar):
    x = rows(7)
    q = DiagonalGaussian(rows(7)[:, :2], torch.tensor([logvar]).double().expand(7, 2))
    found = tightness(TV1.vae(), q, x, TV1.log_px(x))
    assert found.elbo.tolist() == pytest.approx(TV1.elbo(q, x).tolist(), abs=1e-5)
    assert found.reconstruction.tolist() == pytest.approx(TV1.reconstruction(q, x).tolist(), abs=1e-5)
    assert (found.elbo + found.gap).tolist() == pytest.approx(TV1.log_px(x).tolist(), abs=1e-5)


@pytest.mark.parametrize("dims", [1, 2])
def test_two_lattices_hold_the_moments_of_a_normal(dims):
    for rule in interleaved(dims, 1.0):
        z, weight = rule.noise[:, 0], rule.weight
        assert weight.sum().item() == pytest.approx(1)
        assert (weight * z).sum(0).abs().max().item() < 1e-7
        assert (weight * z**2).sum(0).tolist() == pytest.approx([1] * dims, abs=1e-6)
        assert (weight * z**4).sum(0).tolist() == pytest.approx([3] * dims, abs=1e-4)


def bent(dims: int):
    settings = ModelSettings(latent_dim=dims, encoder=(8,), decoder=(16,), activation="relu")
    vae = build(settings, (4, 5), torch.Generator().manual_seed(1)).eval().requires_grad_(False)
    for weights in vae.decoder.parameters():
        weights.mul_(4)
    return vae


@pytest.mark.parametrize(("dims", "fine"), [(1, 0.001), (2, 0.02)])
def test_a_decoder_with_kinks_is_summed_as_finely_as_it_needs(dims, fine):
    vae, rng = bent(dims), torch.Generator().manual_seed(2)
    x = torch.bernoulli(torch.full((6, 20), 0.4), generator=rng)
    q = DiagonalGaussian(torch.randn(6, dims, generator=rng), torch.randn(6, dims, generator=rng))
    log_px, _ = LatentGrid(vae).evidence(x)
    line = torch.arange(-6.5, 6.5, fine, dtype=torch.float64) + fine / 2
    noise = torch.cartesian_prod(*[line] * dims).reshape(-1, 1, dims)
    weight = (-noise.square().sum(-1) / 2).softmax(0)
    z = q.mean + q.stddev * noise
    plain = (weight * vae.observed(z.float()).log_prob(x).sum(-1).double()).sum(0)
    found = tightness(vae, q, x, log_px)
    assert found.reconstruction.tolist() == pytest.approx(plain.tolist(), abs=3e-3)
    assert (found.elbo + found.gap).tolist() == pytest.approx(log_px.tolist(), abs=3e-3)


def test_a_wide_q_over_a_bent_decoder_says_how_far_its_sum_may_be_off():
    """Of a q as wide as 60 deviations of the prior the finest rule sees too little, and its error says so."""
    vae, x = bent(2), torch.zeros(1, 20)
    q = DiagonalGaussian(torch.zeros(1, 2), torch.full((1, 2), 8.0))
    found = tightness(vae, q, x, torch.zeros(1, dtype=torch.float64))
    line = torch.arange(-6.5, 6.5, 0.03, dtype=torch.float64) + 0.015
    noise = torch.cartesian_prod(line, line)[:, None]
    weight, sums = (-noise.square().sum(-1) / 2).softmax(0), torch.zeros(1, dtype=torch.float64)
    double = bent(2).double().requires_grad_(False)
    for eps, share in zip(noise.split(20_000), weight.split(20_000), strict=True):
        z = q.mean.double() + q.stddev.double() * eps
        sums += (share * double.observed(z).log_prob(x.double()).sum(-1)).sum(0)
    off = (found.reconstruction - sums).abs().item()
    assert off > 1e-4, "the control: the rule alone is not exact here"
    assert off < 2 * found.error.item()
    pixels, error = per_pixel(vae, q, x)
    assert pixels.sum().item() == pytest.approx(found.reconstruction.item(), abs=1e-6)
    assert error == pytest.approx(found.error.item(), rel=1e-3)
