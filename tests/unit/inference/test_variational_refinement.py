"""Climbing to the best q: against the linear-Gaussian optimum in closed form, and on a small network."""

import pytest
import torch

from vae_core.inference.bound_decomposition import per_pixel
from vae_core.inference.expectations import drawn, gauss_hermite, lattice
from vae_core.inference.latent_grid import LatentGrid
from vae_core.inference.variational_refinement import best, bound, refine
from vae_core.model.gaussians import DiagonalGaussian
from vae_core.model.linear_gaussian import LinearGaussian
from vae_core.model.vae import VAE, build
from vae_core.settings import ModelSettings

# The model and the images TV1 of assets/math.md#test-vectors.
W = torch.tensor([[1, 0.5], [-0.5, 1], [2, 0.5], [0, -1]], dtype=torch.float64)
LINEAR = LinearGaussian(W, torch.tensor([0.1, -0.2, 0, 0.3], dtype=torch.float64), 0.25)
X = torch.tensor([[1, 0, 2, -1], [0, 0, 0, 0], [-0.5, 1.5, -1, 0.5]], dtype=torch.float64)
GAP = 0.03420136344220026


@pytest.fixture(scope="module")
def network():
    """A decoder with some bends, whose posteriors are no Gaussians."""
    vae = build(ModelSettings(encoder=(8,), decoder=(16, 24)), (4, 4), torch.Generator().manual_seed(3)).double()
    with torch.no_grad():
        for weights in vae.decoder.parameters():
            weights.mul_(4)
    return vae.requires_grad_(False)


