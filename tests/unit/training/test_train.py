import math
import threading

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from vae_core.data.datasets import observe
from vae_core.inference.elbo import elbo
from vae_core.model.vae import VAE, build, dead_units
from vae_core.settings import ModelSettings, RunSettings, TrainSettings
from vae_core.training.train import Diverged, generator, learning_rate, train, uniforms

SMALL = RunSettings().with_fields(
    name="strokes", encoder=(32,), decoder=(32,), steps=60, batch=50, validation=100, samples=2
)


def last(settings, dataset, **more):
    *_, progress = train(settings, dataset, **more)
    return progress


def same_weights(a: VAE, b: VAE) -> bool:
    return all(torch.equal(p, q) for p, q in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def test_training_raises_the_bound(digits):
    reports = list(train(SMALL.with_fields(steps=200), digits))
    assert reports[-1].elbo > reports[0].elbo + 50
    assert reports[-1].step == 200
    assert math.isclose(sum(reports[-1].kl_per_dimension), reports[-1].kl)


def test_two_trainings_are_bit_identical_although_a_third_runs_in_another_thread(digits):
    alone = last(SMALL, digits).vae
    noisy = threading.Thread(target=lambda: last(SMALL.with_fields(seed=7), digits))
    noisy.start()
    beside = last(SMALL, digits).vae
    noisy.join()
    assert same_weights(alone, beside)
    assert not same_weights(alone, last(SMALL.with_fields(seed=7), digits).vae), "the control: another seed"


def test_training_leaves_the_process_wide_generator_alone(digits):
    before = torch.random.get_rng_state()
    last(SMALL.with_fields(steps=20), digits)
    assert torch.equal(before, torch.random.get_rng_state())


def test_uniforms_are_uniform_and_leave_the_ends_of_the_grey_scale_certain():
    u = uniforms(torch.Size([500, 777]), generator(0, 2, 0))  # 777: not a multiple of the four to a draw
    assert (u.shape, u.dtype) == ((500, 777), torch.float32)
    assert (u >= 0).all()
    assert (u < 1).all()
    counts = torch.histc(u, 64, 0, 1)
    expected = u.numel() / 64
    assert ((counts - expected).square() / expected).sum() < 63 + 5 * math.sqrt(2 * 63)  # chi-squared, 5 deviations
    for lag in (1, 2, 3, 4):  # neighbours come from one draw
        assert torch.corrcoef(torch.stack([u[:, :-lag].flatten(), u[:, lag:].flatten()]))[0, 1].abs() < 5 / math.sqrt(
            u.numel()
        )
    assert observe(torch.full((500, 777), 255, dtype=torch.uint8), "dynamic", u).all()
    assert not observe(torch.zeros(500, 777, dtype=torch.uint8), "dynamic", u).any()


@pytest.mark.parametrize("optimizer", ["adam", "adagrad", "sgd"])
def test_a_checkpoint_goes_on_bit_for_bit(digits, optimizer):
    settings = SMALL.with_fields(optimizer=optimizer, learning_rate=1e-3)
    whole = last(settings, digits).vae
    for progress in train(settings, digits):
        if progress.step == 40:
            checkpoint = progress.checkpoint()
            break
    assert same_weights(last(settings, digits, checkpoint=checkpoint).vae, whole)
    del checkpoint["step"]
    checkpoint = {name: torch.zeros_like(t) for name, t in checkpoint.items()} | {"step": torch.tensor(40)}
    assert not same_weights(last(settings, digits, checkpoint=checkpoint).vae, whole), "the control: an empty one"


def test_the_first_step_follows_the_gradient_of_the_objective(digits):
    """One step of plain SGD, checked against autograd on an objective written out with torch.distributions."""
    settings = SMALL.with_fields(optimizer="sgd", learning_rate=1e-3, schedule="constant", steps=1, beta=3.0, samples=4)
    stepped = last(settings, digits).vae

    images, _ = digits.training(100)
    vae = build(settings.model, digits.shape, generator(0, 0, 0))
    rng = generator(0, 2, 0)
    picked = images[torch.randperm(len(images), generator=generator(0, 1, 0))[:50]]
    x = observe(picked, "dynamic", uniforms(picked.shape, rng))
    noise = torch.randn(4, 50, 2, generator=rng)
    q = vae.posterior(x)
    log_px = -torch.nn.functional.binary_cross_entropy_with_logits(
        vae.decoder(q.mean + q.stddev * noise), x.expand(4, -1, -1), reduction="none"
    ).sum(-1)
    kl = kl_divergence(Normal(q.mean, q.stddev), Normal(0.0, 1.0)).sum(-1)
    (-(log_px.mean(0) - 3 * kl).mean()).backward()
    for p, q in zip(vae.parameters(), stepped.parameters(), strict=True):
        torch.testing.assert_close(p - 1e-3 * p.grad, q, atol=2e-6, rtol=1e-4)


def test_the_weight_prior_pulls_the_decoder_only(digits):
    plain = SMALL.with_fields(optimizer="sgd", learning_rate=0.1, schedule="constant", steps=1, decoder=(8,))
    a, b = last(plain, digits).vae, last(plain.with_fields(weight_prior=True), digits).vae
    start = build(plain.model, digits.shape, generator(0, 0, 0))
    for w, free, pulled in zip(start.decoder.parameters(), a.decoder.parameters(), b.decoder.parameters(), strict=True):
        torch.testing.assert_close(free - pulled, 0.1 * w / 500, atol=1e-6, rtol=1e-3)
    assert all(torch.equal(p, q) for p, q in zip(a.encoder.parameters(), b.encoder.parameters(), strict=True))


def test_free_bits_are_not_charged(digits):
    x = observe(digits.test, "threshold")
    vae = last(SMALL.with_fields(steps=20), digits).vae
    noise = torch.randn(1, len(x), 2, generator=generator(0, 2, 0))
    from vae_core.inference.elbo import terms

    t = terms(vae, x, noise)
    floor = t.kl.mean(0).max().item() + 1
    bound = t.elbo(free_bits=floor)
    torch.testing.assert_close(bound.objective.mean(), bound.reconstruction.mean() - 2 * floor)
    torch.testing.assert_close(bound.value, elbo(vae, x, noise).value)


def test_beta_warms_up(digits):
    betas = [p.beta for p in train(SMALL.with_fields(beta=4.0, warmup=40), digits)]
    assert betas == [2.0, 4.0, 4.0]


def test_the_one_cycle_rises_from_a_tenth_and_ends_at_a_hundredth():
    c = TrainSettings(steps=1000, learning_rate=1.0)
    rates = [learning_rate(c, step) for step in range(1000)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1.0)
    assert rates.index(max(rates)) == 100
    assert rates[-1] == pytest.approx(0.01, abs=1e-3)
    assert learning_rate(c.replace(schedule="linear"), 999) == pytest.approx(1e-3)


def test_an_objective_that_is_no_number_stops_the_training_with_finite_weights_and_advice(digits):
    settings = SMALL.with_fields(
        likelihood="gaussian", pixels="dequantised", optimizer="sgd", learning_rate=10.0, schedule="constant"
    )
    with pytest.raises(Diverged, match=r"stopped being a number at step \d+; .* smaller learning rate") as caught:
        last(settings, digits)
    assert caught.value.step < 60
    assert all(w.isfinite().all() for w in caught.value.vae.parameters())


def test_an_autoencoder_has_no_posterior_and_trains_on_reconstruction_alone(digits):
    reports = list(train(SMALL.with_fields(stochastic=False, steps=100), digits))
    assert reports[-1].kl == 0.0
    assert reports[-1].reconstruction > reports[0].reconstruction
    x = observe(digits.test, "threshold")
    assert reports[-1].vae.code(x).shape == (200, 2)
    with pytest.raises(ValueError, match="An autoencoder has no distribution over codes"):
        reports[-1].vae.posterior(x)


def test_static_pixels_are_the_same_at_every_visit_and_dynamic_ones_are_not(digits):
    from vae_core.training.train import _training_images

    images, rule = _training_images(SMALL.with_fields(pixels="static"), digits)
    assert rule == "threshold"
    assert torch.equal(observe(images, rule), digits.observed("train", range(500), pixels="static"))
    assert _training_images(SMALL, digits)[1] == "dynamic"


def test_bfloat16_trains_to_the_same_bound(digits):
    exact, fast = (last(SMALL.with_fields(steps=200, precision=p), digits) for p in ("float32", "bfloat16"))
    assert abs(exact.elbo - fast.elbo) < 3
    assert all(w.dtype == torch.float32 for w in fast.vae.parameters())


@pytest.mark.parametrize("network", ["mlp", "conv"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
@pytest.mark.parametrize("shape", [(28, 28), (28, 20)])
def test_networks_take_any_leading_dimensions(network, likelihood, shape):
    model = SMALL.model.replace(network=network, likelihood=likelihood, encoder=(4, 6), decoder=(6, 4), latent_dim=3)
    vae = build(model, shape, torch.Generator().manual_seed(0))
    z = torch.randn(5, 2, 3, generator=torch.Generator().manual_seed(1))
    mean = vae.mean(z)
    assert mean.shape == (5, 2, shape[0] * shape[1])
    torch.testing.assert_close(mean[3, 1], vae.mean(z[3, 1]))
    assert vae.posterior(mean).mean.shape == (5, 2, 3)


def test_a_conv_network_says_which_sides_it_needs():
    model = SMALL.model.replace(network="conv", encoder=(4, 4, 4), decoder=(4, 4, 4))
    with pytest.raises(ValueError, match="needs sides divisible by 8, these images are 28x20"):
        build(model, (28, 20), torch.Generator())


@pytest.mark.parametrize("scheme", ["uniform", "xavier", "he", "normal"])
def test_initial_weights_come_from_the_generator_alone(scheme):
    model = SMALL.model.replace(initialisation=scheme)
    a, b, c = (build(model, (28, 28), torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert same_weights(a, b)
    assert not same_weights(a, c)
    if scheme == "normal":
        assert a.encoder[0].weight.std().item() == pytest.approx(0.01, rel=0.05)


def test_a_relu_that_never_fires_is_a_dead_unit():
    model = ModelSettings(encoder=(6,), decoder=(5, 4), activation="relu")
    vae = build(model, (4, 4), generator(0, 0, 0))
    x = torch.rand(50, 16, generator=generator(1, 0, 0))
    before = dead_units(vae, x)
    assert {name: units for name, (_, units) in before.items()} == {"encoder": 6, "decoder": 9}
    with torch.no_grad():
        last = (vae.decoder[:4](vae.code(x)) > 0).any(0)  # what the output layer sees: no other unit depends on it
        vae.decoder[2].bias[last.nonzero()[:1].flatten()] = -1e3
    assert dead_units(vae, x) == before | {"decoder": (before["decoder"][0] + 1, 9)}


@pytest.mark.parametrize("activation", ["tanh", "silu", "softplus"])
def test_a_smooth_unit_that_never_moves_is_dead_too(activation):
    vae = build(ModelSettings(encoder=(6,), decoder=(5,), activation=activation), (4, 4), generator(0, 0, 0))
    x = torch.rand(50, 16, generator=generator(1, 0, 0))
    assert dead_units(vae, x) == {"encoder": (0, 6), "decoder": (0, 5)}
    with torch.no_grad():
        vae.encoder[0].weight[:2] = 0  # they give their biases, whatever the image
        vae.encoder[0].bias[2] = -1e3  # stuck at the end of the activation
    assert dead_units(vae, x)["encoder"] == (3, 6)
    assert dead_units(vae, x[:1]) == {}, "one image cannot say what never changes"
    with torch.no_grad():
        vae.encoder[0].weight[:] = 0
    assert dead_units(vae, x) == {"encoder": (6, 6), "decoder": (5, 5)}, "all images have one code then"


def test_dead_units_are_those_of_all_chunks_and_of_the_given_classes(monkeypatch):
    settings = ModelSettings(encoder=(6,), decoder=(5,), activation="relu", conditional=True)
    vae, rng = build(settings, (4, 4), generator(0, 0, 0), classes=3), generator(1, 0, 0)
    x, labels = torch.rand(50, 16, generator=rng), torch.randint(3, (50,), generator=rng)
    with torch.no_grad():  # one unit fires for the last image only, one never does
        vae.encoder[0].weight[:2], vae.encoder[0].bias[0], vae.encoder[0].bias[1] = 0, -1, -1
        vae.encoder[0].weight[0, :16] = 2 * x[-1] / x[-1].square().sum()
        x[:-1] *= 0.01
    whole = dead_units(vae, x, labels)
    assert whole["encoder"][0] >= 1
    monkeypatch.setattr("vae_core.model.vae.CHUNK", 7)
    assert dead_units(vae, x, labels) == whole
    assert dead_units(vae, x[:-1], labels[:-1])["encoder"][0] == whole["encoder"][0] + 1


def test_linear_networks_have_no_hidden_units():
    vae = build(ModelSettings(encoder=(), decoder=()), (4, 4), generator(0, 0, 0))
    assert dead_units(vae, torch.rand(5, 16, generator=generator(1, 0, 0))) == {}
