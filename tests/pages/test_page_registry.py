"""A new page is a folder and one name in the list: here one is added while the tests run, and opened. Likewise a data
set and a likelihood that are new are on the pages as those that came with the product are."""

import sys
from types import ModuleType

import pytest

from dashboard.glossary import terms
from dashboard.shared import background, page_registry, training_queue
from dashboard.tour import tour
from tests.pages.visiting import Idle, again, given, opened, settled, words
from tests.registered import BARS, LAPLACE
from tests.small_models import publish
from vae_core.data.datasets import load_dataset
from vae_core.jobs.queue import Jobs
from vae_core.jobs.trainer import train_run
from vae_core.runs.store import trained
from vae_core.settings import RunSettings

PAGE = """
import streamlit as st

from dashboard.shared import url_state

st.text(f"seed {url_state.whole('seed', 0, 9, 1)}")
"""


@pytest.fixture
def stub(tmp_path, monkeypatch):
    """dashboard/stub/, with stub.py in it, though elsewhere than in the source."""
    package = ModuleType("dashboard.stub")
    package.TITLE, package.URL_KEYS = "Stub", ("seed", "stub")
    (tmp_path / "stub.py").write_text(PAGE, "utf-8")
    place = page_registry.script
    monkeypatch.setitem(sys.modules, "dashboard.stub", package)
    learn = (*page_registry.SECTIONS["Learn"], "stub")
    monkeypatch.setattr(page_registry, "SECTIONS", page_registry.SECTIONS | {"Learn": learn})
    monkeypatch.setattr(page_registry, "PAGES", (*page_registry.PAGES, "stub"))
    monkeypatch.setattr(
        page_registry, "script", lambda name: str(tmp_path / "stub.py") if name == "stub" else place(name)
    )
    page_registry.navigation.cache_clear()
    yield str(tmp_path / "stub.py")
    page_registry.navigation.cache_clear()
    page_registry.page.cache_clear()


def test_a_new_page_is_reached_and_keeps_its_own_keys(stub, cache):
    publish(cache, "two")
    page = opened("pages.py", model="two", seed="3", stub="x", zoom="2")
    assert "stub" not in page.query_params, "the first page does not know it"
    page.switch_page(stub)
    again(page)
    assert [text.value for text in page.text] == ["seed 3"]
    assert set(page.query_params) == {"seed"}


def test_it_is_in_the_navigation_of_every_page(stub, cache):
    from dashboard.shared.page_registry import PAGES, page

    assert [page(name).title for name in PAGES][-2:] == ["About", "Stub"]
    assert "stub" in page_registry.url_keys()


def test_the_glossary_links_to_it_and_the_tour_goes_there(stub, monkeypatch, cache):
    assert terms.link(terms.Term("stub", "A page of tests.", "stub")) == {"address": "stub", "title": "Stub"}
    publish(cache, "two")
    steps = [*tour.steps(), {"page": "stub", "at": "stub", "title": "Stub", "text": "A page of tests."}]
    monkeypatch.setattr(tour, "steps", lambda: steps)
    page = opened("pages.py", model="two")
    page.session_state["tour step"], page.session_state["tour leaves"] = len(steps) - 1, "explore"
    again(page)
    assert [text.value for text in page.text] == ["seed 1"]


def test_every_step_of_the_tour_and_every_term_names_a_page():
    named = {step["page"] for step in tour.steps()} | {term.page for group in terms.terms().values() for term in group}
    assert named <= {"", *page_registry.PAGES}


@pytest.fixture
def idle(monkeypatch, cache):
    """A queue that trains nothing."""

    queue = Jobs(trained(), Idle())
    monkeypatch.setattr(training_queue, "jobs", lambda: queue)


def bars(monkeypatch, **changes):
    """A run that was trained on the new data set."""
    BARS.register(monkeypatch)
    small = {"encoder": (8,), "decoder": (8,), "steps": 40, "batch": 50, "validation": 0}
    return train_run(RunSettings().with_fields(name="bars", **small, **changes), load_dataset("bars"), trained())


def test_a_new_data_set_is_in_the_form_and_its_run_on_the_pages(monkeypatch, idle):
    entry = bars(monkeypatch)
    form = opened("train/train.py", set='{"name": "bars"}')
    assert form.selectbox(key="set-name").value == "bars"
    assert "Bars" in form.selectbox(key="set-name").options
    for view in ("explore/explore.py", "elbo/elbo.py", "manifold/manifold.py", "gradients/gradients.py"):
        page = settled(opened(view, model=entry.key, i="3"))
        assert not page.exception, view
    assert given(settled(opened("elbo/elbo.py", model=entry.key, i="3")), "bound")["photograph"]


def test_a_new_likelihood_is_in_the_form_and_its_run_on_the_pages(monkeypatch, idle):
    LAPLACE.register(monkeypatch)
    form = opened("train/train.py")
    assert "Laplace" in form.selectbox(key="set-likelihood").options
    form.selectbox(key="set-likelihood").set_value("laplace").run()
    assert not form.exception
    assert '"pixels":"grey"' in str(form.query_params["set"])
    entry = bars(monkeypatch, likelihood="laplace", pixels="grey")
    for view in ("explore/explore.py", "manifold/manifold.py", "gradients/gradients.py", "compare/compare.py"):
        page = settled(opened(view, model=entry.key, i="3"))
        assert not page.exception, view
        assert "could not be shown" not in words(page), view
    bound = given(settled(settled(opened("elbo/elbo.py", model=entry.key, i="3"))), "bound")
    numbers = bound["numbers"]
    assert bound["exact"]
    assert not bound["bernoulli"]
    assert numbers["reconstruction"] - numbers["kl"] == pytest.approx(numbers["elbo"], abs=1e-6)
    assert numbers["elbo"] < bound["logPx"]
    background.finish()
