"""Pages call a class by its name: what each component gets, also where a part of the data lacks one."""

import numpy as np
import pytest
from PIL import Image

from dashboard.elbo.test_set import table
from dashboard.explore.plane import plane
from dashboard.shared import background, model_view, test_images
from dashboard.shared.image_picker import image_picker, source
from dashboard.train.live import film_export, snapshots
from tests.own_classes import LETTERS, LONG, WORDS, labelled, trained_on
from tests.pages.visiting import given, opened, settled, words
from tests.small_models import publish
from vae_core.data.datasets import load_dataset

pytestmark = pytest.mark.usefixtures("nothing_bundled")


def shown(view: str, name: str, key: str, **address: str) -> dict:
    return given(settled(opened(view, model=key, **address)), name)


def test_the_plane_and_its_chooser_have_the_names(cache, tmp_path):
    entry = trained_on(labelled(tmp_path, (5, 7, 9)))
    first = given(opened("explore/explore.py", model=entry.key), "plane")
    assert first["classes"] == first["chooser"]["classes"] == ["5", "7", "9"], "before the images are read"
    data = shown("explore/explore.py", "plane", entry.key)
    assert data["classes"] == data["chooser"]["classes"] == ["5", "7", "9"]
    named = [name.partition(", class ") for name in data["near"]["names"]]
    labels = load_dataset(str(tmp_path / "own.npz")).test_labels
    for image, _, name in named:
        assert name == "579"[labels[int(image.removeprefix("test image "))]]


def test_more_classes_than_colours_are_all_offered_and_can_be_hidden(cache, tmp_path):
    entry = trained_on(labelled(tmp_path, LETTERS))
    page = settled(opened("explore/explore.py", model=entry.key, hide="3,25"))
    data = given(page, "plane")
    assert data["classes"] == data["chooser"]["classes"] == list(LETTERS)
    assert data["chooser"]["samples"] == "", "a list has no pictures"
    assert data["look"]["hide"] == [3, 25]
    assert "The address has" in words(opened("explore/explore.py", model=entry.key, hide="3,26"))


def test_a_class_that_no_test_image_has_is_said_and_shows_no_other_ones_picture(cache, tmp_path):
    entry = trained_on(labelled(tmp_path, ("a", "b", "c"), untested="b"))
    data = shown("explore/explore.py", "plane", entry.key)["chooser"]
    assert (data["classes"], data["lacking"], data["untrained"]) == (["a", "b", "c"], [1], [])
    model = model_view.model(entry)
    _, blob = image_picker._samples(model, test_images.data(model))
    pixels = 12 * 12
    pictures = np.frombuffer(blob[-3 * pixels :], np.uint8).reshape(3, pixels)
    tests, labels = test_images.data(model).test.numpy(), test_images.data(model).test_labels.numpy()
    assert not pictures[1].any()
    for label in (0, 2):
        np.testing.assert_array_equal(pictures[label], tests[labels == label][0])
    with pytest.raises(test_images.Refused, match="No test image is of the class b"):
        image_picker.by_class(model, {"class": 1})
    assert table.without(test_images.data(model)) == " No test image is of the class b."


def test_a_class_that_no_training_image_has_is_said(cache, tmp_path):
    from vae_core.data.datasets import assemble

    picture = np.zeros((4, 8, 8), np.uint8)
    labels = np.array([0, 0, 2, 2], np.uint8), np.array([0, 1, 1, 2], np.uint8)
    dataset = assemble("x", picture, picture, *labels, ("a", "b", "c"))
    assert test_images.untrained(test_images.Material(dataset, "")) == [1]
    assert test_images.untrained(None) == []


