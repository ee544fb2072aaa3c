import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load as from_bytes
from safetensors.numpy import load_file

from vae_core.jobs.trainer import train_run
from vae_core.runs.export import codes_csv, decoder_blob
from vae_core.runs.store import Runs, SealError
from vae_core.settings import RunSettings
from vae_core.training.evaluate import evaluate

ROOT = Path(__file__).parents[3]
SMALL = RunSettings().with_fields(name="strokes", encoder=(16,), decoder=(16,), steps=60, batch=50, validation=100)


@pytest.fixture
def entry(runs, digits):
    return train_run(SMALL, digits, runs)


def test_a_published_run_comes_back_as_it_went(runs, digits):
    seen = []
    entry = train_run(SMALL, digits, runs, tell=lambda progress, _: seen.append(progress))
    run = runs.load(entry.key)
    assert entry.key == SMALL.with_fields(fingerprint=digits.fingerprint).key() == run.manifest["key"]
    assert run.settings == entry.settings
    trained = seen[-1].vae.state_dict()
    assert all(torch.equal(trained[name], weight) for name, weight in run.vae.state_dict().items())
    assert {20, 40, 60} <= {row["step"] for row in run.history}
    assert evaluate(run.vae, digits.test).elbo == pytest.approx(run.report["elbo"], abs=1e-4)
    assert not list(entry.folder.glob("checkpoint*"))


def test_codes_are_those_of_the_test_images(entry, runs, digits):
    codes = entry.codes()
    q = runs.load(entry.key).vae.posterior(digits.observed("test", range(200)))
    np.testing.assert_allclose(codes.mean, q.mean.numpy(), atol=1e-3, rtol=1e-3)
    np.testing.assert_allclose(codes.logvar, q.logvar.numpy(), atol=1e-3, rtol=1e-3)
    np.testing.assert_array_equal(codes.labels, digits.test_labels.numpy())


def test_a_run_stored_in_half_precision_reports_the_model_that_was_stored(runs, digits):
    entry = train_run(SMALL, digits, runs, half=True)
    assert load_file(entry.folder / "model.safetensors")["decoder.0.weight"].dtype == np.float16
    assert evaluate(entry.load().vae, digits.test).elbo == pytest.approx(entry.metrics["elbo"], abs=1e-4)


def test_the_newest_run_is_listed_first(runs, digits, entry, monkeypatch):
    monkeypatch.setattr("vae_core.runs.training_run.now", lambda: "2999-01-01T00:00:00+0000")
    newer = train_run(SMALL.with_fields(seed=1), digits, runs)
    assert [e.key for e in runs.list()] == [newer.key, entry.key]


def test_the_newest_run_is_the_latest_moment_and_not_the_latest_clock_on_a_wall(runs, digits, monkeypatch):
    made = []
    for seed, created in enumerate(
        ("2026-11-29T10:00:00+1400", "2026-11-28T12:00:00-1000", "2026-11-28T21:00:00+0000")
    ):
        monkeypatch.setattr("vae_core.runs.training_run.now", lambda created=created: created)
        made.append(train_run(SMALL.with_fields(seed=seed), digits, runs).key)
    assert [e.key for e in runs.list()] == [made[1], made[2], made[0]]  # 22:00, 21:00 and 20:00 in Greenwich


@pytest.mark.parametrize("filename", ["model.safetensors", "codes.safetensors", "manifest.json"])
@pytest.mark.parametrize("place", [0.02, 0.3, 0.7, 0.98])
def test_one_flipped_bit_in_any_file_is_found_at_load(runs, entry, filename, place):
    path = entry.folder / filename
    data = bytearray(path.read_bytes())
    data[int(len(data) * place)] ^= 4
    path.write_bytes(data)
    if filename == "model.safetensors" and place > 0.3:
        assert from_bytes(bytes(data)), "the control: safetensors alone loads the damaged weights"
    fresh = runs.get(entry.key)
    if filename == "manifest.json":
        assert fresh is None or fresh.manifest is None, "left out of the list"
        return
    read = fresh.codes if filename == "codes.safetensors" else fresh.load
    with pytest.raises(SealError, match="is damaged"):
        read()


@pytest.mark.parametrize("cut", [0, 100, -1])
def test_a_cut_file_is_found_and_the_run_set_aside(runs, entry, cut, tmp_path):
    path = entry.folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(SealError, match=r"model\.safetensors of .* is missing or cut short; train it again"):
        runs.load(entry.key)
    assert runs.get(entry.key) is None
    assert len(list((tmp_path / "quarantine").iterdir())) == 1


def test_weights_that_do_not_fit_the_settings_or_are_not_finite_are_refused(runs, digits, entry):
    from vae_core.training.evaluate import scores, summary

    vae = entry.load().vae
    vae.decoder[0].weight[0, 0] = torch.nan
    s = scores(vae, digits.observed("test", range(5)))
    with runs.draft(SMALL, folder="broken", shape=(28, 28)) as draft:
        report = summary(s, 16)._replace(elbo=0.0, elbo_se=0.0, elbo_mc=0.0, reconstruction=0.0)
        draft.publish(vae, report)
    with pytest.raises(SealError, match=r"decoder\.0\.weight in model\.safetensors of broken is not finite"):
        runs.load("broken")


@pytest.mark.parametrize("key", ["", "../../etc", "/etc/passwd", "a" * 10_000, "a/b", "..", ".", "A B", None, 3, "\0"])
def test_no_path_is_built_from_a_key_that_came_from_outside(runs, key):
    assert runs.get(key) is None


def test_an_empty_or_missing_folder_is_no_error(tmp_path):
    assert Runs(tmp_path / "nowhere").list() == []


