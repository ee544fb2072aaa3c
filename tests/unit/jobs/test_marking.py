"""What students hand in for a sheet: right, wrong, missing, tampered, forged, a copy, the same trained by oneself."""

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from tests.registered import BARS, ToyDataSet
from vae_core.__main__ import main
from vae_core.data.datasets import load_dataset
from vae_core.exchange import import_run
from vae_core.jobs.trainer import train_run
from vae_core.runs import training_run
from vae_core.runs.store import Runs
from vae_core.sealed_files import read_manifest, seal_of, write_sealed
from vae_core.settings import RunSettings


def trained(folder: Path, created: str, monkeypatch, **changes) -> Path:
    """A run of the bars, exported into a folder."""
    monkeypatch.setattr(training_run, "now", lambda: created)
    small = {"name": "bars", "encoder": (8,), "decoder": (8,), "steps": 40, "batch": 50, "validation": 0}
    runs = Runs(folder / "runs", quarantine=folder / "quarantine")
    entry = train_run(RunSettings().with_fields(**small | changes), load_dataset("bars"), runs)
    import_run.send(entry, folder / "export")
    return folder / "export"


def resealed(folder: Path, files: dict[str, bytes] = {}, **changes) -> None:  # noqa: B006
    """Somebody who forges files or fields of a manifest and seals them again."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    manifest = {k: v for k, v in read_manifest(folder).items() if k != "sha256"} | changes
    manifest["files"] |= {name: seal_of(data) for name, data in files.items()}
    write_sealed(folder / "manifest.json", manifest)


def handed_in(student: Path, export: Path | None, answers: str = "") -> None:
    student.mkdir(parents=True)
    if answers:
        (student / "answers.txt").write_text(answers, "utf-8")
    if export is not None:
        with zipfile.ZipFile(student / "run.zip", "w") as made:
            for path in sorted(export.iterdir()):
                made.write(path, path.name)


@pytest.fixture
def classroom(tmp_path, monkeypatch):
    """A sheet of two tasks, and the folders of eight students."""
    BARS.register(monkeypatch)
    good = trained(tmp_path / "1", "2026-11-29T10:00:00+0000", monkeypatch)
    same = trained(tmp_path / "2", "2026-11-29T11:00:00+0000", monkeypatch)
    other = trained(tmp_path / "3", "2026-11-29T12:00:00+0000", monkeypatch, latent_dim=3)
    elbo, room = read_manifest(good)["report"]["elbo"], tmp_path / "runs"
    start = {"page": "train", "query": {}}
    run = {"data": "bars", "latent_dim": 2, "steps": 40, "nats": elbo - 0.5}
    tasks = [
        {"text": "Train.", "start": start, "check": "bound-above", "parameters": run},
        {"text": "One?", "start": start, "check": "living-dimensions", "parameters": {"count": 1}},
    ]
    (tmp_path / "sheet.json").write_text(json.dumps({"title": "Bars", "about": "A test.", "tasks": tasks}))
    handed_in(room / "anna", good, "1: see run.zip\n2: 28\n")
    handed_in(room / "ben", other, "2: 4\n")
    handed_in(room / "carla", None)
    handed_in(room / "erik", good)
    handed_in(room / "fay", same, "2) β\n")
    tampered, boast, altered = (Path(shutil.copytree(good, tmp_path / name)) for name in ("dan", "gina", "hal"))
    weights = (tampered / "model.safetensors").read_bytes()
    (tampered / "model.safetensors").write_bytes(weights[:-1] + bytes([weights[-1] ^ 1]))
    resealed(boast, report=read_manifest(boast)["report"] | {"elbo": elbo + 10})
    tensors = load((altered / "model.safetensors").read_bytes())
    tensors = {name: array * np.float32(1 + 1e-6) for name, array in tensors.items()}
    resealed(altered, {"model.safetensors": save(tensors)})
    for name, export in (("dan", tampered), ("gina", boast), ("hal", altered)):
        handed_in(room / name, export)
    return tmp_path / "sheet.json", room


def check(capsys, sheet: Path, *handed: Path | str) -> tuple[int, dict[str, str]]:
    """The exit code, and what is printed of each student."""
    code = main(["check", str(sheet), *map(str, handed)])
    blocks = capsys.readouterr().out.split("\n\n")
    return code, {block.split()[0]: block for block in blocks}


def test_each_student_gets_a_table_and_a_broken_seal_an_exit_code(classroom, capsys, cache):
    sheet, room = classroom
    code, said = check(capsys, sheet, *sorted(room.iterdir()))
    assert code == 1
    assert said["anna"].startswith("anna  2 of 2")
    assert "1 living at β = 28: exactly 1 is asked for" in said["anna"]
    assert "seals whole; test bound" in said["anna"]
    assert "taken anew; the very training of erik" in said["anna"]
    assert said["ben"].startswith("ben  0 of 2")
    assert "it has 3 dimensions: 2 are asked for" in said["ben"]
    assert "2 living at β = 4" in said["ben"]
    assert said["carla"].count("missing") == 2
    assert "model.safetensors of this archive is damaged" in said["dan"]
    assert "the very training of anna" in said["erik"]
    assert "the same settings and weights, trained by themselves, as anna, erik" in said["fay"]
    assert "Write numbers here" in said["fay"]
    assert "BROKEN: it says a test bound of" in said["gina"]
    assert "missing" in said["gina"].split("\n")[1]
    assert "seals whole" in said["hal"], "a forged seal is whole: only training again shows it"
    assert "not what it says: dan, gina" in said["8"]


def test_training_again_shows_weights_that_the_settings_do_not_give(classroom, capsys, cache):
    sheet, room = classroom
    code, said = check(capsys, sheet, room / "anna", room / "fay", "--retrain")
    assert code == 0
    assert "the same weights bit for bit" in said["anna"]
    assert "the same weights bit for bit" in said["fay"]
    code, said = check(capsys, sheet, room / "hal" / "run.zip", "--retrain")
    assert code == 1
    assert "BROKEN: trained again its weights differ by up to" in said["run"]


def test_a_run_of_other_images_under_the_same_name_is_not_what_it_says(classroom, capsys, cache, tmp_path, monkeypatch):
    sheet, room = classroom
    images = BARS.images()[:, :, ::-1]
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(ToyDataSet, "images", lambda self: images)
        foreign = trained(tmp_path / "4", "2026-11-29T13:00:00+0000", elsewhere)
    handed_in(room / "ida", foreign, "2: 28\n")
    code, said = check(capsys, sheet, room / "ida")
    assert code == 1
    assert "BROKEN: it was trained on other images than the bars found here" in said["ida"]
    assert said["ida"].startswith("ida  1 of 2"), "and its answers count all the same"


def test_what_makes_no_sense_is_one_sentence(classroom, capsys, cache):
    sheet, room = classroom
    assert main(["check", str(sheet), str(room / "nobody")]) == 2
    assert "There is no" in capsys.readouterr().err
    assert main(["check", str(room / "none.json"), str(room / "anna")]) == 2
    assert "cannot be read" in capsys.readouterr().err