@pytest.fixture(scope="module")
def images(network):
    z = torch.randn(6, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return (network.mean(z) > 0.5).double()


def somewhere(count: int, seed: int = 0) -> DiagonalGaussian:
    mean, logvar = torch.randn(2, count, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return DiagonalGaussian(mean, logvar - 1)


@pytest.mark.parametrize("nodes", [2, 7])
def test_the_rule_is_exact_for_polynomials(nodes):
    noise, weight = gauss_hermite(2, nodes)
    u, v = noise[:, 0].unbind(-1)
    w = weight[:, 0]
    moments = [w.sum(), w @ u, w @ u**2, w @ (u * v), w @ (u**2 * v**2)]
    assert torch.allclose(torch.stack(moments), torch.tensor([1, 0, 1, 0, 1.0]).double(), atol=1e-4)  # pruned nodes


def test_the_bound_of_any_q_agrees_with_the_closed_form():
    q = somewhere(3)
    mine = bound(LINEAR.vae(), X, q, gauss_hermite(2, 3))
    assert torch.allclose(mine.value, LINEAR.elbo(q, X), atol=1e-10)
    assert torch.allclose(mine.reconstruction, LINEAR.reconstruction(q, X), atol=1e-10)


@pytest.mark.parametrize("seed", range(4))
def test_from_anywhere_the_climb_ends_at_the_best_diagonal(seed):
    path = refine(LINEAR.vae(), X, somewhere(3, seed), gauss_hermite(2, 3), steps=80)
    closed = LINEAR.best_diagonal(X)
    assert torch.allclose(path.at(-1).mean, closed.mean, atol=1e-5)
    assert torch.allclose(path.at(-1).logvar, closed.logvar, atol=1e-5)
    assert torch.allclose(LINEAR.log_px(X) - path.elbo[-1], torch.tensor(GAP, dtype=torch.float64), atol=1e-8)


def test_no_step_lowers_the_bound_and_every_step_is_kept(network, images):
    path = refine(network, images, somewhere(6), gauss_hermite(2, 7), steps=30)
    assert path.mean.shape == (31, 6, 2)
    assert path.elbo.shape == (31, 6)
    assert torch.equal(path.mean[0], somewhere(6).mean)
    assert (path.elbo.diff(dim=0) >= 0).all()
    assert (path.elbo[-1] - path.elbo[0] > 0.5).all(), "the control: there was something to gain"


def test_not_even_long_strides_lower_the_bound(network, images):
    path = refine(network, images, somewhere(6), gauss_hermite(2, 7), steps=40, rate=6.0)
    assert (path.elbo.diff(dim=0) >= 0).all()
    assert (path.elbo.diff(dim=0) == 0).any(), "the control: some strides were too long"
    patient = refine(network, images, somewhere(6), gauss_hermite(2, 7), steps=80)
    assert (path.elbo[-1] - patient.elbo[-1]).abs().max() < 0.5


def test_the_gap_stays_positive_and_elbo_plus_gap_never_moves(network, images):
    grid, rule = LatentGrid(network), gauss_hermite(2, 7)
    path = refine(network, images, somewhere(6), rule)
    log_px, certificate = grid.evidence(images)
    assert certificate.change.max() < 1e-3
    for step in (0, 1, 5, -1):
        q = path.at(step)
        gap = grid.kl_from(q, images, log_px)
        assert (gap > -1e-6).all()
        assert torch.allclose(gap, grid.kl_from(q, images), atol=1e-9)
        assert (bound(network, images, q, lattice(2, 0.125)).value + gap - log_px).abs().max() < 2e-3
    fine = bound(network, images, path.at(-1), lattice(2, 0.125)).value
    assert (path.elbo[-1] - fine).abs().max() < 2e-2, "seven nodes are enough to climb"


def test_an_image_climbs_the_same_way_whoever_else_does(network, images):
    together = refine(network, images, somewhere(6), gauss_hermite(2, 5), steps=10)
    alone = refine(
        network, images[2:3], DiagonalGaussian(*(p[2:3] for p in (somewhere(6).mean, somewhere(6).logvar))),
        gauss_hermite(2, 5), steps=10,
    )  # fmt: skip
    assert torch.allclose(together.mean[:, 2:3], alone.mean, atol=1e-9)


def test_pixels_sum_to_the_bound_of_the_closed_form_and_bends_are_followed(network, images):
    q = somewhere(3)
    one = DiagonalGaussian(q.mean[1:2], q.logvar[1:2])
    pixels, error = per_pixel(LINEAR.vae(), one, X[1:2])
    assert pixels.shape == (4,)
    assert pixels.sum().item() == pytest.approx(LINEAR.reconstruction(q, X)[1].item(), abs=1e-6)
    assert error < 1e-4
    wide = DiagonalGaussian(torch.zeros(1, 2).double(), torch.full((1, 2), 1.5).double())
    fine, coarse = (
        bound(network, images[:1], wide, rule).reconstruction for rule in (lattice(2, 0.03), gauss_hermite(2, 7))
    )
    pixels, error = per_pixel(network, wide, images[:1])
    assert abs(pixels.sum() - fine) < min(1e-3, error + 1e-6)
    assert abs(coarse - fine) > 1e-2, "the control"


class TwoHills(torch.nn.Module):
    """Logits that depend on |z_1|: both signs of it draw the same image, one of them with fainter ink."""

    def forward(self, z):
        faint = torch.where(z[..., :1] > 0, 3.0, 4.0)
        return faint * torch.tanh(4 * (z[..., :1].abs() - 1.5)).expand(*z.shape[:-1], 9)


def test_the_best_of_several_climbs_finds_the_higher_hill():
    vae = VAE(torch.nn.Linear(9, 4), TwoHills(), bernoulli_of(), latent_dim=2)
    x = torch.ones(1, 9)
    low, high = (DiagonalGaussian(torch.tensor([[m, 0.0]]), torch.full((1, 2), -2.0)) for m in (2.0, -2.0))
    rule = gauss_hermite(2, 7)
    stuck = refine(vae, x, low, rule).at(-1)
    assert stuck.mean[0, 0] > 1
    found = best(vae, x, [low, high], rule)
    assert found.mean[0, 0] < -1
    assert bound(vae, x, found, rule).value > bound(vae, x, stuck, rule).value


def bernoulli_of():
    from vae_core.model.likelihoods import bernoulli

    return bernoulli


def test_twenty_dimensions_climb_on_drawn_noise():
    rng = torch.Generator().manual_seed(0)
    vae = build(ModelSettings(latent_dim=20, encoder=(8,), decoder=(16,)), (4, 4), rng).requires_grad_(False)
    x = torch.bernoulli(torch.full((2, 16), 0.5), generator=rng)
    noise = torch.randn(32, 1, 20, generator=rng)
    q = DiagonalGaussian(torch.ones(2, 20), torch.zeros(2, 20))
    path = refine(vae, x, q, drawn(torch.cat([noise, -noise])))
    assert (path.elbo[-1] > path.elbo[0] + 5).all()


def test_a_wild_start_comes_home(network, images):
    wild = DiagonalGaussian(torch.full((6, 2), 30.0).double(), torch.tensor([[8.0, -15.0]]).double().expand(6, 2))
    path = refine(network, images, wild, gauss_hermite(2, 7), steps=150)
    assert path.elbo.isfinite().all()
    assert (path.elbo[-1] > path.elbo[0] + 100).all()
