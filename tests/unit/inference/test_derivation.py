"""Every line of the derivation is the same number; more importance samples climb from the ELBO to log p(x)."""

import math

import pytest
import torch

from tests.unit import linear_examples
from tests.unit.linear_examples import TV1
from vae_core.inference.derivation import derivation, effective_samples, staircase
from vae_core.inference.expectations import gauss_hermite
from vae_core.inference.importance_sampling import importance
from vae_core.model.gaussians import DiagonalGaussian

X = linear_examples.X[:1]
COUNTS = [1, 10, 100, 1000]


def lines(mean, logvar):
    q = DiagonalGaussian(torch.tensor([mean]).double(), torch.tensor([logvar]).double())
    log_px = TV1.log_px(X).item()
    gap = log_px - TV1.elbo(q, X).item()
    return derivation(TV1.vae(), X, q, gauss_hermite(2, 5), log_px, gap), q


@pytest.mark.parametrize(("mean", "logvar"), [((0.7, 0.8), (-3.0, -2.4)), ((-1.0, 2.0), (0.5, -1.0))])
def test_every_line_is_log_p(mean, logvar):
    found, q = lines(mean, logvar)
    assert len(found) == 7
    for line in found:
        assert line.value == pytest.approx(TV1.log_px(X).item(), abs=1e-8)
    assert found[4].terms[0][1] == pytest.approx(TV1.elbo(q, X).item(), abs=1e-8)
    assert found[6].terms[0][1] == pytest.approx(TV1.reconstruction(q, X).item(), abs=1e-8)
    assert found[3].terms[1][1] == pytest.approx(found[4].terms[1][1], abs=1e-8), "the KL by its rule and the given one"


def test_a_wrong_gap_is_seen():
    q = DiagonalGaussian(torch.zeros(1, 2).double(), torch.zeros(1, 2).double())
    found = derivation(TV1.vae(), X, q, gauss_hermite(2, 5), TV1.log_px(X).item(), 0.0)
    assert abs(found[4].value - found[0].value) > 1


@pytest.mark.parametrize("proposal", ["posterior", "mixture", "prior"])
def test_the_stairs_climb_from_the_elbo_to_the_evidence(proposal):
    weights = importance(TV1.vae(), X, 40_000, torch.Generator().manual_seed(0), proposal).log_weights[:, 0]
    stairs = staircase(weights, COUNTS)
    values = [stair.bound for stair in stairs]
    assert values == sorted(values)
    assert values[-1] == pytest.approx(TV1.log_px(X).item(), abs=0.1)
    if proposal == "posterior":
        bound = TV1.elbo(TV1.vae().posterior(X), X).item()
        assert abs(stairs[0].bound - bound) < 4 * stairs[0].error


def test_the_error_is_that_of_the_mean_over_groups():
    weights = torch.randn(1000, generator=torch.Generator().manual_seed(0))
    one, *_, all_of_them = staircase(weights, [1, 10, 1000])
    assert one.error == pytest.approx(weights.double().std().item() / math.sqrt(1000))
    assert math.isnan(all_of_them.error)


def test_equal_weights_are_all_effective_and_one_large_one_is_alone():
    assert effective_samples(torch.zeros(50)) == pytest.approx(50)
    assert effective_samples(torch.tensor([0.0, -900, -900])) == pytest.approx(1)


def test_any_guess_may_propose():
    q = DiagonalGaussian(torch.tensor([[3.0, 3.0]]).double(), torch.tensor([[0.0, 0.0]]).double())
    far = importance(TV1.vae(), X, 2000, torch.Generator().manual_seed(0), "posterior", q)
    best = importance(TV1.vae(), X, 2000, torch.Generator().manual_seed(0), "posterior", TV1.best_diagonal(X))
    assert best.effective_samples.item() > 10 * far.effective_samples.item()
    assert best.log_px.item() == pytest.approx(TV1.log_px(X).item(), abs=0.05)
