"""What Python draws of photographs is bright where they are bright: films, strips, reports, miniatures."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image, ImageSequence

from dashboard.train.live import film_export, snapshots
from dashboard.train.report import report
from tests.photographs import Shown, opened, shows, trained
from vae_core.analysis.miniatures import SIDE, TILE, miniature
from vae_core.data.datasets import load_dataset
from vae_core.runs.store import Entry, Runs

STAGE = (snapshots.TILES,) * 2
WHOSE = ("own", "colour")


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> dict[str, Shown]:
    return trained(tmp_path_factory.mktemp("photographs"))


def entries(shown: Shown) -> list[Entry]:
    runs = Runs(shown.cache / "runs")
    return [runs.get(shown.keys[name]) for name in ("two", "other")]


def levels(picture: Image.Image, box: tuple[int, int, int, int] | None = None) -> np.ndarray:
    return np.asarray(picture.convert("RGB").crop(box) if box else picture.convert("RGB"))


@pytest.mark.parametrize("whose", WHOSE)
def test_the_film_of_a_training_and_its_strip_show_photographs(models, whose):
    shown, (entry, _) = models[whose], entries(models[whose])
    steps = tuple(entry.snapshots())
    film = Image.open(io.BytesIO(snapshots.animation(entry, load_dataset(shown.keys["own"]), steps, (0, 1))))
    edge, side = film_export.EDGE, film_export.SIDE
    *_, last = (levels(frame, (edge, edge, edge + side, edge + side)) for frame in ImageSequence.Iterator(film))
    assert shows([last], shown.mean, STAGE)
    seen = snapshots.watched(load_dataset(shown.keys["own"]), "dequantised", 0)
    still = film_export.Still(steps[-1], None, snapshots.tiles(entry.load().vae, seen, (0, 1), STAGE[0]), None)
    strip = film_export.strip([still], entry.shape, entry.photograph)
    assert shows([levels(strip, (0, 0, side // 2, side // 2))], shown.mean, STAGE)


@pytest.mark.parametrize("whose", WHOSE)
def test_a_report_shows_the_manifold_of_each_run(models, whose):
    page = report.page(entries(models[whose]))
    pictures = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    assert len(pictures) == 2
    for picture in pictures:
        assert shows([np.asarray(opened(base64.b64decode(picture)))], models[whose].mean, (report.SIDE, report.SIDE))


@pytest.mark.parametrize("whose", [*WHOSE, "bundled"])
def test_a_miniature_is_no_negative(models, whose):
    entry = snapshots.bundled().get("frey-2d") if whose == "bundled" else entries(models[whose])[0]
    sheet = miniature(entry)
    sheet = sheet if sheet.ndim == 3 else np.repeat(sheet[..., None], 3, -1)
    assert sheet.shape == (SIDE, SIDE, 3)
    assert entry.photograph
    assert shows([sheet], models[whose].mean, TILE / entry.shape[0])
