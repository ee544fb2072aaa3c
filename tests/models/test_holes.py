"""Holes of the bundled models: one number, of the training codes, wherever it is printed."""

import json

import numpy as np
import pytest
import torch

from dashboard.compare import metric_table
from dashboard.shared import coverage as shown
from dashboard.shared import model_view
from tests.models.test_bundle import ENTRIES, images_for
from vae_core.__main__ import main
from vae_core.analysis import beta_family, coverage
from vae_core.analysis.aggregate_posterior import holes
from vae_core.exchange.model_card import card
from vae_core.runs.bundled_recipes import RECIPES, TRAINING_CODES

VAES = [name for name in RECIPES if RECIPES[name].model.stochastic]


@pytest.mark.parametrize("name", RECIPES)
def test_holes_were_measured_on_exactly_these_files(name):
    found = coverage.known(ENTRIES[name])
    assert (found is not None) == (name in VAES), "run python -m vae_core compare --write"
    if found:
        assert found.images == TRAINING_CODES.get(name, 1600 if name.startswith("frey") else 55_000)
        assert found.others == len(ENTRIES[name].codes().mean)


@pytest.mark.parametrize("name", ["mnist-2d", "frey-2d", "strokes-2d", "mnist-beta-0.1", "mnist-1d", "mnist-10d"])
def test_what_is_kept_is_what_is_measured(name):
    assert coverage.known(ENTRIES[name]) == coverage.measure(ENTRIES[name])


@pytest.mark.parametrize("name", ["strokes-2d", "mnist-2d", "mnist-linear-2d", "mnist-conv-10d", "frey-2d"])
def test_training_codes_are_those_of_the_stored_weights(name):
    entry = ENTRIES[name]
    dataset, codes = images_for(entry), entry.training_codes()
    count, kept = len(dataset.train) - entry.settings.data.validation, len(codes.mean)
    assert kept == TRAINING_CODES.get(name, count)
    some = [0, 1, 700, kept - 1]
    which = np.linspace(0, count - 1, kept).astype(int)[some]  # evenly spaced: all of them where all are kept
    x = dataset.observed("train", which.tolist(), pixels=entry.settings.data.pixels)
    with torch.no_grad():
        q = entry.load().vae.posterior(x)
    np.testing.assert_allclose(codes.mean[some], q.mean, atol=2e-3, rtol=2e-3)
    np.testing.assert_allclose(codes.logvar[some], q.logvar, atol=8e-3, rtol=2e-3)


@pytest.mark.parametrize("name", ["mnist-2d", "strokes-2d", "frey-2d", "mnist-beta-0.01", "mnist-beta-0.1"])
def test_fewer_codes_leave_more_holes_and_few_held_out_codes_lie_in_those_of_many(name):
    found, codes = coverage.known(ENTRIES[name]), ENTRIES[name].codes()
    assert holes(codes).share > found.share
    assert found.held_out < found.share


@pytest.mark.parametrize("name", ["mnist-2d", "mnist-beta-0.1", "frey-2d"])
def test_explore_compare_the_card_and_the_commands_have_one_number(name, capsys):
    entry = ENTRIES[name]
    found, model = coverage.known(entry), model_view.model(entry)
    assert shown.holes(model, (0, 1)) == found
    (cell,) = metric_table.holes([model])["cells"]
    assert (cell["value"], cell["text"]) == (100 * found.share, f"{100 * found.share:.1f}")
    assert f"q(z) of {found.images:,} training images" in cell["note"]
    assert f"{found.share:.2%} of the prior" in card(entry, "")
    assert main(["compare", name]) == 0
    assert f"{found.share:.1%}" in capsys.readouterr().out.splitlines()[1].split()


def test_the_family_has_the_same_numbers(capsys):
    assert main(["family"]) == 0
    printed = {line.split()[0]: line.split()[6:8] for line in capsys.readouterr().out.splitlines()[1:14]}
    for m in beta_family.family():
        found = coverage.known(ENTRIES[m.name])
        assert m.holes == found
        row = beta_family.as_numbers(m)
        assert (row["holes"], row["holes_codes"], row["holes_held_out"]) == (found.share, 55_000, found.held_out)
        assert printed[f"{m.beta:g}"] == [f"{found.share:.1%}", f"{found.held_out:.1%}"]
        json.dumps(row)


@pytest.mark.parametrize("name", ["mnist-2d", "mnist-beta-0.1", "mnist-beta-1", "strokes-2d"])
def test_what_the_browser_hatches_is_the_number_beside_it(name):
    """The prior's mass of the hatched cells, within its circle, beside the share counted at draws; codes that are wider
    than a cell, so that a mean over cells is the density."""
    model = model_view.model(ENTRIES[name])
    levels = shown.levels(model.entry.training_codes(), (0, 1), shown.RIM, shown.CELLS)
    line = (np.arange(shown.CELLS) + 0.5) * 2 * shown.RIM / shown.CELLS - shown.RIM
    mass = np.exp(-0.5 * (line[None] ** 2 + line[:, None] ** 2)) / (2 * np.pi) * (line[1] - line[0]) ** 2
    hatched = levels * shown.LEVELS / 255 - shown.FAINT < np.log(0.05)
    found = coverage.known(ENTRIES[name])
    beyond = np.exp(-(shown.RIM**2) / 2)  # of the prior, where nothing is hatched
    assert (mass * hatched).sum() == pytest.approx(found.share, abs=4 * found.error + beyond)
