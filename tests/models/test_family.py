"""The beta family as the lecture shows it: what theory says of it holds for the bundled models."""

import math
from itertools import pairwise

import pytest

from vae_core.__main__ import main
from vae_core.analysis import beta_family
from vae_core.analysis.elbo_surgery import mismatch_on_grid
from vae_core.analysis.posterior_collapse import mnist, predicted_active

ROWS = {m.beta: m for m in beta_family.family()}
BETAS = sorted(ROWS)


def test_every_member_was_measured_on_exactly_these_files():
    assert all(beta_family.known(entry) for entry in beta_family.members()), "run python -m vae_core family --write"
    assert BETAS == [0, 0.01, 0.1, 0.5, 1, 2, 4, 8, 16, 20, 28, 40, 64]


def test_a_collapsed_model_reaches_what_independent_pixels_reach():
    assert ROWS[64].elbo == pytest.approx(mnist().independent, abs=0.5)
    assert ROWS[64].kl < 0.01


@pytest.mark.parametrize("beta", [1.0])
def test_what_is_kept_is_what_is_measured(beta):
    entry = next(e for e in beta_family.members() if e.settings.train.beta == beta)
    assert beta_family.measure(entry)._asdict() == pytest.approx(beta_family.known(entry)._asdict(), rel=1e-3)


def test_the_bound_is_best_near_beta_1():
    cost = {beta: -m.elbo for beta, m in ROWS.items()}
    assert cost[1] < min(cost[0.1], cost[4])
    assert cost[1] <= min(cost.values()) + 0.3


def test_secant_slopes_of_distortion_against_rate_lie_between_their_betas():
    """Each model is best for its own beta, and both errors are those of 10,000 images."""
    for low, high in pairwise(BETAS):
        a, b = ROWS[low], ROWS[high]
        rate = a.kl - b.kl
        if rate <= 0.05:
            continue
        slope, slack = (a.reconstruction - b.reconstruction) / rate, 2 * math.hypot(a.elbo_error, b.elbo_error) / rate
        assert low - slack <= slope <= high + slack, f"{low} to {high}"


def test_no_member_is_much_dearer_at_its_own_price_than_another():
    """From random weights beta = 4 was .14 nats dearer at its own price than the member of beta = 8, 0.01 .24."""
    for mine in ROWS.values():
        cheapest = min(mine.beta * other.kl - other.reconstruction for other in ROWS.values())
        assert mine.objective <= cheapest + 0.08, f"beta = {mine.beta}"


def test_holes_close_as_the_price_rises():
    share = {beta: m.holes.share for beta, m in ROWS.items()}
    assert share[0] > share[0.01] > share[0.1] > max(share[beta] for beta in BETAS if beta >= 0.5)
    assert share[0] > 0.85
    assert all(share[beta] < 0.005 for beta in BETAS if beta >= 0.5)


@pytest.mark.parametrize("beta", BETAS)
def test_information_and_mismatch_are_the_kl(beta):
    m = ROWS[beta]
    error = math.hypot(m.measured.information_error, m.measured.mismatch_error)
    assert m.measured.information + m.measured.mismatch == pytest.approx(m.kl, abs=max(0.05, 3 * error))
    assert m.measured.information < math.log(10_000)


@pytest.mark.parametrize("beta", [0.5, 1.0, 4.0, 20.0])
def test_the_mismatch_is_that_of_a_sum_over_the_plane(beta):
    entry = next(e for e in beta_family.members() if e.settings.train.beta == beta)
    error = ROWS[beta].measured.mismatch_error
    assert ROWS[beta].measured.mismatch == pytest.approx(mismatch_on_grid(entry.codes()), abs=max(0.02, 3 * error))


@pytest.mark.parametrize("beta", BETAS)
def test_active_units_are_those_that_the_eigenvalues_predict(beta):
    assert ROWS[beta].active_units == predicted_active(mnist().correlation, beta, 2)


def test_the_command_prints_the_table_and_no_exception_to_the_prediction(capsys):
    assert main(["family"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert [float(line.split()[0]) for line in lines[: len(BETAS)]] == BETAS
    assert head.split()[:4] == ["beta", "reconstr.", "KL", "-ELBO"]
    for line, beta in zip(lines, BETAS, strict=False):
        assert line.split()[1:4] == [f"{v:.2f}" for v in (ROWS[beta].reconstruction, ROWS[beta].kl, -ROWS[beta].elbo)]
    assert not any("they predict" in line for line in lines)
    assert f"independent pixels, what a collapsed model reaches: {mnist().independent:.2f}" in lines
