"""What people wrote down before the files were moved works as it did: imports, commands, links, exported models."""

from pathlib import Path

import numpy as np
import pytest
import torch

import vae_core
from dashboard.shared import page_registry
from vae_core.__main__ import main
from vae_core.exchange import archive
from vae_core.runs.store import trained

PUBLIC = [
    "DataSettings",
    "Dataset",
    "DatasetError",
    "Diverged",
    "Elbo",
    "Importance",
    "LatentGrid",
    "LinearGaussian",
    "ModelSettings",
    "PCA",
    "Progress",
    "Report",
    "Run",
    "RunSettings",
    "Runs",
    "SealError",
    "Terms",
    "TrainSettings",
    "VAE",
    "bernoulli",
    "build",
    "bundled",
    "codes_csv",
    "continuous_bernoulli",
    "decoder_blob",
    "elbo",
    "evaluate",
    "find",
    "fixed_gaussian",
    "gaussian",
    "importance",
    "isotropic_gaussian",
    "load_dataset",
    "preset",
    "quantile_grid",
    "terms",
    "train",
    "trained",
]
COMMANDS = [
    "train",
    "sweep",
    "list",
    "evaluate",
    "export",
    "import",
    "doctor",
    "bundle",
    "family",
    "variances",
    "miniatures",
    "remedies",
    "first-weights",
    "compare",
    "bench",
]
LINKS = {
    "explore": "model z axes i seed back zoom pixels draw hide a b via",
    "manifold": "model z axes n spacing over others i samples",
    "primer": "model scene coin bars sigma g way i seed place bend unit",
    "algorithm": "model line graph weights",
    "likelihood": "model c i seed j pixel sigma logit",
    "elbo": "model i seed q step by",
    "kl": "scene beta g d try loss present",
    "compare": "models i seed to at samples against",
    "gradients": "model i seed when many detach",
    "train": "run preset set over at",
    "paper": "panel axis",
    "toy": "world count truth decoder observed sigma",
    "glossary": "",
    "about": "",
}
EXPORTED = Path(__file__).parent / "exchange" / "exported_before_the_house.zip"  # by the commit before the move


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_can_be_imported_from_the_package(name):
    scope: dict[str, object] = {}
    exec(f"from vae_core import {name}", scope)
    assert scope[name] is getattr(vae_core, name)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_there(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"python -m vae_core {command}" in capsys.readouterr().out


@pytest.mark.parametrize("name", LINKS)
def test_a_page_has_its_address_and_reads_its_keys(name):
    assert Path(page_registry.script(name)).stem == name, "Streamlit makes a page's address of its script's name"
    assert set(LINKS[name].split()) <= set(page_registry.page(name).url_keys)


def test_a_model_that_was_exported_before_can_be_imported_and_decodes(cache):
    entry = archive.read(EXPORTED, trained())
    assert (entry.key, entry.name) == ("7aa401831e90f334041186ca", "exported before the move")
    codes = entry.codes()
    assert codes.mean.shape == (20, 2)
    assert np.array_equal(codes.labels, np.arange(20) % 10)
    assert entry.classes == tuple("0123456789")
    vae = entry.load().vae
    assert vae.mean(torch.zeros(1, 2)).shape == (1, 64)
    assert [found.key for found in trained().list()] == [entry.key]
