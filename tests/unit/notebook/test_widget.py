"""The widget in Python: z, the image and the bound go both ways, without any browser; and the sample notebook."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
import traitlets
from torch import nn

from dashboard.shared.browser_blobs import header
from tests.pages.test_saved_pages import blobs, told
from vae_core.cli import pages
from vae_core.inference.elbo import elbo
from vae_core.inference.latent_grid import LatentGrid
from vae_core.model.vae import build
from vae_core.notebook import explore
from vae_core.settings import ModelSettings

ROOT = Path(__file__).parents[3]
IMAGES = (np.random.default_rng(0).random((60, 8, 8)) < 0.3).astype(np.float32)


@pytest.fixture(scope="module")
def ours():
    settings = ModelSettings(encoder=(12,), decoder=(12,), activation="tanh")
    return build(settings, (8, 8), torch.Generator().manual_seed(0)).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def widget(ours):
    return explore(ours, IMAGES, np.arange(60) % 3, name="mine")


def test_the_bound_of_the_chosen_image_is_the_one_of_the_library(ours, widget):
    widget.index = 7
    assert widget.z == pytest.approx(widget.code_of(IMAGES[7].ravel())), "its code"
    x = torch.from_numpy(IMAGES[7].reshape(1, -1))
    np.testing.assert_array_equal(widget.x, IMAGES[7])
    noise = torch.randn(256, 1, 2, generator=torch.Generator().manual_seed(0))
    expected = elbo(ours, x, noise)
    assert widget.bound.elbo == pytest.approx(expected.value.item(), abs=1e-3)
    assert widget.bound.kl == pytest.approx(expected.kl.item(), abs=1e-4)
    assert widget.bound.log_px == pytest.approx(LatentGrid(ours).log_px(x).item(), abs=1e-4)
    said = " ".join(text for _, text in widget.bound_line)
    assert re.search(r"image 7: ELBO −\d+\.\d\d ± .* = reconstruction −.* − KL .* log p\(x\) −\d+\.\d\d, exact", said)


def test_z_is_read_set_and_heard(ours, widget):
    heard = []
    widget.observe(lambda change: heard.append(change["new"]), "z")
    widget.z = np.array([0.5, -1])
    widget.set_state({"z": [0.25, 1.5]})  # as the page's moves arrive
    assert heard == [[0.5, -1.0], [0.25, 1.5]]
    np.testing.assert_allclose(widget.decoded.ravel(), ours.mean(torch.tensor([[0.25, 1.5]]))[0].numpy(), atol=1e-6)
    assert widget.picture == b"", "the page decodes by itself"
    for wrong in ([1.0], [1, np.nan], "here"):
        with pytest.raises(traitlets.TraitError, match=r"^z "):
            widget.z = wrong
    with pytest.raises(traitlets.TraitError, match="numbered from 0 to 59"):
        widget.index = 60


def test_a_drawing_that_the_page_made_is_scored_too(ours, widget):
    drawn = (np.random.default_rng(1).random(64) < 0.2).astype("<f4")
    widget.set_state({"index": None, "image_name": "Drawn", "pixels": drawn.tobytes(), "question": 0})
    np.testing.assert_array_equal(widget.x, drawn.reshape(8, 8))
    assert widget.bound.log_px == pytest.approx(LatentGrid(ours).log_px(torch.from_numpy(drawn)[None]).item(), abs=1e-4)
    assert widget.bound_line[0][1] == "Drawn:"
    assert widget.code == {}


def test_what_no_browser_knows_is_decoded_and_encoded_here_on_each_move():
    encoder, decoder = nn.Linear(64, 4), nn.Linear(2, 64)
    widget = explore(lambda z: torch.sigmoid(decoder(z)).sqrt(), IMAGES, encode=encoder, name="a function")
    assert widget.z == pytest.approx(encoder(torch.from_numpy(IMAGES[0].reshape(1, -1)))[0, :2].tolist(), abs=1e-6)
    widget.z = [1, 2]
    with torch.no_grad():
        expected = 255 * torch.sigmoid(decoder(torch.tensor([[1.0, 2.0]]))).sqrt()[0].numpy()
    np.testing.assert_allclose(np.frombuffer(widget.picture, np.uint8), expected, atol=0.51)
    drawn = np.zeros(64, "<f4")
    widget.set_state({"index": None, "image_name": "Drawn", "pixels": drawn.tobytes(), "question": 3})
    assert widget.code["number"] == 3
    assert widget.code["mean"] == pytest.approx(encoder.bias[:2].tolist(), abs=1e-6)
    assert widget.code["sigma"] == pytest.approx((encoder.bias[2:] / 2).exp().tolist(), abs=1e-6)


def test_an_autoencoder_a_line_and_many_dimensions(tmp_path):
    points = explore(nn.Linear(2, 64), IMAGES, encode=lambda x: x[:, :3] @ torch.ones(3, 2), latent_dim=2)
    assert (points.bound.elbo, points.bound.log_px) == (None, None)
    assert points.bound.reconstruction < 0
    line = explore(nn.Linear(1, 64), IMAGES, encode=nn.Linear(64, 2))
    assert line.bound.log_px >= line.bound.elbo - 4 * line.bound.error
    many = explore(nn.Linear(20, 64), IMAGES * 0.5, encode=nn.Linear(64, 40))
    assert many.bound.log_px is None
    assert "x is grey" in many.bound_line[-1][1]
    with pytest.warns(UserWarning, match="Only Python computes the decoder and the encoder of this model"):
        many.save(tmp_path / "many.html")
    assert (tmp_path / "many.html").read_text("utf-8") == many.page
    assert many.lacking in many.page


def test_a_page_that_can_do_everything_alone_is_saved_without_a_word(widget, tmp_path, recwarn):
    widget.save(tmp_path / "mine.html")
    assert (widget.lacking, list(recwarn)) == ("", [])


def codes_on(page: str, dims: int) -> np.ndarray:
    """The means (N, D) of the codes that the plane of a page shows at first, along its axes."""
    wanted = told(page)["pages"]["explore"]["mounts"][0]["data"]["codes"]
    (blob,) = [blob for blob in set(blobs(page)) if header(blob)["sha256"] == wanted]
    count = header(blob)["count"]
    start = 4 + int.from_bytes(blob[:4], "little")
    return np.frombuffer(blob[start:], "<f4")[: count * dims].reshape(count, dims)


def test_each_page_shows_the_codes_of_its_own_model_and_images():
    """Also of weights loaded into the same model, and of other images; a plane shows two of ten dimensions."""
    shown = []

    def look(model, encode, images, dims=2):
        page = explore(model, images, encode=encode).page
        with torch.no_grad():
            mean = encode(torch.from_numpy(images.reshape(len(images), -1)))[:, : model.in_features].numpy()
        axes = told(page)["pages"]["explore"]["mounts"][0]["data"]["axes"]
        np.testing.assert_allclose(codes_on(page, dims), mean[:, axes], atol=1e-6)
        shown.append(codes_on(page, dims).tobytes())

    decoder, first, second = nn.Linear(2, 64), nn.Linear(64, 4), nn.Linear(64, 4)
    look(decoder, first, IMAGES)
    look(decoder, second, IMAGES)
    first.load_state_dict({name: 2 * value for name, value in first.state_dict().items()})
    look(decoder, first, IMAGES)
    look(decoder, first, IMAGES[:25])
    look(decoder, first, 1 - IMAGES)
    look(nn.Linear(10, 64), nn.Linear(64, 20), IMAGES)
    look(nn.Linear(1, 64), nn.Linear(64, 2), IMAGES, dims=1)
    assert len(set(shown)) == 7


def test_without_the_dashboard_a_sentence_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    with pytest.raises(ValueError, match="dashboard is not there: clone all of VAE Lab"):
        explore(nn.Linear(2, 64), IMAGES, latent_dim=2)


def test_the_sample_notebook_runs(tmp_path, monkeypatch):
    """An MLP, a convolutional model and a function: z is set and read in each of them."""
    import nbformat
    from nbclient import NotebookClient

    folder = ROOT / "assets" / "notebooks"
    notebook = nbformat.read(folder / "own-vae.ipynb", as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "it lies there without what it prints"
    last = (
        "print(w.z, w.decodes_there, conv.decodes_there, mixed.decodes_there, mixed.z, w.bound.log_px >= w.bound.elbo)"
    )
    notebook.cells.append(nbformat.v4.new_code_cell(last))
    for folder_of in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(folder_of, str(tmp_path / folder_of))
    NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(folder)}}).execute()
    printed = "".join(out.get("text", "") for out in notebook.cells[-1].outputs)
    assert printed == "[0.5, -1.0] True True False [1.0, 0.0] True\n"
    views = [out.data for cell in notebook.cells for out in cell.get("outputs", []) if "data" in out]
    assert sum("application/vnd.jupyter.widget-view+json" in data for data in views) == 3
