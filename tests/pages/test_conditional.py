"""A conditional model on every page: nothing breaks, and each page says which class it is given, or takes one."""

import numpy as np
import pytest
import torch

from dashboard.explore.plane import preview
from dashboard.shared import background, given_class, image_bound, model_view
from tests.own_classes import LETTERS, WORDS, labelled, trained_on
from tests.pages.test_own_data_matrix import at_once, sound
from tests.pages.visiting import again, given, opened, settled, words
from tests.small_models import publish
from vae_core import LatentGrid
from vae_core.data.datasets import load_dataset
from vae_core.runs.store import trained

PAGES = ("explore", "manifold", "algorithm", "elbo", "gradients", "compare")


def visit(name: str, key: str, **address: str):
    models = {"models": key} if name == "compare" else {"model": key}
    page = settled(settled(opened(f"{name}/{name}.py", **models, **address)))
    sound(page, where=name)
    return page


@pytest.fixture
def pieces_at_once(monkeypatch):
    monkeypatch.setattr(background, "run_in_pieces", at_once)
    monkeypatch.setattr(background, "LONGEST", 0)


@pytest.fixture
def faceless(cache):
    """A conditional model whose images are not on this machine."""
    return publish(cache, "told", conditional=True, activation="tanh")


@pytest.fixture(params=[WORDS, (5, 7, 9), LETTERS], ids=["words", "5 7 9", "letters"])
def own(cache, tmp_path, request):
    return trained_on(labelled(tmp_path, request.param), conditional=True)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_it_without_images(name, faceless, nothing_bundled):
    visit(name, faceless.key)


def test_every_page_has_it_with_images_of_any_classes(own, nothing_bundled, pieces_at_once):
    for name in PAGES:
        visit(name, own.key, i="1")
    page = opened("elbo/elbo.py", model=own.key, i="0")
    page.session_state["set seen"] = True
    sound(settled(settled(again(page))), where="the test set")
    page = opened("explore/explore.py", model=own.key, i="0")
    for panel in ("cover-open", "learned-open"):
        page.session_state[panel] = True
        sound(settled(settled(again(page))), where=panel)


def test_explore_takes_the_class_of_the_image_and_then_the_one_that_is_chosen(faceless, nothing_bundled):
    page = visit("explore", "told", i="3")
    assert (given(page, "plane")["given"], given(page, "class_row")["given"]) == (3, 3)
    start = given(page, "plane")["z"]
    page = visit("explore", "told", i="3", **{"class": "7"})
    assert given(page, "plane")["given"] == 7
    assert given(page, "plane")["model"].endswith("/7")
    assert given(page, "plane")["z"] == start, "the class changes, the style stays"
    page = opened("explore/explore.py", model="told", **{"class": "10"})
    assert "not a whole number from 0 to 9" in words(page)
    assert given(settled(page), "plane")["given"] == 0


def test_other_pages_say_which_class_they_take(faceless, nothing_bundled):
    for name in ("elbo", "gradients"):
        page = visit(name, "told", i="prior3", **{"class": "4"})
        assert "Given the class 4" in words(page)
    assert "Given the class 6" in words(visit("manifold", "told", **{"class": "6"}))
    assert "told the class" in words(visit("algorithm", "told"))


def test_a_model_that_knows_no_classes_has_no_row_of_them(two):
    page = settled(opened("explore/explore.py", model="two"))
    assert not [e for e in page.get("bidi_component") if e.proto.component_name == "vae_lab.class_row"]
    assert "class" not in page.query_params
    assert given_class.said(two) == ""


def test_compare_says_that_log_p_of_x_given_y_is_another_number(faceless, cache, nothing_bundled):
    publish(cache, "untold", activation="tanh")
    page = settled(opened("compare/compare.py", models="untold,told"))
    said = words(page) + str(given(page, "columns")["notes"])
    assert "it is told the class" in said
    assert "is not log p(x)" in said
    untold, told = given(page, "columns")["columns"]
    assert "classes" not in untold["points"]
    assert np.ptp(np.array(told["points"]["classes"]), axis=0).max() == 0, "one z"
    assert told["told"]["classes"] == list(range(10))


def test_the_bounds_of_the_test_set_are_each_given_its_own_class(cache, tmp_path, nothing_bundled, pieces_at_once):
    from dashboard.elbo.test_set import bounds

    file = labelled(tmp_path, WORDS)
    entry, data = trained_on(file, conditional=True), load_dataset(str(file), split="random")
    found = bounds.TestSetBounds(model_view.model(entry), data)
    while found.next_batch():
        pass
    some = found.order[:8].tolist()
    vae, x, y = entry.load().vae, data.observed("test", some), data.labels("test", some)
    exact = torch.cat([LatentGrid(vae.given(int(k))).log_px(image[None]) for image, k in zip(x, y, strict=True)])
    np.testing.assert_allclose(found.rows[3, :8], exact.numpy(), atol=2e-3)


def test_an_image_is_taken_apart_given_its_class(faceless):
    whole = model_view.model(faceless)
    model = model_view.given(whole, 5)
    x = np.zeros(784, np.float32)
    subject, other = image_bound.bound_inputs(model, x), image_bound.bound_inputs(model_view.given(whole, 6), x)
    expected = LatentGrid(faceless.load().vae.given(5)).log_px(torch.zeros(1, 784)).item()
    assert image_bound.exact(subject).log_px == pytest.approx(expected, abs=1e-3)
    assert image_bound.exact(other).log_px != pytest.approx(expected, abs=1e-3)


def test_the_first_picture_is_that_of_the_class(faceless):
    whole = model_view.model(faceless)
    for y in range(10):
        model = model_view.given(whole, y)
        drawn, expected = preview.mean_image(model, [0.3, -1.2]), model_view.decoded(model, np.array([0.3, -1.2]))
        assert np.abs(drawn.astype(int) - expected).max() <= 1


def test_the_train_page_shows_it(own, nothing_bundled):
    page = settled(settled(opened("train/train.py", run=own.key)))
    sound(page, where="train")
    assert given(page, "live")["told"] in own.classes
    assert trained().get(own.key).status == "done"
