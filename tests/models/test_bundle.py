"""The bundled models: whole, small, as good as their manifests say. Those of MNIST need MNIST; strokes always run."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from vae_core.analysis.model_comparison import differ
from vae_core.data.datasets import DatasetError, load_dataset
from vae_core.model.likelihoods import SIGMA_FLOOR
from vae_core.runs.bundled_recipes import ALSO_CHRONOLOGICAL, BETAS, CLOSED_FORM, RECIPES
from vae_core.runs.store import ASSETS, bundled, find
from vae_core.training.evaluate import independent_pixels, scores, summary

ENTRIES = {entry.key: entry for entry in bundled().list() if entry.status == "done"}


def metric(name: str, field: str = "elbo"):
    return ENTRIES[name].metrics[field]


def images_for(entry):
    data = entry.settings.data
    try:
        dataset = load_dataset(data.name, split=data.split, download=False)
    except DatasetError:
        pytest.skip(f"{data.name} is not in VAE_DATA_DIR")
    assert dataset.fingerprint == data.fingerprint, "trained on other images than those found here"
    return dataset


def test_every_recipe_has_its_model_and_every_model_its_recipe():
    assert set(ENTRIES) == set(RECIPES)


@pytest.mark.parametrize("name", RECIPES)
def test_a_model_is_whole_and_was_made_by_its_recipe(name):
    entry = ENTRIES[name]
    run = entry.load()
    recipe = RECIPES[name].with_fields(fingerprint=entry.settings.data.fingerprint)
    assert run.settings == recipe
    assert run.manifest["rebuild"] == f"python -m vae_core bundle {name}"
    assert entry.codes().mean.shape[1] == run.vae.latent_dim
    assert name in CLOSED_FORM or run.history[-1]["step"] == recipe.train.steps


@pytest.mark.parametrize("name", ["strokes-2d", "mnist-2d", "mnist-20d", "mnist-conv-10d", "mnist-beta-4", "frey-10d"])
def test_a_manifest_states_the_bound_of_the_stored_weights(name):
    """The first 1000 test images, scored again; then the whole manifest's number must be within their error."""
    entry = ENTRIES[name]
    dataset = images_for(entry)
    x = dataset.observed("test", range(min(1000, len(dataset.test))), pixels=entry.settings.data.pixels)
    s = scores(entry.load().vae, x)
    again, codes = summary(s, 16), entry.codes()
    assert abs(again.elbo - entry.metrics["elbo"]) < 5 * again.elbo_se
    np.testing.assert_allclose(codes.mean[: len(x)], s.mean.numpy(), atol=2e-3, rtol=2e-3)
    if len(x) == len(dataset.test):
        assert again.elbo == pytest.approx(entry.metrics["elbo"], abs=0.01)


def test_the_showpieces_reach_what_is_promised_of_them():
    assert metric("mnist-2d") >= -131
    assert metric("mnist-20d") >= -93
    assert metric("frey-2d") > 900
    assert metric("frey-10d") > 1300


def test_frey_states_the_honest_split_beside_its_own():
    for name in ALSO_CHRONOLOGICAL:
        beside = ENTRIES[name].load().manifest["chronological"]
        assert beside["elbo"] < metric(name), "neighbouring frames leak into a random split"
        assert beside["images"] == 365


def test_no_pixel_of_frey_has_a_variance_under_the_floor():
    vae = ENTRIES["frey-2d"].load().vae
    z = torch.randn(100, 2, generator=torch.Generator().manual_seed(0))
    assert vae.observed(z).stddev.min() >= SIGMA_FLOOR * 0.9999


def test_beta_buys_less_rate_and_costs_reconstruction_all_along_the_family():
    rates = [metric(f"mnist-beta-{b}", "kl") for b in BETAS]
    reconstructions = [metric(f"mnist-beta-{b}", "reconstruction") for b in BETAS]
    assert rates == sorted(rates, reverse=True)
    assert reconstructions == sorted(reconstructions, reverse=True)
    assert max(ENTRIES, key=lambda n: metric(n) if n.startswith("mnist-beta") else -1e9) in (
        "mnist-beta-1", "mnist-beta-2", "mnist-beta-0.5",
    )  # fmt: skip


