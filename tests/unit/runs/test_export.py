"""What leaves this machine comes back the same; what is not ours is refused in a second, and nothing of it is kept."""

import csv
import io
import json
import os
import time
import warnings
import zipfile

import numpy as np
import pytest
import torch
from safetensors.numpy import load as from_bytes
from safetensors.numpy import save as to_bytes

from vae_core.__main__ import main, parser
from vae_core.cli.settings_flags import chosen_settings
from vae_core.exchange import archive
from vae_core.exchange.archive import packed, received
from vae_core.jobs.trainer import train_run
from vae_core.runs.export import curve_csv, onnx_files, onnx_missing
from vae_core.runs.store import Runs, SealError, trained
from vae_core.sealed_files import as_json, canonical, digest, seal_of
from vae_core.settings import RunSettings

SMALL = RunSettings().with_fields(name="strokes", encoder=(16,), decoder=(16,), steps=60, batch=50, validation=100)
KINDS = {
    "variational": {},
    "autoencoder": {"stochastic": False},
    "linear": {"encoder": (), "decoder": (), "likelihood": "isotropic_gaussian", "pixels": "grey"},
    "conditional": {"conditional": True},
    "conv": {"network": "conv", "encoder": (4, 8), "decoder": (8, 4), "latent_dim": 3},
}


@pytest.fixture
def runs(tmp_path):
    return Runs(tmp_path / "here")


@pytest.fixture(autouse=True)
def _without_onnx(monkeypatch):
    """It takes seconds where it is installed; its own test calls it."""
    monkeypatch.setattr(archive, "onnx_missing", lambda: ["onnx", "onnxscript"])


@pytest.fixture
def elsewhere(tmp_path):
    return Runs(tmp_path / "elsewhere")


@pytest.fixture
def entry(runs, digits):
    return train_run(SMALL, digits, runs)


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return buffer.getvalue()


def resealed(files: dict[str, bytes], change=lambda manifest: None) -> bytes:
    """An archive of which every seal is right again: what somebody would make who means harm."""
    manifest = json.loads(files["manifest.json"])
    del manifest["seal"]
    for name in manifest["files"]:
        manifest["files"][name] = seal_of(files[name])
    change(manifest)
    return zipped(files | {"manifest.json": as_json({**manifest, "seal": digest(canonical(manifest))})})


def refused(data: bytes, runs: Runs) -> str:
    """The sentence of the refusal, which takes less than a second and leaves nothing behind."""
    began = time.process_time()
    with pytest.raises(SealError) as caught:
        received(data, runs)
    assert time.process_time() - began < 1
    assert runs.list() == []
    assert not runs.folder.exists() or [p.name for p in runs.folder.iterdir() if p.name != ".uses"] == []
    sentence = str(caught.value)
    assert sentence.endswith((".", ")"))
    assert len(sentence) < 400
    return sentence


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_comes_back_from_its_archive_as_it_went(runs, elsewhere, digits, kind):
    entry = train_run(SMALL.with_fields(**KINDS[kind]), digits, runs)
    again = received(packed(entry), elsewhere)
    assert (again.key, again.status, again.name) == (entry.key, "done", entry.name)
    assert again.settings == entry.settings
    assert again.metrics == entry.metrics
    assert again.history() == entry.history()
    assert again.manifest["imported"] is True
    for name, weight in entry.weights().items():
        np.testing.assert_array_equal(again.weights()[name], weight)
    np.testing.assert_array_equal(again.codes().mean, entry.codes().mean)
    again.verify()
    assert packed(entry) == packed(entry), "equal runs, equal archives"


def test_the_same_archive_twice_is_one_run(entry, elsewhere):
    data = packed(entry)
    assert received(data, elsewhere).key == received(data, elsewhere).key
    assert len(elsewhere.list()) == 1


def test_the_command_line_takes_the_same_archive(entry, tmp_path, capsys):
    (tmp_path / "run.zip").write_bytes(packed(entry))
    assert main(["import", str(tmp_path / "run.zip")]) == 0
    assert entry.key in capsys.readouterr().out
    assert trained().get(entry.key).metrics == entry.metrics
    (tmp_path / "no.zip").write_bytes(b"hello")
    assert main(["import", str(tmp_path / "no.zip")]) == 2


def test_a_run_that_was_stopped_is_taken_along_as_far_as_it_came(runs, elsewhere, digits):
    seen = []
    stopped = train_run(SMALL, digits, runs, tell=lambda p, _: seen.append(p.step), stop=lambda: seen[-1] == 40)
    again = received(packed(stopped), elsewhere)
    assert (again.status, again.step) == ("stopped", 40)
    assert again.load().report == stopped.metrics


