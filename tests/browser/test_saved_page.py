"""A saved page, opened from the disk with the network cut: everything that the hand does there works without Python."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.browser.test_kl import LECTURE
from tests.server import ROOT
from tests.waiting import LIMIT
from vae_core.runs.store import Runs

OWN = ("file:", "data:", "blob:")  # addresses that ask nobody
pytestmark = pytest.mark.browser
SAVED = 180_000  # ms that a busy machine takes to make a file


@pytest.fixture(scope="session")
def saved(models, tmp_path_factory):
    """The file of a small model of ten dimensions, as the command writes it."""
    return export(models, "ten", tmp_path_factory.mktemp("saved") / "ten.html")


def export(models, key: str, file: Path, *more: str) -> Path:
    command = [sys.executable, "-m", "vae_core", "export", key, "--html", str(file), *more]
    environment = os.environ | {"VAE_CACHE_DIR": str(models["cache"]), "OMP_NUM_THREADS": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=300)
    return file


@pytest.fixture
def opened(chromium, saved):
    """Opens the file for a visitor; nothing may be asked of any network, and nothing complained of."""
    contexts, trouble = [], []

    def open_(
        width: int = 1366, height: int = 768, theme: str = "light", touch: bool = False, page: str = "explore",
        file: Path = saved,
    ):  # fmt: skip
        screen = {"viewport": {"width": width, "height": height}, "has_touch": touch, "is_mobile": touch}
        context = chromium.new_context(**screen, color_scheme=theme, offline=True)
        context.set_default_timeout(90_000)
        context.add_init_script("try { sessionStorage.setItem('vae-lab-touched', 'yes') } catch {}")
        contexts.append(context)
        seen = context.new_page()
        seen.on("pageerror", lambda error: trouble.append(str(error)))
        seen.on("console", lambda said: trouble.append(said.text) if said.type in ("error", "warning") else None)
        seen.on(
            "request",
            lambda asked: None if asked.url.startswith(("file:", "data:", "blob:")) else trouble.append(asked.url),
        )
        seen.goto(f"{file.as_uri()}#{page}")
        seen.wait_for_selector("html[data-ready]")
        return seen

    yield open_
    for context in contexts:
        context.close()
    assert trouble == []


def words(page, selector: str) -> str:
    return page.locator(selector).first.inner_text().replace("\N{MINUS SIGN}", "-")


def numbers(page, selector: str) -> list[float]:
    return [float(value) for value in words(page, selector).split(",")]


def drawn(page) -> str:
    """The decoded image."""
    return page.locator(".pad .drawn").evaluate("canvas => canvas.toDataURL()")


def until(page, condition: Callable[[], Any], what: str) -> Any:
    """What the condition gives once it is true. The page's own policy forbids to wait in it."""
    deadline = time.monotonic() + LIMIT
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {LIMIT} s for {what}"
        page.wait_for_timeout(50)
    return found


def changed(page, selector: str, before: str) -> str:
    """The text of an element, once it is another one."""
    until(page, lambda: words(page, selector) != before, selector)
    return words(page, selector)


@pytest.fixture(scope="session")
def bound_file(models, tmp_path_factory):
    """ELBO of an image that the model draws: those of somebody's own stay out of the file."""
    return export(models, "calm", tmp_path_factory.mktemp("saved") / "bound.html", "--image", "3")


def test_hand_keys_sliders_and_axes_move_the_point(opened):
    page = opened()
    plane, before, image = page.locator(".plane"), words(page, ".pad .where"), drawn(page)
    box = plane.bounding_box()
    page.mouse.move(box["x"] + 120, box["y"] + 140)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 240, steps=4)
    page.mouse.up()
    there = words(page, ".pad .where")
    assert there != before
    assert drawn(page) != image
    plane.press("ArrowRight")
    assert numbers(page, ".pad .where")[0] == pytest.approx(float(there.split(",")[0]) + 0.05, abs=0.011)
    knob = page.locator(".slider .strip").first
    knob.press("Home")
    assert float(knob.get_attribute("aria-valuenow")) == pytest.approx(numbers(page, ".pad .where")[0], abs=0.011)
    selected = page.locator(".pad .axes select").first
    other = selected.locator("option").nth(5).get_attribute("value")
    selected.select_option(other)
    assert words(page, ".slider .symbol") != ""
    assert page.locator(".pad .axes select").first.input_value() == other


