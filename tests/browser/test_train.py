"""One click, and a manifold unfolds; the training outlives everything that happens to the page."""

import json
import os
import re
import signal
from pathlib import Path

import pytest
import torch

from tests.browser.test_browsers import show_pictures
from tests.server import served
from vae_core.analysis.latent_paths import quantile_grid
from vae_core.data.datasets import load_dataset
from vae_core.runs.store import Runs
from vae_core.training.evaluate import independent_pixels

SMALL = {"name": "strokes", "encoder": [64], "decoder": [64], "steps": 6000, "batch": 50}


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache of its own, in which strokes are drawn already."""
    from tests.conftest import CACHE

    folder, data = tmp_path_factory.mktemp("training"), Path(CACHE.name) / "data"
    data.mkdir(exist_ok=True)
    (folder / "data").symlink_to(data, target_is_directory=True)
    load_dataset("strokes")
    return folder


@pytest.fixture(scope="module")
def address(cache):
    with served(VAE_CACHE_DIR=str(cache), OMP_NUM_THREADS="1") as url:
        yield url


PRESSED = """button => {
  button.click();
  const hosts = [...document.querySelectorAll(".st-key-training *")].filter(({ shadowRoot }) => shadowRoot);
  return hosts[0].shadowRoot.querySelector(".recorded").textContent;
}"""


def link(**changed) -> str:
    return "train?preset=quick&set=" + json.dumps(SMALL | changed, separators=(",", ":"))


def begin(visit, **changed):
    """Opens the page with these settings, presses the button, and waits for the first picture."""
    guest = visit()
    guest.page.goto(f"{guest.url}/{link(**changed)}")
    guest.page.wait_for_selector(".training")
    said = guest.page.locator(".training .recorded")
    said.filter(has_text="A recorded training plays").wait_for()
    assert guest.page.locator(".st-key-train button").evaluate(PRESSED) == "Yours begins …", "before the server answers"
    guest.page.wait_for_selector('.training[data-status="running"][data-shown]', timeout=180_000)
    return guest


def training(guest) -> dict:
    return guest.data(".training")


def reach(guest, status: str, seconds: float = 60) -> dict:
    guest.page.wait_for_selector(f'.training[data-status="{status}"]', timeout=1000 * seconds)
    return training(guest)


def test_settings_wait_for_the_picture_and_no_longer_and_no_label_is_seen_before_them(visit):
    guest = visit()
    guest.page.goto(f"{guest.url}/train")
    guest.page.wait_for_selector(".st-key-training [data-stands]", state="attached")
    guest.page.wait_for_function("""() => {
      for (let part = document.querySelector(".st-key-settings"); part; part = part.parentElement) {
        if (getComputedStyle(part).animationName === "waits") return false;
      }
      return true;
    }""")
    guest.page.wait_for_selector(".st-key-settings .stNumberInput label")
    shown = """e => { e.style.visibility = "hidden";
      return [...e.querySelectorAll("*")].filter((part) => getComputedStyle(part).visibility === "visible")
        .map((part) => part.outerHTML.slice(0, 80)); }"""
    assert guest.page.locator(".st-key-settings").evaluate(shown) == []


def test_one_click_trains_pause_holds_a_step_is_one_step_and_stop_ends_it(visit, cache):
    guest = begin(visit, seed=1)
    first = guest.page.locator(".training .chart").inner_html()
    guest.page.click("[data-order=pause]")
    held = int(reach(guest, "paused")["step"])
    assert guest.page.locator(".training .chart").inner_html() != first, "the curves moved"
    guest.page.wait_for_timeout(1200)
    assert int(training(guest)["step"]) == held
    guest.page.click("[data-order=step]")
    guest.page.wait_for_selector(f'.training[data-step="{held + 1}"]')
    assert reach(guest, "paused")["step"] == str(held + 1)

    key = training(guest)["run"]
    guest.page.reload()
    guest.page.wait_for_selector(f'.training[data-run="{key}"]')
    second = visit()
    second.page.goto(f"{second.url}/train?run={key}")
    assert int(reach(second, "paused")["step"]) == held + 1, "a second tab sees the same run"

    guest.page.click("[data-order=resume]")
    reach(guest, "running")
    guest.page.wait_for_selector(f'.training:not([data-step="{held + 1}"])')
    guest.page.click("[data-order=stop]")
    reach(guest, "stopped")
    entry = Runs(cache / "runs").get(key)
    assert (entry.status, entry.ready) == ("stopped", True)
    assert held < entry.step < SMALL["steps"]

    guest.page.goto(f"{guest.url}/?model={key}")
    guest.page.wait_for_selector(".pad")
    guest.settle()
    assert "Strokes, 2 dimensions" in guest.page.locator(".st-key-models").inner_text()


def test_a_finished_run_scrubs_back_all_panels_together_and_the_address_keeps_it(visit, cache):
    guest = begin(visit, seed=2, steps=900)
    reach(guest, "done", 120)
    guest.page.wait_for_selector(".scrub:not(.none)")
    pictures = guest.pixels(".training .tiles")
    dots, chart = guest.pixels(".training .dots"), guest.page.locator(".training .chart").inner_html()
    slider = guest.page.locator(".scrub input")
    slider.focus()
    slider.press("Home")
    guest.page.wait_for_selector('.training[data-at="0"][data-shown="0"]')
    assert (guest.pixels(".training .tiles") != pictures).mean() > 0.05
    assert (guest.pixels(".training .dots") != dots).any()
    assert guest.page.locator(".training .chart").inner_html() != chart
    guest.wait_for_address("at=0")
    guest.page.reload()
    guest.page.wait_for_selector('.training[data-at="0"][data-shown="0"]')
    guest.page.click(".scrub .now")
    guest.page.wait_for_selector('.training[data-at=""][data-shown="900"]')

    trained = Runs(cache / "runs").get(training(guest)["run"])
    said = guest.page.locator(".claim h1").inner_text().replace("\N{MINUS SIGN}", "-")
    assert float(re.search(r"test ELBO (-[\d.]+)", said)[1]) == pytest.approx(trained.metrics["elbo"], abs=0.051)
    assert trained.metrics["elbo"] > independent_pixels(load_dataset("strokes")) + 10
    assert digits_on(trained, 0) == 1, "the control: untrained, all tiles are alike"
    assert digits_on(trained, 900) >= 5, "a manifold on which digits can be recognised"


def test_a_finished_run_is_seen_in_forced_colours(visit):
    guest = visit()
    guest.page.emulate_media(forced_colors="active")
    guest.page.goto(f"{guest.url}/{link(seed=2, steps=900)}")
    guest.page.wait_for_selector(".training")
    guest.page.get_by_role("button", name="Trained: show it").click()
    reach(guest, "done")
    show_pictures(guest.page, 3)
    guest.page.emulate_media(forced_colors="active", color_scheme="dark")
    show_pictures(guest.page, 3)


def test_a_recording_plays_before_the_click_and_afterwards_the_stage_is_saved(visit, tmp_path):
    guest = visit(theme="dark")
    guest.page.goto(f"{guest.url}/{link(seed=2, steps=900)}")
    guest.page.wait_for_selector(".training.before[data-shown]")
    first = training(guest)["shown"]
    guest.until(lambda: training(guest)["shown"] != first, "the next frame")
    assert not guest.page.locator(".training .key").first.is_visible(), "no legend of what is not there"
    guest.page.emulate_media(reduced_motion="reduce")
    guest.page.reload()
    guest.page.wait_for_selector('.training.before[data-shown="1800"]')
    top = guest.page.locator(".training .tiles").bounding_box()["y"]
    guest.page.get_by_role("button", name="Trained: show it").click()
    reach(guest, "done")
    guest.page.reload()  # without the sentence that this run was here already
    guest.page.wait_for_selector('.training[data-status="done"][data-shown="900"]')
    guest.page.wait_for_selector(".st-key-next-explore")
    guest.page.wait_for_selector(".save-menu summary")
    assert abs(guest.page.locator(".training .tiles").bounding_box()["y"] - top) < 8, "nothing jumps"
    for part in ("stage", "curves"):
        guest.page.click(".save-menu summary")
        with guest.page.expect_download() as download:
            guest.page.click(f".save-menu [data-part={part}][data-as=svg]")
        assert download.value.suggested_filename.startswith("strokes-d2-beta1-")
        download.value.save_as(tmp_path / "figure.svg")
        drawn = (tmp_path / "figure.svg").read_text("utf-8")
        assert "ELBO" in drawn
        assert "var(" not in drawn, "the page's colours are in the file"
        assert drawn.count("<image") == (3 if part == "stage" else 0)


def digits_on(entry, step: int) -> int:
    """How many of the ten digits the tiles of the plane are nearest to, by the mean image of each."""
    data = load_dataset("strokes")
    means = torch.stack([data.train[data.train_labels == k].float().mean(0) / 255 for k in range(10)])
    tiles = entry.at(step)[1].mean(quantile_grid(14).flatten(0, 1))
    return len(torch.cdist(tiles, means).argmin(1).unique())


def test_the_same_settings_come_from_the_cache_at_once(visit):
    guest = visit()
    guest.page.goto(f"{guest.url}/{link(seed=2, steps=900)}")
    guest.page.wait_for_selector(".training")
    guest.page.get_by_role("button", name="Trained: show it").click()
    reach(guest, "done")
    assert "These settings were trained before" in guest.page.locator(".st-key-notices").inner_text()


@pytest.mark.long
def test_a_server_that_is_killed_leaves_a_run_that_the_next_one_adopts_or_resumes(visit, tmp_path, chromium):
    env = {"VAE_CACHE_DIR": str(tmp_path), "OMP_NUM_THREADS": "1"}
    with served(**env) as url:
        page = chromium.new_page()
        page.goto(f"{url}/{link(seed=3, steps=200_000)}")
        page.wait_for_selector(".training")
        page.click(".st-key-train button")
        page.wait_for_selector('.training[data-status="running"][data-shown]', timeout=180_000)
        key = page.locator(".training").get_attribute("data-run")
        page.close()
    entry = Runs(tmp_path / "runs").get(key)
    worker = entry.state["pid"]
    with served(**env) as url:
        page = chromium.new_page()
        page.goto(f"{url}/train?run={key}")
        page.wait_for_selector('.training[data-status="running"]', timeout=180_000)
        page.click("[data-order=pause]")
        page.wait_for_selector('.training[data-status="paused"]')
        os.kill(worker, signal.SIGKILL)
        page.wait_for_selector('.training:is([data-status="interrupted"], [data-status="failed"])')
        page.click("[data-order=resume]")
        page.wait_for_selector('.training[data-status="running"]', timeout=180_000)
        page.click("[data-order=stop]")
        page.wait_for_selector('.training[data-status="stopped"]', timeout=180_000)
        page.close()
