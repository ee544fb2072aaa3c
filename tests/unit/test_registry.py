"""A new likelihood is a row and its formulas, a new data set a row and a module: one of each is added at run time."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from dashboard.explore.plane import preview
from dashboard.shared import model_view
from dashboard.shared.image_picker import source
from tests.registered import BARS, LAPLACE, WIDTH
from vae_core.cli.commands import fitted
from vae_core.data import class_names
from vae_core.data.datasets import DatasetError, load_dataset
from vae_core.exchange.model_card import card
from vae_core.inference.latent_grid import Decoded
from vae_core.jobs.trainer import train_run
from vae_core.model.likelihoods import BY_NAME, OUTPUT_OF_MEAN
from vae_core.registry import DATA_SETS, LIKELIHOODS
from vae_core.runs.export import decoder_blob
from vae_core.runs.store import Runs, known_by_name, trained
from vae_core.settings import RunSettings, preset
from vae_core.training.evaluate import default_pixels, evaluate

ROOT = Path(__file__).parents[2]
SOURCES = [*ROOT.glob("vae_core/**/*.py"), *ROOT.glob("dashboard/**/*.py")]
SMALL = RunSettings().with_fields(encoder=(8,), decoder=(8,), steps=60, batch=50, validation=100)


def test_each_row_has_its_function_and_its_formulas():
    assert list(LIKELIHOODS) == list(BY_NAME)
    script = (ROOT / "dashboard/shared/js/likelihood.js").read_text("utf-8")
    table = script.split("export const LIKELIHOODS = {")[1].split("}")[0]
    assert re.findall(r"(\w+)(?:: \w+)?,", table) == list(LIKELIHOODS)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_a_row_says_what_its_function_does(name):
    row = LIKELIHOODS[name]
    outputs = torch.linspace(-3, 3, 4 * row.outputs)
    p = BY_NAME[name](0.5)(outputs)
    assert p.mean.shape == (4,)
    first = outputs[:4]
    torch.testing.assert_close(first, OUTPUT_OF_MEAN[row.squash](p.mean), rtol=1e-4, atol=1e-4)
    assert (str(p.support) == "Boolean()") == row.binary
    assert RunSettings().with_fields(likelihood=name, pixels=row.pixels).model.row == row
    learned = list(BY_NAME[name](0.5).parameters()) if isinstance(BY_NAME[name](0.5), torch.nn.Module) else []
    assert bool(learned) == (row.variance == "learned")
    if row.variance:
        spread = p.stddev.unique()
        assert len(spread) == (4 if row.variance == "pixel" else 1)


@pytest.mark.parametrize(
    "path", [*ROOT.glob("vae_core/**/*.py"), *ROOT.glob("dashboard/**/*.py")], ids=lambda p: p.stem
)
def test_who_wants_to_know_something_of_a_likelihood_or_a_data_set_asks_its_row(path):
    """No name of a row is compared with anything; a choice of one, as in a preset, is no question."""
    names = LIKELIHOODS.keys() | DATA_SETS.keys()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Compare):
            asked = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)} & names
            assert not asked, f"{path}:{node.lineno} compares with {asked}: let the row in vae_core/registry.py say it"


def test_no_script_compares_a_likelihoods_name():
    for path in ROOT.glob("dashboard/**/*.js"):
        assert not re.search(r'ikelihood\w* [!=]==? "', path.read_text("utf-8")), path


@pytest.fixture
def laplace(monkeypatch):
    LAPLACE.register(monkeypatch)
    return SMALL.with_fields(name="strokes", likelihood="laplace", pixels="grey")


def test_a_new_likelihood_is_trained_evaluated_decoded_and_exported(laplace, digits, tmp_path):
    runs = Runs(tmp_path)
    entry = train_run(laplace, digits, runs)
    assert entry.status == "done"
    vae = entry.load().vae
    x = digits.observed("test", range(20), pixels="grey")
    z = vae.code(x).detach()
    mean = 1 / (1 + np.exp(-vae.decoder(z).detach().double().numpy()))
    by_hand = (-np.abs(x.double().numpy() - mean) / WIDTH - np.log(2 * WIDTH)).sum(1)
    np.testing.assert_allclose(vae.observed(z).log_prob(x).sum(-1).detach(), by_hand, rtol=1e-5)
    grid = Decoded(vae, z, torch.float64).log_px(x)
    np.testing.assert_allclose(grid.diagonal().detach(), by_hand, rtol=1e-5)
    report = evaluate(vae, digits.test, pixels="grey")
    assert report.elbo == pytest.approx(entry.metrics["elbo"], abs=1e-3)
    untrained = evaluate(laplace_vae(laplace), digits.test, pixels="grey")
    assert report.elbo > untrained.elbo + 10
    assert default_pixels(vae) == "dequantised"
    assert model_view.variance(entry) is None
    assert b'"likelihood":"laplace","squash":"sigmoid"' in decoder_blob(entry)


def laplace_vae(settings):
    from vae_core.model.vae import build

    return build(settings.model, (28, 28), torch.Generator().manual_seed(0))


def test_a_new_likelihood_is_previewed_and_sampled(laplace, digits, cache):
    model = model_view.model(train_run(laplace, digits, trained()))
    shown = preview.mean_image(model, [0.3, -0.2])
    vae = model.entry.load().vae
    expected = vae.mean(torch.tensor([0.3, -0.2])).detach().numpy()
    assert np.abs(shown / 255 - expected).max() < 0.51 / 255
    first, same, other = (source.prior_sample(model, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.x, same.x)
    assert not np.array_equal(first.x, other.x)


def test_it_does_not_score_pixels_that_are_not_its_own(laplace):
    with pytest.raises(ValueError, match="likelihood laplace does not score dynamic pixels"):
        laplace.with_fields(pixels="dynamic")


def test_an_unregistered_one_is_refused_with_the_list():
    with pytest.raises(ValueError, match=r"likelihood must be one of bernoulli, gaussian, .*, not 'laplace'"):
        SMALL.with_fields(likelihood="laplace", pixels="grey")


@pytest.fixture
def bars(monkeypatch):
    BARS.register(monkeypatch)
    return SMALL.with_fields(name="bars", validation=0)


def test_a_new_data_set_is_read_split_and_described(bars):
    data = load_dataset("bars", split="chronological")
    assert (len(data.train), len(data.test), data.shape) == (120, 20, (8, 6))
    assert data.classes == class_names.of_data("bars") == ("left", "right")
    assert data.photograph
    assert np.array_equal(data.train.numpy(), BARS.images()[:120].reshape(120, -1))
    shuffled = load_dataset("bars", split="random")
    assert shuffled.fingerprint != data.fingerprint
    both = np.concatenate([shuffled.train.numpy(), shuffled.test.numpy()])
    assert sorted(map(bytes, both)) == sorted(map(bytes, BARS.images()))
    assert known_by_name("bars")
    assert preset("quick", "bars").train.clip == 5.0, "the row's own settings"
    assert preset("paper", "bars").model.encoder == (20,)
    assert fitted(bars, data) == bars


def test_a_new_data_set_is_trained_on_and_its_card_names_its_source(bars, cache):
    data = load_dataset("bars")
    entry = train_run(bars, data, trained())
    assert entry.photograph
    assert entry.classes == ("left", "right")
    assert entry.shape == (8, 6)
    said = card(entry, "")
    assert BARS.row.source in said
    assert "--dataset bars" in said


def test_its_name_is_not_a_data_sets_until_it_is_registered():
    with pytest.raises(DatasetError, match=r"choose one of strokes, mnist, .*, frey, .*shapes, .*toy, or"):
        load_dataset("bars")
