"""The page Exercises as Python sees it: what holds is ticked, with its number; what makes no sense is said."""

import json
from functools import partial

import pytest

from dashboard.exercises import answers
from dashboard.shared import background
from tests.pages import visiting
from tests.pages.visiting import again, settled, words
from tests.small_models import publish
from vae_core.analysis import exercise_sheets

opened = partial(visiting.opened, "exercises/exercises.py")


def test_a_task_is_ticked_off_with_the_number_that_was_computed():
    page = settled(opened(sheet="price-of-the-kl", answers='{"1":"28","2":"4"}'))
    assert "✓ 1 living at β = 28: exactly 1 is asked for" in words(page)
    assert "Not yet: ELBO −151.33 nats at β = 4" in words(page)
    assert "1 of 3 done" in words(page)
    page.text_input(key="answer 2").set_value("1").run()
    settled(page)
    assert json.loads(page.query_params["answers"]) == {"1": "28", "2": "1"}
    assert "2 of 3 done" in words(page)


def test_each_sheet_keeps_its_answers_and_the_first_is_opened_without_an_address():
    page = opened()
    assert "First steps" in words(page)
    page.text_input(key="answer 1").set_value("explore?z=1.0,0.62").run()
    page.selectbox(key="sheet chosen").set_value("compare").run()
    assert "answers" not in page.query_params
    page.selectbox(key="sheet chosen").set_value("first-steps").run()
    assert page.text_input(key="answer 1").value == "explore?z=1.0,0.62"


def test_the_browser_gives_back_what_an_address_does_not_say():
    kept = {"First steps": '{"1":"explore?z=1.0,0.62"}', "The price of the KL": '{"1":"28"}'}
    page = opened()
    page.session_state["answers kept"] = {"told": kept}
    again(page)
    assert (page.query_params["sheet"], page.text_input(key="answer 1").value) == ("price-of-the-kl", "28"), "the last"
    assert not visiting.given(page, "kept")["asks"]
    page.selectbox(key="sheet chosen").set_value("first-steps").run()
    assert page.text_input(key="answer 1").value == "explore?z=1.0,0.62"
    page.text_input(key="answer 1").set_value("").run()
    assert visiting.given(page, "kept")["given"]
    page.selectbox(key="sheet chosen").set_value("compare").run()
    page.selectbox(key="sheet chosen").set_value("first-steps").run()
    assert page.text_input(key="answer 1").value == "", "what was taken out does not come back"


def test_somebody_elses_answers_are_shown_and_do_not_take_the_place_of_ones_own():
    page = opened(sheet="price-of-the-kl", answers='{"1":"27"}')
    page.session_state["answers kept"] = {"told": {"The price of the KL": '{"1":"28"}'}}
    again(page)
    assert page.text_input(key="answer 1").value == "27"
    assert not visiting.given(page, "kept")["given"]


def test_the_task_stays_on_its_page_until_it_is_done():
    page = visiting.reached("exercises/exercises.py")
    page.button(key="start-1").click().run()
    for there in ("manifold/manifold.py", "explore/explore.py"):
        page.switch_page(there)
        again(page)
        assert ("Exercise 1: Put the point" in words(page)) == there.startswith("explore"), there
    page.switch_page("exercises/exercises.py")
    again(page).text_input(key="answer 1").set_value("explore?z=1.0,0.62").run()
    settled(page)
    page.switch_page("explore/explore.py")
    assert "Exercise 1" not in words(again(page))


def test_a_run_of_this_machine_is_handed_in(cache, nothing_bundled):
    fields = {"name": "strokes", "steps": 1800}
    publish(cache, "mine", **fields)
    page = opened(sheet="train-your-own")
    page.selectbox(key="answer 1").set_value("mine").run()
    assert "Not yet: test ELBO −147.20 nats in 1,800 steps: above −140 is asked for" in words(page)


def test_nonsense_is_said_and_takes_no_page():
    page = opened(sheet="none", answers="[1]")
    assert "there is no such sheet" in words(page)
    page = opened(sheet="own")
    assert "open its file again" in words(page)
    page = opened(answers="[1]")
    assert "answers = [1], which cannot be read" in words(page)
    page = settled(opened(answers=json.dumps({"1": "<b>x</b>", "2": "explore?model=mnist-10d&z=1,1"})))
    assert "This is no link with a view in it" in words(page)
    assert "This is a view of mnist-10d" in words(page)


def test_a_sheet_of_ones_own_is_opened_and_a_hostile_one_refused():
    page = opened()
    sheet = {"title": "Mine", "about": "Own.", "tasks": []}
    task = {
        "text": "β?", "start": {"page": "kl", "query": {}}, "check": "living-dimensions", "parameters": {"count": 0},
    }  # fmt: skip
    page.session_state["own sheet"] = exercise_sheets.parse(json.dumps(sheet | {"tasks": [task]}).encode())
    page.query_params["sheet"] = "own"
    page.query_params["answers"] = '{"1":"64"}'
    again(page)
    assert "Mine" in words(settled(page))
    assert "1 of 1 done" in words(page)


@pytest.fixture
def said(monkeypatch):
    heard = []
    monkeypatch.setattr(answers.notices, "notify", heard.append)
    monkeypatch.setattr(answers, "choose", lambda name: heard.append(f"chose {name}"))
    return heard


def test_an_upload_is_refused_in_a_sentence(said):
    answers.opened(b"{")
    task = {
        "text": "β?", "start": {"page": "nowhere", "query": {}}, "check": "living-dimensions",
        "parameters": {"count": 0},
    }  # fmt: skip
    answers.opened(json.dumps({"title": "Mine", "about": "Own.", "tasks": [task]}).encode())
    assert "no JSON" in said[0]
    assert "starts on the page nowhere" in said[1]
    background.finish()


def test_one_goes_to_the_start_and_comes_back_with_the_view():
    page = visiting.reached("exercises/exercises.py")
    page.button(key="start-1").click().run()
    assert not page.exception
    assert page.query_params["model"] == "mnist-2d", "as the sheet says"
    page.session_state["kept z"] = "1.000,0.620"  # as the plane keeps the point when the hand lets go of it
    page.switch_page("exercises/exercises.py")
    again(page).button(key="take-1").click().run()
    settled(page)
    assert "z=1.000,0.620" in page.text_input(key="answer 1").value
    assert "✓ 50.0 % of the prior lies farther out" in words(page).replace("\u00a0", " ")