def test_codes_and_curve_are_tables_of_the_same_numbers(entry):
    files = members(packed(entry))
    codes = list(csv.DictReader(io.StringIO(files["codes.csv"].decode())))
    assert len(codes) == entry.metrics["images"]
    np.testing.assert_allclose([float(row["mu_2"]) for row in codes], entry.codes().mean[:, 1], rtol=1e-4)
    curve = list(csv.DictReader(io.StringIO(files["curve.csv"].decode())))
    for row, told in zip(curve, entry.history(), strict=True):
        assert float(row["reconstruction"]) == told["reconstruction"]
        assert [float(row["kl_1"]), float(row["kl_2"])] == told["kl_per_dimension"]
        assert row["validation"] == str(told.get("validation", ""))
    assert curve_csv(entry).encode() == files["curve.csv"]


@pytest.mark.parametrize("kind", ["variational", "conv"])
def test_the_lines_in_the_model_card_load_the_model(runs, digits, tmp_path, monkeypatch, kind):
    entry = train_run(SMALL.with_fields(**KINDS[kind]), digits, runs)
    for name, content in members(packed(entry)).items():
        (tmp_path / name).write_bytes(content)
    card = (tmp_path / "README.md").read_text("utf-8")
    lines = card.split("```python\n")[1].split("```")[0]
    assert len([line for line in lines.splitlines() if line]) <= 10
    monkeypatch.chdir(tmp_path)
    named: dict = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        exec(lines, named)
    expected = entry.load().vae.mean(torch.zeros(1, entry.settings.model.latent_dim)).reshape(28, 28)
    assert torch.equal(named["image"].detach(), expected)
    assert f"| ELBO | {entry.metrics['elbo']:.2f} ±" in card
    assert "drawn by VAE Lab itself" in card


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_in_the_model_card_gives_the_same_settings(runs, digits, kind):
    import shlex

    entry = train_run(SMALL.with_fields(**KINDS[kind], beta=2.5), digits, runs)
    command = members(packed(entry))["README.md"].decode().split("```sh\n")[1].split("\n")[0]
    python, dash, module, *arguments = shlex.split(command)
    assert (python, dash, module) == ("python", "-m", "vae_core")
    made = chosen_settings(parser().parse_args(arguments))
    assert made.with_fields(fingerprint=entry.settings.data.fingerprint) == entry.settings


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"PK\x05\x06" + bytes(18), os.urandom(100_000), b"PK\x01\x02" * 100_000]
)
def test_what_is_no_archive_of_ours_is_refused(data, elsewhere):
    assert "archive" in refused(data, elsewhere)


@pytest.mark.parametrize("name", ["../evil.py", "/etc/passwd", "model.pt", "code.py", "folder/manifest.json", "a\\b"])
def test_a_member_that_export_does_not_write_is_refused_by_its_name(entry, elsewhere, tmp_path, name):
    sentence = refused(zipped(members(packed(entry)) | {name: b"print('hello')"}), elsewhere)
    assert "no exported run" in sentence
    assert not list(tmp_path.rglob("evil.py"))


def test_two_members_of_one_name_are_refused(entry, elsewhere):
    buffer = io.BytesIO(packed(entry))
    with zipfile.ZipFile(buffer, "a") as made, pytest.warns(UserWarning, match="Duplicate"):
        made.writestr("model.safetensors", b"another one")
    assert "no exported run" in refused(buffer.getvalue(), elsewhere)


def test_a_bomb_is_refused_by_the_sizes_in_its_list(entry, elsewhere, monkeypatch):
    bomb = zipped(members(packed(entry)) | {"progress.jsonl": bytes(40 * 2**20)})
    assert len(bomb) < 2**20
    with zipfile.ZipFile(io.BytesIO(bomb)) as opened:
        assert len(opened.read("progress.jsonl")) == 40 * 2**20  # the naive control
        monkeypatch.setattr(zipfile.ZipFile, "read", None)  # would fail if it were called
        assert "40 MB, 32 are allowed" in refused(bomb, elsewhere)


@pytest.mark.parametrize("name", ["model.safetensors", "codes.safetensors", "progress.jsonl", "manifest.json"])
@pytest.mark.parametrize("place", [0.1, 0.6, 0.95])
def test_one_flipped_bit_in_a_sealed_file_is_found(entry, elsewhere, name, place):
    files = members(packed(entry))
    data = bytearray(files[name])
    data[int(len(data) * place)] ^= 1
    files[name] = bytes(data)
    if name == "model.safetensors" and place > 0.5:
        assert from_bytes(files[name]), "the control: safetensors alone loads the damaged weights"
    refused(zipped(files), elsewhere)


