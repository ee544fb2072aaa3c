"""The paper's figures as a page: the stored curves as they are, and a visitor's own, measured in the same way."""

from functools import partial

import pytest

from dashboard.paper.figures import figures, live_curve, panels
from dashboard.shared import access, notices, training_queue
from tests.pages import visiting
from tests.pages.visiting import Idle, given, words
from vae_core.analysis import paper_figures
from vae_core.analysis.paper_figures import Curve
from vae_core.jobs.queue import Jobs
from vae_core.jobs.trainer import train_run
from vae_core.runs.store import trained

opened = partial(visiting.opened, "paper/paper.py")
PANEL = "n-1000"


@pytest.fixture(autouse=True)
def queue(monkeypatch):
    monkeypatch.delenv("VAE_LAB_PRESENTER", raising=False)
    made = Jobs(trained(), Idle())
    monkeypatch.setattr(training_queue, "jobs", lambda: made)
    return made


@pytest.fixture
def brief(monkeypatch):
    """A visitor's curve is short, and measured on few images."""
    monkeypatch.setattr(paper_figures, "LIVE", 12_000)
    monkeypatch.setattr(paper_figures, "BOUND_IMAGES", 50)
    usual = Curve.settings
    small = {"encoder": (8,), "decoder": (8,)}
    monkeypatch.setattr(Curve, "settings", lambda curve, rate=0.02: usual(curve, rate).with_fields(**small))


def test_each_panel_of_the_paper_has_the_curves_that_are_stored():
    data, rows = given(opened(), "figures"), paper_figures.kept()
    assert [panel["name"] for panel in data["panels"]] == [
        "mnist-3", "mnist-5", "mnist-10", "mnist-20", "mnist-200", "frey-2", "frey-5", "frey-10", "frey-20",
        "n-1000", "n-50000",
    ]  # fmt: skip
    sent = [line for panel in data["panels"] for line in panel["lines"]]
    assert len(sent) == len(rows) == len(paper_figures.plan())
    for name in ("images_seen", "seconds", "train", "test"):
        assert sorted(line[name] for line in sent) == sorted(row[name] for row in rows.values())


@pytest.mark.parametrize(("panel", "curve"), [("mnist-5", Curve(2, "mnist", 5, "aevb")), ("n-1000", None)])
def test_the_title_says_who_leads_and_by_how_much(panel, curve):
    rows = paper_figures.kept()
    here = [rows[c.name] for c in panels.panels()[panel].curves if not c.trial and not c.seed]
    seen = min(row["images_seen"][-1] for row in here)
    best, second = sorted((row["test"][row["images_seen"].index(seen)] for row in here), reverse=True)[:2]
    said = words(opened(panel=panel))
    assert f"by {best - second:.1f} nats" in said
    assert f"after {seen:,} training images" in said


def test_by_the_clock_the_title_says_who_leads_after_the_same_seconds():
    """Monte Carlo EM leads for the same images at first, never for the same time."""
    rows = paper_figures.kept()
    aevb, mcem = (rows[panels.panels()["n-1000"].plain(name).name] for name in ("aevb", "mcem"))
    between = [s for s in mcem["seconds"] if aevb["seconds"][0] < s < aevb["seconds"][-1]]
    assert len(between) > 1
    for seconds in between:
        assert figures.value(aevb, "seconds", seconds) > mcem["test"][mcem["seconds"].index(seconds)]
    said = words(opened(panel="n-1000", axis="seconds"))
    assert "AEVB leads" in said
    assert f"after {aevb['seconds'][-1]:,.0f} seconds of one processor core" in said


def test_without_stored_curves_the_command_that_makes_them_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(paper_figures, "MEASURED", tmp_path / "none.json")
    assert "python -m vae_core paper --write" in words(opened())


def test_nonsense_in_the_address_is_said():
    page = opened(panel="mnist-7", axis="tea")
    assert "panel = mnist-7" in words(page)
    assert "axis = tea" in words(page)
    assert (given(page, "figures")["at"], given(page, "figures")["axis"]) == ("mnist-10", "images")


