import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.distributions import Laplace, Normal
from torch.utils.flop_counter import FlopCounterMode

from tests.unit.linear_examples import EXACT, TV1, TV3, W1, B, X, f64
from vae_core.analysis.latent_paths import linear_grid
from vae_core.inference.bound_decomposition import tightness
from vae_core.inference.expectations import PIXELS_AT_ONCE
from vae_core.inference.importance_sampling import importance
from vae_core.inference.latent_grid import LatentGrid, operations, summable
from vae_core.model.gaussians import DiagonalGaussian, kl_full, kl_standard_normal
from vae_core.model.likelihoods import bernoulli, fixed_gaussian, gaussian
from vae_core.model.linear_gaussian import LinearGaussian
from vae_core.model.vae import VAE, build
from vae_core.settings import RunSettings, preset

ROOT = Path(__file__).parents[3]


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def lost(x: torch.Tensor) -> torch.Tensor:
    """An encoder that answers N(0, e^-4) to anything, of two latent dimensions."""
    return torch.tensor([0.0, 0, -4, -4], dtype=x.dtype).expand(*x.shape[:-1], 4)


def nonlinear(width: float, likelihood=bernoulli, dims: int = 2, act=torch.nn.functional.silu, pixels: int = 60) -> VAE:
    """A random decoder whose posteriors narrow as `width` grows, with an encoder that knows nothing."""
    outs = pixels * (2 if likelihood is gaussian else 1)
    a, b, c = (torch.randn(n, m, generator=rng(n), dtype=f64) for n, m in ((24, dims), (24, 24), (outs, 24)))
    shift = torch.randn(24, generator=rng(5), dtype=f64)

    def decoder(z):
        return width * act(act(z @ a.mT.to(z) + shift.to(z)) @ b.mT.to(z) / 5) @ c.mT.to(z)

    encoder = lost if dims == 2 else lambda x: lost(x)[..., 1:3]
    return VAE(encoder, decoder, likelihood, latent_dim=dims)


def drawn(vae: VAE, codes: torch.Tensor) -> torch.Tensor:
    p = vae.observed(codes)
    if isinstance(p, Normal):
        return p.mean + p.stddev * torch.randn(p.mean.shape, generator=rng(1), dtype=codes.dtype)
    return torch.bernoulli(p.mean, generator=rng(1))


def brute_force(vae: VAE, x: torch.Tensor, extent: float, n: int) -> torch.Tensor:
    """log p(x) by one uniform grid of n^D midpoints, in float64, a row at a time."""
    line = ((torch.arange(n, dtype=f64) + 0.5) / n * 2 - 1) * extent
    total = torch.full((len(x),), -torch.inf, dtype=f64)
    rows = [line[:, None]] if vae.latent_dim == 1 else [torch.cartesian_prod(r, line) for r in line.split(4)]
    for z in rows:
        if vae.likelihood is bernoulli:
            logits = vae.decoder(z)
            log_px = x.double() @ logits.mT - torch.nn.functional.softplus(logits).sum(-1)
        else:
            log_px = torch.stack([vae.observed(z).log_prob(image).sum(-1) for image in x.double()])
        total = torch.logaddexp(total, (log_px + Normal(0.0, 1.0).log_prob(z).sum(-1)).logsumexp(1))
    return total + vae.latent_dim * math.log(2 * extent / n)


def local_elbo(vae: VAE, q: DiagonalGaussian, x: torch.Tensor, n: int = 64) -> torch.Tensor:
    """E_q log p(x|z) by midpoints on mean ± 8 deviations, less the closed-form KL."""
    line = ((torch.arange(n, dtype=f64) + 0.5) / n * 2 - 1) * 8
    noise = torch.cartesian_prod(line, line)[:, None]
    weight = Normal(0.0, 1.0).log_prob(noise).sum(-1).exp() * (16 / n) ** 2
    log_px = vae.observed(q.mean + q.stddev * noise).log_prob(x).sum(-1)
    return (weight * log_px).sum(0) - kl_standard_normal(q.mean, q.logvar).sum(-1)


