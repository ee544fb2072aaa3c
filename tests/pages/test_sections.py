"""No page dies of a part: each section of each page fails in turn, says so in its place, and the rest is there.

With -s it prints the sections of each page.
"""

import logging
import sys

import pytest

from dashboard.shared import background, section, training_queue
from dashboard.train.live import gap_curve
from tests.pages.visiting import Idle, again, given, opened, settled, words
from tests.parameters import rest_long
from tests.small_models import publish
from vae_core.jobs.queue import Jobs
from vae_core.jobs.trainer import train_run
from vae_core.runs.store import trained
from vae_core.settings import RunSettings

ONE, TWO, THREE = "1" * 24, "2" * 24, "3" * 24
PLACES = {  # what to open, and how
    "explore": ("explore/explore.py", {"model": ONE, "back": "holes", "i": "0", "a": "0,0", "b": "1,1"}),
    "manifold": ("manifold/manifold.py", {"model": ONE, "over": "classes", "n": "5"}),
    "primer": ("primer/primer.py", {"model": ONE, "scene": "4"}),
    "algorithm": ("algorithm/algorithm.py", {"model": ONE}),
    "likelihood": ("likelihood/likelihood.py", {"model": ONE, "i": "0"}),
    "elbo": ("elbo/elbo.py", {"model": ONE, "i": "0"}),
    "gradients": ("gradients/gradients.py", {"model": ONE, "i": "0"}),
    "compare": ("compare/compare.py", {"models": f"{ONE},{TWO}", "i": "0"}),
    "train": ("train/train.py", {}),
    "kl": ("kl/kl.py", {}),
    "paper": ("paper/paper.py", {}),
    "toy": ("toy/toy.py", {}),
    "glossary": ("glossary/glossary.py", {}),
    "about": ("about/about.py", {}),
    "every page": ("pages.py", {}),
}
WHOLE = {"This page"}  # nothing is left where this fails
SAID = "{} could not be shown. Reload the page"


class Failing(logging.Filter):
    """Notes each section that begins, and has one of them raise an error in its first line."""

    def __init__(self, chosen: str = ""):
        super().__init__()
        self.chosen, self.begun = chosen, []

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno != logging.DEBUG:
            return True
        name = record.getMessage()
        self.begun.append(name)
        if name == self.chosen:
            break_next_line(f"{name} is broken on purpose")
        return False


def break_next_line(why: str) -> None:
    """In the frame that has just entered the section's context: its next line raises, as any line in it may."""
    frame = sys._getframe()
    while frame.f_code.co_name != "__enter__":
        frame = frame.f_back

    def broken(frame, event, value):
        if event == "line":
            raise RuntimeError(why)
        return broken

    frame.f_back.f_trace = broken
    sys.settrace(lambda *_: None)


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    section._logged.clear()
    queue = Jobs(trained(), Idle())
    monkeypatch.delenv("VAE_LAB_PRESENTER", raising=False)
    monkeypatch.setattr(training_queue, "jobs", lambda: queue)
    monkeypatch.setattr(section.log, "level", logging.DEBUG)
    section.log.manager._clear_cache()


@pytest.fixture
def shown(digits, cache, monkeypatch):
    """Opens a page with a section that fails, or none; what began, and the page."""
    from dashboard.shared import test_images

    monkeypatch.setattr(test_images, "read", lambda name, split: test_images.Material(digits, ""))
    for key, fields in ((ONE, {}), (TWO, {"beta": 2.0}), (THREE, {"latent_dim": 3})):
        publish(cache, key, name="strokes", **fields)
    small = {"steps": 110, "encoder": (8,), "decoder": (8,), "batch": 50, "validation": 20}
    run = train_run(RunSettings().with_fields(name="strokes", **small), digits, trained())

    def show(place: str, chosen: str = ""):
        view, address = PLACES[place]
        failing = Failing(chosen)
        section.log.addFilter(failing)
        try:
            page = settled(opened(view, **(address | ({"run": run.key, "over": ONE} if place == "train" else {}))))
        finally:
            section.log.removeFilter(failing)
        return page, list(dict.fromkeys(failing.begun))

    return show


