"""The walk through Algorithm 1: gradients as finite differences have them, both estimators agree, a rule ends it."""

import pytest
import torch

from vae_core.model.vae import build
from vae_core.settings import ModelSettings
from vae_core.training import algorithm

MODEL = ModelSettings(encoder=(6,), decoder=(7,), activation="tanh", latent_dim=2)


@pytest.fixture
def given():
    rng = torch.Generator().manual_seed(3)
    vae = build(MODEL, (3, 3), rng).double()
    x = (torch.rand(4, 9, generator=rng) < 0.5).double()
    return vae, x, torch.randn(4, 2, generator=rng).double()


def test_what_flows_back_is_what_finite_differences_say(given):
    vae, x, noise = given
    found = algorithm.backward(vae, x, noise, beta=3.0)
    with torch.no_grad():
        q = vae.posterior(x)

        def slope(height, at):
            step = 1e-6 * torch.eye(2, dtype=torch.float64)
            return torch.stack([(height(at + h) - height(at - h)) / 2e-6 for h in step], -1).norm(dim=-1)

        def log_px(z):
            return vae.observed(z).log_prob(x).sum(-1)

        z = q.mean + q.stddev * noise
        torch.testing.assert_close(found.z, slope(log_px, z), rtol=1e-5, atol=1e-7)
        torch.testing.assert_close(
            found.mean, slope(lambda m: log_px(m + q.stddev * noise), q.mean), rtol=1e-5, atol=1e-7
        )
        torch.testing.assert_close(
            found.sigma, slope(lambda s: log_px(q.mean + s * noise), q.stddev), rtol=1e-5, atol=1e-7
        )
        torch.testing.assert_close(found.kl_mean, 3 * q.mean.norm(dim=-1))  # d KL / d mu = mu
        torch.testing.assert_close(found.kl_sigma, 3 * (q.stddev - 1 / q.stddev).norm(dim=-1))
    torch.testing.assert_close(found.mean, found.z)


def test_both_graphs_have_the_same_gradient_on_average_and_the_random_node_varies_more(given):
    vae, x, _ = given
    noise = torch.randn(4000, len(x), 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    ours, theirs = (
        algorithm.spread(objective, vae, x, noise, 2.0) for objective in (algorithm.through_z, algorithm.past_z)
    )
    error = ((ours.variance + theirs.variance) / len(noise)) ** 0.5  # of the length of their difference
    assert (ours.mean - theirs.mean).norm() < 3 * error
    assert ours.mean.norm() > 10 * error, "or the line above could not fail"
    assert theirs.variance > ours.variance > 0


def test_the_reparameterised_gradient_is_that_of_the_training_step(given):
    vae, x, noise = given
    from vae_core.inference.elbo import elbo

    (-elbo(vae, x, noise[None], beta=2.0).objective.mean()).backward()
    expected = -torch.cat([w.grad.flatten() for w in vae.encoder.parameters()])
    torch.testing.assert_close(
        algorithm.spread(algorithm.through_z, vae, x, noise[None].repeat(2, 1, 1), 2.0).mean, expected
    )


def test_past_a_random_z_the_decoder_has_the_same_gradient(given):
    vae, x, noise = given
    theta = list(vae.decoder.parameters())
    ours, theirs = (
        torch.autograd.grad(objective(vae, x, noise, 2.0).mean(), theta)
        for objective in (algorithm.through_z, algorithm.past_z)
    )
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize(
    ("bounds", "ends"),
    [
        ([], False), ([-200, -150, -140], False), ([-200, -150, -149.95, -149.99, -150.1], True),
        ([-200, -150, -149.95, -149.99, -148], False), ([-150, -160, -170, -180], True),
    ],
)  # fmt: skip
def test_convergence_is_a_bound_that_has_not_risen(bounds, ends):
    assert algorithm.converged(bounds, rise=0.1, patience=3) is ends
