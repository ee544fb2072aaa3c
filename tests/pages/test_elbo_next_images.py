"""What the ELBO page finds before it is asked for: the bound of every image that a press of a class would show."""

import pytest

from dashboard.elbo import next_images
from dashboard.shared import background, image_bound, model_view, test_images
from dashboard.shared.image_picker import image_picker, source
from tests.pages import visiting
from tests.small_models import publish

pytestmark = pytest.mark.usefixtures("nothing_bundled")


@pytest.fixture
def asked_for(monkeypatch):
    """What pages have done ahead: key -> piece."""
    found = {}
    monkeypatch.setattr(next_images, "_known", {})
    monkeypatch.setattr(background, "run_ahead", lambda key, piece: found.update({key[0]: piece}))
    return found


def test_a_press_of_a_class_finds_its_bound_computed(cache, asked_for, monkeypatch):
    monkeypatch.setattr(next_images, "DEAR", 60.0)  # however busy the machine is
    entry = publish(cache, "two", name="strokes", strength=1)
    visiting.settled(visiting.reached("elbo/elbo.py", model="two"))
    piece = asked_for.pop("next images")
    pieces = 1
    while piece():
        pieces += 1
    model = model_view.model(entry)
    dataset = test_images.data(model)
    first = source.test_image(model, dataset, 0, 0)
    numbers = [image_picker.following(model, first, label) for label in range(len(dataset.classes))]
    assert pieces == len({*numbers}), "one image a piece"
    monkeypatch.setattr(image_bound, "LatentGrid", None)  # nothing is summed any more
    monkeypatch.setattr(image_bound, "tightness", None)
    for number in numbers:
        s = image_bound.bound_inputs(model, source.test_image(model, dataset, number, 0).x)
        assert image_bound.bound(s, image_bound.encoder(s)).gap >= -1e-3
    visiting.reached("elbo/elbo.py", model="two")
    assert "next images" not in asked_for, "and it asks no more"


def test_what_is_dear_is_not_done_for_all(cache, asked_for, monkeypatch):
    monkeypatch.setattr(next_images, "DEAR", 0.0)
    publish(cache, "two", name="strokes", strength=1)
    visiting.settled(visiting.reached("elbo/elbo.py", model="two"))
    piece = asked_for["next images"]
    assert not piece()


def test_a_bound_that_fails_in_advance_troubles_nobody_who_has_not_chosen_that_image(cache, asked_for, monkeypatch):
    publish(cache, "two", name="strokes", strength=1)
    page = visiting.settled(visiting.reached("elbo/elbo.py", model="two"))
    monkeypatch.setattr(image_bound, "bound", None)
    piece = asked_for["next images"]
    while piece():
        pass
    assert not page.exception
