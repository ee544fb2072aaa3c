"""Pictures in colour of one's own on the pages: the form that suits them, the film, and what goes to the browser."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from dashboard.elbo.points import points
from dashboard.shared import image_bound, model_view
from dashboard.shared.image_picker import source
from dashboard.train import image_upload
from dashboard.train.live import film_export, snapshots
from tests.colour_pictures import discs
from tests.pages.visiting import given, opened, settled, words
from tests.small_models import publish
from vae_core.data.datasets import load_dataset
from vae_core.data.uploads import keep
from vae_core.inference import latent_grid
from vae_core.jobs.trainer import train_run
from vae_core.runs.store import trained
from vae_core.settings import preset

SMALL = {"encoder": (4,), "decoder": (4,), "steps": 30, "batch": 20}
CONV = {"network": "conv", "encoder": (4,), "decoder": (4,), "likelihood": "gaussian", "pixels": "dequantised"}


@pytest.fixture
def pictures(cache):
    """The name of an uploaded data set in colour."""
    file = io.BytesIO()
    np.savez(file, images=discs(60))
    file.seek(0)
    return keep("discs.npz", file).name


def test_the_form_suits_pictures_in_colour_and_refuses_what_does_not(pictures):
    page = opened("train/train.py", set=json.dumps({"name": pictures}))
    assert page.selectbox(key="set-network").value == "conv"
    assert page.selectbox(key="set-likelihood").value == "isotropic_gaussian"
    page.selectbox(key="set-likelihood").set_value("bernoulli").run()
    assert "these images are in colour: use likelihood=gaussian" in words(page)
    assert page.selectbox(key="set-likelihood").value == "isotropic_gaussian"
    assert "60 images of 8x8 in colour" in " ".join(text.value for text in page.text)


def test_thumbnails_and_film_show_the_colours_in_both_themes(pictures):
    data = load_dataset(pictures)
    for upright in (True, False):
        as_came, _ = image_upload.sheets(data, "grey", upright)
        first = data.train[0].reshape(8, 8, 3).numpy()
        assert np.abs(np.asarray(as_came)[1, 1, :3].astype(int) - first[0, 0]).max() <= 1
    entry = train_run(preset("quick", data).with_fields(fingerprint=data.fingerprint, **SMALL), data, trained())
    film = Image.open(io.BytesIO(snapshots.animation(entry, data, tuple(entry.snapshots()), (0, 1))))
    assert film.n_frames == len(entry.snapshots())
    tiles = discs(4)
    still = film_export.Still(0, 0.0, tiles.reshape(4, -1), np.zeros((2, 2), np.float32))
    gif = Image.open(io.BytesIO(film_export.animated([still, still], (8, 8, 3), None))).convert("RGB")
    edge, side = film_export.EDGE, film_export.SIDE
    drawn = gif.crop((edge, edge, edge + side, edge + side)).resize((16, 16), Image.Resampling.BOX)
    corners = np.asarray(drawn).astype(int)[::8, ::8].reshape(4, 3)
    assert np.abs(corners - tiles[:, 0, 0]).max() <= 24, "a film has 256 colours, and most are those of the images"
    for photograph in (True, False):
        sheet = film_export.manifold(film_export.Still(0, 0.0, tiles.reshape(4, -1), None), (8, 8, 3), photograph)
        corners = np.asarray(sheet.resize((16, 16), Image.Resampling.BOX)).astype(int)[::8, ::8].reshape(4, 3)
        assert np.abs(corners - tiles[:, 0, 0]).max() <= 20  # enlarged smoothly
    assert film_export.strip([film_export.Still(0, 0.0, tiles.reshape(4, -1), None)], (8, 8, 3)).mode == "RGB"


def test_nats_of_a_pixel_are_those_of_its_red_green_and_blue(cache):
    entry = publish(cache, "points", shape=(4, 6, 3), count=20, labelled=False, stochastic=False, **CONV)
    model = model_view.model(entry)
    x = np.random.default_rng(0).random(72).astype(np.float32)
    image = source.Image("x", "test", None, 0, np.zeros(72, np.uint8), x, np.zeros(2, np.float32), None)
    found = points.picture(model, image)["numbers"]
    nats = np.frombuffer(base64.b64decode(found["pixels"]), "<f4")
    assert nats.shape == (24,)
    assert nats.sum() == pytest.approx(found["reconstruction"], rel=1e-5)
    each = np.arange(72.0).reshape(4, 6, 3)
    assert np.array_equal(image_bound.per_place(each.ravel(), (4, 6, 3)), each.sum(-1).ravel())


@pytest.mark.parametrize("view", ["explore/explore.py", "manifold/manifold.py", "elbo/elbo.py", "compare/compare.py"])
def test_the_pages_open_with_a_model_of_colour(cache, pictures, view):
    publish(cache, "bright", shape=(8, 8, 3), count=20, labelled=False, strength=1, name=pictures, **CONV)
    page = settled(opened(view, model="bright", models="bright", i="0"))
    assert not page.exception
    if "explore" in view:
        assert given(page, "plane")["shape"] == [8, 8, 3]
        assert len(base64.b64decode(given(page, "plane")["picture"])) == 192


@pytest.mark.parametrize("view", ["elbo/elbo.py", "compare/compare.py"])
def test_what_is_too_dear_to_sum_is_estimated_from_draws(cache, pictures, view, monkeypatch):
    monkeypatch.setattr(latent_grid, "DEAREST", 0)
    monkeypatch.setattr(latent_grid.LatentGrid, "_roots", lambda *_: pytest.fail("nothing is summed"))
    publish(cache, "dear", shape=(8, 8, 3), count=20, labelled=False, strength=1, name=pictures, **CONV)
    page = settled(opened(view, model="dear", models="dear", i="0"))
    assert not page.exception
    if "elbo" in view:
        found = given(page, "bound")
        assert (found["dims"], found["exact"]) == (2, False)
        assert "effective" in found["error"]


@pytest.mark.parametrize(("view", "component"), [("explore", "plane"), ("elbo", "bound"), ("gradients", "estimators")])
def test_what_is_saved_of_a_run_is_called_as_people_call_the_run(cache, pictures, view, component):
    own = {"shape": (8, 8, 3), "count": 20, "labelled": False, "strength": 1, "name": pictures, **CONV}
    publish(cache, "0123456789abcdef", called="Discs at dusk", **own)
    page = settled(opened(f"{view}/{view}.py", model="0123456789abcdef", i="0"))
    assert given(page, component)["file"] == "discs-at-dusk-012345"
    page = settled(opened(f"{view}/{view}.py", model="mnist-2d", i="0"))
    assert given(page, component)["file"] == "mnist-2d"
