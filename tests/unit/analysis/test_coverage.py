"""The training codes of a run: those of its own images and weights, kept with it, taken along, and done without."""

import json
import math

import numpy as np
import pytest
import torch

from vae_core.analysis import coverage
from vae_core.analysis.aggregate_posterior import HOLE
from vae_core.exchange import archive
from vae_core.exchange.import_run import receive, send
from vae_core.jobs.trainer import train_run
from vae_core.runs.codes import Codes
from vae_core.runs.store import Runs
from vae_core.sealed_files import SealError, seal_of, write_sealed
from vae_core.settings import RunSettings
from vae_core.training.evaluate import scores

SMALL = RunSettings().with_fields(name="strokes", encoder=(16,), decoder=(16,), steps=40, batch=50, validation=100)


@pytest.fixture
def entry(runs, digits):
    return train_run(SMALL, digits, runs)


def without(entry, runs):
    """The run as an earlier version published it."""
    manifest = entry.manifest | {"files": {k: v for k, v in entry.manifest["files"].items() if k[:8] != "training"}}
    (entry.folder / "training.safetensors").unlink()
    write_sealed(entry.folder / "manifest.json", manifest)
    return runs.read(entry.key)


def test_a_run_keeps_the_codes_of_the_images_it_was_trained_on(entry, digits):
    count = len(digits.train) - 100
    x = digits.observed("train", range(count))
    found, q = entry.training_codes(), scores(entry.load().vae, x, samples=1)  # the mean and log variance it reports
    assert found.labels is None
    np.testing.assert_allclose(found.mean, q.mean.numpy(), atol=1e-3, rtol=1e-3)
    np.testing.assert_allclose(found.logvar, q.logvar.numpy(), atol=1e-3, rtol=1e-3)
    entry.verify()


def test_of_many_images_at_most_so_many_are_encoded_from_all_over_the_set(entry, digits, monkeypatch):
    every = coverage.training_codes(entry.load().vae, digits, entry.settings.data)
    monkeypatch.setattr(coverage, "MOST", 50)
    monkeypatch.setattr(coverage, "CHUNK", 7)
    some = coverage.training_codes(entry.load().vae, digits, entry.settings.data)
    count = len(digits.train) - 100
    assert (len(every.mean), len(some.mean)) == (count, 50)
    chosen = [(np.abs(every.mean - one).sum(1)).argmin() for one in some.mean]
    assert (chosen[0], chosen[-1]) == (0, count - 1)
    assert np.ptp(np.diff(chosen)) <= 1


def test_holes_are_those_of_the_training_codes_and_the_test_codes_are_held_out(entry):
    found = coverage.measure(entry)
    training, held_out = entry.training_codes(), entry.codes()
    assert (found.images, found.others) == (len(training.mean), len(held_out.mean))
    q = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(torch.ones(len(training.mean))),
        torch.distributions.Independent(
            torch.distributions.Normal(
                torch.from_numpy(training.mean).double(), torch.from_numpy(training.logvar).double().div(2).exp()
            ),
            1,
        ),
    )
    z = torch.from_numpy(np.random.default_rng(5).normal(size=(20_000, 2)))  # draws of its own
    ratio = q.log_prob(z) - torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(-1)
    again = (ratio < math.log(HOLE)).double().mean().item()
    assert found.share == pytest.approx(again, abs=6 * found.error + 1e-3)


def test_a_run_without_training_codes_says_that_its_holes_are_those_of_test_images(entry, runs):
    old = without(entry, runs)
    found = coverage.measure(old)
    assert (old.training_codes(), found.held_out, found.images) == (None, None, len(old.codes().mean))
    assert f"q(z) of {found.images} test images" in coverage.drawn(found)
    assert coverage.known(old) is None


def test_training_codes_are_added_to_a_run_without_them_when_its_images_are_here(entry, runs, digits):
    expected, old = coverage.measure(entry), without(entry, runs)
    given = coverage.measure(old, training=coverage.training_codes(old.load().vae, digits, old.settings.data))
    assert given == pytest.approx(expected, abs=2e-3)  # float32 beside float16
    coverage.keep(old, coverage.training_codes(old.load().vae, digits, old.settings.data))
    now = runs.read(entry.key)
    now.verify()
    assert coverage.measure(now) == expected
    assert now.metrics == entry.metrics


def test_what_was_measured_on_other_files_or_axes_is_not_taken(entry, monkeypatch, tmp_path):
    monkeypatch.setattr(coverage, "MEASURED", coverage.MEASURED._replace(path=tmp_path / "holes.json"))
    coverage.write_measured([entry])
    assert coverage.known(entry) == coverage.measure(entry) == coverage.of(entry)
    assert coverage.known(entry, (1,)) is None
    rows = coverage.MEASURED.rows()
    rows[entry.key]["seals"][2] = "0" * 64
    coverage.MEASURED.write(rows)
    assert coverage.known(entry) is None


def test_an_autoencoder_has_no_q_and_so_no_holes(runs, digits):
    entry = train_run(SMALL.with_fields(stochastic=False), digits, runs)
    assert (entry.training_codes(), coverage.measure(entry), coverage.of(entry)) == (None, None, None)


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_a_run_of_any_dimension_is_measured_along_the_axes_that_cost_most(runs, digits, dims):
    entry = train_run(SMALL.with_fields(latent_dim=dims), digits, runs)
    costs, axes = entry.metrics["kl_per_dimension"], coverage.axes_of(entry)
    assert len(axes) == min(dims, 2)
    assert min(costs[d] for d in axes) >= max([costs[d] for d in range(dims) if d not in axes], default=0)
    assert 0 <= coverage.measure(entry).share <= 1
    assert coverage.measure(entry, axes[:1]).images == len(digits.train) - 100


def test_a_stopped_run_is_published_at_once_without_them(runs, digits):
    entry = train_run(SMALL, digits, runs, stop=lambda: True)
    assert entry.status == "stopped"
    assert entry.training_codes() is None
    assert train_run(SMALL, digits, runs).training_codes() is not None


@pytest.mark.parametrize("zipped", [False, True])
def test_an_exported_run_takes_them_along(entry, tmp_path, zipped):
    other = Runs(tmp_path / "elsewhere", quarantine=tmp_path / "aside")
    if zipped:
        back = archive.received(archive.packed(entry), other)
    else:
        send(entry, tmp_path / "out")
        back = receive(tmp_path / "out", other)
    assert coverage.measure(back) == coverage.measure(entry)


def test_training_codes_of_another_dimension_are_refused(entry, tmp_path):
    send(entry, tmp_path / "out")
    wrong = coverage.to_bytes({"mean": np.zeros((5, 3), np.float16), "logvar": np.zeros((1, 3), np.float16)})
    (tmp_path / "out/training.safetensors").write_bytes(wrong)
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    del manifest["seal"]
    manifest["files"]["training.safetensors"] = seal_of(wrong)
    write_sealed(tmp_path / "out/manifest.json", manifest)
    with pytest.raises(SealError, match="not of this model"):
        receive(tmp_path / "out", Runs(tmp_path / "elsewhere"))


def test_a_linear_model_s_one_row_of_variances_is_read_for_every_image(runs, digits):
    settings = SMALL.with_fields(encoder=(), decoder=(), likelihood="isotropic_gaussian", pixels="grey")
    codes = train_run(settings, digits, runs).training_codes()
    assert isinstance(codes, Codes)
    assert codes.mean.shape == codes.logvar.shape == (len(digits.train) - 100, 2)
