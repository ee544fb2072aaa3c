"""A page without a browser: opened with an address, read, and beside it a queue that begins nothing."""

import json
from concurrent.futures import Executor, Future

from streamlit.testing.v1 import AppTest

from dashboard.shared import background, model_gallery, model_picker, model_view
from tests.server import ROOT


class Idle(Executor):
    """Trains nothing; `asked` is what was submitted."""

    def __init__(self):
        self.asked = []

    def prepare(self): ...

    def submit(self, function, /, request):
        self.asked.append(json.loads(request))
        return Future()


def opened(view: str, /, seconds: float = 300, **address: str) -> AppTest:
    """A file of dashboard/ as a page with this address."""
    page = AppTest.from_file(str(ROOT / "dashboard" / view), default_timeout=seconds)
    page.query_params.update(address)
    return again(page)


def reached(view: str, /, **address: str) -> AppTest:
    """The same by way of Explore."""
    page = opened("pages.py", **address)
    background.finish()
    page.switch_page(view)
    page.query_params.update(address)  # Explore keeps its own keys only
    return again(page)


def again(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception, page.exception
    return page


def settled(page: AppTest) -> AppTest:
    """With what the browser would ask for."""
    background.finish()
    return again(page)


def words(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html"))


def given(page: AppTest, name: str) -> dict:
    """What a component gets."""
    (found,) = [e.proto for e in page.get("bidi_component") if e.proto.component_name == f"vae_lab.{name}"]
    (data,) = json.loads(found.json)
    return data


def clicked(page: AppTest, key: str, monkeypatch) -> AppTest:
    """A card of the list of models is clicked: what a browser would tell the page before its next run begins."""
    choose, pick = [], model_picker.pick
    with monkeypatch.context() as seen:
        seen.setattr(model_gallery, "draw", lambda *given: choose.append(given[-1]))
        again(page)

    def begun() -> model_view.Model:
        choose.pop()(key)
        monkeypatch.setattr(model_picker, "pick", pick)
        return pick()

    monkeypatch.setattr(model_picker, "pick", begun)
    return again(page)
