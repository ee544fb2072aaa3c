"""Training on another device: with "meta" for where tensors are made, and "cpu:0" for the numbers; a card where one is.

On meta nothing is computed, but a tensor that was left on the processor is an error, as it is on a card.
"""

import pytest
import torch

from vae_core.jobs.trainer import train_run
from vae_core.model.networks import CodeLinear
from vae_core.model.vae import build
from vae_core.runs.store import Runs
from vae_core.settings import RunSettings
from vae_core.training import devices
from vae_core.training.train import _objective, generator, train

SMALL = RunSettings().with_fields(name="strokes", encoder=(16,), decoder=(16,), steps=40, batch=50, validation=100)
GREY = {"pixels": "grey"}
CARDS = [kind for kind, there in (("cuda", torch.cuda), ("mps", torch.backends.mps)) if there.is_available()]


def last(settings, dataset, **more):
    *_, progress = train(settings, dataset, **more)
    return progress


def same(a, b):
    return all(torch.equal(p, q) for p, q in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"closed_form": False, "samples": 3, "beta": 4.0, "warmup": 10, "free_bits": 0.5},
        {"noise": "sigma-points"},
        {"importance_samples": 5},
        {"total_correlation": 2.0},
        {"stochastic": False},
        {"conditional": True},
        {"network": "conv", "encoder": (4,), "decoder": (4,), "likelihood": "gaussian", **GREY},
        {"likelihood": "isotropic_gaussian", **GREY},
        {"likelihood": "fixed_gaussian", **GREY},
        {"likelihood": "continuous_bernoulli", **GREY},
        {"encoder": (), "decoder": (), "likelihood": "isotropic_gaussian", **GREY},
    ],
    ids=lambda changes: "-".join(map(str, changes)) or "plain",
)
def test_everything_that_training_computes_is_made_on_its_device(changes, monkeypatch):
    monkeypatch.setattr(CodeLinear, "forward", torch.nn.Linear.forward)  # autocast, which it asks, knows no meta
    settings = SMALL.with_fields(**changes)
    vae = build(settings.model, (28, 28), generator(0, 0, 0), 10).to("meta")
    given = vae.given(torch.arange(10)) if settings.model.conditional else vae
    x = torch.rand(10, 784, device="meta")
    objective, bound, kl = _objective(given, x, None, settings, 3, generator(0, 2, 3))
    (-objective.mean()).backward()
    made = [objective, bound.reconstruction, bound.kl, kl, *(w.grad for w in vae.parameters() if w.grad is not None)]
    assert {tensor.device.type for tensor in made} == {"meta"}
    assert (objective.shape, kl.shape) == ((10,), (10, 2))


def test_another_device_sees_the_same_and_its_checkpoints_go_on_here(digits):
    going = train(SMALL, digits, device="cpu:0", due=lambda step: step == 17)
    checkpoint = next(going).checkpoint()
    *_, there = going
    assert same(there.vae, last(SMALL, digits).vae)
    assert {tensor.device for tensor in checkpoint.values()} == {torch.device("cpu")}
    assert same(there.vae, last(SMALL, digits, checkpoint=checkpoint).vae)
    assert same(there.vae, last(SMALL, digits, checkpoint=checkpoint, device="cpu:0").vae)
    trained = there.optimizer.param_groups[0]["params"]
    assert all(mine is not theirs for mine, theirs in zip(there.vae.parameters(), trained, strict=True)), "a copy"


def test_a_device_that_is_not_here_is_said_in_a_sentence(monkeypatch):
    with pytest.raises(ValueError, match="There is no device 'tpu': choose one of cpu, cuda, mps, auto"):
        devices.chosen("tpu")
    for kind in {"cuda", "mps"} - set(CARDS):
        with pytest.raises(ValueError, match=f"torch finds no {kind} device on this machine"):
            devices.chosen(kind)
    monkeypatch.delenv("VAE_DEVICE", raising=False)
    assert devices.chosen() == torch.device("cpu")
    assert devices.chosen("auto").type == (CARDS or ["cpu"])[0]
    monkeypatch.setenv("VAE_DEVICE", "tpu")
    with pytest.raises(ValueError, match="tpu"):
        devices.chosen()


def test_what_is_no_aevb_stays_on_the_processor(digits):
    with pytest.raises(ValueError, match="mcem trains on the processor only"):
        last(SMALL.with_fields(algorithm="mcem"), digits, device="meta")


def test_the_device_is_no_part_of_the_key_and_is_recorded_where_it_is_a_card(digits, tmp_path):
    entry = train_run(SMALL, digits, Runs(tmp_path), device="cpu")
    assert "device" not in entry.manifest
    assert entry.key == SMALL.with_fields(fingerprint=digits.fingerprint).key()


NO_CARD = pytest.param("", marks=pytest.mark.skip("this machine has no graphics card"))


@pytest.mark.parametrize("kind", CARDS or [NO_CARD])
def test_the_first_steps_on_a_card_are_those_of_the_processor(digits, kind):
    here, there = (last(SMALL.with_fields(steps=5), digits, device=d).vae for d in ("cpu", kind))
    for mine, its in zip(here.state_dict().values(), there.state_dict().values(), strict=True):
        assert torch.allclose(mine, its, atol=1e-4)
