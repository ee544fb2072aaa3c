"""Mutual information of codes and factors against what is known of constructed ones."""

import math

import numpy as np
import pytest
import torch

from vae_core.analysis.factor_information import factor_information
from vae_core.cli.console import print_factors
from vae_core.data.datasets import Factors
from vae_core.training.evaluate import Scores

N = 40_000
POINTS = -math.inf  # the log variance of codes that are points


@pytest.fixture(scope="module")
def factors():
    rng = np.random.default_rng(0)
    return np.stack([rng.integers(6, size=N), rng.integers(4, size=N)], 1).astype(float)


def of(mean, factors, logvar=POINTS):
    return factor_information(mean, np.full(mean.shape, logvar), factors)


def test_a_code_that_is_the_factors_knows_all_of_them(factors):
    found = of(factors[:, ::-1] * 3 - 1, factors)
    assert np.allclose(found.information, [[0, math.log(4)], [math.log(6), 0]], atol=2e-3)
    assert found.gap == pytest.approx(1, abs=2e-3)


def test_a_factor_that_two_dimensions_tell_has_no_gap(factors):
    found = of(np.repeat(factors[:, :1], 2, 1), factors)
    assert found.gaps[0] == pytest.approx(0, abs=1e-9)
    assert found.information[:, 0] == pytest.approx([math.log(6)] * 2, abs=2e-3)
    assert found.information[:, 1] == pytest.approx([0, 0], abs=2e-3)


def test_a_symmetric_channel_has_the_information_of_its_formula(factors):
    """A factor of 4 values that is replaced by a random one with probability e: log 4 minus the entropy of a row."""
    rng, e = np.random.default_rng(1), 0.3
    heard = np.where(rng.random(N) < e, rng.integers(4, size=N), factors[:, 1])[:, None]
    right, wrong = 1 - e + e / 4, e / 4
    expected = math.log(4) + right * math.log(right) + 3 * wrong * math.log(wrong)
    assert of(heard, factors).information[0, 1] == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("rho", [0.3, 0.8])
def test_gaussians_have_nearly_that_of_their_correlation(rho):
    """-log(1 - rho^2) / 2, of which bins lose a little; and what is noise in q(z|x) is not known."""
    rng = np.random.default_rng(2)
    v = rng.standard_normal((N, 1))
    sigma = math.sqrt(1 / rho**2 - 1)
    found = factor_information(v, np.full((N, 1), 2 * math.log(sigma)), v).information[0, 0]
    exact = -0.5 * math.log(1 - rho**2)
    assert 0.93 * exact < found < exact + 0.005


def test_a_rotation_of_the_same_code_scores_lower(factors):
    rng = np.random.default_rng(3)
    v = rng.uniform(-1, 1, (N, 2))
    turned = v @ np.array([[1, 1], [-1, 1]]) / math.sqrt(2)
    assert of(v, v).gap > 0.99
    assert of(turned, v).gap < 0.05


def test_a_collapsed_code_knows_nothing(factors):
    found = factor_information(np.zeros((N, 3)), np.zeros((N, 3)), factors)
    assert found.information.max() < 2e-3
    assert found.gap < 1e-3


def test_the_table_of_the_command_line_names_every_factor_and_the_gap(capsys):
    rng = np.random.default_rng(4)
    drawn = torch.from_numpy(rng.integers(3, size=(500, 2)).astype(np.float32))
    nothing = torch.zeros(500)
    points = Scores(nothing, torch.zeros(500, 2), nothing, drawn, torch.full((500, 2), torch.nan))
    print_factors(points, Factors(("hue", "size"), drawn, drawn))
    printed = capsys.readouterr().out
    assert "hue" in printed
    assert "(MIG) 0.9" in printed or "(MIG) 1.0" in printed
