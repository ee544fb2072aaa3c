"""The run cache in the long run: what goes when room is needed, what is found damaged, and what is left alone."""

import pytest

from tests.small_models import publish, unfinished
from vae_core.__main__ import main
from vae_core.jobs.trainer import train_run
from vae_core.runs import maintenance, usage_log
from vae_core.runs.store import Runs, SealError, bundled, trained
from vae_core.runs.training_run import Draft
from vae_core.sealed_files import read_manifest, write_sealed
from vae_core.settings import RunSettings

KEYS = ("one", "two", "three", "four")


@pytest.fixture
def runs(cache):
    """Four finished runs of the same size, made in this order."""
    for key in KEYS:
        publish(cache, key, count=50)
    return trained()


def keys(runs):
    return {entry.key for entry in runs.list()}


def room_for(runs, count):
    return (count + 0.5) * max(maintenance.size(runs.folder / key) for key in KEYS)


def test_the_runs_that_were_not_used_for_longest_go_first(runs):
    for key in ("two", "four", "one", "three"):
        runs.load(key)
    assert maintenance.evict(runs, room_for(runs, 2)) == ["two", "four"]
    assert keys(runs) == {"one", "three"}


def test_looking_at_a_model_counts_as_use(runs):
    for key in KEYS:
        runs.load(key)
    from vae_core.runs.export import decoder_blob

    decoder_blob(runs.get("one"))
    assert usage_log.order(runs.folder) == ["two", "three", "four", "one"]
    assert maintenance.evict(runs, room_for(runs, 3)) == ["two"]


def test_never_what_is_pinned_queued_or_in_training(runs):
    for key in KEYS:
        runs.load(key)
    runs.get("one").called(pinned=True)
    with runs.draft(RunSettings(), folder="busy"):
        write_sealed(runs.folder / "two" / "status.json", {"status": "queued", "step": 0})
        assert runs.get("two").status == "queued"
        assert maintenance.evict(runs, 0) == ["three"], "of the rest all but the newest"
        assert keys(runs) == {"one", "two", "busy", "four"}


def test_what_was_interrupted_may_go(runs, cache):
    unfinished(cache, "half")
    for key in KEYS:
        runs.load(key)
    total = sum(maintenance.size(entry.folder) for entry in runs.list())
    assert maintenance.evict(runs, total - 1) == ["half"]


def test_clocks_do_not_matter(runs):
    import os

    for n, key in enumerate(("three", "one", "two", "four")):
        runs.load(key)
        for path in (runs.folder / key).iterdir():
            os.utime(path, (10**9 - n * 10**6,) * 2)
    assert maintenance.evict(runs, room_for(runs, 3)) == ["three"]


def test_the_budget_is_an_environment_variable(runs, monkeypatch, digits):
    monkeypatch.setenv("VAE_CACHE_BYTES", "12345")
    assert maintenance.budget() == 12345
    monkeypatch.setenv("VAE_CACHE_BYTES", "plenty")
    assert maintenance.budget() == maintenance.BUDGET


def test_the_list_of_uses_is_shortened_and_keeps_its_order(tmp_path, monkeypatch):
    for key in ("a", "b", "c", "a"):
        usage_log.note(tmp_path, key)
    monkeypatch.setattr(usage_log, "LONG", 3)
    usage_log.shorten(tmp_path)
    assert (tmp_path / ".uses").read_text() == "b\nc\na\n"
    usage_log.note(tmp_path / "nowhere", "a")
    assert usage_log.order(tmp_path / "nowhere") == []


def test_a_start_takes_away_what_killed_processes_left(runs):
    home = runs.folder / "one"
    (home / (".model.safetensors-" + "0" * 32)).write_bytes(b"half")
    (home / "checkpoint-7.safetensors").write_bytes(b"no seal")
    (home / "status.json").write_bytes(b"left over")
    (runs.folder / ".two-0123").mkdir()
    (runs.folder / ".two-0123" / "manifest.json").write_bytes(b"doomed")
    (runs.folder / "begun").mkdir()
    assert {f.kind for f in maintenance.examine(runs)} == {"orphaned"}
    maintenance.tidy(runs)
    assert maintenance.examine(runs) == []
    assert keys(runs) == set(KEYS)
    assert {path.name for path in home.iterdir()} == {
        "manifest.json", "model.safetensors", "codes.safetensors", "run.lock",
    }  # fmt: skip