def test_strange_folders_and_files_among_the_runs_are_left_out(runs, entry):
    (runs.folder / "notes.txt").write_text("hello")
    (runs.folder / "empty").mkdir()
    (runs.folder / "odd").mkdir()
    (runs.folder / "odd" / "manifest.json").write_text('["not", "a manifest"]')
    (runs.folder / "older").mkdir()
    (runs.folder / "older" / "settings.json").write_text('{"train": {"tempo": 1}}')
    (runs.folder / "older" / "status.json").write_text("{}")
    assert [e.key for e in runs.list()] == [entry.key]


def test_a_stopped_run_goes_on_to_the_same_weights(runs, digits, tmp_path):
    seen = []
    stopped = train_run(
        SMALL, digits, runs, tell=lambda progress, _: seen.append(progress.step), stop=lambda: seen[-1] == 40
    )
    assert (stopped.status, stopped.step) == ("stopped", 40)
    assert stopped.load().report["elbo"] < 0, "what it learned so far can be looked at"
    done = train_run(SMALL, digits, runs)
    steps = [row["step"] for row in done.history()]
    assert (done.status, done.step) == ("done", 60)
    assert steps == sorted(set(steps)), "no row twice"
    whole = train_run(SMALL, digits, Runs(tmp_path / "other"))
    for name, weight in whole.weights().items():
        np.testing.assert_array_equal(done.weights()[name], weight)


def test_a_damaged_checkpoint_means_a_fresh_start_not_a_wrong_model(runs, digits):
    seen = []
    stopped = train_run(SMALL, digits, runs, tell=lambda p, _: seen.append(p.step), stop=lambda: seen[-1] == 40)
    path = stopped.folder / "checkpoint-40.safetensors"
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    done = train_run(SMALL, digits, runs)
    assert done.history()[0]["step"] == 1
    assert done.status == "done"


def test_a_run_in_training_is_not_trained_twice(runs, digits):
    with runs.draft(SMALL.with_fields(fingerprint=digits.fingerprint)):
        with pytest.raises(ValueError, match="is being trained by another process"):
            train_run(SMALL, digits, runs)
        assert runs.list()[0].status == "running"


def test_a_run_whose_process_was_killed_is_not_running_for_ever(runs, digits, tmp_path):
    code = (
        "import sys, os, signal; from pathlib import Path; from vae_core.runs.store import Runs;"
        "from vae_core.settings import RunSettings;"
        "draft = Runs(Path(sys.argv[1])).draft(RunSettings()); print(Runs(Path(sys.argv[1])).list()[0].status);"
        "sys.stdout.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    folder = tmp_path / "runs"
    out = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, cwd=ROOT)
    assert out.stdout.strip() == "running", "the control: while it lived"
    assert Runs(folder).list()[0].status == "interrupted"


def test_a_diverged_run_says_so(runs, digits):
    settings = SMALL.with_fields(
        likelihood="gaussian", pixels="dequantised", optimizer="sgd", learning_rate=10.0, schedule="constant"
    )
    with pytest.raises(ArithmeticError):
        train_run(settings, digits, runs)
    assert runs.list()[0].status == "diverged"


def test_a_run_starts_from_the_weights_of_another(digits, monkeypatch, runs):
    monkeypatch.setattr("vae_core.jobs.trainer.find", runs.get)
    first = train_run(SMALL, digits, runs)
    frozen = SMALL.with_fields(optimizer="sgd", learning_rate=1e-7, start_from=first.key, steps=1)
    second = train_run(frozen, digits, runs)
    np.testing.assert_allclose(second.weights()["encoder.0.weight"], first.weights()["encoder.0.weight"], atol=1e-4)
    with pytest.raises(SealError, match="start_from names the run 'nobody', which is not here"):
        train_run(SMALL.with_fields(start_from="nobody"), digits, runs)
    with pytest.raises(SealError, match="whose network is another"):
        train_run(SMALL.with_fields(start_from=first.key, latent_dim=3), digits, runs)


def test_a_manifest_holds_no_image_and_no_path(entry, tmp_path):
    text = (entry.folder / "manifest.json").read_text()
    assert str(tmp_path) not in text
    sealed = {
        "model.safetensors", "codes.safetensors", "training.safetensors", "progress.jsonl", "snapshots.jsonl",
    }  # fmt: skip
    assert set(json.loads(text)["files"]) == sealed


def test_the_blob_decodes_to_the_image_the_model_draws(entry):
    """Read back with numpy alone, as the browser reads it."""
    blob = decoder_blob(entry)
    length = int.from_bytes(blob[:4], "little")
    header = json.loads(blob[4 : 4 + length])
    assert (4 + length) % 4 == 0
    numbers = np.frombuffer(blob[4 + length :], "<f4")
    z = np.array([0.3, -1.2], np.float32)
    h, here = z, 0
    for inputs, outputs, activation in header["layers"]:
        w = numbers[here : here + inputs * outputs].reshape(outputs, inputs)
        b = numbers[here + inputs * outputs :][:outputs]
        here += inputs * outputs + outputs
        h = w @ h + b
        h = h / (1 + np.exp(-h)) if activation == "silu" else h
    assert here == len(numbers)
    expected = entry.load().vae.mean(torch.from_numpy(z)).numpy()
    np.testing.assert_allclose(1 / (1 + np.exp(-h)), expected, atol=1e-5)


def test_codes_export_as_a_table(entry):
    lines = codes_csv(entry).splitlines()
    assert lines[0] == "label,mu_1,mu_2,sigma_1,sigma_2"
    assert len(lines) == 201
    first = [float(v) for v in lines[1].split(",")]
    assert first[1] == pytest.approx(float(entry.codes().mean[0, 0]), rel=1e-4)
