import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Normal

from vae_core.analysis.latent_paths import embed, linear_grid, prior_share_outside, quantile_grid, spherical, straight


def test_row_zero_of_a_grid_is_the_largest_z2_and_column_zero_the_smallest_z1():
    for grid in (quantile_grid(5), linear_grid(5, 3.0)):
        assert grid.shape == (5, 5, 2)
        assert (grid[0, :, 1] == grid[..., 1].max()).all()
        assert (grid[:, 0, 0] == grid[..., 0].min()).all()


@given(st.integers(1, 60))
def test_quantile_tiles_have_equal_prior_mass_and_none_lies_at_infinity(steps):
    grid = quantile_grid(steps)
    u = Normal(0.0, 1.0).cdf(grid[0, :, 0].double())
    torch.testing.assert_close(u, (torch.arange(steps).double() + 0.5) / steps, atol=1e-6, rtol=0)
    assert grid.isfinite().all()


def test_twenty_steps_span_the_familiar_1_96():
    assert quantile_grid(20).max().item() == pytest.approx(1.960, abs=5e-4)


@pytest.mark.parametrize("dims", [1, 2])
def test_the_share_outside_is_the_prior_beyond_the_outermost_tile_centres(dims):
    edge = quantile_grid(20).double().max()
    inside = (Normal(0.0, 1.0).cdf(edge) - Normal(0.0, 1.0).cdf(-edge)) ** dims
    assert prior_share_outside(20, dims) == pytest.approx(1 - inside.item(), abs=1e-6)


def test_linear_cells_tile_the_square():
    z = linear_grid(4, 2.0)[0, :, 0]
    torch.testing.assert_close(z, torch.tensor([-1.5, -0.5, 0.5, 1.5]))


def test_a_plane_in_more_dimensions_keeps_the_other_axes_of_its_base_code():
    base, grid = torch.arange(5.0), quantile_grid(3)
    z = embed(grid, base, axes=(3, 1))
    assert z.shape == (3, 3, 5)
    assert torch.equal(z[..., [3, 1]], grid)
    assert torch.equal(z[..., [0, 2, 4]], base[[0, 2, 4]].expand(3, 3, 3))
    assert torch.equal(base, torch.arange(5.0))


@pytest.mark.parametrize("axes", [(0, 0), (0, 5), (-1, 2)])
def test_a_plane_needs_two_axes_that_exist(axes):
    with pytest.raises(ValueError, match="two different axes"):
        embed(quantile_grid(3), torch.zeros(5), axes)


codes = st.lists(st.floats(-10, 10, width=32), min_size=3, max_size=3).map(
    lambda v: torch.tensor(v, dtype=torch.float64)
)


@given(codes, codes, st.integers(2, 9))
def test_every_path_starts_at_a_and_ends_at_b_and_stays_finite(a, b, steps):
    for path in (straight, spherical):
        z = path(a, b, steps)
        torch.testing.assert_close(z[0], a, atol=1e-9, rtol=1e-9)
        torch.testing.assert_close(z[-1], b, atol=1e-9, rtol=1e-9)
        assert z.isfinite().all()


@given(codes, codes)
def test_the_length_changes_evenly_along_a_spherical_path(a, b):
    if a.norm() > 0 and b.norm() > 0:
        lengths = torch.lerp(a.norm(), b.norm(), torch.linspace(0, 1, 7, dtype=torch.float64))
        torch.testing.assert_close(spherical(a, b, 7).norm(dim=-1), lengths, atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("nearly", [0.0, 1e-14, 1e-10, 1e-5])
def test_a_spherical_path_between_opposite_codes_goes_half_way_round(nearly):
    a = torch.tensor([1.0, 2.0, 2.0], dtype=torch.float64)
    z = spherical(a, -a + nearly, 5)
    cosines = torch.nn.functional.cosine_similarity(z[1:], z[:-1], dim=-1)
    torch.testing.assert_close(cosines, torch.full((4,), math.cos(math.pi / 4), dtype=torch.float64), atol=1e-5, rtol=0)


def test_a_quarter_turn_passes_through_the_diagonal():
    z = spherical(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]), 3)
    torch.testing.assert_close(z[1], torch.tensor([0.5, 0.5]).sqrt())
