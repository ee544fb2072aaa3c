"""Wake-sleep and Monte Carlo EM beside AEVB: what each climbs, where it ends, and that it goes on bit for bit."""

import re
import threading

import pytest
import torch
from torch.distributions import Bernoulli, Normal

from tests.unit.linear_examples import TV1, TV3
from tests.unit.training.test_train import SMALL, last, same_weights
from tests.waiting import until
from vae_core.data.datasets import observe
from vae_core.inference.latent_grid import LatentGrid
from vae_core.jobs.trainer import check, train_run
from vae_core.model.networks import OneVariance
from vae_core.model.vae import VAE, build
from vae_core.runs.store import Runs
from vae_core.runs.training_run import Command, checkpoints, send
from vae_core.settings import RunSettings, preset
from vae_core.training import wake_sleep
from vae_core.training.monte_carlo_em import Chains
from vae_core.training.train import CHAINS, generator, train, uniforms

OTHERS = ("wake-sleep", "mcem")
SHORT = SMALL.with_fields(samples=1, batch=20, steps=40)
PLAIN = SMALL.with_fields(samples=1, optimizer="sgd", learning_rate=1e-3, schedule="constant", steps=1)


def first_batch(digits, settings):
    """The images of step 0, the generator after they were observed, and their rows."""
    images, _ = digits.training(settings.data.validation)
    rng = generator(0, 2, 0)
    rows = torch.randperm(len(images), generator=generator(0, 1, 0))[: settings.train.batch]
    return observe(images[rows], "dynamic", uniforms(images[rows].shape, rng)), rng, rows


@pytest.mark.parametrize("model", [TV1, TV3], ids=["oblique", "orthogonal"])
def test_the_optimum_of_sleep_is_the_exact_posterior(model):
    """Of a linear decoder with theta fixed: its mean, and as q is diagonal, its marginal variances (not ELBO's)."""
    decoder = model.vae()
    encoder = OneVariance(4, 2)
    for weight in encoder.parameters():
        weight.data = torch.zeros(weight.shape, dtype=torch.float64)
    vae = VAE(encoder, decoder.decoder, decoder.likelihood, latent_dim=2)
    adam = torch.optim.Adam(encoder.parameters(), lr=0.05)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(adam, 800)
    for step in range(800):
        adam.zero_grad()
        (-wake_sleep.asleep(vae, 400, generator(0, 0, step)).mean()).backward()
        adam.step()
        rate.step()
    x = torch.randn(50, 4, generator=generator(1, 0, 0), dtype=torch.float64)
    mean, covariance = model.posterior(x)
    q = vae.posterior(x)
    torch.testing.assert_close(q.mean, mean, atol=0.02, rtol=0)
    torch.testing.assert_close(q.variance[0], covariance.diagonal(), atol=0, rtol=0.05)


def test_dreams_have_the_moments_of_the_model():
    z, x = wake_sleep.dreamt(TV1.vae(), 40_000, generator(0, 0, 0))
    covariance = TV1.W @ TV1.W.mT + TV1.c * torch.eye(4)
    torch.testing.assert_close(x.mean(0), TV1.b, atol=0.06, rtol=0)
    torch.testing.assert_close(x.T.cov(), covariance, atol=0.15, rtol=0)
    torch.testing.assert_close(z.T.cov(), torch.eye(2, dtype=z.dtype), atol=0.04, rtol=0)


def test_wake_is_the_decoders_and_sleep_is_the_encoders(digits):
    """One step of plain SGD, beside both gradients written out with torch.distributions."""
    settings = PLAIN.with_fields(algorithm="wake-sleep", samples=2)
    stepped = last(settings, digits).vae
    vae = build(settings.model, digits.shape, generator(0, 0, 0))
    x, rng, _ = first_batch(digits, settings)
    noise = torch.randn(2, len(x), 2, generator=rng)
    with torch.no_grad():
        mean, logvar = vae.encoder(x).chunk(2, -1)
        z = mean + (logvar / 2).exp() * noise
        dreamt_z = torch.randn(len(x), 2, generator=rng)
        dreamt_x = torch.bernoulli(torch.sigmoid(vae.decoder(dreamt_z)), generator=rng)
    (-Bernoulli(logits=vae.decoder(z)).log_prob(x).sum(-1).mean()).backward()
    assert all(w.grad is None for w in vae.encoder.parameters())
    mean, logvar = vae.encoder(dreamt_x).chunk(2, -1)
    (-Normal(mean, (logvar / 2).exp()).log_prob(dreamt_z).sum(-1).mean()).backward()
    for before, after in zip(vae.parameters(), stepped.parameters(), strict=True):
        torch.testing.assert_close(before - 1e-3 * before.grad, after, atol=2e-6, rtol=1e-4)