@pytest.mark.parametrize("names", [WORDS, LETTERS], ids=["words", "letters"])
def test_manifold_compare_and_elbo_have_the_names(cache, tmp_path, names):
    entry = trained_on(labelled(tmp_path, names))
    known = list(load_dataset(str(tmp_path / "own.npz")).classes)
    data = shown("manifold/manifold.py", "grid", entry.key, over="classes")
    assert data["classes"] == known
    assert ("colours, which repeat" in data["caption"]) == (len(names) > 10)
    assert set(data["regions"]["labels"]) <= {-1, *range(len(names))}
    compared = given(settled(opened("compare/compare.py", models=entry.key)), "columns")
    assert compared["offer"]["classes"] == known
    assert all(" class " in name for name in compared["fewNames"])
    bound = settled(opened("elbo/elbo.py", model=entry.key, i="0"))
    assert given(bound, "bound")["offer"]["classes"] == known


def test_the_headline_names_the_class_as_text_and_cuts_a_long_one(cache, tmp_path):
    from dashboard.elbo import headline

    model = model_view.model(trained_on(labelled(tmp_path, ("<b>bold</b>", LONG))))
    background.finish()
    test_images.material(model)
    background.begin()
    background.finish()
    image = source.chosen(model)
    for label, said in ((0, "&lt;b&gt;bold&lt;/b&gt;"), (1, "a name of sixty charact…")):
        assert headline.noun(model, image._replace(label=label)) == said


def test_codes_of_the_manifold_lie_in_no_hole_that_is_a_class(cache):
    """With 256 classes the last one has the number 255."""
    entry = publish(cache, "two", count=60)
    model = model_view.model(entry)
    crowd = model_view.Model(**{**model.__dict__, "labels": np.full(60, 255, np.uint8), "classes": ("x",) * 256})
    from dashboard.manifold.grid import grid

    found = grid.regions.__wrapped__(crowd, 8, "inverse CDF", (0, 1), (0.0, 0.0))["labels"]
    assert 255 in found
    assert grid.NOBODY not in range(256)


def test_without_labels_there_is_no_legend(cache):
    entry = publish(cache, "face", shape=(28, 20), labelled=False)
    assert model_view.model(entry).classes == ()
    data = given(opened("explore/explore.py", model="face"), "plane")
    assert data["classes"] == data["chooser"]["classes"] == data["chooser"]["lacking"] == []


def test_older_runs_have_the_names_of_their_data_set_or_the_numbers(cache):
    assert model_view.model(publish(cache, "shirts", name="fashion-mnist")).classes[9] == "ankle boot"
    assert model_view.model(publish(cache, "theirs", name="/gone/x.npz")).classes == tuple("0123456789")
    assert plane.look(["codes"], 26)["hide"] == []


def test_train_says_what_the_colours_mean(cache, tmp_path):
    entry = trained_on(labelled(tmp_path, LETTERS))
    page = settled(opened("train/train.py", run=entry.key))
    assert given(page, "live")["classes"] == list(LETTERS)
    assert snapshots.classes(None) == ()


def test_a_film_names_its_colours():
    still = film_export.Still(10, -3.0, np.zeros((4, 64), np.uint8), np.zeros((3, 2), np.float32))

    def foot(classes: tuple[str, ...]) -> np.ndarray:
        labels = np.array([0, 1, 2], np.uint8) if classes else None
        sheet = film_export.picture(still, (8, 8), labels, False, classes)
        assert isinstance(sheet, Image.Image)
        return np.asarray(sheet)[film_export.SIDE + film_export.EDGE + 8 :, film_export.SIDE + 2 * film_export.EDGE :]

    colour = [int(film_export.CLASSES[1][k : k + 2], 16) for k in (1, 3, 5)]
    assert (np.abs(foot(("5", "seven", "9")).astype(int) - colour).sum(2) < 40).any()
    assert (foot(()) == film_export.PAPER).all()
    crowd = foot(tuple(f"class_{k:03d}" for k in range(256)))
    assert (crowd[:, -film_export.EDGE + 2 :] == film_export.PAPER).all(), "it ends where the plane does"
    assert (foot((LONG,) * 30)[:, -film_export.EDGE + 2 :] == film_export.PAPER).all()
