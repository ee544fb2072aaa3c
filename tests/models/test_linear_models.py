"""The bundled linear models reach PCA and the linear-Gaussian VAE's closed form; what assets/comparison.json says."""

import numpy as np
import pytest

from vae_core.analysis.model_comparison import AUTOENCODERS, beside_closed_form, continuity, known, points, residual
from vae_core.runs.bundled_recipes import RECIPES
from vae_core.runs.store import bundled

LINEAR = ("mnist-linear-2d", "mnist-linear-ae-2d", "mnist-pca-2d")


@pytest.mark.parametrize("name", RECIPES)
def test_every_bundled_model_has_been_measured_as_it_is(name):
    found = known(bundled().get(name))
    assert found is not None, "python -m vae_core compare --write measures it"
    assert found.residual > 0


@pytest.mark.parametrize("name", LINEAR)
def test_a_linear_model_reaches_its_closed_form(name):
    facts = known(bundled().get(name)).linear
    for value in ("residual", "variance", "log_px", "elbo"):
        if facts["model"][value] is not None:
            assert facts["model"][value] == pytest.approx(facts["best"][value], rel=1e-3)
    assert max(facts["model"]["angles"]) < 1, "degrees between its plane and that of PCA"
    eigenvalues = facts["eigenvalues"]
    least = facts["total"] - sum(eigenvalues[:2])
    c = least / (784 - 2)
    shrunk = sum(c**2 / value for value in eigenvalues[:2]) if name == "mnist-linear-2d" else 0
    assert facts["best"]["residual"] == pytest.approx(least + shrunk, rel=1e-9)


def test_the_linear_vae_has_found_the_axes_of_pca():
    facts = known(bundled().get("mnist-linear-2d")).linear
    assert max(facts["model"]["turned"]) < 1, "degrees between each column of its decoder and a principal axis"
    assert facts["model"]["elbo"] == pytest.approx(facts["best"]["elbo"], rel=1e-5)
    assert facts["model"]["elbo"] <= facts["model"]["log_px"] <= facts["best"]["log_px"]
    assert "L-BFGS" in bundled().get("mnist-linear-2d").manifest["converged"]


def test_pca_in_float32_is_pca():
    facts = known(bundled().get("mnist-pca-2d")).linear
    assert facts["model"]["residual"] == pytest.approx(facts["best"]["residual"], rel=1e-12)
    assert max(facts["model"]["angles"]) < 1e-5
    assert "nothing was trained" in bundled().get("mnist-pca-2d").manifest["closed form"]


@pytest.mark.parametrize("name", LINEAR)
def test_linear_models_are_small(name):
    files = [
        path for path in bundled().get(name).folder.iterdir() if path.name != "training.safetensors"
    ]  # 55,000 codes
    assert sum(path.stat().st_size for path in files) < 130_000


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_continuity_is_found_again_without_any_image(name):
    entry = bundled().get(name)
    assert continuity(entry.load().vae, points(entry.codes())) == pytest.approx(known(entry).continuity, rel=1e-5)


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_squared_errors_are_found_again(name, mnist):
    entry = bundled().get(name)
    assert residual(entry.load().vae, mnist, entry.settings.data.pixels) == pytest.approx(
        (known(entry).residual, known(entry).residual_error), rel=1e-5
    )


@pytest.mark.long
@pytest.mark.parametrize("name", LINEAR)
def test_the_closed_form_is_found_again(name, mnist):
    entry = bundled().get(name)
    again, kept = beside_closed_form(entry, entry.load().vae, mnist), known(entry).linear
    assert again["images"] == kept["images"] == 55_000
    np.testing.assert_allclose(again["eigenvalues"], kept["eigenvalues"], rtol=1e-9)
    for side in ("model", "best"):
        for value in ("residual", "variance", "log_px", "elbo"):
            if kept[side][value] is not None:
                assert again[side][value] == pytest.approx(kept[side][value], rel=1e-9)
