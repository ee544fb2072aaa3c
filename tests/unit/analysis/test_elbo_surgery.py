"""The parts of the KL against the linear-Gaussian model, where each has a formula, and against sums over a grid."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from vae_core.analysis.aggregate_posterior import log_density
from vae_core.analysis.beta_family import continuity
from vae_core.analysis.elbo_surgery import (
    density_on_grid,
    mass_on_cells,
    mismatch_on_grid,
    sample,
    surgery,
    total_correlation,
)
from vae_core.model.linear_gaussian import LinearGaussian


def codes_of(mean, logvar) -> SimpleNamespace:
    return SimpleNamespace(mean=np.asarray(mean, np.float64), logvar=np.asarray(logvar, np.float64))


@pytest.fixture(scope="module")
def linear() -> tuple[SimpleNamespace, np.ndarray, np.ndarray]:
    """Codes of data that a linear-Gaussian model with orthogonal columns drew itself: q(z) is the prior, but for N."""
    W, c = torch.tensor([[2.0, 0], [0, 1], [0, 0]]).double(), 0.25
    rng = np.random.default_rng(0)
    z = rng.standard_normal((3000, 2))
    x = torch.from_numpy(z @ W.numpy().T + math.sqrt(c) * rng.standard_normal((3000, 3)))
    q = LinearGaussian(W, torch.zeros(3).double(), c).best_diagonal(x)
    return codes_of(q.mean, q.logvar), W.numpy(), np.array([4 / c, 1 / c])


def test_a_model_that_drew_its_data_has_information_and_no_mismatch(linear):
    codes, _, signal = linear
    s = surgery(codes, draws=4000)
    information = 0.5 * np.log1p(signal).sum()  # of a Gaussian channel
    assert s.information == pytest.approx(information, abs=4 * s.information_error + 0.04)
    assert s.mismatch == pytest.approx(0, abs=4 * s.mismatch_error + 0.02)
    assert mismatch_on_grid(codes) == pytest.approx(0, abs=0.02)


def test_an_aggregate_of_known_mean_and_width_has_the_mismatch_of_two_gaussians(linear):
    """Codes stretched by a and shifted: q(z) = N(shift, a^2 I), whose KL to the prior is a formula."""
    codes, _, _ = linear
    moved = codes_of(1.3 * codes.mean + [0.5, -1], codes.logvar + 2 * math.log(1.3))
    expected = 0.5 * (2 * 1.3**2 + 0.5**2 + 1 - 2 - 2 * math.log(1.3**2))
    s = surgery(moved, draws=4000)
    assert s.mismatch == pytest.approx(expected, abs=4 * s.mismatch_error + 0.08)
    assert mismatch_on_grid(moved) == pytest.approx(expected, abs=0.1)  # 3000 draws are not N(shift, a^2 I)
    unmoved = surgery(codes, draws=4000)
    assert s.information == pytest.approx(unmoved.information, abs=0.05), "information does not see it"


@pytest.mark.parametrize("spread", [-5.0, -3.0, -0.5])
def test_the_parts_are_the_closed_form_kl_from_draws_of_their_own(spread):
    rng = np.random.default_rng(1)
    codes = codes_of(1.2 * rng.standard_normal((3000, 2)), spread + 0.3 * rng.standard_normal((3000, 2)))
    s = surgery(codes, draws=4000)
    assert abs(s.excess) < 4 * math.hypot(s.information_error, s.mismatch_error)
    assert s.mismatch == pytest.approx(mismatch_on_grid(codes), abs=4 * s.mismatch_error)
    assert s.images == 3000


def test_codes_far_apart_tell_the_image_and_nothing_more():
    """Four needles: information is ln 4, its largest value."""
    s = surgery(codes_of([[9, 9], [-9, 9], [9, -9], [-9, -9]], np.full((4, 2), -6.0)))
    assert s.information == pytest.approx(math.log(4), abs=1e-4)


def test_collapsed_codes_have_neither():
    s = surgery(codes_of(np.zeros((50, 3)), np.zeros((50, 3))))
    assert (s.kl, s.information, s.mismatch) == pytest.approx((0, 0, 0), abs=1e-6)


def test_the_grid_is_the_density_and_wants_two_dimensions():
    rng = np.random.default_rng(2)
    codes = codes_of(rng.standard_normal((40, 2)), rng.standard_normal((40, 2)) - 2)
    across, up = np.linspace(-2, 2, 5), np.linspace(-1, 1, 3)
    z = np.stack(np.meshgrid(across, up), -1).reshape(-1, 2)
    np.testing.assert_allclose(density_on_grid(codes, across, up).ravel(), np.exp(log_density(codes, z)), rtol=1e-4)
    with pytest.raises(ValueError, match="2 latent dimensions, these codes have 3"):
        density_on_grid(codes_of(np.zeros((2, 3)), np.zeros((2, 3))), across, up)


def test_draws_have_the_aggregates_moments():
    codes = codes_of([[3.0, 0], [-3, 0]], [[0.0, -2], [0, -2]])
    z = sample(codes, 40_000, np.random.default_rng(3))
    np.testing.assert_allclose(z.mean(0), [0, 0], atol=0.08)
    np.testing.assert_allclose(z.var(0), [10, math.exp(-2)], rtol=0.03)


def test_the_continuity_of_a_linear_decoder_is_the_norm_of_its_scaled_columns(linear):
    codes, W, _ = linear
    vae = LinearGaussian(torch.from_numpy(W).float(), torch.zeros(3), 0.25).vae()
    scale = np.sqrt(codes.mean.var(0) + np.exp(codes.logvar).mean(0))
    assert continuity(vae, codes, points=20) == pytest.approx(np.linalg.norm(W * scale), rel=1e-5)


def test_a_wider_code_with_a_slower_decoder_is_as_continuous(linear):
    codes, W, _ = linear
    wide = codes_of(10 * codes.mean, codes.logvar + 2 * math.log(10))
    slow, fast = (LinearGaussian(torch.from_numpy(w).float(), torch.zeros(3), 0.25).vae() for w in (W / 10, W))
    assert continuity(slow, wide, points=10) == pytest.approx(continuity(fast, codes, points=10), rel=1e-5)


def test_the_total_correlation_of_a_gaussian_aggregate_is_that_of_its_correlation():
    """Many codes on a correlated Gaussian, each of some width: -ln(1 - rho^2) / 2 of the sum of both."""
    rng, rho = np.random.default_rng(5), 0.9
    mean = rng.multivariate_normal([0, 0], [[0.75, 0.75 * rho], [0.75 * rho, 0.75]], 4000)
    found = total_correlation(codes_of(mean, np.full((4000, 2), math.log(0.25))))
    assert found.total == pytest.approx(-0.5 * math.log(1 - (0.75 * rho) ** 2), abs=4 * found.error + 0.03)
    assert found.images == 4000


def test_the_total_correlation_of_few_codes_is_a_sum_over_a_grid_and_no_part_of_a_single_dimension():
    rng = np.random.default_rng(6)
    codes = codes_of(1.5 * rng.standard_normal((5, 2)), rng.standard_normal((5, 2)) - 1)
    line = np.arange(-8, 8, 0.02)
    q = density_on_grid(codes, line, line).astype(float)
    alone = q.sum(0) * 0.02, q.sum(1) * 0.02
    exact = (q * np.log(q / np.outer(alone[1], alone[0]).clip(1e-300)).clip(-1e3, 1e3)).sum() * 0.02**2
    found = total_correlation(codes, draws=40_000)
    assert found.total == pytest.approx(exact, abs=5 * found.error + 1e-3)
    one = total_correlation(codes_of(codes.mean[:, :1], codes.logvar[:, :1]))
    assert one.total == pytest.approx(0, abs=1e-9)
    # KL(q(z) || p(z)) = TC + the single dimensions' own
    parts = sum(mismatch_of(codes, d) for d in (0, 1))
    assert mismatch_on_grid(codes) == pytest.approx(exact + parts, abs=0.02)


def mismatch_of(codes, d) -> float:
    """KL(q(z_d) || p(z_d)) as a sum over the line."""
    line = np.arange(-10, 10, 0.005)[:, None]
    log_q = log_density(codes, line, [d])
    return float((np.exp(log_q) * (log_q + 0.5 * line[:, 0] ** 2 + 0.5 * math.log(2 * math.pi))).sum() * 0.005)


def test_cells_hold_the_mass_that_draws_put_there_and_needles_are_not_missed():
    codes = codes_of([[0.35, -0.6], [0, 0]], [[-18.0, -18], [0, 0]])
    cells = mass_on_cells(codes, np.linspace(-1, 1, 5))
    z = sample(codes, 60_000, np.random.default_rng(4))
    drawn, _, _ = np.histogram2d(z[:, 1], z[:, 0], [np.linspace(-1, 1, 5)] * 2)
    np.testing.assert_allclose(cells, drawn / len(z), atol=0.006)
    assert cells[0, 2] == pytest.approx(0.5, abs=0.03)
