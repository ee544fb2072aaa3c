"""A world whose truth is known: the same number is the same world, and its images are drawn from its theta*."""

import torch
from torch.distributions import MultivariateNormal

from vae_core.model import toy_world


def test_the_same_number_is_the_same_world_and_another_is_not():
    first, again, other = (toy_world.truth(seed) for seed in (3, 3, 4))
    assert torch.equal(first.W, again.W)
    assert not torch.allclose(first.W.abs(), other.W.abs(), atol=0.1)
    assert torch.equal(toy_world.images(3, 50)[:20], toy_world.images(3, 20)), "more images begin with the fewer"
    assert not torch.equal(toy_world.images(3, 20), toy_world.images(3, 20, toy_world.NEW))


def test_its_images_are_draws_of_theta_star():
    world, x = toy_world.truth(5), toy_world.images(5, 50_000)
    assert x.shape == (50_000, toy_world.PIXELS)
    p = MultivariateNormal(world.b, world.covariance)
    torch.testing.assert_close(world.log_px(x[:5]), p.log_prob(x[:5]))
    log_px = world.log_px(x)
    error = log_px.std() / len(x) ** 0.5
    assert abs(log_px.mean() + p.entropy()) < 4 * error, "at the truth the mean log p(x) is minus the entropy"
    torch.testing.assert_close(torch.cov(x.mT), world.covariance, atol=0.3, rtol=0)