def test_monte_carlo_em_takes_five_steps_up_log_p_of_x_given_its_chains(digits):
    settings = PLAIN.with_fields(algorithm="mcem")
    *_, progress = train(settings, digits)
    vae = build(settings.model, digits.shape, generator(0, 0, 0))
    x, _, rows = first_batch(digits, settings)
    z, start = progress.chains.z[rows], torch.randn(500, 2, generator=generator(0, CHAINS, 0))
    moved = (progress.chains.z != start).any(1)
    assert set(moved.nonzero().flatten().tolist()) <= set(rows.tolist()), "only the batch's chains move"
    assert moved.sum() > 25
    for _ in range(5):
        vae.decoder.zero_grad()
        (-Bernoulli(logits=vae.decoder(z)).log_prob(x).sum(-1).mean()).backward()
        with torch.no_grad():
            for weight in vae.decoder.parameters():
                weight -= 1e-3 * weight.grad
    for mine, its in zip(vae.decoder.parameters(), progress.vae.decoder.parameters(), strict=True):
        torch.testing.assert_close(mine, its, atol=2e-6, rtol=1e-4)


@pytest.mark.parametrize("clip", [0.0, 1.0])
def test_the_decoder_of_monte_carlo_em_does_not_know_the_encoder(digits, clip):
    settings = SHORT.with_fields(algorithm="mcem", steps=20, clip=clip)
    start = {k: v.detach() for k, v in build(settings.model, digits.shape, generator(5, 0, 0)).state_dict().items()}
    other = {k: v * 3 if k.startswith("encoder") else v for k, v in start.items()}
    a, b = (last(settings, digits, start=weights).vae for weights in (start, other))
    assert all(torch.equal(p, q) for p, q in zip(a.decoder.parameters(), b.decoder.parameters(), strict=True))
    assert not same_weights(a, b), "the control: the encoders learned, from different weights"


@pytest.mark.parametrize("algorithm", OTHERS)
def test_each_raises_log_p_itself(digits, algorithm):
    settings = SHORT.with_fields(algorithm=algorithm, steps=100, schedule="constant")
    x = digits.observed("train", range(20))
    before = LatentGrid(build(settings.model, digits.shape, generator(0, 0, 0))).log_px(x).mean()
    reports = list(train(settings, digits))
    assert LatentGrid(reports[-1].vae).log_px(x).mean() > before + 100
    assert reports[-1].elbo > reports[0].elbo + 50


@pytest.mark.parametrize("network", ["conv", "linear"])
@pytest.mark.parametrize("algorithm", OTHERS)
def test_any_network_learns_by_them(digits, algorithm, network):
    layers = {"network": "conv", "encoder": (4, 6), "decoder": (6, 4)} if network == "conv" else {"encoder": (),
              "decoder": (), "likelihood": "isotropic_gaussian", "pixels": "grey"}  # fmt: skip
    settings = SHORT.with_fields(algorithm=algorithm, **layers)
    reports = list(train(settings, digits))
    assert reports[-1].reconstruction > reports[0].reconstruction
    before = build(settings.model, digits.shape, generator(0, 0, 0))
    assert not any(torch.equal(p, q) for p, q in zip(before.parameters(), reports[-1].vae.parameters(), strict=True))


