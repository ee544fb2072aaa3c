"""q(z) against torch.distributions, and holes against a case that has a formula."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal, kl_divergence

from vae_core.analysis.aggregate_posterior import (
    BLOCK,
    HOLE,
    holes,
    in_holes,
    kl_of_codes,
    log_density,
    log_prior,
    share_outside,
)
from vae_core.model.gaussians import kl_standard_normal


def codes(count: int, dims: int, spread: float = -2.0, seed: int = 0) -> SimpleNamespace:
    rng = np.random.default_rng(seed)
    mean, logvar = rng.normal(size=(count, dims)), spread + 0.5 * rng.normal(size=(count, dims))
    return SimpleNamespace(mean=mean.astype(np.float32), logvar=logvar.astype(np.float32))


def mixture(c: SimpleNamespace, axes: list[int]) -> MixtureSameFamily:
    mean, logvar = (torch.from_numpy(np.ascontiguousarray(part[:, axes])).double() for part in (c.mean, c.logvar))
    return MixtureSameFamily(Categorical(torch.ones(len(mean))), Independent(Normal(mean, (logvar / 2).exp()), 1))


@pytest.mark.parametrize(("dims", "axes"), [(1, [0]), (2, [0, 1]), (5, [3, 1]), (10, [4]), (10, list(range(10)))])
@pytest.mark.parametrize("spread", [-2.0, -9.0])
def test_the_density_is_that_of_torch_s_mixture(dims, axes, spread):
    c, z = codes(700, dims, spread), np.random.default_rng(1).normal(size=(900, len(axes))) * 1.5
    expected = mixture(c, axes).log_prob(torch.from_numpy(z))
    np.testing.assert_allclose(log_density(c, z, axes), expected, atol=1e-5)


def test_without_axes_all_dimensions_count():
    c, z = codes(50, 3), np.zeros((4, 3))
    np.testing.assert_array_equal(log_density(c, z), log_density(c, z, (0, 1, 2)))


def test_half_precision_codes_far_out_and_very_narrow_ones_stay_finite():
    c = SimpleNamespace(mean=np.array([[30.0], [-5]], np.float16), logvar=np.array([[-20.0], [3]], np.float16))
    z = np.array([[30.0], [30.001], [-60]])
    expected = mixture(SimpleNamespace(mean=c.mean.astype(float), logvar=c.logvar.astype(float)), [0])
    np.testing.assert_allclose(log_density(c, z), expected.log_prob(torch.from_numpy(z)), rtol=1e-6, atol=1e-6)


def test_codes_that_are_the_prior_leave_no_holes():
    c = SimpleNamespace(mean=np.zeros((3, 2)), logvar=np.zeros((3, 2)))
    assert holes(c).share == 0


def test_the_share_of_holes_has_its_formula_for_one_narrow_code():
    """q = N(0, s^2 I) in the plane: q < p / 20 outside a circle, whose prior mass is known."""
    s = 0.5
    c = SimpleNamespace(mean=np.zeros((1, 2)), logvar=np.full((1, 2), 2 * math.log(s)))
    square = 2 * (math.log(20) - 2 * math.log(s)) / (1 / s**2 - 1)  # |z|^2 where log q = log p - log 20
    found = holes(c)
    assert found.share == pytest.approx(math.exp(-square / 2), abs=4 * found.error)
    assert (found.points, found.images) == (20_000, 1)
    assert found == holes(c)  # the same points every time


@pytest.mark.parametrize(("dims", "axes"), [(1, [0]), (2, [0, 1]), (5, [3, 1])])
@pytest.mark.parametrize("spread", [-1.0, -4.0, -12.0])
def test_a_hole_is_where_torch_s_mixture_is_below_a_twentieth_of_the_prior(dims, axes, spread):
    """More codes and more points than are looked at together; some of the points lie far out."""
    c, z = codes(2 * BLOCK + 7, dims, spread), np.random.default_rng(2).normal(size=(BLOCK + 9, len(axes))) * 2
    far = torch.from_numpy(z)
    ratio = mixture(c, axes).log_prob(far) - Normal(0.0, 1.0).log_prob(far).sum(-1)
    clear = (ratio - math.log(HOLE)).abs() > 1e-5
    np.testing.assert_array_equal(in_holes(c, z, axes)[clear], (ratio < math.log(HOLE))[clear])
    assert clear.double().mean() > 0.99


def test_the_share_of_holes_of_two_narrow_codes_is_a_sum_over_the_plane():
    c = SimpleNamespace(mean=np.array([[-1.0, 0.3], [0.8, -0.5]]), logvar=np.log([[0.2, 0.4], [0.1, 0.3]]))
    line = (torch.arange(1200, dtype=torch.float64) + 0.5) / 100 - 6  # midpoints, 0.01 apart
    z = torch.cartesian_prod(line, line)
    log_p = Normal(0.0, 1.0).log_prob(z).sum(-1)
    empty = mixture(SimpleNamespace(mean=c.mean, logvar=c.logvar), [0, 1]).log_prob(z) < log_p + math.log(HOLE)
    exact = (log_p.exp() * empty).sum().item() * 0.01**2
    found = holes(c)
    assert 0.1 < exact < 0.9
    assert found.share == pytest.approx(exact, abs=4 * found.error)


def test_the_share_of_held_out_codes_in_the_holes_is_counted_at_their_means():
    """One code N(0, 0.25 I): a hole begins where |z| is about 1.7."""
    c = SimpleNamespace(mean=np.zeros((1, 2)), logvar=np.full((1, 2), 2 * math.log(0.5)))
    others = SimpleNamespace(mean=np.array([[0.0, 0], [1, 1], [0, 1.6], [0, 1.8], [-4, 0]]), logvar=np.zeros((5, 2)))
    found = holes(c, 100, held_out=others)
    assert (found.held_out, found.others) == (2 / 5, 5)
    assert holes(c, 100).held_out is None


def test_another_seed_draws_other_points():
    c = codes(40, 2)
    assert holes(c, 500, seed=1) != holes(c, 500, seed=2)


def test_the_share_outside_counts_codes_beyond_the_edge_on_any_axis():
    c = SimpleNamespace(mean=np.array([[0, 0, 9], [2, 0, 0], [0, -2, 0], [1, 1, 0]]), logvar=np.zeros((4, 3)))
    assert share_outside(c, 1.5) == 0.75
    assert share_outside(c, 1.5, (0, 1)) == 0.5
    assert share_outside(c, 1.5, (0,)) == 0.25


def test_the_prior_is_torch_s():
    z = np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_allclose(log_prior(z), Normal(0.0, 1.0).log_prob(torch.from_numpy(z)).sum(-1), atol=1e-6)


def test_an_autoencoder_and_a_model_without_codes_say_so():
    points = SimpleNamespace(mean=np.zeros((3, 2)), logvar=np.full((3, 2), np.nan))
    with pytest.raises(ValueError, match="autoencoder has no distribution"):
        log_density(points, np.zeros((1, 2)))
    assert share_outside(points, 1.0) == 0
    nothing = SimpleNamespace(mean=np.zeros((0, 2)), logvar=np.zeros((0, 2)))
    for ask in (lambda: log_density(nothing, np.zeros((1, 2))), lambda: share_outside(nothing, 1.0)):
        with pytest.raises(ValueError, match="no codes"):
            ask()


def test_points_of_the_wrong_dimension_are_refused():
    with pytest.raises(ValueError, match="Points of 2 dimensions"):
        log_density(codes(5, 3), np.zeros((4, 3)), (0, 1))


def test_the_kl_of_codes_is_that_of_torch_also_near_collapse_in_float32():
    c = SimpleNamespace(mean=np.zeros((3, 1), np.float32), logvar=np.array([[1e-4], [-1e-4], [-2.0]], np.float32))
    mean, logvar = (torch.from_numpy(part).double() for part in (c.mean, c.logvar))
    expected = kl_divergence(Normal(mean, (logvar / 2).exp()), Normal(0.0, 1.0))
    np.testing.assert_allclose(kl_of_codes(c), expected, rtol=1e-6)
    np.testing.assert_allclose(kl_of_codes(c), kl_standard_normal(mean, logvar), rtol=1e-12)