def test_a_visitor_of_a_hall_is_told_that_the_presenter_trains(monkeypatch):
    monkeypatch.setenv("VAE_LAB_PRESENTER", "secret")
    assert given(opened(), "figures")["may"] is False


def test_a_run_of_ones_own_is_measured_as_the_stored_curves_were(mnist, brief, cache):
    panel = panels.panels()["mnist-3"]
    curve = panel.plain("aevb")
    settings = live_curve.settings_of(curve, [])
    assert settings.train.seed not in {c.seed for c in panel.curves}
    entry = train_run(settings, mnist, trained())
    train_run(settings.with_fields(learning_rate=0.5, steps=100), mnist, trained())
    ((found, of),) = live_curve.of_panel(panel)
    assert (found.key, of) == (entry.key, curve)
    assert not list(live_curve.of_panel(panels.panels()["mnist-5"]))
    mine = live_curve.live_curve(entry, curve)
    while mine.measure():
        pass
    line = mine.line(entry)
    assert line["images_seen"][-1] == 12_000
    assert min(line["images_seen"]) >= live_curve.FIRST
    expected = paper_figures.measured(curve, entry.at(120)[1], mnist)
    assert (line["train"][-1], line["test"][-1]) == (expected["train"], expected["test"])
    assert not mine.missing(entry)
    assert live_curve.settings_of(curve, [(entry, curve)]).train.seed == settings.train.seed + 1
    (live,) = given(opened(panel="mnist-3"), "figures")["live"]
    assert live["test"] == line["test"]


@pytest.mark.long
def test_a_stopped_run_is_measured_to_its_end_and_keeps_its_points_when_it_goes_on(mnist, brief, cache):
    curve, seen = panels.panels()["mnist-5"].plain("aevb"), []
    settings = live_curve.settings_of(curve, [])
    entry = train_run(
        settings, mnist, trained(), tell=lambda progress, _: seen.append(progress.step),
        stop=lambda: bool(seen) and seen[-1] >= 95,
    )  # fmt: skip
    assert entry.status == "stopped"
    (line,) = given(opened(panel="mnist-5"), "figures")["live"]
    assert (line["test"], line["missing"] > 0) == ([], True), "the page says that points are still to come"
    mine = live_curve.live_curve(entry, curve)
    while mine.measure():
        pass
    points = dict(mine.points)
    assert points
    assert mine.line(entry)["missing"] == 0
    whole = train_run(settings, mnist, trained())
    assert (whole.status, whole.created != entry.created) == ("done", True)
    again = live_curve.live_curve(whole, curve)
    assert again is mine, "else its measuring would wait for that of the stopped one"
    assert points.items() <= again.points.items()
    assert again.missing(whole)


def test_a_click_puts_a_run_into_the_queue_and_a_stopped_one_goes_on(mnist, brief, monkeypatch, cache):
    said = []
    monkeypatch.setattr(notices, "notify", said.append)
    monkeypatch.setattr(access, "visitor", lambda: "me")
    panel = panels.panels()[PANEL]
    figures.start(panel, "mcem")
    figures.start(panel, "no such algorithm")
    ((entry, curve),) = live_curve.of_panel(panel)
    assert (entry.settings.train.algorithm, entry.status, curve.images) == ("mcem", "queued", 1000)
    figures.start(panel, "mcem")
    assert len(list(live_curve.of_panel(panel))) == 1, "one at a time"
    train_run(entry.settings, mnist, trained(), stop=lambda: True)
    ((entry, _),) = live_curve.of_panel(panel)
    assert entry.status == "stopped"
    assert live_curve.settings_of(curve, [(entry, curve)]) == entry.settings, "it would go on"
    assert said == []


def test_without_the_images_a_click_says_what_is_missing(monkeypatch, cache):
    said = []
    monkeypatch.setattr(notices, "notify", said.append)
    monkeypatch.delenv("VAE_DATA_DIR", raising=False)
    figures.start(panels.panels()[PANEL], "aevb")
    assert "mnist" in said[0].lower()
    assert not trained().list()
