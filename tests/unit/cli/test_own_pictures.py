"""A zip of a few pictures is trained on and swept over by the command line, with nothing but its path said."""

import io
import shlex
import zipfile
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image

from tests.inline_executor import Inline
from vae_core.__main__ import main
from vae_core.cli import commands
from vae_core.exchange.model_card import command
from vae_core.runs.store import trained

TINY = ["--steps", "2", "--encoder", "4", "--decoder", "4", "--threads", "1"]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    @contextmanager
    def in_this_process(options):
        yield Inline(), 1

    monkeypatch.setenv("VAE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(commands, "executor", in_this_process)


@pytest.mark.parametrize(("count", "held_out"), [(12, 0), (40, 2), (400, 28)])
def test_few_pictures_need_no_setting(tmp_path, capsys, count, held_out):
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(tmp_path / "pics.zip", "w") as archive:
        for k in range(count):
            picture = io.BytesIO()
            Image.fromarray(rng.integers(0, 256, (12, 10), np.uint8)).save(picture, "PNG")
            archive.writestr(f"pics/{'cat' if k % 2 else 'dog'}/IMG_{k}.png", picture.getvalue())
    path = str(tmp_path / "pics.zip")
    assert main(["train", "--dataset", path, *TINY]) == 0
    (entry,) = trained().list()
    assert (entry.status, entry.settings.data.validation) == ("done", held_out)
    assert f"{held_out} of the {count - round(count / 7)} training images are held out" in capsys.readouterr().err
    assert main(["sweep", "--dataset", path, "--beta", "1,2", *TINY]) == 0
    assert "2 runs: 1 from the cache, 1 trained now" in capsys.readouterr().out


def test_what_was_said_of_a_file_is_remembered_with_its_run(tmp_path, capsys):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "odd.npz", a=rng.integers(0, 256, (40, 6, 6), np.uint8), b=np.arange(40) % 3)
    said = ["--arrays", "images=a,labels=b", "--photographs", "false"]
    assert main(["train", "--dataset", str(tmp_path / "odd.npz"), *said, *TINY]) == 0
    (entry,) = trained().list()
    assert entry.source == f"{tmp_path / 'odd.npz'}?images=a&labels=b&photographs=false"
    assert (entry.photograph, entry.settings.data.name, len(set(entry.codes().labels))) == (False, "odd.npz", 3)
    assert main(["evaluate", entry.key, "--log-px", "0"]) == 0, "the images are found again"
    capsys.readouterr()
    assert main(["train", "--dataset", str(tmp_path / "odd.npz"), "--arrays", "images=x", *TINY]) == 2
    assert "has no array called 'x'; it has a (40, 6, 6), b (40,)" in capsys.readouterr().err
    assert main(["train", "--dataset", "strokes", "--photographs", "true", *TINY]) == 2
    assert "for files of your own" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["train", "--dataset", "x.npz", "--arrays", "pictures=x"])


@pytest.mark.parametrize("network", ["mlp", "conv"])
@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 3)])
def test_the_command_of_a_report_trains_the_same_model_on_ones_own_photographs(tmp_path, monkeypatch, network, shape):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "odd.npz", a=rng.integers(100, 256, (40, *shape), np.uint8), b=np.arange(40) % 3)
    monkeypatch.chdir(tmp_path)
    settings = ["--network", network, "--likelihood", "gaussian", "--pixels", "dequantised", *TINY]
    photographs = [] if len(shape) > 2 else ["--photographs", "false"]  # which nobody would guess of these
    assert main(["train", "--dataset", "odd.npz", "--arrays", "images=a,labels=b", *photographs, *settings]) == 0
    (entry,) = trained().list()
    python, dash, module, *arguments = shlex.split(command(entry))
    trained().remove(entry.key)
    assert (python, dash, module) == ("python", "-m", "vae_core")
    assert main([*arguments, "--threads", "1"]) == 0
    (again,) = trained().list()
    assert (again.key, again.photograph, again.source) == (entry.key, entry.photograph, entry.source)
