"""Hamiltonian Monte Carlo against posteriors that are known: in closed form, and as masses on a grid."""

import pytest
import torch

from tests.unit.inference.test_latent_grid import drawn, nonlinear, rng
from tests.unit.linear_examples import TV1, X, f64
from vae_core.inference import hamiltonian
from vae_core.inference.latent_grid import LatentGrid


def density(vae, x):
    return lambda z: vae.log_joint(x, z)


@pytest.fixture(scope="module")
def curved():
    """A decoder that is not linear, and eight images that it drew."""
    vae = nonlinear(2.0)
    return vae, drawn(vae, torch.randn(8, 2, generator=rng(3), dtype=f64))


def test_a_leapfrog_and_its_reverse_return(curved):
    vae, x = curved
    z, momentum = torch.randn(2, 8, 2, generator=rng(), dtype=f64)
    there = hamiltonian.leapfrog(density(vae, x), z, momentum, 0.05)
    back = hamiltonian.leapfrog(density(vae, x), there.z, -there.momentum, 0.05)
    assert (there.z - z).norm(dim=-1).min() > 0.1
    torch.testing.assert_close(back.z, z, atol=1e-10, rtol=0)
    torch.testing.assert_close(-back.momentum, momentum, atol=1e-10, rtol=0)
    torch.testing.assert_close(back.after, there.before, atol=1e-8, rtol=0)


def test_half_the_step_size_keeps_the_energy_four_times_as_well(curved):
    vae, x = curved
    z, momentum = torch.randn(2, 8, 2, generator=rng(), dtype=f64)

    def gained(step_size, steps):
        o = hamiltonian.leapfrog(density(vae, x), z, momentum, step_size, steps)
        return (o.momentum.square() - momentum.square()).sum(-1) / 2 - o.after + o.before

    assert (gained(0.01, 10) / gained(0.005, 20)).median().item() == pytest.approx(4, rel=0.1)


def test_the_moments_are_those_of_the_exact_posterior():
    """Two thousand chains for one image of a linear-Gaussian model, each from a draw of the prior."""
    x, vae = X[:1].expand(2000, -1), TV1.vae()
    start = torch.randn(2000, 2, generator=rng(), dtype=f64)
    draws = hamiltonian.sample(density(vae, x), start, 10, rng(1), burn_in=30)
    mean, covariance = TV1.posterior(X[:1])
    each = draws.z.mean(0)  # (2000, D): chains are independent of each other
    error = each.std(0) / 2000**0.5
    assert ((each.mean(0) - mean[0]).abs() < 4 * error).all()
    off = draws.z[-1] - mean
    squares = torch.einsum("bi,bj->bij", off, off)
    assert ((squares.mean(0) - covariance).abs() < 4 * squares.std(0) / 2000**0.5).all()


def test_the_moments_are_those_of_the_posterior_on_a_grid(curved):
    vae, x = curved
    grid = LatentGrid(vae)
    chains = 150
    for image in x[:2]:
        cells = grid.masses(image)
        mean = cells.mass @ cells.z
        start = cells.z[cells.mass.argmax()].expand(chains, 2)
        draws = hamiltonian.sample(density(vae, image.expand(chains, -1)), start, 12, rng(2), burn_in=30)
        each = draws.z.mean(0)
        assert ((each.mean(0) - mean).abs() < 4 * each.std(0) / chains**0.5).all()
        spread = (draws.z - mean).square().mean(0)
        exact = cells.mass @ (cells.z - mean).square()
        assert ((spread.mean(0) - exact).abs() < 4 * spread.std(0) / chains**0.5).all()


@pytest.mark.parametrize("first", [0.01, 1.5])
def test_the_step_size_finds_nine_acceptances_in_ten(curved, first):
    vae, x = curved
    x = x.repeat(10, 1)
    start = torch.randn(len(x), 2, generator=rng(), dtype=f64)
    draws = hamiltonian.sample(density(vae, x), start, 20, rng(1), burn_in=80, step_size=first)
    assert 0.85 < draws.acceptance < 0.95


def test_a_step_that_is_far_too_large_is_halved_and_that_is_said(curved):
    vae, x = curved
    start = torch.zeros(8, 2, dtype=f64)
    draws = hamiltonian.sample(density(vae, x), start, 5, rng(), burn_in=60, step_size=1e4)
    assert draws.step_size < 10
    assert draws.z.isfinite().all()
    assert draws.remark == f"Orbits diverged, so the step size was halved {draws.halved} times."
    assert hamiltonian.sample(density(vae, x), start, 5, rng(), burn_in=5, step_size=0.01).remark == ""


def test_a_density_that_is_no_number_moves_nothing():
    z = torch.ones(3, 2)
    t = hamiltonian.transition(lambda z: (z - torch.nan).sum(-1), z, 0.1, rng())
    assert torch.equal(t.z, z)
    assert t.diverged.all()
