"""The bundled models of shapes: which dimension follows which factor, how sure that is, what a rotation hides."""

import json
import time

import numpy as np
import pytest
import torch

from vae_core.__main__ import main
from vae_core.analysis import disentanglement
from vae_core.analysis.disentanglement import MODELS, SEEDS
from vae_core.analysis.factor_information import factor_information, told_by
from vae_core.data.datasets import load_dataset
from vae_core.inference.elbo import terms
from vae_core.model.gaussians import FullGaussian
from vae_core.runs.store import find

TRIALS = disentanglement.trials()
ROWS = disentanglement.summaries(TRIALS)


@pytest.fixture(scope="module")
def shapes():
    return load_dataset("shapes")


def test_every_trial_is_one_of_the_plan_on_these_shapes_and_the_bundled_models_are_among_them(shapes):
    kept = json.loads(disentanglement.MEASURED.read_text("utf-8"))
    assert kept["fingerprint"] == shapes.fingerprint
    plan = {disentanglement.called(s): s for s in disentanglement.plan()}
    assert list(kept["trials"]) == [name for name in plan if name in kept["trials"]]
    assert {disentanglement.called(find(name).settings) for name in MODELS} <= set(kept["trials"])
    for name, row in kept["trials"].items():
        train = plan[name].train
        assert (row["beta"], row["total_correlation"], row["seed"]) == (train.beta, train.total_correlation, train.seed)
    assert {r.seeds for r in ROWS} == {len(SEEDS)}
    assert [(r.beta, r.total_correlation) for r in ROWS] == [(1, 0), (60, 0), (1, 60)]


@pytest.mark.parametrize("name", MODELS)
def test_a_bundled_model_is_the_first_trial_measured_again_in_time(name, shapes):
    entry, factors = find(name), shapes.factors.test.numpy()
    codes = entry.codes()
    began = time.process_time()
    found = factor_information(codes.mean, codes.logvar, factors)
    assert time.process_time() - began < 2
    train = entry.settings.train
    first = next(t for t in TRIALS if (t.beta, t.total_correlation) == (train.beta, train.total_correlation))
    assert found.gap == pytest.approx(first.mig, abs=0.01)
    assert found.information.argmax(0).tolist() == list(first.best.values()), "the dimensions that the lecture moves"
    assert first.elbo == pytest.approx(entry.metrics["elbo"], abs=0.5)


def test_a_price_on_total_correlation_disentangles_more_than_any_seed_without_it():
    plain = [t for t in TRIALS if (t.beta, t.total_correlation) == (1, 0)]
    priced = [t for t in TRIALS if t.total_correlation]
    assert len(plain) > 1
    assert min(t.mig for t in priced) > max(t.mig for t in plain)
    assert all(t.turned < t.mig for t in priced)
    assert max(t.elbo for t in priced) < min(t.elbo for t in plain), "what it costs"
    assert ROWS[0].mig < ROWS[1].mig < ROWS[2].mig
    assert ROWS[1].spread > ROWS[0].spread, "a large beta helps some seeds and not others"


def test_the_command_prints_what_is_kept(capsys):
    assert main(["disentanglement"]) == 0
    assert capsys.readouterr().out == disentanglement.table(TRIALS) + "\n"


def test_a_rotated_model_has_the_same_bound_and_a_smaller_gap(shapes):
    """z' = Q z: its decoder undoes the rotation, its q is N(Q m, Q S Q'), and every term of its ELBO is the same."""
    run = find(MODELS[-1]).load()
    x, factors = shapes.observed("test", range(1000)), shapes.factors.test[:1000].numpy()
    rotation, _ = torch.linalg.qr(torch.randn(10, 10, generator=torch.Generator().manual_seed(0)))
    noise = torch.randn(4, 1000, 10, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        q = run.vae.posterior(x)
        bound = terms(run.vae, x, noise, q).elbo()
        covariance = rotation @ torch.diag_embed(q.variance) @ rotation.T
        turned = FullGaussian(q.mean @ rotation.T, torch.linalg.cholesky(covariance.double()).float())
        z = q.at(noise) @ rotation.T
        log_px = run.vae.observed(z @ rotation).log_prob(x).sum(-1).mean(0)  # the rotated decoder's
        assert torch.allclose(turned.kl(), bound.kl, atol=1e-2)
        assert torch.allclose(log_px, bound.reconstruction, atol=0.5)  # of thousands of nats, in float32
    straight, rotated = (told_by(np.asarray(sample[0], float), factors).gap for sample in (q.at(noise), z))
    assert rotated < straight / 2