def sections_that_fail_alone(shown, place: str, caplog) -> list[str]:
    _, names = shown(place)
    names = ["The tour"] if place == "every page" else names  # which has Explore's as well
    assert SAID.format("") not in caplog.text
    for name in names:
        caplog.clear()
        background.finish()
        section._logged.clear()
        page, begun = shown(place, name)
        assert SAID.format(name) in words(page), f"{place}: {name} does not say that it failed"
        assert "on purpose" not in words(page), "what went wrong is for the log"
        (told,) = [record for record in caplog.records if record.name == "vae_lab" and record.levelno == logging.ERROR]
        assert "RuntimeError" in caplog.text
        assert told.getMessage() == f"{name} could not be shown"
        others = {other for other in names if other not in within(place, name)}
        assert name in WHOLE or others <= set(begun), f"{place}: {name} took {others - set(begun)} with it"
    return names


INSIDE = {  # what a section is made of falls with it
    ("explore", "The plane"): {
        "The nearest test images", "The images of the dots", "The encoder’s first hidden layer", "The count of holes",
    },
    ("explore", "The points from A to B"): {"The way from A to B"},
    ("explore", "The row of files"): {"The button that saves this page"},
    ("manifold", "The grid of images"): {"The classes of the tiles"},
    ("elbo", "The bound of this image"): {
        "The way to a better q", "What lies under the bound", "The draws under the bound", "The bounds of the test set",
        "The button that saves this page",  # with this bound in it
    },
    ("elbo", "What lies under the bound"): {"The draws under the bound", "The bounds of the test set"},
    ("primer", "The five scenes"): {
        "The classes of the codes", "The image", "Bayes’ theorem for this image", "What the first layer does",
        "The functions behind the scene",
    },
    ("gradients", "The estimators of this gradient"): {"The ratios over several images"},
    ("kl", "The lecture"): {"The images of the first scene"},
    ("compare", "The models side by side"): {"The table of numbers", "The notes on these models"},
    ("train", "The training"): {
        "The heading", "The pictures of this training", "The dotted lines", "Log p(x) of these images",
        "The curves of other runs", "What to do next", "The film of this training",
    },
    ("train", "What to do next"): {"The film of this training"},
    ("train", "The runs of this machine"): {"What can be done with these runs", "“Runs as a chart”"},
}  # fmt: skip


def within(place: str, name: str) -> set[str]:
    """The section itself, and those that are part of it. Without its image the ELBO has nothing to take apart."""
    needs_image = name == "The image" and place in ("elbo", "gradients", "primer")
    return {name} | INSIDE.get((place, name), set()) | (set(ALL_OF_AN_IMAGE) if needs_image else set())


ALL_OF_AN_IMAGE = {
    "The bound of this image", "The way to a better q", "What lies under the bound", "The draws under the bound",
    "The bounds of the test set",
    "The estimators of this gradient", "The ratios over several images", "Bayes’ theorem for this image",
    "The button that saves this page",
}  # fmt: skip


@pytest.mark.parametrize("place", rest_long(PLACES, ["explore", "elbo", "train", "paper", "every page"]))
def test_each_section_fails_alone(place, shown, caplog):
    names = sections_that_fail_alone(shown, place, caplog)
    assert names, f"{place} has no section"
    print(f"\n{place}: {', '.join(names)}")


def test_the_same_failure_is_logged_once_however_often_the_page_is_drawn(shown, caplog):
    failing = Failing("The sliders")
    page, _ = shown("explore")
    section.log.addFilter(failing)
    try:
        for _ in range(3):
            page = again(page)
    finally:
        section.log.removeFilter(failing)
    assert len([record for record in caplog.records if record.name == "vae_lab"]) == 1


def test_a_failure_in_the_background_is_said_and_tried_again_for_the_next_visitor(shown, caplog, monkeypatch):
    sound = gap_curve.gap

    def broken(*_):
        raise RuntimeError("no sum today")

    monkeypatch.setattr(gap_curve, "gap", broken)
    page, _ = shown("train")
    page = settled(page)
    assert SAID.format("Log p(x) of these images") in words(page)
    assert given(page, "live")["curves"]["step"], "the curves are there"
    monkeypatch.setattr(gap_curve, "gap", sound)
    page = settled(shown("train")[0])
    assert SAID.format("Log p(x) of these images") not in words(page)
    assert given(page, "live")["gaps"][-1]["images"] == 16


def test_what_ends_a_page_on_purpose_passes():
    from streamlit.runtime.scriptrunner import RerunData, RerunException, StopException

    for control in (StopException(), RerunException(RerunData())):
        with pytest.raises(type(control)), section.section("Nothing"):
            raise control
