"""The Train page takes a dozen pictures as they are, and asks where the names of arrays say too little."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from dashboard.shared import training_queue
from tests.pages import visiting
from tests.pages.visiting import Idle, settled
from vae_core.data import uploads
from vae_core.jobs.queue import Jobs
from vae_core.runs.store import trained


@pytest.fixture(autouse=True)
def asked(nothing_bundled, monkeypatch):
    monkeypatch.delenv("VAE_LAB_PRESENTER", raising=False)
    idle = Idle()
    made = Jobs(trained(), idle)
    monkeypatch.setattr(training_queue, "jobs", lambda: made)
    return idle.asked


def again(page):
    return settled(visiting.again(page))


def press(page, key: str):
    next(button for button in page.button if button.key == key).click()
    return again(page)


def texts(page) -> str:
    return " ".join(element.value for element in page.text)


def pictures(count: int) -> list[tuple[str, bytes, str]]:
    rng, made = np.random.default_rng(0), []
    for k in range(count):
        picture = io.BytesIO()
        Image.fromarray(rng.integers(0, 256, (40, 30, 3), np.uint8)).save(picture, "JPEG")
        made.append((f"IMG_{k}.jpg", picture.getvalue(), "image/jpeg"))
    return made


@pytest.mark.parametrize(
    ("count", "packed", "parts", "held_out"),
    [
        (12, True, "10 training images (none held out), 2 test images", 0),
        (12, False, "10 training images (none held out), 2 test images", 0),
        (40, True, "34 training images (2 of them held out), 6 test images", 2),
        (400, True, "343 training images (28 of them held out), 57 test images", 28),
    ],
)
def test_a_few_pictures_are_trained_on_by_two_clicks(asked, count, packed, parts, held_out):
    chosen, archive = pictures(count), io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        for name, content, _ in chosen:
            written.writestr(f"my trip/{name}", content)
    page = settled(visiting.opened("train/train.py"))
    page.file_uploader("own-file-0").set_value(
        ("pics.zip", archive.getvalue(), "application/zip") if packed else chosen
    )
    page = again(page)
    said = texts(page)
    assert f"{'pics' if packed else f'{count} files'}: {count} images of 40x30 in colour" in said
    assert parts in said
    assert ("A model learns so few by heart" in said) == (count < 100)
    page = press(page, "train")
    (request,) = asked
    assert request["settings"]["data"]["validation"] == held_out


def test_it_asks_which_arrays_are_which():
    content, images = io.BytesIO(), np.random.default_rng(0).integers(0, 256, (40, 6, 6), np.uint8)
    np.savez(content, alpha=images, beta=np.arange(40) % 3, gamma=255 - images, delta=np.linspace(0, 1, 40))
    file = ("odd.npz", content.getvalue(), "application/zip")
    page = settled(visiting.opened("train/train.py"))
    page.file_uploader("own-file-0").set_value(file)
    page = again(page)
    assert "The names of the arrays in odd.npz do not say it" in texts(page)
    assert "0, 1, 2, 0, 1, 2, 0, 1, …" in texts(page)
    assert uploads.kept() == []
    page = press(page, "own-unanswered")
    assert "do not say it" not in texts(page)
    page.file_uploader("own-file-1").set_value(file)
    page = again(page)
    page.selectbox("own-role-images").set_value("gamma")
    page = again(page)
    assert page.selectbox("own-role-labels").options == ["beta", "none"]
    page = press(page, "own-answered")
    (kept,) = uploads.kept()
    assert page.selectbox("set-name").value == kept.name
    assert (kept.classes, kept.remark) == (("0", "1", "2"), "the arrays alpha, delta were not used")
    assert "Classes: 0 (14), 1 (13), 2 (13)" in texts(page)
