"""A student's own pictures in colour: chosen as a .zip, trained on by a click, and dragged a moment later."""

import io
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from tests.browser.test_explore import confirmed, drag
from tests.colour_pictures import discs
from tests.server import served
from vae_core.runs.store import Runs

pytestmark = pytest.mark.browser
COUNT, SIDE = 120, 16


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("colour")


@pytest.fixture(scope="module")
def address(cache):
    with served(VAE_CACHE_DIR=str(cache), OMP_NUM_THREADS="1") as url:
        yield url


def pictures() -> bytes:
    """A .zip of a folder of PNG files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for k, picture in enumerate(discs(COUNT, SIDE)):
            file = io.BytesIO()
            Image.fromarray(picture).save(file, "PNG")
            archive.writestr(f"discs/{k}.png", file.getvalue())
    return packed.getvalue()


def test_a_zip_of_colour_pictures_becomes_a_model_that_is_dragged(visit, cache):
    guest = visit()
    guest.page.goto(f"{guest.url}/train")
    guest.page.locator(".st-key-own-images button").click()
    guest.page.locator("[data-testid=stPopoverBody] input[type=file]").set_input_files(
        {"name": "pics.zip", "mimeType": "application/zip", "buffer": pictures()}
    )
    guest.page.locator(".st-key-own-card", has_text="test images").wait_for()
    steps = guest.page.locator(".st-key-set-steps input")
    steps.fill("60")
    steps.press("Enter")
    guest.page.wait_for_function("decodeURIComponent(location.search).includes('\"steps\":60')")
    guest.page.locator(".st-key-train button").click()
    guest.page.wait_for_selector('.training[data-status="done"]', timeout=180_000)
    guest.page.locator(".st-key-next-explore button").click()
    guest.page.wait_for_selector(".pad")
    guest.settle()
    drag(guest.page)
    z = confirmed(guest)
    (entry,) = Runs(cache / "runs").list()
    assert entry.shape == (SIDE, SIDE, 3)
    with torch.no_grad():
        mean = entry.load().vae.mean(torch.tensor([z])).numpy().clip(0, 1).reshape(SIDE, SIDE, 3)
    shown = guest.pixels(".drawn")
    assert np.abs(shown - 255 * mean).max() <= 1.01, "a grey level, for a canvas rounds"
    assert np.ptp(shown, axis=2).max() > 20, "there is colour"