def test_a_drawing_gets_the_code_that_python_gives_it(opened, models):
    page = opened()
    before, sheet = words(page, ".pad .mu"), page.locator(".sheet").bounding_box()
    x, y, side = sheet["x"], sheet["y"], sheet["width"]
    page.mouse.move(x + 0.3 * side, y + 0.2 * side)
    page.mouse.down()
    page.mouse.move(x + 0.7 * side, y + 0.2 * side, steps=4)
    page.mouse.move(x + 0.45 * side, y + 0.8 * side, steps=6)
    page.mouse.up()
    mean = [float(value) for value in changed(page, ".pad .mu", before).split(",")]
    assert words(page, ".menu-button") == "Drawn"
    levels = page.locator(".x-image").evaluate(
        "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].filter((_, k) => k % 4 === 0)"
    )
    seen = torch.tensor((np.array(levels) < 128).astype(np.float32))  # ink on light paper
    assert 30 < seen.sum() < 300
    with torch.no_grad():
        code = Runs(models["cache"] / "runs").get("ten").load().vae.code(seen)
    axes = [int(box.input_value()) for box in page.locator(".pad .axes select").all()]
    np.testing.assert_allclose(mean, code[axes].numpy(), atol=0.006)
    z = numbers(page, ".pad .where")
    np.testing.assert_allclose(z, mean, atol=0.011)


