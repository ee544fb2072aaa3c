"""The lines of a model card that load a model do."""

import json
import shutil

from vae_core.exchange.model_card import LOADING
from vae_core.runs.store import bundled


def test_the_lines_that_load_a_model_draw_an_image(tmp_path, monkeypatch):
    entry = bundled().get("strokes-2d")
    (tmp_path / "settings.json").write_text(json.dumps(entry.settings.to_dict()))
    shutil.copy(entry.folder / "model.safetensors", tmp_path)
    monkeypatch.chdir(tmp_path)
    found = {}
    exec(LOADING.format(shape=(28, 28), dims=2, classes="", given=""), found)
    image = found["image"].detach()
    assert image.shape == (28, 28)
    assert 0 < image.max() <= 1