@pytest.mark.parametrize("name", ["model.safetensors", "codes.safetensors", "progress.jsonl"])
def test_a_file_that_is_sealed_and_missing_is_found(entry, elsewhere, name):
    files = members(packed(entry))
    del files[name]
    refused(zipped(files), elsewhere)


def test_the_control_an_archive_that_was_sealed_again_is_taken(entry, elsewhere):
    assert received(resealed(members(packed(entry))), elsewhere).key == entry.key


def weights(entry, change) -> bytes:
    tensors = entry.weights()
    change(tensors)
    return resealed(members(packed(entry)) | {"model.safetensors": to_bytes(tensors)})


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w["decoder.0.weight"].fill(np.nan),
        lambda w: w.update({"decoder.0.weight": w["decoder.0.weight"].T.copy()}),
        lambda w: w.pop("decoder.0.bias"),
        lambda w: w.update({"more": np.zeros(3, np.float32)}),
    ],
)
def test_weights_that_do_not_fit_are_refused_although_every_seal_is_right(entry, elsewhere, change):
    refused(weights(entry, change), elsewhere)


def set_field(*path_and_value):
    *path, last, value = path_and_value

    def change(manifest):
        for step in path:
            manifest = manifest[step]
        manifest[last] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        set_field("settings", "model", "latent_dim", 3),
        set_field("settings", "model", "latent_dim", 10**9),
        set_field("settings", "model", "encoder", [4096] * 8),
        set_field("settings", "train", "beta", "a lot"),
        set_field("settings", "train", "command", "rm -rf"),
        set_field("settings", ["not", "settings"]),
        set_field("key", "../../etc"),
        set_field("key", "a" * 24),
        set_field("shape", [28]),
        set_field("shape", [10**6, 10**6]),
        set_field("report", "elbo", "<b>high</b>"),
        set_field("report", "kl_per_dimension", [1.0]),
        set_field("seconds", "soon"),
        set_field("created", "yesterday"),
        set_field("format", 99),
        set_field("files", {}),
        set_field("files", "../../etc/passwd", {"size": 1, "sha256": "0"}),
        set_field("ended", "won"),
    ],
)
def test_a_manifest_that_says_strange_things_is_refused_although_its_seal_is_right(entry, elsewhere, change):
    refused(resealed(members(packed(entry)), change), elsewhere)


@pytest.mark.parametrize("harm", ["codes", "labels", "history"])
def test_codes_and_curves_of_another_kind_are_refused(entry, elsewhere, harm):
    files = members(packed(entry))
    codes = from_bytes(files["codes.safetensors"])
    if harm == "codes":
        codes["mean"] = codes["mean"][:, :1].copy()
    if harm == "labels":
        codes["labels"] = codes["labels"][:5].copy()
    files["codes.safetensors"] = to_bytes(codes)
    if harm == "history":
        files["progress.jsonl"] = b'{"step": 20, "reconstruction": "<b>", "kl": 1, "kl_per_dimension": [1, 2]}\n'
    refused(resealed(files), elsewhere)


def test_nothing_of_the_exporter_s_machine_is_in_the_archive(runs, digits, tmp_path):
    entry = train_run(SMALL, digits, runs, source=str(tmp_path / "private.npz"))
    for content in members(packed(entry)).values():
        assert str(tmp_path).encode() not in content


def test_without_the_packages_the_card_says_how_to_get_onnx(entry):
    files = members(packed(entry))
    assert "encoder.onnx" not in files
    assert "pip install onnx onnxscript" in files["README.md"].decode()


@pytest.mark.parametrize("kind", ["variational", "autoencoder"])
def test_onnx_gives_the_same_numbers(runs, digits, kind):
    if missing := onnx_missing():
        pytest.skip(f"{missing[0]} is not installed")
    from onnx import load_from_string
    from onnx.reference import ReferenceEvaluator

    entry = train_run(SMALL.with_fields(**KINDS[kind]), digits, runs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        files = {name: ReferenceEvaluator(load_from_string(data)) for name, data in onnx_files(entry).items()}
    vae, x = entry.load().vae, digits.observed("test", range(7))
    with torch.no_grad():
        code, image = vae.code(x), vae.mean(vae.code(x))
    np.testing.assert_allclose(files["encoder.onnx"].run(None, {"x": x.numpy()})[0], code, atol=1e-5)
    np.testing.assert_allclose(files["decoder.onnx"].run(None, {"z": code.numpy()})[0], image, atol=1e-5)
