"""The ELBO page shows a bound before it knows how q improves, and works nothing out itself once that is found."""

from functools import partial

import pytest

from dashboard.elbo import headline
from dashboard.shared import background, image_bound, model_view
from dashboard.shared.image_picker import source
from tests.pages import visiting
from tests.small_models import publish

pytestmark = pytest.mark.usefixtures("nothing_bundled")
reached = partial(visiting.reached, "elbo/elbo.py", model="two")


def test_the_bound_stands_before_the_refinement_is_found(cache):
    publish(cache, "two", name="strokes", strength=1)
    page = visiting.settled(reached())  # the images have been read
    for key in [key for key in background._results if key[0] == "refinement"]:
        background.forget(key)
    page = visiting.again(page)
    early = visiting.given(page, "bound")
    assert early["climb"] is None
    assert early["numbers"]["elbo"] < early["logPx"]
    found = visiting.given(visiting.settled(page), "bound")
    assert found["numbers"] == early["numbers"], "the same bound"
    assert found["climb"]["rows"][-1]["gap"] <= found["numbers"]["gap"]


def test_once_it_is_found_the_page_asks_no_network(cache, monkeypatch):
    publish(cache, "two", name="strokes", strength=1)
    page = visiting.settled(visiting.settled(reached()))
    before = visiting.given(page, "bound")
    assert before["climb"] is not None
    monkeypatch.setattr(model_view, "network", None)
    assert visiting.given(visiting.again(page), "bound") == before


def test_a_chosen_step_does_not_wait_for_others(cache, monkeypatch):
    publish(cache, "two", name="strokes", strength=1)
    monkeypatch.setattr(background, "result", lambda key, work: None if key[0] == "refinement" else work())
    page = reached(step="10")
    shown = visiting.given(page, "bound")
    assert shown["name"] == "step 10"
    assert shown["climb"]["path"][10] == shown["q"]
    assert image_bound.STATIONS[3] == 10


def test_another_model_begins_at_its_own_encoder(cache):
    publish(cache, "two", name="strokes", strength=1)
    publish(cache, "other", name="strokes", strength=1)
    page = visiting.settled(reached(step="10"))
    assert visiting.given(page, "bound")["name"] == "step 10"
    page.query_params["model"] = "other"  # chosen while the step stands in the address
    page = visiting.settled(visiting.again(page))
    assert visiting.given(page, "bound")["name"] == "encoder"
    assert "step" not in page.query_params


def test_a_link_to_another_model_says_where_q_is(cache):
    publish(cache, "two", name="strokes", strength=1)
    publish(cache, "other", name="strokes", strength=1)
    page = visiting.settled(reached(step="10"))
    page.query_params.update(model="other", step="5")
    assert visiting.given(visiting.settled(visiting.again(page)), "bound")["name"] == "step 5"


def test_a_gaussian_that_does_a_little_better_is_not_said_to_be_none(cache):
    model = model_view.model(publish(cache, "two", name="strokes", strength=1))
    s = image_bound.bound_inputs(model, source.prior_sample(model, 0).x)
    first = image_bound.encoder(s)
    climb = image_bound.refinement(s, first)
    gap = image_bound.bound(s, first).gap
    for less, said in ((0.0, "does better: "), (0.05, "does much better: the best would lose")):
        near = climb._replace(summit=climb.summit | {"gap": gap - less})
        assert headline.explained(s, near, "encoder").startswith(f"No diagonal Gaussian {said}")


def test_nothing_better_is_looked_for_where_the_bound_is_not_a_number(cache, monkeypatch):
    publish(cache, "two", name="strokes", strength=1)
    asked = []
    monkeypatch.setattr(background, "result", lambda key, work: asked.append(key[0]) or work())
    monkeypatch.setattr(image_bound, "finite", lambda known, found: False)
    assert "This bound is not a number" in visiting.words(reached())
    assert "refinement" not in asked


def test_a_refinement_that_fails_leaves_the_bound(cache, monkeypatch):
    publish(cache, "two", name="strokes", strength=1)
    page = visiting.settled(reached())
    for key in [key for key in background._results if key[0] == "refinement"]:
        background.forget(key)
    page = visiting.again(page)
    monkeypatch.setattr(image_bound, "refinement", None)
    page = visiting.settled(page)
    shown = visiting.given(page, "bound")
    assert shown["climb"] is None
    assert shown["numbers"]["elbo"] < shown["logPx"]
    assert "The way to a better q" in visiting.words(page)
    page.query_params["step"] = "10"
    assert visiting.given(visiting.again(page), "bound")["name"] == "encoder", "no step is said that is not there"


@pytest.mark.parametrize(
    "fields",
    [
        {"latent_dim": 1},
        {"latent_dim": 3},
        {"latent_dim": 20},
        {"likelihood": "gaussian", "pixels": "dequantised"},
    ],
    ids=str,
)
def test_every_model_finds_its_way(cache, fields):
    publish(cache, "two", name="strokes", strength=1, **fields)
    page = visiting.settled(visiting.settled(reached()))
    shown = visiting.given(page, "bound")
    assert shown["climb"]["rows"][-1]["gap"] <= shown["climb"]["rows"][0]["gap"] + 1e-3
    assert shown["split"] is not None
