"""What export writes, import takes; anything else is refused at once, and nothing of it is kept."""

import json
import shutil
import time
import zipfile

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from tests.small_models import publish
from vae_core.__main__ import main
from vae_core.exchange.import_run import receive, send
from vae_core.runs.store import SealError, bundled, source_of, trained
from vae_core.sealed_files import read_manifest, seal_of, write_sealed


@pytest.fixture
def exported(cache, tmp_path):
    """A folder that export wrote."""
    entry = publish(cache, "mine")
    assert main(["export", "mine", "--to", str(tmp_path / "out")]) == 0
    return entry, tmp_path / "out"


def test_an_export_comes_back_as_the_same_model(exported, capsys):
    entry, folder = exported
    key = entry.settings.key()
    assert main(["import", str(folder)]) == 0
    assert key in capsys.readouterr().out
    there = trained().load(key)
    for name, weight in entry.weights().items():
        np.testing.assert_array_equal(there.vae.state_dict()[name].numpy(), weight)
    assert there.report == entry.metrics
    np.testing.assert_array_equal(trained().get(key).codes().mean, entry.codes().mean)
    assert there.manifest["imported"] is True
    assert main(["import", str(folder)]) == 0, "twice is once"
    assert sum(e.key == key for e in trained().list()) == 1


def test_a_bundled_model_can_be_taken_along(tmp_path):
    entry = bundled().get("mnist-beta-1")
    send(entry, tmp_path / "out")
    back = receive(tmp_path / "out", trained())
    assert back.metrics == entry.metrics
    assert back.history() == entry.history()
    np.testing.assert_array_equal(back.weights()["decoder.0.weight"], entry.weights()["decoder.0.weight"])


def sealed(folder, **changes):
    """The manifest altered by somebody who knows how to seal it."""
    write_sealed(folder / "manifest.json", read_manifest(folder) | changes)


def remove(folder, name):
    (folder / name).unlink()


def flip(folder):
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-3] ^= 1
    (folder / "model.safetensors").write_bytes(data)


def other_weights(folder, weights):
    save_file(weights, folder / "model.safetensors")
    seal = seal_of((folder / "model.safetensors").read_bytes())
    sealed(folder, files={"model.safetensors": seal})


def huge(folder):
    settings = read_manifest(folder)["settings"]
    settings["model"] |= {"encoder": [4096] * 8, "decoder": [4096] * 8}
    from vae_core.settings import RunSettings

    sealed(folder, settings=settings, key=RunSettings.from_dict(settings).key())


HARM = {
    "no manifest": lambda f: remove(f, "manifest.json"),
    "an unsealed manifest": lambda f: (f / "manifest.json").write_text(json.dumps({"format": 1})),
    "not JSON": lambda f: (f / "manifest.json").write_bytes(b"\x80\x04pickle"),
    "deep JSON": lambda f: (f / "manifest.json").write_text("[" * 100_000),
    "a large manifest": lambda f: (f / "manifest.json").write_bytes(b" " * 2**21),
    "a flipped bit": flip,
    "no weights": lambda f: remove(f, "model.safetensors"),
    "a torch file for weights": lambda f: torch.save({"w": torch.zeros(3)}, f / "model.safetensors"),
    "sealed weights of another network": lambda f: other_weights(f, {"w": np.zeros((3, 3), np.float32)}),
    "weights that are not finite": lambda f: other_weights(
        f, {k: v * np.float32(np.nan) for k, v in trained().get("mine").weights().items()}
    ),
    "a path for a key": lambda f: sealed(f, key="../../../etc/cron.d/run"),
    "the key of another run": lambda f: sealed(f, key="0" * 24),
    "a path among its files": lambda f: sealed(f, files={"../../x": {"size": 1, "sha256": "0"}}),
    "a report that is text": lambda f: sealed(f, report={"elbo": "<b>great</b>"}),
    "settings out of range": lambda f: sealed(f, settings={"train": {"steps": -1}}),
    "a gigantic network": huge,
    "no size": lambda f: sealed(f, shape=[0, 10**9]),
    "another format": lambda f: sealed(f, format=99),
}


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_anything_else_is_refused_in_a_second_and_leaves_no_trace(exported, harm, capsys):
    _, folder = exported
    harm(folder)
    before = sorted(path.name for path in trained().folder.iterdir() if path.name != ".uses")
    began = time.process_time()
    assert main(["import", str(folder)]) == 2
    assert time.process_time() - began < 5, "a second of this process, on a machine that does nothing else"
    assert sorted(path.name for path in trained().folder.iterdir() if path.name != ".uses") == before
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["nothing", "a torch file", "an archive", "an image folder"])
def test_what_is_no_folder_of_ours_gets_one_sentence(kind, tmp_path, capsys):
    path = tmp_path / "thing"
    match kind:
        case "a torch file":
            torch.save({"w": torch.zeros(3)}, path)
        case "an archive":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("manifest.json", "{}")
        case "an image folder":
            path.mkdir()
            (path / "a.png").write_bytes(b"\x89PNG")
    assert main(["import", str(path)]) == 2
    err = capsys.readouterr().err
    archived = "this archive" in err.lower() and kind in ("a torch file", "an archive")  # torch writes archives too
    assert archived or "holds no exported model; import takes a folder that `export` wrote" in err
    assert "Traceback" not in err


def test_what_else_stands_in_the_manifest_is_not_taken_over(exported):
    """`source` would be read as a data set's path, and a name is cut where it is too long."""
    entry, folder = exported
    sealed(folder, source="/etc/passwd", name="x" * 500, note="<script>", versions={"torch": "9" * 500})
    there = receive(folder, trained())
    assert not {"source", "note"} & there.manifest.keys()
    assert (len(there.name), len(there.manifest["versions"]["torch"])) == (80, 32)
    assert there.key == entry.settings.key()


def test_an_unfinished_run_of_the_same_settings_makes_room(exported):
    entry, folder = exported
    draft = trained().draft(entry.settings)
    with draft, pytest.raises(SealError, match="is being trained here; stop it, then import it again"):
        receive(folder, trained())
    assert receive(folder, trained()).status == "done"
    shutil.rmtree(folder)
    assert trained().load(entry.settings.key())


@pytest.mark.parametrize(("said", "kept"), [(True, True), (False, False), ("yes", False), (None, False)])
def test_whether_images_are_photographs_goes_along(exported, said, kept):
    _, folder = exported
    sealed(folder, photograph=said)
    assert receive(folder, trained()).photograph is kept


def test_a_path_is_not_believed_of_a_model_from_elsewhere(cache, tmp_path):
    entry = publish(cache, "own", name=str(tmp_path / "mine.npz"))
    assert entry.source == entry.settings.data.name
    send(entry, tmp_path / "out")
    entry.folder.rename(tmp_path / "gone")
    there = receive(tmp_path / "out", trained())
    assert (there.source, source_of(there.settings.data)) == ("", "")


def test_frey_faces_and_shapes_are_photographs_and_all_others_ink():
    assert {entry.settings.data.name for entry in bundled().list() if entry.photograph} == {"frey", "shapes"}
