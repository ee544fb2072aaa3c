"""One image, or none: what has no spread is absent, never a NaN, and nothing is divided by zero."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from vae_core.analysis.model_comparison import paired, residual
from vae_core.cli import console
from vae_core.exchange import model_card
from vae_core.inference.bound_decomposition import tightness
from vae_core.inference.importance_sampling import importance
from vae_core.model.vae import build
from vae_core.runs.store import Runs, trained
from vae_core.settings import ModelSettings, RunSettings, held_out, preset
from vae_core.training.evaluate import Report, Scores, evaluate, scores, standard_error, summary


@pytest.fixture(scope="module")
def vae():
    chosen = ModelSettings(latent_dim=2, encoder=(8,), decoder=(8,))
    return build(chosen, (4, 4), torch.Generator().manual_seed(0)).eval().requires_grad_(False)


def images(count: int) -> torch.Tensor:
    return (torch.rand(count, 16, generator=torch.Generator().manual_seed(1)) < 0.5).float()


def test_one_image_has_a_bound_and_no_error_of_it(vae):
    report = evaluate(vae, images(1))
    assert math.isfinite(report.elbo)
    assert (report.elbo_se, report.active_units) == (None, None)
    assert report.elbo_mc > 0, "sixteen noise samples have a spread"
    json.dumps(report.to_dict(), allow_nan=False)


def test_one_noise_sample_has_no_error_either(vae):
    report = evaluate(vae, images(5), samples=1)
    assert report.elbo_mc is None
    assert report.elbo_se > 0
    json.dumps(report.to_dict(), allow_nan=False)


def test_two_images_have_the_textbook_error(vae):
    found = scores(vae, images(2)).elbo.double()
    assert evaluate(vae, images(2)).elbo_se == pytest.approx((found[0] - found[1]).abs().item() / 2)
    assert standard_error(torch.tensor([1.0, 3.0])) == pytest.approx(1.0)
    assert standard_error(torch.tensor([1.0])) is None


@pytest.mark.parametrize("stochastic", [True, False])
def test_no_images_are_said_in_a_sentence(stochastic):
    nothing = Scores(torch.zeros(0), torch.zeros(0, 2), torch.zeros(0), torch.zeros(0, 2), torch.zeros(0, 2))
    with pytest.raises(ValueError, match="no images to evaluate"):
        summary(nothing, 16, stochastic)


def test_no_images_are_no_division_by_zero(vae):
    x = images(0)
    with pytest.raises(ValueError, match="no images to evaluate"):
        evaluate(vae, x)
    with pytest.raises(ValueError, match="at least one image"):
        importance(vae, x, 10, torch.Generator().manual_seed(0))
    nothing = torch.zeros(0, dtype=torch.float64)
    assert tightness(vae, vae.posterior(x), x, nothing).gap.shape == (0,)


def test_the_difference_on_one_image_has_no_error():
    found = paired(np.array([3.0]), np.array([1.0]))
    assert (found.mean, found.error, found.better, found.count) == (2.0, None, 1, 1)
    with pytest.raises(ValueError, match="same images"):
        paired(np.zeros(0), np.zeros(0))


def test_the_squared_error_of_one_image_has_no_error(vae):
    one = (images(1) * 255).byte()
    dataset = SimpleNamespace(test=one, observed=lambda *which: images(1), labels=lambda *which: None)
    value, error = residual(vae, dataset, "grey")
    assert value == pytest.approx((vae.mean(vae.code(images(1))) - images(1)).double().square().sum().item())
    assert error is None


def test_what_is_printed_of_one_image_is_no_nan(vae, capsys):
    for report in (evaluate(vae, images(1)), evaluate(vae, images(1), samples=1)):
        console.print_report(report.to_dict())
        told = capsys.readouterr().out
        assert "nan" not in told
        assert "one test image: no error bar" in told
        assert "1 test image," in told


def test_the_card_of_one_test_image_says_so():
    entry = SimpleNamespace(
        metrics=Report(1, 16, -5.0, elbo=-7.0, elbo_mc=0.01, kl=2.0, kl_per_dimension=[2.0]).to_dict(),
        settings=RunSettings().with_fields(latent_dim=3),  # of which no holes are counted
    )
    told = model_card.results(entry)
    assert "One test image, so no error over images" in told
    assert "| ELBO | -7.00 ± 0.010 over the noise |" in told
    assert "None" not in told


@pytest.mark.parametrize(("count", "expected"), [(60_000, 5000), (70_000, 5000), (343, 28), (192, 16), (11, 0), (1, 0)])
def test_one_rule_says_how_many_images_are_held_out(count, expected):
    assert held_out(count) == expected


def test_a_preset_for_a_loaded_data_set_follows_the_rule(digits):
    assert preset("quick", digits).data.validation == 50 == len(digits.train) // 12
    assert preset("quick", "mnist").data.validation == 5000
    assert preset("good", "frey").data.validation == 160


# -- at the command line ---------------------------------------------------------------------------------------------

SMALL = ["--steps", "10", "--encoder", "8", "--decoder", "8"]


@pytest.fixture
def file(digits, tmp_path):
    path = tmp_path / "pics.npz"
    np.savez(path, images=digits.train[:400].numpy().reshape(-1, 28, 28))
    return path


def test_a_small_file_trains_with_the_defaults_and_says_what_is_held_out(file, cache, capsys):
    from vae_core.__main__ import main

    assert main(["train", "--dataset", str(file), *SMALL]) == 0
    assert "28 of the 343 training images are held out" in capsys.readouterr().err
    (entry,) = trained().list()
    assert entry.settings.data.validation == 28


@pytest.mark.parametrize("command", ["train", "sweep"])
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--validation", "5000"], "validation 5000 leaves nothing to train on: pics.npz has 343 training images"),
        (["--network", "conv", "--encoder", "8-8-8-8", "--decoder", "8-8-8-8"], "use fewer layers"),
        (["--start-from", "f" * 24], "which is not here"),
    ],
)
def test_what_cannot_be_trained_is_refused_and_leaves_no_run(command, wrong, said, file, cache, capsys):
    from vae_core.__main__ import main

    assert main([command, "--dataset", str(file), *SMALL, *wrong]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert trained().list() == []


def test_the_library_refuses_before_a_run_is_entered(digits, tmp_path):
    from vae_core.jobs.trainer import train_run

    runs = Runs(tmp_path / "runs")
    with pytest.raises(ValueError, match=r"leaves nothing to train on: strokes has 600 training images\. Try .* 50\."):
        train_run(RunSettings().with_fields(name="strokes"), digits, runs)
    assert runs.list() == []
