"""What good first weights were measured to buy, and that page, file and command say the same."""

import json
from statistics import fmean

import pytest

from dashboard.train import settings_form
from vae_core.__main__ import main
from vae_core.analysis import first_weights
from vae_core.analysis.posterior_collapse import mnist
from vae_core.settings import preset

TRIALS = first_weights.trials()


def test_every_trial_of_the_plan_was_made_on_mnist_and_differs_in_its_first_weights_only():
    assert json.loads(first_weights.MEASURED.read_text("utf-8"))["fingerprint"] == mnist().fingerprint
    plan = first_weights.plan(mnist().fingerprint)
    assert [(t.start, t.seed) for t in TRIALS] == [(s.model.initialisation, s.train.seed) for s in plan]
    assert {s.with_fields(initialisation="large", seed=0) for s in plan} == {plan[-1].with_fields(seed=0)}
    assert plan[-1].with_fields(fingerprint="", seed=0) == preset("bad-start", "mnist")


def test_reports_add_up_and_a_good_start_is_worth_nats_in_every_seed():
    for t in TRIALS:
        assert t.report["elbo"] == pytest.approx(t.report["reconstruction"] - t.report["kl"], abs=1e-2)
        assert all(0 <= dead <= units for dead, units in t.dead.values())
    for seed in first_weights.SEEDS:
        bound = {t.start: t.report["elbo"] for t in TRIALS if t.seed == seed}
        assert bound[first_weights.GOOD] > bound[first_weights.TINY] + 5
        assert bound[first_weights.GOOD] > bound[first_weights.LARGE] + 50


def test_page_and_command_say_what_is_kept(capsys, monkeypatch, tmp_path):
    assert main(["first-weights"]) == 0
    out = capsys.readouterr().out
    assert out == first_weights.table(TRIALS) + "\n"
    for start in (first_weights.LARGE, first_weights.TINY):
        means = [fmean(t.report["elbo"] for t in TRIALS if t.start == name) for name in (first_weights.GOOD, start)]
        assert f"ends {means[0] - means[1]:.1f} nats below" in out
        assert f" {means[0] - means[1]:.0f}" in settings_form.bad_starts()
    monkeypatch.setattr(first_weights, "MEASURED", tmp_path / "not measured")
    assert settings_form.bad_starts() == ""
    assert first_weights.trials() == []