@pytest.mark.parametrize("algorithm", OTHERS)
def test_a_checkpoint_goes_on_bit_for_bit(digits, algorithm):
    settings = SHORT.with_fields(algorithm=algorithm, optimizer="adagrad", learning_rate=0.02)
    whole = last(settings, digits)
    for progress in train(settings, digits):
        if progress.step == 20:
            checkpoint = progress.checkpoint()
            break
    resumed = last(settings, digits, checkpoint=checkpoint)
    assert same_weights(resumed.vae, whole.vae)
    if algorithm == "mcem":
        assert torch.equal(resumed.chains.z, whole.chains.z)
        assert resumed.chains.step_size == whole.chains.step_size
        assert resumed.chains.halved == whole.chains.halved
        cold = {k: torch.zeros_like(v) if k == "chains.z" else v for k, v in checkpoint.items()}
        assert not same_weights(last(settings, digits, checkpoint=cold).vae, whole.vae), "the control: other chains"


def test_a_step_size_that_had_to_be_halved_is_told_of_the_run(digits, runs, monkeypatch):
    settings = SHORT.with_fields(algorithm="mcem")
    assert train_run(settings, digits, Runs(runs.folder / "calm")).why == ""
    begin = Chains.__init__

    def far_too_long(chains, *given):
        begin(chains, *given)
        chains.step_size = 1e4

    monkeypatch.setattr(Chains, "__init__", far_too_long)
    done = train_run(settings, digits, runs)
    assert done.status == "done"
    assert re.fullmatch(r"Orbits diverged, so the step size was halved \d+ times\.", done.why)


@pytest.mark.parametrize("algorithm", OTHERS)
def test_a_run_that_was_stopped_ends_with_the_weights_of_one_that_was_not(digits, runs, tmp_path, algorithm):
    settings = SHORT.with_fields(algorithm=algorithm)

    def tell(progress, _):
        if progress.step == 20:
            folder = runs.list()[0].folder
            send(folder, Command(until=20))
            threading.Thread(target=stop, args=(folder,)).start()

    def stop(folder):
        until(lambda: checkpoints(folder)[:1] == [20], "the checkpoint of a training that holds")
        send(folder, Command(stop=True))

    stopped = train_run(settings, digits, runs, tell=tell)
    assert (stopped.status, stopped.step) == ("stopped", 20)
    done = train_run(settings, digits, runs)
    quiet = train_run(settings, digits, Runs(tmp_path / "other"))
    assert done.status == quiet.status == "done"
    assert done.manifest["files"]["model.safetensors"] == quiet.manifest["files"]["model.safetensors"]


def test_aevb_is_the_default_and_changes_no_key():
    assert "algorithm" not in RunSettings().canonical()
    assert len({RunSettings().with_fields(algorithm=name).key() for name in ("aevb", *OTHERS)}) == 3


@pytest.mark.parametrize("algorithm", OTHERS)
def test_what_makes_no_sense_is_refused_in_a_sentence(algorithm):
    base = RunSettings().with_fields(algorithm=algorithm)
    with pytest.raises(
        ValueError, match=f"{algorithm} draws z at random, and an autoencoder has no distribution over z"
    ):
        base.with_fields(stochastic=False)
    for name, value in {"beta": 4.0, "warmup": 10, "free_bits": 0.5, "closed_form": False}.items():
        with pytest.raises(ValueError, match=f"{algorithm} does not climb the bound and has no use for {name}: leave"):
            base.with_fields(**{name: value})


def test_monte_carlo_em_has_one_draw_per_image():
    with pytest.raises(ValueError, match=r"mcem .* has no use for samples: leave it at 1"):
        RunSettings().with_fields(algorithm="mcem", samples=2)
    assert RunSettings().with_fields(algorithm="wake-sleep", samples=2).train.samples == 2


def test_more_images_than_there_are_is_refused_before_anything_is_begun(digits):
    with pytest.raises(ValueError, match="images 501 asks for more than there are: strokes has 500 training images"):
        check(SMALL.with_fields(images=501), digits)
    with pytest.raises(ValueError, match="images 501 asks for more"):
        last(SMALL.with_fields(images=501), digits)


@pytest.mark.parametrize(("dataset", "hidden"), [("mnist", 500), ("frey", 200)])
def test_the_papers_preset_has_the_papers_hidden_units(dataset, hidden):
    settings = preset("paper", dataset)
    assert settings.model.encoder == settings.model.decoder == (hidden,)
    assert (settings.train.optimizer, settings.train.batch, settings.train.samples) == ("adagrad", 100, 1)
    assert (settings.model.initialisation, settings.train.weight_prior) == ("normal", True)
