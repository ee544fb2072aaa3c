"""The bundled variance family: the error stays, the bound jumps, and page and command have the same numbers."""

import pytest
import torch

from tests.models.test_bundle import ENTRIES, images_for
from vae_core.__main__ import main
from vae_core.analysis import model_comparison, variance_family
from vae_core.runs.bundled_recipes import RECIPES, TRAINING_CODES, VARIANCES

ROWS = {m.name: m for m in variance_family.family()}
NAMES = [*(f"mnist-c-{c}" for c in VARIANCES), "mnist-c-learned"]


def test_the_family_is_whole_measured_and_differs_in_nothing_but_the_variance():
    assert set(ROWS) == set(NAMES)
    assert all(m.residual is not None for m in ROWS.values()), "run python -m vae_core compare --write with their names"
    for name in NAMES:
        same = RECIPES[name].with_fields(likelihood="fixed_gaussian", variance=1.0)
        assert same == RECIPES[NAMES[1]]
        assert len(ENTRIES[name].training_codes().mean) == TRAINING_CODES[name]


def test_the_error_stays_and_the_bound_jumps():
    small, smaller = ROWS["mnist-c-0.1"], ROWS["mnist-c-0.02"]
    assert smaller.residual == pytest.approx(small.residual, rel=0.05)
    assert smaller.elbo - small.elbo > 200
    elbos = [ROWS[f"mnist-c-{c}"].elbo for c in VARIANCES]
    assert elbos == sorted(elbos)
    assert elbos[1] < 0 < elbos[2]


def test_a_model_that_learns_its_variance_ends_at_the_error_per_pixel_with_the_highest_bound():
    learned = ROWS["mnist-c-learned"]
    assert learned.learned
    assert learned.variance == pytest.approx(learned.expected_residual / learned.pixels, rel=0.05)
    assert learned.elbo == max(m.elbo for m in ROWS.values())


def test_a_dimension_is_used_while_its_eigenvalue_is_above_c():
    """The linear theory, within one dimension: the networks are not linear."""
    assert [ROWS[name].predicted for name in NAMES] == [1, 10, 10, 10, 10]
    for m in ROWS.values():
        assert abs(m.active_units - m.predicted) <= 1
    assert ROWS["mnist-c-5"].active_units == 0


def test_the_collapsed_one_leaves_the_variance_of_the_images():
    from vae_core.analysis.posterior_collapse import mnist

    assert ROWS["mnist-c-5"].residual == pytest.approx(mnist().variance, rel=0.02)


@pytest.mark.parametrize("name", ["mnist-c-0.1", "mnist-c-learned"])
def test_the_parts_are_those_of_the_manifest_and_of_the_weights(name):
    m, entry = ROWS[name], ENTRIES[name]
    assert m.constant - m.expected_residual / (2 * m.variance) - m.kl == pytest.approx(m.elbo, abs=1e-6)
    assert m.elbo == entry.metrics["elbo"]
    dataset, vae = images_for(entry), entry.load().vae
    assert vae.likelihood.variance == pytest.approx(m.variance, rel=1e-6)
    x = dataset.observed("test", range(1000), pixels="grey")
    with torch.no_grad():
        error = (vae.mean(vae.posterior(x).mean) - x).square().sum(1)
    assert error.mean().item() == pytest.approx(m.residual, abs=4 * error.std().item() / 1000**0.5)
    assert m.residual < m.expected_residual, "a draw of z costs more than its mean"


def test_the_command_prints_the_numbers_of_the_page(capsys):
    from dashboard.likelihood.variance import variance as page

    assert main(["variances"]) == 0
    lines = capsys.readouterr().out.splitlines()[1 : len(NAMES) + 1]
    rows = [page.numbers(row) for row in variance_family.family()]
    for line, row in zip(lines, rows, strict=True):
        cells = [cell for cell in line.split() if cell != "learned"]
        assert cells == [
            f"{row['variance']:.4g}", f"{row['residual']:.2f}", f"{row['constant']:.1f}",
            f"{row['expectedResidual'] / (2 * row['variance']):.1f}", f"{row['kl']:.2f}", f"{row['elbo']:.1f}",
            str(row["active_units"]), str(row["predicted"]),
        ]  # fmt: skip
        assert ("learned" in line) == row["learned"]


def test_measuring_some_models_keeps_what_was_measured_of_the_others(tmp_path, monkeypatch):
    kept = model_comparison.MEASURED._replace(path=tmp_path / "comparison.json")
    kept.write(model_comparison.MEASURED.rows())
    monkeypatch.setattr(model_comparison, "MEASURED", kept)
    before = kept.rows()
    entry = ENTRIES["mnist-c-5"]
    model_comparison.write([(entry, model_comparison.known(entry)._replace(residual=1.0))])
    after = kept.rows()
    assert {name for name in before if before[name] != after[name]} == {"mnist-c-5"}
    assert after["mnist-c-5"]["measured"]["residual"] == 1.0


def test_an_unknown_name_is_refused_before_anything_is_measured(capsys):
    assert main(["compare", "--write", "nobody"]) == 2
    assert "No bundled model is called nobody" in capsys.readouterr().err