def test_images_pins_and_links_answer_and_what_needs_python_says_so(opened):
    page = opened()
    before = words(page, ".menu-button")
    page.locator(".picks button[data-label='3']").click()
    assert re.fullmatch(r"test \d+, as the model draws it", changed(page, ".menu-button", before))
    page.locator(".pin").click()
    page.locator(".plane").press("Alt+ArrowUp")
    page.wait_for_timeout(400)
    page.locator(".pin").click()
    page.locator(".way-page .curves").wait_for()
    assert page.locator(".way-page").get_attribute("data-kinds")
    page.locator(".article a[data-set^='back=']").first.click()
    page.locator(".article a[href='elbo']").click()
    card = page.locator(".needs-python")
    assert "streamlit run dashboard/app.py" in card.inner_text()
    page.keyboard.press("Escape")
    assert not card.is_visible()
    page.get_by_text("Hide half, let the model").last.click()
    assert "pip install" in page.locator(".folded[open]").inner_text()
    page.locator(".colours select").select_option("dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 24, 27)"
    assert page.locator(".way-page").is_visible()


def test_the_manifold_has_its_captions_and_leads_back(opened):
    page = opened(page="manifold", theme="dark")
    grid = page.locator(".manifold")
    before = words(page, ".manifold .caption")
    page.locator(".manifold input[type=range]").evaluate(
        "e => { e.value = 9; e.dispatchEvent(new Event('input')); e.dispatchEvent(new Event('change')); }"
    )
    assert changed(page, ".manifold .caption", before)
    heading = page.locator("main:not([hidden]) h1")
    assert re.fullmatch("The prior of z.+ and z.+ is cut into 81 equal shares, one tile each", heading.inner_text())
    across, claim = grid.locator(".axes select").first, heading.inner_text()
    first = across.input_value()
    across.select_option("6")
    assert heading.inner_text().startswith("The prior of z\N{SUBSCRIPT SEVEN} and z")
    across.select_option(first)
    assert heading.inner_text() == claim
    grid.locator(".layers [data-name=classes]").click()
    until(page, lambda: grid.get_attribute("data-over") == "classes", "the classes of the tiles")
    grid.locator(".grid").click(position={"x": 30, "y": 30})
    z = numbers(page, ".manifold .where")
    grid.locator(".open").click()
    page.locator(".pad .where").wait_for()
    np.testing.assert_allclose(numbers(page, ".pad .where"), z, atol=0.011)


def test_on_a_phone_a_finger_moves_the_point(opened):
    page = opened(390, 844, "dark", touch=True)
    plane, before, image = page.locator(".plane"), words(page, ".pad .where"), drawn(page)
    plane.scroll_into_view_if_needed()
    plane.tap(position={"x": 60, "y": 80})
    assert changed(page, ".pad .where", before)
    assert drawn(page) != image
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_bound_of_an_image_has_its_climb_and_its_draws_and_follows_the_hand(opened, bound_file):
    page = opened(file=bound_file)
    assert "was sampled from the model" in page.locator(".notice").inner_text()

    def numbers_seen() -> dict[str, float]:
        found = page.locator("[data-number]").evaluate_all("all => all.map(e => [e.dataset.number, e.textContent])")
        return {name: float(text.replace("\N{MINUS SIGN}", "-").replace(",", "")) for name, text in found}

    first = numbers_seen()
    assert first["log_px"] == pytest.approx(first["elbo"] + first["gap"], abs=0.02)
    assert first["elbo"] == pytest.approx(first["reconstruction"] - first["kl"], abs=0.02)
    assert not page.locator(".needs-python").is_visible()
    page.locator(".elbo tr[data-row]").last.click()
    until(page, lambda: numbers_seen()["gap"] < first["gap"], "the best q’s gap")
    best = numbers_seen()
    assert best["log_px"] == first["log_px"]
    plane = page.locator(".elbo .plane").first
    plane.focus()
    plane.press("ArrowRight")
    assert numbers_seen()["elbo"] != best["elbo"], "counted by the browser"
    page.locator(".needs-python").wait_for()
    until(page, lambda: numbers_seen() == best, "back at the numbers that Python gave")
    page.keyboard.press("Escape")
    page.locator(".draws-page[data-found]").wait_for()
    page.get_by_text("The bounds of the test set").click()
    assert "pip install" in page.locator(".folded[open]").inner_text()


def taken(guest, file, press) -> None:
    """What the browser is given, as a file."""
    with guest.page.expect_download(timeout=SAVED) as download:
        press()
    download.value.save_as(file)


@pytest.mark.long
def test_the_lecture_begins_where_it_was_saved_and_stays_where_it_is_under_other_colours(visit, opened, tmp_path):
    guest, file = visit().open("kl", LECTURE), tmp_path / "lecture.html"
    guest.page.locator(".scenes button[data-scene=numbers]").click()
    guest.page.locator(".track").press("End")
    guest.page.locator(".save summary").click()
    taken(guest, file, guest.page.get_by_role("button", name="this as a page", exact=True).click)
    guest.page.get_by_text("The page is made.").wait_for()

    page = opened(file=file, page="kl")
    lecture = page.locator(LECTURE)

    def at() -> list[str | None]:
        return [lecture.get_attribute(name) for name in ("data-scene", "data-beta")]

    assert at() == ["numbers", "64"]
    page.locator(".scenes button[data-scene=beta]").click()
    page.locator(".track").press("ArrowLeft")
    light = codes = page.locator(".square canvas").first.evaluate("canvas => canvas.toDataURL()")
    page.locator(".colours select").select_option("dark")
    until(page, lambda: page.locator(".square canvas").first.evaluate("c => c.toDataURL()") != light, "dark codes")
    assert at() == ["beta", "40"]
    assert codes == light
    page.locator(".present").click()
    assert lecture.get_attribute("data-scene") == "beta", "which was chosen"
    page.keyboard.press("Escape")

    page.goto(f"{file.as_uri()}?scene=plane&beta=4&embed=true")
    page.wait_for_selector("html[data-ready]")
    assert at() == ["plane", "4"]
    assert not page.locator(".colours").is_visible()
    page.goto(f"{file.as_uri()}?scene=nowhere&beta=some")
    page.wait_for_selector("html[data-ready]")
    assert at() == ["numbers", "64"]


def test_explore_begins_at_the_point_where_it_was_saved_or_that_its_address_names(visit, opened, tmp_path):
    guest, file = visit().open("?model=two"), tmp_path / "two.html"
    guest.page.locator(".plane").press("ArrowRight")
    guest.page.locator(".plane").press("ArrowUp")
    where = guest.page.locator(".pad .where").inner_text()
    taken(guest, file, guest.page.get_by_role("button", name="Save this as a page").click)

    page = opened(file=file)
    until(page, lambda: page.locator(".pad .where").inner_text() == where, "the point")
    image = drawn(page)
    page.locator(".plane").press("ArrowLeft")
    moved, light = page.locator(".pad .where").inner_text(), drawn(page)
    assert light != image
    page.locator(".colours select").select_option("dark")
    until(page, lambda: drawn(page) != light, "an image in dark colours")
    assert page.locator(".pad .where").inner_text() == moved
    page.goto(f"{file.as_uri()}?z=0.5,-1")
    page.wait_for_selector("html[data-ready]")
    until(page, lambda: numbers(page, ".pad .where") == [0.5, -1], "the point of the address")


def test_a_page_begins_with_the_image_and_the_grid_that_its_address_names(opened, saved):
    page = opened()
    where = words(page, ".pad .where")
    page.goto(f"{saved.as_uri()}?i=7")
    page.wait_for_selector("html[data-ready]")
    until(page, lambda: "test 7" in words(page, ".menu-button"), "the image of the address")
    until(page, lambda: words(page, ".pad .where") != where, "the point at its code")
    page.goto(f"{saved.as_uri()}?n=9&spacing=linear#manifold")
    page.wait_for_selector("html[data-ready]")
    until(page, lambda: "Equal steps of z" in words(page, "[data-page=manifold] .claim"), "the grid of the address")
