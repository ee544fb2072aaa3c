"""The bound of K weighted samples and the total correlation, as training climbs them."""

import math

import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from tests.parameters import rest_long
from vae_core.inference.elbo import terms
from vae_core.inference.total_correlation import total_correlation
from vae_core.jobs.trainer import train_run
from vae_core.model.gaussians import DiagonalGaussian
from vae_core.runs.store import Runs
from vae_core.settings import RunSettings
from vae_core.training import train as training
from vae_core.training.evaluate import scores
from vae_core.training.train import initial, train

SMALL = RunSettings().with_fields(
    name="strokes", encoder=(32,), decoder=(32,), steps=40, batch=50, validation=100, schedule="constant"
)
K5 = SMALL.with_fields(importance_samples=5)


def last(settings, dataset, **more):
    *_, progress = train(settings, dataset, **more)
    return progress


def same(a, b):
    return all(torch.equal(p, q) for p, q in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


@pytest.fixture
def given(digits):
    vae = initial(SMALL, digits)
    x = digits.observed("train", range(20))
    return vae, x, torch.randn(15, 20, 2, generator=torch.Generator().manual_seed(0))


def test_it_is_the_mean_over_groups_of_the_log_of_k_weights(given):
    vae, x, noise = given
    q = vae.posterior(x)
    z = q.mean + q.stddev * noise
    log_w = vae.observed(z).log_prob(x).sum(-1) + Normal(0.0, 1.0).log_prob(z).sum(-1)
    log_w = (log_w - Normal(q.mean, q.stddev).log_prob(z).sum(-1)).double()
    shift = log_w.amax(0)
    expected = ((log_w - shift).exp().view(3, 5, 20).mean(1).log() + shift).mean(0)
    assert torch.allclose(terms(vae, x, noise).importance_weighted(5).double(), expected, atol=1e-3)


def test_one_weighted_sample_is_the_elbo_bit_for_bit(digits, given, monkeypatch):
    vae, x, noise = given
    weights, t = [*vae.parameters()], terms(vae, x, noise[:1])
    one, elbo = t.importance_weighted(1), t.elbo(closed_form=False).objective
    assert torch.equal(one, elbo)
    gradients = (torch.autograd.grad(value.mean(), weights, retain_graph=True) for value in (one, elbo))
    assert all(map(torch.equal, *gradients))

    sampled = last(SMALL.with_fields(closed_form=False), digits)

    def weighted(vae, x, z, settings, step, rng):
        t = terms(vae, x, torch.randn(1, len(x), 2, generator=rng))
        return t.importance_weighted(1), t.elbo(closed_form=False), t.kl.detach()

    monkeypatch.setattr(training, "_objective", weighted)
    assert same(sampled.vae, last(SMALL, digits).vae)
    assert K5.with_fields(importance_samples=1).key() == SMALL.key() != K5.key()


def test_the_bound_of_five_is_reported_by_its_name_and_goes_on_bit_for_bit(digits):
    going = train(K5, digits, due=lambda step: step == 17)
    checkpoint = next(going).checkpoint()
    *_, whole = going
    assert (checkpoint["step"], whole.step) == (17, 40)
    assert whole.importance_weighted > whole.elbo
    assert last(SMALL, digits).importance_weighted is None
    assert same(whole.vae, last(K5, digits, checkpoint=checkpoint).vae)
    assert not same(whole.vae, last(SMALL, digits).vae)


def test_it_is_in_the_history_beside_the_held_out_one_and_in_the_report(digits, tmp_path):
    entry = train_run(K5, digits, Runs(tmp_path))
    rows = [row for row in entry.history() if "validation" in row]
    assert all(row["importance_weighted"] > row["reconstruction"] - row["kl"] for row in entry.history())
    assert all(row["validation_importance_weighted"] > row["validation"] for row in rows)
    assert rows
    assert entry.metrics["importance_weighted"] > entry.metrics["elbo"]
    assert "importance_weighted" not in train_run(SMALL, digits, Runs(tmp_path)).metrics


@pytest.mark.parametrize("seed", rest_long(range(3), [0]))
def test_training_with_five_tightens_the_held_out_bound(digits, seed):
    """In ten dimensions, by two nats; the ELBO itself is no judge of it. In two it gains nothing."""
    x, bounds = digits.observed("test", range(100)), []
    longer = {"latent_dim": 10, "encoder": (64,), "decoder": (64,), "steps": 400, "learning_rate": 3e-3, "seed": seed}
    for settings in (SMALL, K5):
        vae = last(settings.with_fields(**longer, schedule="linear"), digits).vae
        five, hundred = (scores(vae, x, 100, importance=k).importance_weighted.mean().item() for k in (5, 100))
        assert scores(vae, x, 100).elbo.mean() < five < hundred
        bounds.append((five, hundred))
    assert bounds[1][0] > bounds[0][0] + 1
    assert bounds[1][1] > bounds[0][1] + 1


def test_total_correlation_is_that_of_the_batchs_mixture():
    rng = torch.Generator().manual_seed(0)
    mean, logvar = torch.randn(7, 3, generator=rng), torch.randn(7, 3, generator=rng)
    q, noise = DiagonalGaussian(mean, logvar), torch.randn(4, 7, 3, generator=rng)
    z, equal = mean + q.stddev * noise, Categorical(torch.ones(7))
    joint = MixtureSameFamily(equal, Independent(Normal(mean, q.stddev), 1)).log_prob(z)
    alone = [MixtureSameFamily(equal, Normal(mean[:, j], q.stddev[:, j])).log_prob(z[..., j]) for j in range(3)]
    assert torch.allclose(total_correlation(q, noise), (joint - sum(alone)).mean(0), atol=1e-5)
    assert torch.allclose(total_correlation(DiagonalGaussian(mean[:1], logvar[:1]), noise[:, :1]), torch.zeros(1))


def test_a_price_on_total_correlation_lowers_it(digits):
    x, found = digits.observed("train", range(400)), []
    for price in (0.0, 20.0):
        vae = last(SMALL.with_fields(steps=300, total_correlation=price, learning_rate=3e-3), digits).vae
        noise = torch.randn(8, 400, 2, generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            found.append(total_correlation(vae.posterior(x), noise).mean().item())
    assert found[1] < found[0] / 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"importance_samples": 5, "beta": 4.0}, "no use for beta: leave it at 1.0"),
        ({"importance_samples": 5, "free_bits": 0.5}, "no use for free_bits"),
        ({"importance_samples": 5, "total_correlation": 1.0}, "no use for total_correlation"),
        ({"importance_samples": 5, "algorithm": "wake-sleep"}, "no use for importance_samples"),
        ({"total_correlation": 2.0, "algorithm": "mcem"}, "no use for total_correlation"),
        ({"importance_samples": 5, "stochastic": False}, "leave importance_samples at 1"),
        ({"importance_samples": 0}, "between 1 and 1000"),
        ({"total_correlation": math.nan}, "between 0 and 10000"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(wrong, said):
    with pytest.raises(ValueError, match=said):
        SMALL.with_fields(**wrong)