# The oracle: linear-Gaussian models, where everything has a closed form.


@pytest.mark.parametrize("model", [TV1, TV3])
def test_the_grid_sums_to_the_closed_form_evidence(model):
    grid = LatentGrid(model.vae(), tolerance=1e-10)
    torch.testing.assert_close(grid.log_px(X), model.log_px(X), **EXACT)
    assert grid.certificate.change.max() < 1e-10
    assert grid.certificate.tail.max() < -10


def test_the_divergence_from_the_posterior_is_the_closed_form_gap():
    vae = TV1.vae()
    log_px = LatentGrid(vae, tolerance=1e-10).log_px(X)
    gap = torch.full((3,), TV1.gap, dtype=f64)
    torch.testing.assert_close(tightness(vae, vae.posterior(X), X, log_px, 1e-10).gap, gap, **EXACT)
    q = DiagonalGaussian(*torch.tensor([[0.5, -0.3], [-1.0, -2.0]], dtype=f64)[:, None].expand(2, 3, 2))
    mean, covariance = TV1.posterior(X)
    expected = kl_full(q.mean, torch.diag_embed(q.variance), mean, covariance)
    torch.testing.assert_close(tightness(vae, q, X, log_px, 1e-10).gap, expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("variance", [1e-4, 1e-2, 1.0, 100.0])
@pytest.mark.parametrize("place", [(0.3, -0.7), (7.9, 0.0), (-15.0, 12.0), (30.0, -30.0)])
def test_narrow_wide_and_far_posteriors_are_found_without_help_from_the_encoder(variance, place):
    model = LinearGaussian(W1, B, variance)
    x = (W1 @ torch.tensor(place, dtype=f64) + B)[None]
    grid = LatentGrid(VAE(lost, model.vae().decoder, fixed_gaussian(variance), latent_dim=2))
    torch.testing.assert_close(grid.log_px(x), model.log_px(x), atol=1e-5, rtol=0)


def test_a_line_is_summed_like_a_plane():
    model = LinearGaussian(W1[:, :1], B, 1e-3)
    x = torch.tensor([[0.2], [-9.0], [25.0]], dtype=f64) @ model.W.mT + B
    torch.testing.assert_close(LatentGrid(model.vae(), tolerance=1e-8).log_px(x), model.log_px(x), atol=1e-7, rtol=0)


@pytest.mark.parametrize("variance", [1e-4, 1e-3, 1.0])
def test_what_float32_costs_a_gaussian_likelihood_is_within_the_certificate(variance):
    """Weights and images are float32 numbers; what is made of them is summed without further rounding."""
    W = (torch.randn(784, 2, generator=rng(), dtype=f64) / 10).float().double()
    model = LinearGaussian(W, torch.rand(784, generator=rng(1), dtype=f64).float().double(), variance)
    x = (torch.randn(5, 2, generator=rng(2), dtype=f64) @ W.mT + model.b).float()
    x += variance**0.5 * torch.randn(x.shape, generator=rng(3))
    vae = model.vae().float()
    grid = LatentGrid(VAE(vae.encoder, vae.decoder, fixed_gaussian(variance), latent_dim=2))
    error = (grid.log_px(x) - model.log_px(x.double())).abs()
    assert (error <= 2 * grid.certificate.change + 1e-8).all()


# Nonlinear models, against a brute-force grid.


@pytest.mark.parametrize(("width", "dtype"), [(0.3, f64), (3.0, f64), (3.0, torch.float32)])
def test_the_adaptive_sum_agrees_with_a_much_finer_and_wider_grid(width, dtype):
    vae = nonlinear(width)
    x = drawn(vae, 1.5 * torch.randn(12, 2, generator=rng(7), dtype=f64))
    grid = LatentGrid(vae)
    torch.testing.assert_close(grid.log_px(x.to(dtype)), brute_force(vae, x, 10, 1000), atol=1e-4, rtol=0)
    assert grid.certificate.change.max() < 1e-3


def test_a_learned_variance_and_an_unknown_likelihood_are_summed_too():
    for likelihood in (gaussian, lambda mean: Laplace(mean, 0.5)):
        vae = nonlinear(1.0, likelihood, dims=1)
        x = drawn(vae, torch.randn(4, 1, generator=rng(), dtype=f64)) if likelihood is gaussian else X[:, [0] * 60]
        log_px = LatentGrid(vae, tolerance=1e-5).log_px(x)
        torch.testing.assert_close(log_px, brute_force(vae, x, 10, 50_000), atol=1e-4, rtol=0)


def test_every_one_of_four_mirrored_modes_is_counted():
    def decoder(z):
        return torch.cat([z.square() * 12, z.square().sum(-1, keepdim=True)], -1)

    def one_sided(x):
        return torch.tensor([1.2, 0.8, -8, -8], dtype=x.dtype).expand(*x.shape[:-1], 4)

    vae = VAE(one_sided, decoder, fixed_gaussian(0.02), latent_dim=2)
    x = decoder(torch.tensor([[1.2, 0.8]], dtype=f64))
    log_px = LatentGrid(vae).log_px(x)
    torch.testing.assert_close(log_px, brute_force(vae, x, 4, 4000), atol=1e-5, rtol=0)
    alone = importance(vae, x, 4000, rng(), proposal="posterior").log_px
    assert (log_px - alone).item() == pytest.approx(math.log(4), abs=0.05)  # the encoder knows one mode of four


def test_a_fixed_grid_of_400_by_400_fails_where_the_adaptive_one_does_not():
    model = LinearGaussian(W1, B, 1.6e-4)  # posterior deviations of .005 and .008
    x = torch.randn(20, 2, generator=rng(), dtype=f64) @ W1.mT + B
    naive = brute_force(model.vae().requires_grad_(False), x, 6, 400)
    assert (naive - model.log_px(x)).abs().max() > 0.3
    torch.testing.assert_close(LatentGrid(model.vae()).log_px(x), model.log_px(x), atol=1e-5, rtol=0)


def test_a_kinked_decoder_converges_slowly_and_its_certificate_says_how_well():
    vae = nonlinear(3.0, act=torch.relu)
    x = drawn(vae, torch.randn(4, 2, generator=rng(7), dtype=f64))
    truth = LatentGrid(vae, tolerance=1e-5).log_px(x)
    for tolerance in (1e-1, 1e-2, 1e-3):
        grid = LatentGrid(vae, tolerance=tolerance)
        assert ((grid.log_px(x) - truth).abs() < grid.certificate.change + 1e-5).all()


def test_the_gap_between_evidence_and_elbo_is_the_divergence_from_the_posterior():
    vae = nonlinear(6.0)
    x = drawn(vae, 1.5 * torch.randn(6, 2, generator=rng(8), dtype=f64))
    centre = 1.5 * torch.randn(6, 2, generator=rng(8), dtype=f64)
    spread = torch.tensor([[0.01, 0.05]] * 3 + [[0.3, 0.02]] * 3, dtype=f64)
    q = DiagonalGaussian(centre, 2 * spread.log())
    log_px = LatentGrid(vae).log_px(x)
    bound = local_elbo(vae, q, x, 120)
    kl = tightness(
        vae, q, x, LatentGrid(vae, extent=7.3).log_px(x)
    ).gap  # its own evidence, summed with another spacing
    torch.testing.assert_close(log_px - bound, kl, atol=1e-3, rtol=0)
    assert (kl > 0).all()


# What the certificate and the edges say.


def test_a_box_that_is_too_small_is_told_by_its_tail():
    x = (W1 @ torch.tensor([5.0, 0.0], dtype=f64) + B)[None]
    small, grown = LatentGrid(TV1.vae(), extent=3.0), LatentGrid(TV1.vae())
    assert small.log_px(x) < TV1.log_px(x) - 1
    assert small.certificate.tail > -1
    assert small.certificate.extent == 3
    torch.testing.assert_close(grown.log_px(x), TV1.log_px(x), atol=1e-6, rtol=0)


def test_an_image_is_summed_the_same_alone_in_company_and_after_others():
    vae = nonlinear(3.0)
    x = drawn(vae, 2 * torch.randn(8, 2, generator=rng(7), dtype=f64))
    grid = LatentGrid(vae)
    together = grid.log_px(x)
    alone = torch.cat([grid.log_px(image[None]) for image in x])
    torch.testing.assert_close(alone, together, **EXACT)


def test_three_latent_dimensions_are_refused_with_a_way_out():
    with pytest.raises(
        ValueError, match="needs 2 latent dimensions, this model has 3; use importance sampling instead"
    ):
        LatentGrid(nonlinear(1.0, dims=3))


@pytest.mark.parametrize("wrong", [{"extent": 0}, {"extent": -1.0}, {"tolerance": 0}])
def test_a_box_and_a_tolerance_must_be_positive(wrong):
    with pytest.raises(ValueError, match="must be positive"):
        LatentGrid(TV1.vae(), **wrong)


# The posterior as a picture.


@pytest.mark.parametrize(("variance", "steps"), [(0.25, 50), (0.25, 400), (1e-4, 50), (1e-3, 333)])
def test_the_posterior_picture_holds_all_its_mass_at_the_right_place(variance, steps):
    model = LinearGaussian(W1, B, variance)
    picture, z = LatentGrid(model.vae()).posterior(X, steps, extent=4.0), linear_grid(steps, 4.0).double()
    assert picture.shape == (3, steps, steps)
    torch.testing.assert_close(picture.sum((1, 2)), torch.ones(3, dtype=f64), atol=1e-4, rtol=0)
    mean = (picture[..., None] * z).sum((1, 2))
    torch.testing.assert_close(mean, model.posterior(X)[0], atol=0.5 * 8 / steps, rtol=0)


def test_a_smooth_posterior_picture_is_the_density_times_the_cell():
    picture, z = LatentGrid(TV1.vae()).posterior(X, 400, extent=4.0), linear_grid(400, 4.0).double()
    mean, covariance = TV1.posterior(X)
    density = torch.distributions.MultivariateNormal(mean[:, None, None], covariance).log_prob(z.expand(3, -1, -1, -1))
    torch.testing.assert_close(picture, density.exp() * (8 / 400) ** 2, atol=1e-6, rtol=0)


def test_on_a_line_the_posterior_picture_is_a_strip():
    model = LinearGaussian(W1[:, :1], B, 0.25)
    strip = LatentGrid(model.vae()).posterior(X, 80)
    assert strip.shape == (3, 80)
    mean = (strip * (torch.arange(80) / 5 - 7.9)).sum(1)
    torch.testing.assert_close(mean, model.posterior(X)[0][:, 0], atol=1e-2, rtol=0)


# Importance sampling.


def test_with_the_posterior_itself_as_proposal_every_weight_is_the_evidence():
    found = importance(TV3.vae(), X, 7, rng(), proposal="posterior")
    torch.testing.assert_close(found.log_px, TV3.log_px(X), **EXACT)
    torch.testing.assert_close(found.log_weights, TV3.log_px(X).expand(7, 3), **EXACT)
    torch.testing.assert_close(found.effective_samples, torch.full((3,), 7.0, dtype=f64), **EXACT)


@pytest.mark.parametrize("proposal", ["mixture", "posterior", "prior"])
def test_importance_weights_average_to_the_evidence(proposal):
    found = importance(TV1.vae(), X, 20_000, rng(), proposal)
    weights = (found.log_weights - TV1.log_px(X)).exp()
    error = weights.std(0) / math.sqrt(len(weights))
    assert ((weights.mean(0) - 1).abs() < 4 * error).all()
    torch.testing.assert_close(found.log_px - TV1.log_px(X), weights.mean(0).log(), **EXACT)
    torch.testing.assert_close(found.effective_samples, weights.sum(0) ** 2 / weights.square().sum(0))


def test_one_importance_sample_of_q_is_estimator_a():
    vae, q = TV1.vae(), TV1.best_diagonal(X)
    noise = torch.randn(1, 3, 2, generator=rng(4), dtype=f64)
    z = q.mean + q.stddev * noise
    a = vae.observed(z).log_prob(X).sum(-1) + Normal(0.0, 1.0).log_prob(z).sum(-1) - q.log_prob(z).sum(-1)
    torch.testing.assert_close(importance(vae, X, 1, rng(4), proposal="posterior").log_px, a[0], **EXACT)


def test_the_mixture_survives_an_encoder_that_is_sure_of_the_wrong_place():
    model = LinearGaussian(W1 / 2, B, 1.0)
    x = (model.W @ torch.tensor([1.5, -1.5], dtype=f64) + B)[None]
    vae = VAE(lambda x: lost(x) - 6, model.vae().decoder, fixed_gaussian(1.0), latent_dim=2)
    truth = model.log_px(x)
    assert importance(vae, x, 4000, rng(), proposal="posterior").log_px < truth - 3
    torch.testing.assert_close(importance(vae, x, 4000, rng()).log_px, truth, atol=0.1, rtol=0)


def test_the_same_generator_gives_the_same_numbers_and_torch_own_is_left_alone():
    before = torch.random.get_rng_state()
    first, second = (importance(TV1.vae(), X, 10, rng(3)).log_px for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_many_samples_are_decoded_a_few_at_a_time():
    sizes = []

    def decoder(z):
        sizes.append(z[..., 0].numel() * 784)
        return z.sum(-1, keepdim=True).expand(*z.shape[:-1], 784)

    importance(VAE(lost, decoder, bernoulli, latent_dim=2), torch.ones(20, 784), 500, rng())
    assert len(sizes) > 1
    assert max(sizes) <= PIXELS_AT_ONCE


def test_wrong_requests_are_answered_with_what_is_possible():
    with pytest.raises(ValueError, match="mixture, posterior or prior, not 'q'"):
        importance(TV1.vae(), X, 5, rng(), proposal="q")
    with pytest.raises(ValueError, match="at least one sample, not 0"):
        importance(TV1.vae(), X, 0, rng())


def test_convolutions_for_pictures_in_colour_are_too_dear_to_be_summed():
    def made(settings: RunSettings, shape: tuple[int, ...], classes: int = 0) -> VAE:
        return build(settings.model, shape, rng(), classes)

    assert summable(made(preset("good", "mnist"), (28, 28)))
    assert summable(made(preset("good", "mnist").with_fields(conditional=True), (28, 28), 10))
    assert summable(made(preset("good", "frey"), (28, 20)).double())
    assert not summable(made(preset("good", "mnist").with_fields(latent_dim=3), (28, 28)))
    for side in (32, 64):
        assert not summable(made(preset("good", "own", (side, side, 3)), (side, side, 3)))


class Squared(torch.nn.Module):
    """A decoder with weights of its own beside its layers."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network, self.weight = network, torch.nn.Parameter(torch.eye(2))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.network(z @ self.weight)


@pytest.mark.parametrize("kind", ["layers", "a class", "colour", "a function", "other layers"])
def test_the_operations_of_a_decoding_are_those_that_torch_counts(kind):
    settings = preset("good", "own", (32, 32, 3)) if kind == "colour" else preset("good", "mnist")
    settings = settings.with_fields(conditional=kind == "a class")
    vae = build(settings.model, (32, 32, 3) if kind == "colour" else (28, 28), rng(), 10)
    z, decoder = torch.zeros(1, vae.latent_dim + (10 if kind == "a class" else 0)), vae.decoder
    if kind == "a function":
        decoder = lambda z: vae.decoder(z)  # noqa: E731  no module, so nothing that could be looked into
    if kind == "other layers":
        decoder = Squared(vae.decoder)
    with FlopCounterMode(display=False) as counter:
        decoder(z)
    assert operations(decoder, z) == counter.get_total_flops() > 0


def test_the_operations_of_torchs_layers_are_counted_without_what_torch_imports_to_count_them():
    code = """
import sys, torch
from vae_core.inference.latent_grid import summable
from vae_core.model.vae import build
from vae_core.settings import ModelSettings
assert summable(build(ModelSettings(), (28, 28), torch.Generator().manual_seed(0)))
print("sympy" in sys.modules)
"""
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert out.strip() == "False"