def test_every_member_of_the_family_can_be_trained_again_from_where_it_began():
    for beta in BETAS:
        settings = ENTRIES[f"mnist-beta-{beta}"].settings
        began, mine = find(settings.train.start_from), find(f"mnist-beta-{beta}").load().vae
        assert began.settings.model == settings.model
        assert any((mine.state_dict()[name].numpy() != w).any() for name, w in began.weights().items())
    assert began.key not in {entry.key for entry in bundled().list()}, "no model to be shown"


def test_the_collapsed_end_of_the_family_sits_at_the_independent_pixel_line():
    line = independent_pixels(images_for(ENTRIES["mnist-beta-64"]))
    for name in ("mnist-beta-64", "mnist-beta-40"):
        if metric(name, "active_units") == 0:
            assert metric(name) == pytest.approx(line, abs=0.5)
    assert metric("mnist-beta-64", "active_units") == 0


def test_strokes_is_no_toy():
    """Its 10-D model gains twenty nats on the 2-D one and uses most of its units; neighbours share their class."""
    assert metric("strokes-10d") - metric("strokes-2d") >= 20
    assert metric("strokes-10d", "active_units") >= 8
    codes = ENTRIES["strokes-2d"].codes()
    z = torch.from_numpy(codes.mean[:4000])
    nearest = torch.cdist(z, z).fill_diagonal_(torch.inf).argmin(1)
    accuracy = (codes.labels[:4000][nearest] == codes.labels[:4000]).mean()
    assert 0.6 < accuracy < 0.95


def test_the_conditional_model_is_likelier_than_the_one_that_is_not_told_the_class():
    told, not_told = ENTRIES["mnist-conditional-2d"], ENTRIES["mnist-2d"]
    assert told.load().vae.classes == 10
    assert metric(told.key) >= -129
    assert metric(told.key) > metric(not_told.key)
    assert "log p(x|y)" in differ(told.settings, not_told.settings), "and is no better model for it"


def test_the_codes_of_the_conditional_model_say_little_of_the_class():
    """z and y are independent in the prior: a code's nearest neighbour is of the same class about as often as any."""
    shares = []
    for name in ("mnist-conditional-2d", "mnist-2d"):
        codes = ENTRIES[name].codes()
        z = torch.from_numpy(codes.mean[:4000])
        nearest = torch.cdist(z, z).fill_diagonal_(torch.inf).argmin(1)
        shares.append((codes.labels[:4000][nearest] == codes.labels[:4000]).mean())
    assert shares[0] < 0.3
    assert shares[1] > 0.6, "the control"


def test_an_autoencoder_says_that_it_has_no_bound():
    report = ENTRIES["mnist-ae-2d"].metrics
    assert (report["elbo"], report["kl"]) == (None, None)
    assert np.isnan(ENTRIES["mnist-ae-2d"].codes().logvar).all()


def test_the_folder_stays_small_and_holds_no_image_of_a_data_set():
    files = [path for path in ASSETS.parent.rglob("*") if path.is_file() and path.name != "run.lock"]
    assert sum(path.stat().st_size for path in files) < 60e6
    assert {path.name for path in ASSETS.rglob("*.*")} <= {
        "manifest.json", "model.safetensors", "codes.safetensors", "training.safetensors", "progress.jsonl",
        "run.lock",
        *(entry.folder.name for entry in ENTRIES.values()),
    }  # fmt: skip


def test_manifests_name_no_path_of_the_machine_that_made_them():
    for path in ASSETS.glob("*/manifest.json"):
        text = path.read_text("utf-8")
        assert str(Path.home()) not in text
        assert '"/' not in text
        assert json.loads(text)["versions"]
