"""The step in slow motion is the step of training, and either network can be held still."""

import copy

import pytest
import torch

from vae_core.inference.elbo import elbo
from vae_core.settings import RunSettings
from vae_core.training import single_step
from vae_core.training.train import BATCHES, NOISE, generator, initial, train, uniforms

SMALL = RunSettings().with_fields(
    name="strokes", encoder=(16,), decoder=(16,), steps=50, batch=20, validation=100, schedule="constant"
)


@pytest.fixture
def batch(digits):
    """The first batch of a training, with its noise, as train.py draws them."""
    images, _ = digits.training(100)
    rng = generator(0, NOISE, 0)
    picked = images[torch.randperm(len(images), generator=generator(0, BATCHES, 0))[:20]]
    x = (uniforms(picked.shape, rng) < picked / 255).float()
    return x, torch.randn(1, 20, 2, generator=rng)[0]


def test_it_is_the_step_that_training_takes(digits, batch):
    vae = initial(SMALL, digits)
    single_step.step(vae, single_step.optimizer(vae, SMALL.train), *batch)
    trained = next(train(SMALL, digits, due=lambda step: True)).vae
    for name, weight in trained.state_dict().items():
        torch.testing.assert_close(vae.state_dict()[name], weight, rtol=0, atol=1e-7)


def test_what_it_shows_is_the_bound_before_and_after(digits, batch):
    vae = initial(SMALL, digits)
    before = copy.deepcopy(vae)
    seen = single_step.step(vae, single_step.optimizer(vae, SMALL.train), *batch, beta=2.0)
    x, noise = batch
    for model, reconstruction, kl in (
        (before, seen.reconstruction, seen.kl),
        (vae, seen.reconstruction_after, seen.kl_after),
    ):
        bound = elbo(model, x, noise[None])
        torch.testing.assert_close(bound.reconstruction, reconstruction)
        torch.testing.assert_close(bound.kl, kl)
    torch.testing.assert_close(seen.z, seen.mean + seen.sigma * noise)
    torch.testing.assert_close(seen.image, before.mean(seen.z))


@pytest.mark.parametrize(("moves", "stays"), [("encoder", "decoder"), ("decoder", "encoder")])
def test_one_network_moves_and_the_other_stays(digits, batch, moves, stays):
    vae = initial(SMALL, digits)
    before = copy.deepcopy(vae)
    seen = single_step.step(vae, single_step.optimizer(vae, SMALL.train), *batch, parts=(moves,))
    same = {
        part: [
            torch.equal(w, getattr(before, part).get_parameter(name))
            for name, w in getattr(vae, part).named_parameters()
        ]
        for part in (moves, stays)
    }
    assert all(same[stays])
    assert not any(same[moves])
    if moves == "decoder":
        torch.testing.assert_close(seen.kl, seen.kl_after)


def test_gradient_norms_agree_with_finite_differences(digits, batch):
    vae = initial(SMALL, digits).double()
    x, noise = (part.double() for part in batch)
    moved = copy.deepcopy(vae)
    seen = single_step.step(moved, torch.optim.SGD(moved.parameters(), 1.0), x, noise)
    direction = {name: moved.state_dict()[name] - weight for name, weight in vae.state_dict().items()}
    total = sum(d.square().sum().item() for d in direction.values())

    def objective(size: float) -> float:
        there = copy.deepcopy(vae)
        there.load_state_dict({name: weight + size * direction[name] for name, weight in vae.state_dict().items()})
        return elbo(there, x, noise[None]).objective.mean().item()

    slope = (objective(1e-6) - objective(-1e-6)) / 2e-6
    assert slope == pytest.approx(total, rel=1e-5)
    assert sum(norm**2 for norm in seen.gradients.values()) == pytest.approx(total, rel=1e-9)
    assert [name.split(".")[0] for name in seen.gradients] == ["encoder", "encoder", "decoder", "decoder"]
