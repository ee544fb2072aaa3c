"""What warm-up and free bits were measured to do, and that page, file and command say the same."""

import json
from itertools import groupby
from statistics import fmean

import pytest

from vae_core.__main__ import main
from vae_core.analysis import beta_family, collapse_remedies
from vae_core.analysis.posterior_collapse import mnist
from vae_core.runs.store import ASSETS

TRIALS = collapse_remedies.trials()
FAMILY = {m.beta: m for m in beta_family.family()}
ROWS = {(s.beta, s.method): s for s in collapse_remedies.summaries(TRIALS, FAMILY.values())}


def test_every_trial_of_the_plan_was_made_on_the_family_s_data_with_three_seeds():
    assert mnist().fingerprint == json.loads(collapse_remedies.MEASURED.read_text("utf-8"))["fingerprint"]
    assert [(t.method, t.settings) for t in TRIALS] == collapse_remedies.plan(mnist().fingerprint)
    assert all(row.seeds == len(collapse_remedies.SEEDS) for row in ROWS.values())
    assert collapse_remedies.MEASURED.stat().st_size < 60_000
    assert sum(path.stat().st_size for path in ASSETS.parent.rglob("*") if path.is_file()) < 60_000_000


def test_only_what_a_method_names_differs_from_the_family():
    for t in TRIALS:
        mine, bundled = t.settings.to_dict(), beta_family.bundled().get(f"mnist-beta-{t.beta:g}").settings.to_dict()
        assert (mine["data"], mine["model"]) == (bundled["data"], bundled["model"])
        other = {name for name, value in mine["train"].items() if value != bundled["train"].get(name, value)}
        assert other <= {"seed", "start_from", *collapse_remedies.METHODS[t.method]}


def test_reports_and_histories_add_up():
    for t in TRIALS:
        r, h = t.report, t.history
        assert r["elbo"] == pytest.approx(r["reconstruction"] - r["kl"], abs=1e-3)
        assert sum(r["kl_per_dimension"]) == pytest.approx(r["kl"], abs=1e-4)
        assert len(h["reconstruction"]) == len(h["kl_per_dimension"]) == collapse_remedies.POINTS
        rate, distortion = t.path[-1]
        assert rate == pytest.approx(r["kl"], abs=0.2)  # other images: the training set's last steps
        assert distortion == pytest.approx(-r["reconstruction"], abs=4)


def test_the_first_seed_that_starts_at_beta_1_is_the_bundled_member():
    """Float16 and another day are all that lies between the two."""
    first = next(t for t in TRIALS if (t.beta, t.method, t.seed) == (8, "start at beta 1", 0))
    assert first.objective == pytest.approx(FAMILY[8].objective, abs=0.1)


def test_the_command_prints_what_is_kept(capsys):
    assert main(["remedies"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["beta", "method", "seeds"]
    for line, row in zip(lines, ROWS.values(), strict=False):
        assert line.startswith(f"{row.beta:>5g}  {row.method}")
        assert line.split()[-3:] == [f"{v:.2f}" for v in (row.objective, row.spread, row.above)]


def test_summaries_are_means_over_the_seeds():
    for (beta, method), group in groupby(
        (t for t in TRIALS if t.beta in collapse_remedies.TRIED), lambda t: (t.beta, t.method)
    ):
        group = list(group)
        row = ROWS[beta, method]
        assert row.objective == pytest.approx(fmean(beta * t.report["kl"] - t.report["reconstruction"] for t in group))
        assert row.above == pytest.approx(row.objective - FAMILY[beta].objective)


def test_the_bound_is_highest_at_beta_1_in_every_seed():
    found = collapse_remedies.bounds(TRIALS)
    assert all(len(values) == 3 for values in found.values())
    assert all(one > max(half, two) for half, one, two in zip(found[0.5], found[1], found[2], strict=True))


@pytest.mark.parametrize("beta", [8.0, 16.0])
def test_a_random_start_ends_above_the_family_and_warm_up_takes_some_of_it(beta):
    plain, warm = ROWS[beta, "plain"], ROWS[beta, "warm-up"]
    assert plain.above > 0.5
    assert warm.above < plain.above - plain.spread / 2
    assert ROWS[8, "plain"].elbo < FAMILY[8].elbo - 5


def test_free_bits_hold_a_kl_that_the_objective_would_give_up():
    assert FAMILY[40].active_units == 0
    assert ROWS[40, "plain"].kl < 0.05
    assert ROWS[40, "warm-up"].kl < 0.05
    held = ROWS[40, "free bits 0.5"]
    assert held.kl == pytest.approx(2 * 0.5, abs=0.1)
    assert held.above > 5
    assert held.elbo > FAMILY[40].elbo + 5