def test_nobody_tidies_a_run_that_is_being_trained(runs):
    with runs.draft(RunSettings(), folder="busy") as draft:
        half = draft.folder / (".checkpoint-1.safetensors-" + "0" * 32)
        half.write_bytes(b"half")
        maintenance.tidy(runs)
        assert half.exists()
        assert maintenance.examine(runs) == []
    maintenance.tidy(runs)
    assert not half.exists()


def test_doctor_names_what_is_damaged_and_mend_puts_it_aside(runs, capsys):
    assert main(["doctor"]) == 0
    assert "nothing is wrong" in capsys.readouterr().out
    path = runs.folder / "one" / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert main(["doctor"]) == 1
    assert "damaged   one: model.safetensors of one is damaged" in capsys.readouterr().out
    assert main(["doctor", "--mend"]) == 1
    capsys.readouterr()
    assert main(["doctor"]) == 0
    assert "quarantine: 1 damaged" in capsys.readouterr().out
    assert keys(runs) == set(KEYS) - {"one"}


def test_the_bundled_models_are_sound():
    assert maintenance.examine(bundled()) == []


def test_a_run_of_another_schema_says_so_and_is_left_alone(runs, capsys):
    home = runs.folder / "one"
    manifest = read_manifest(home) | {"schema": 7}
    manifest["settings"]["train"]["tempo"] = 1
    write_sealed(home / "manifest.json", manifest)
    assert runs.get("one") is None
    with pytest.raises(SealError, match=r"one was written by schema 7 \(this is 2\).* no field tempo.* Train it again"):
        runs.load("one")
    assert home.exists(), "not quarantined"
    assert [(f.key, f.kind) for f in maintenance.examine(runs)] == [("one", "outdated")]
    assert main(["evaluate", "one"]) == 2
    assert "was written by schema 7" in capsys.readouterr().err
    assert main(["doctor", "--mend"]) == 1
    assert home.exists()


def test_a_run_of_an_older_schema_whose_settings_are_known_still_loads(runs):
    home = runs.folder / "one"
    manifest = read_manifest(home) | {"schema": 0}
    del manifest["settings"]["train"]["momentum"]
    write_sealed(home / "manifest.json", manifest)
    assert runs.load("one").settings.train.momentum == 0.0


def test_a_run_that_is_trained_is_not_removed(runs):
    from vae_core.runs.training_run import Busy, lock

    held = lock(runs.folder / "one")
    with pytest.raises(Busy):
        runs.remove("one")
    held.release()
    runs.remove("one")
    assert not (runs.folder / "one").exists()


def test_publishing_over_the_budget_makes_room_but_never_takes_the_new_run(runs, monkeypatch, tmp_path):
    import numpy as np

    from vae_core.data.datasets import load_dataset
    from vae_core.jobs.task import request, work

    images = np.random.default_rng(0).integers(0, 2, (140, 8, 8)).astype(np.uint8) * 255
    np.savez(tmp_path / "own.npz", images=images)
    data = load_dataset(str(tmp_path / "own.npz"))
    settings = RunSettings().with_fields(
        name="own", fingerprint=data.fingerprint, encoder=(8,), decoder=(8,), steps=5, batch=20, validation=10
    )
    monkeypatch.setenv("VAE_CACHE_BYTES", "1")
    work(request(settings, runs, data=str(tmp_path / "own.npz")))
    assert keys(runs) == {settings.key()}


def test_a_finished_run_is_not_opened_for_training_again(runs, digits):
    small = RunSettings().with_fields(name="strokes", encoder=(16,), decoder=(16,), steps=20, batch=50, validation=100)
    entry = train_run(small, digits, runs)
    before = {path.name: path.read_bytes() for path in entry.folder.iterdir()}
    with Draft(entry.folder, entry.settings) as draft:
        assert draft.done
    assert {path.name: path.read_bytes() for path in entry.folder.iterdir()} == before
    assert train_run(small, digits, runs).created == entry.created
    assert Runs(runs.folder).get(entry.key).status == "done"
