"""What N images teach of a known truth, against sampling, PCA and the likelihood's own maximum."""

import pytest
import torch
from torch.distributions import MultivariateNormal

from vae_core.analysis.known_truth import learn, learning_curve, towards
from vae_core.model import toy_world
from vae_core.model.linear_gaussian import fit

COUNTS = [5, 8, 30, 100, 1000, 10_000]


@pytest.fixture(scope="module")
def world():
    return toy_world.truth(7)


@pytest.fixture(scope="module")
def curve(world):
    return list(learning_curve(world, toy_world.images(7, COUNTS[-1]), COUNTS))


def test_new_is_the_expectation_over_new_images(world, curve):
    x = toy_world.images(7, 100_000, toy_world.NEW)
    for learned in curve:
        theta = learned.theta
        log_px = MultivariateNormal(theta.b, theta.covariance).log_prob(x)
        assert learned.new == pytest.approx(log_px.mean().item(), abs=4 * log_px.std().item() / len(x) ** 0.5)


def test_own_is_the_mean_of_the_images_it_was_fitted_to(world, curve):
    for learned in curve:
        x = toy_world.images(7, learned.count)
        assert learned.own == pytest.approx(fit(x, 2).log_px(x).mean().item(), abs=1e-9)
        assert learned.truth_on_own == pytest.approx(world.log_px(x).mean().item(), abs=1e-9)


def test_no_model_beats_the_truth_on_new_images_and_the_truth_never_beats_the_fit_on_its_own(world, curve):
    for learned in curve:
        assert learned.new < -world.entropy
        assert learned.own >= learned.truth_on_own
    assert curve[0].new < curve[2].new < curve[-1].new
    assert curve[-1].new == pytest.approx(-world.entropy, abs=0.02)
    assert curve[-1].angles[-1] < 1 < curve[0].angles[-1]
    assert curve[-1].theta.c == pytest.approx(world.c, rel=0.02)


def test_a_fit_lies_beside_the_truth_however_its_z_was_turned(world, curve):
    last = curve[-1].theta
    torch.testing.assert_close(last.W, world.W, atol=0.12, rtol=0)
    for angle, mirrored in ((0.3, 1.0), (2.0, -1.0), (-1.0, 1.0)):
        a = torch.tensor(angle, dtype=torch.float64)
        turn = torch.stack([torch.stack([a.cos(), -a.sin()]), mirrored * torch.stack([a.sin(), a.cos()])])
        turned = last._replace(W=last.W @ turn)
        torch.testing.assert_close(turned.covariance, last.covariance)
        torch.testing.assert_close(towards(world, turned).W, last.W)


def test_too_few_images_are_refused(world):
    with pytest.raises(ValueError, match="No variance is left"):
        learn(world, toy_world.images(7, 3))
